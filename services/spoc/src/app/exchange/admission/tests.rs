#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use emrtd::x509::Certificate;
use exchange::{
    Country,
    development::{Issued, LeafRequest, Validity},
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use straznica_exchange_wire::{
    Admission as _, Binding, Caller, NotAdmitted, Side,
    crl::{CrlKey, CrlStore as _, StoredCrl},
    development::{DevelopmentSpoc, SpocKeys},
};
use straznica_store::{on_both_engines, testing::TestDatabase};
use straznica_types::Clock as _;

use super::PartnerAdmission;
use crate::{
    Migrations,
    app::{
        App,
        exchange::{calendar, contacts::KeptCrls, health, registration, roots},
    },
    domain::exchange::{
        calendar::{Kind, Severity},
        health::ExpiryKind,
        policy::Rule,
        root::RootEntry,
    },
    store::entity::partner_certificate,
    testing::{DAY, FIRST, House, SECOND, desk, registered},
};

const HOST: &str = "spoc.example.cz";

fn cz() -> Country {
    "CZ".parse().unwrap()
}

/// A partner registered by two officers, its throw-away authority, and the admission that meets it.
struct Scene {
    house: House,
    app: Arc<App>,
    spoc: DevelopmentSpoc,
    admission: PartnerAdmission,
}

async fn scene(database: TestDatabase) -> Scene {
    scene_in(House::new(database)).await
}

async fn scene_in(house: House) -> Scene {
    let app = house.app().await;
    let spoc = DevelopmentSpoc::start(cz(), SpocKeys::P256, house.clock.shared()).await.unwrap();
    registered(&app, &spoc, Binding::Grpc, Some(house.clock.now() + DAY * 200)).await;
    let admission = PartnerAdmission::new(&app);
    Scene { house, app, spoc, admission }
}

impl Scene {
    fn issue(&self) -> Issued {
        self.spoc.issue(&self.spoc.request(HOST)).unwrap()
    }

    async fn admit(&self, presented: Vec<Vec<u8>>) -> Result<Caller, NotAdmitted> {
        self.admission.admit(presented, Side::Client, Binding::Grpc).await
    }

    /// Reasons of the refusals on record, in their order.
    async fn reasons(&self) -> Vec<String> {
        let reason = |detail: serde_json::Value| {
            let rule = detail["rule"].as_str().and_then(Rule::from_name);
            assert!(rule.is_some(), "{detail} names no rule");
            detail["reason"].as_str().unwrap().to_owned()
        };
        self.house.told("exchange.peer_refused").await.into_iter().map(reason).collect()
    }
}

on_both_engines! { Migrations;
    async fn what_is_tolerated_and_what_ends_is_told_before_it_is_refused(database: TestDatabase) {
        let scene = scene(database).await;
        let remarks = async || {
            let told = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).concerns;
            told.into_iter().filter(|told| told.contains("certificate:")).collect::<Vec<_>>()
        };
        let validity = Validity::days(scene.house.clock.now() - DAY, 700);
        let long = scene.spoc.issue(&LeafRequest { validity, ..scene.spoc.request(HOST) }).unwrap();
        scene.admit(long.presented()).await.unwrap();
        let told = remarks().await;
        assert!(told.len() == 1 && told[0].starts_with("its client certificate: ") && told[0].contains("180 to 550 are agreed"), "{told:?}");
        // The next one is as agreed; who has two is told of once a minute.
        scene.house.clock.advance(DAY / 1440);
        scene.admit(scene.issue().presented()).await.unwrap();
        assert_eq!(remarks().await, [""; 0]);
        let expiries = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health.expiries;
        let ends = expiries.into_iter().find(|one| one.kind == ExpiryKind::SpocCertificate).unwrap();
        let entries = calendar::entries(&scene.app, "", "2030-12-31").await.unwrap();
        let listed = entries.into_iter().find(|entry| entry.kind == Kind::PartnerCertificateExpires).unwrap();
        assert_eq!((listed.at, listed.subject, listed.severity), (ends.at, ends.subject, Severity::Information));
        assert!(ends.at > scene.house.clock.now() + DAY * 100);
    }

    async fn a_registered_partner_is_let_in_and_heard(database: TestDatabase) {
        let scene = scene(database).await;
        let issued = scene.issue();
        let caller = scene.admit(issued.presented()).await.unwrap();
        assert_eq!((caller.country, caller.binding), (cz(), Binding::Grpc));
        scene.admission.readmit(&caller, "CZ").await.unwrap();
        let side = Side::Server { country: cz(), host: HOST };
        scene.admission.admit(issued.presented(), side, Binding::Grpc).await.unwrap();
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        let now = Some(scene.house.clock.now());
        assert_eq!((board.heard_at, board.reached_at, board.failed_at), (now, now, None));
        assert_eq!(board.crls.len(), 1, "the list is kept beyond a restart");
        assert_eq!(scene.reasons().await, Vec::<String>::new());
    }

    async fn who_is_not_let_in_learns_nothing_and_the_operator_learns_why(database: TestDatabase) {
        let scene = scene(database).await;
        let now = scene.house.clock.now();
        let stranger = DevelopmentSpoc::start("DE".parse().unwrap(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let impostor = DevelopmentSpoc::start(cz(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let of = |request: LeafRequest| scene.spoc.issue(&request).unwrap().presented();
        let request = || scene.spoc.request(HOST);
        let expired = Validity { from: now - DAY * 30, until: now - DAY };
        let server_only = LeafRequest { purposes: LeafRequest::server("CZ", HOST, expired).purposes, ..request() };
        let revoked = scene.issue();
        scene.spoc.revoke(&revoked).unwrap();
        let cases = [
            ("not_registered", stranger.issue(&stranger.request(HOST)).unwrap().presented()),
            ("unknown_issuer", impostor.issue(&impostor.request(HOST)).unwrap().presented()),
            ("expired", of(LeafRequest { validity: expired, ..request() })),
            ("no_extended_key_usage", of(LeafRequest { purposes: None, ..request() })),
            ("extended_key_usage", of(server_only)),
            ("several_countries", of(LeafRequest { countries: vec!["CZ".to_owned(), "DE".to_owned()], ..request() })),
            ("revoked", revoked.presented()),
            ("no_certificate", Vec::new()),
        ];
        for (expected, presented) in cases {
            let before = scene.reasons().await.len();
            assert_eq!(scene.admit(presented.clone()).await, Err(NotAdmitted), "{expected}");
            let reasons = scene.reasons().await;
            // An impostor of the same name is told from an unknown one by the key or by the signature.
            let told = reasons.last().map(String::as_str);
            let same_name = expected == "unknown_issuer" && matches!(told, Some("key_identifier" | "signature"));
            assert!(told == Some(expected) || same_name, "{expected}: {reasons:?}");
            // Again at once: refused again, on record once.
            assert_eq!(scene.admit(presented).await, Err(NotAdmitted));
            assert_eq!(scene.reasons().await.len(), before + 1, "{expected}");
        }
        // What strangers do in the partner's name is not on its board; what it does itself is.
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        assert!(board.failure.as_deref().is_some_and(|failure| failure.contains("revoked")), "{board:?}");
        // An hour later it goes on record again.
        scene.house.clock.advance(std::time::Duration::from_secs(3600));
        let before = scene.reasons().await.len();
        scene.admit(revoked.presented()).await.unwrap_err();
        assert_eq!(scene.reasons().await.len(), before + 1);
    }

    async fn strangers_hide_nothing_of_what_a_partner_is_refused_for(database: TestDatabase) {
        let scene = scene(database).await;
        for number in 0..150_u8 {
            scene.admit(vec![vec![number]]).await.unwrap_err();
        }
        assert_eq!(scene.reasons().await.len(), 100, "more than people can read is only counted");
        let revoked = scene.issue();
        scene.spoc.revoke(&revoked).unwrap();
        scene.admit(revoked.presented()).await.unwrap_err();
        assert_eq!(scene.reasons().await.last().map(String::as_str), Some("revoked"));
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        assert!(board.failure.as_deref().is_some_and(|failure| failure.contains("revoked")), "{board:?}");
    }

    async fn whoever_answers_in_a_partners_place_is_on_the_partners_board(database: TestDatabase) {
        let scene = scene(database).await;
        let other = DevelopmentSpoc::start("DE".parse().unwrap(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let presented = other.issue(&other.request(HOST)).unwrap().presented();
        let side = Side::Server { country: cz(), host: HOST };
        scene.admission.admit(presented, side, Binding::Grpc).await.unwrap_err();
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        assert_eq!(board.failed_at, Some(scene.house.clock.now()), "{board:?}");
    }

    async fn the_policy_says_how_old_a_partners_list_may_be(database: TestDatabase) {
        let mut house = House::new(database);
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("policy.toml");
        let policy = include_str!("../../../../policy/tr-03139.toml");
        let stricter = format!("{policy}\n[partner.CZ.revocation]\ncrl_max_age_days = 30\n");
        std::fs::write(&file, stricter).unwrap();
        house.config.policy_file = Some(file);
        let scene = scene_in(house).await;
        let now = scene.house.clock.now();
        scene.spoc.publish_dated(now - DAY * 40, Some(now + DAY * 40)).unwrap();
        scene.admit(scene.issue().presented()).await.unwrap_err();
        assert_eq!(scene.reasons().await, ["crl_too_old"]);
        scene.house.clock.advance(std::time::Duration::from_secs(61));
        scene.spoc.publish_dated(now - DAY * 20, Some(now + DAY * 40)).unwrap();
        scene.admit(scene.issue().presented()).await.unwrap();
    }

    async fn a_partner_that_names_ever_new_places_for_its_lists_fills_no_table(database: TestDatabase) {
        let scene = scene(database).await;
        let now = scene.house.clock.now();
        let list = scene.spoc.with_authority(|one| one.crl(now, Some(now + DAY * 30))).unwrap();
        let kept = KeptCrls(scene.house.database.store().clone());
        let others = CrlKey {
            country: "DE".parse().unwrap(),
            uri: "http://crl.example.de/a.crl".to_owned(),
            issuer: scene.spoc.with_authority(|one| one.fingerprint()).unwrap(),
        };
        let other = StoredCrl { der: list.clone(), fetched_at: now };
        assert!(kept.put(&others, &other, None, 16).await.unwrap());
        for number in 0..50 {
            let path = format!("{number}.crl");
            scene.spoc.responder().serve(&path, list.clone());
            let leaf = LeafRequest { crl_uris: Some(vec![scene.spoc.responder().uri(&path)]), ..scene.spoc.request(HOST) };
            scene.house.clock.advance(std::time::Duration::from_millis(1));
            scene.admit(scene.spoc.issue(&leaf).unwrap().presented()).await.unwrap();
        }
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        assert_eq!(board.crls.len(), 16);
        assert!(board.crls.iter().any(|crl| crl.uri.ends_with("/49.crl")), "the newest is among them");
        assert_eq!(kept.get(&others).await.unwrap(), Some(other.clone()));
        // Another node's list is not put aside unseen.
        assert!(!kept.put(&others, &other, None, 16).await.unwrap());
        assert!(kept.put(&others, &other, Some(&other), 16).await.unwrap());
    }

    async fn a_partner_we_are_connected_to_is_judged_again_as_the_server_it_is(database: TestDatabase) {
        let scene = scene(database).await;
        let issued = [scene.issue(), scene.issue()];
        scene.admit(issued[0].presented()).await.unwrap();
        let side = Side::Server { country: cz(), host: HOST };
        let server = scene.admission.admit(issued[1].presented(), side, Binding::Grpc).await.unwrap();
        let shown = async || {
            let rows = partner_certificate::Entity::find().order_by_asc(partner_certificate::Column::Side);
            let rows = rows.all(scene.app.store.reader()).await.unwrap();
            rows.into_iter().map(|row| (row.side, row.fingerprint)).collect::<Vec<_>>()
        };
        let fingerprint = |issued: &Issued| Certificate::parse(&issued.presented()[0]).unwrap().fingerprint().to_string();
        let expected = [("client", &issued[0]), ("server", &issued[1])].map(|(side, issued)| (side.to_owned(), fingerprint(issued)));
        assert_eq!(shown().await, expected);
        // Judged anew, and not as somebody who asks us for something.
        scene.house.clock.advance(DAY / 24);
        scene.admission.readmit_server(&server).await.unwrap();
        assert_eq!(shown().await, expected);
        let board = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).health;
        assert_eq!(board.heard_at, None);
        scene.spoc.revoke(&issued[1]).unwrap();
        scene.house.clock.advance(std::time::Duration::from_secs(601));
        scene.admission.readmit_server(&server).await.unwrap_err();
        let told = scene.house.told("exchange.peer_refused").await;
        assert_eq!((told.len(), &told[0]["side"], &told[0]["reason"]), (1, &"server".into(), &"revoked".into()));
    }

    async fn a_caller_is_who_its_certificate_says_over_the_binding_of_its_registration(database: TestDatabase) {
        let scene = scene(database).await;
        let issued = scene.issue();
        let caller = scene.admit(issued.presented()).await.unwrap();
        for caller_id in ["DE", "cz", ""] {
            assert_eq!(scene.admission.readmit(&caller, caller_id).await, Err(NotAdmitted), "{caller_id}");
        }
        assert_eq!(scene.reasons().await, ["caller_id"]);
        scene.admission.admit(issued.presented(), Side::Client, Binding::Soap).await.unwrap_err();
        let other_host = Side::Server { country: cz(), host: "other.example.cz" };
        scene.admission.admit(issued.presented(), other_host, Binding::Grpc).await.unwrap_err();
        let other_country = Side::Server { country: "DE".parse().unwrap(), host: HOST };
        scene.admission.admit(issued.presented(), other_country, Binding::Grpc).await.unwrap_err();
        assert_eq!(scene.reasons().await, ["caller_id", "other_binding", "other_host", "other_country"]);
    }

    async fn a_connection_ends_with_suspension_revocation_and_the_period_of_use(database: TestDatabase) {
        let scene = scene(database).await;
        let issued = scene.issue();
        let caller = scene.admit(issued.presented()).await.unwrap();
        scene.admission.readmit(&caller, "CZ").await.unwrap();
        registration::suspend(&scene.app, &desk(FIRST), cz(), "why").await.unwrap();
        scene.admission.readmit(&caller, "CZ").await.unwrap_err();
        scene.admit(issued.presented()).await.unwrap_err();
        let proposal = registration::propose_resumption(&scene.app, &desk(FIRST), cz(), "over").await.unwrap();
        registration::confirm_resumption(&scene.app, &desk(SECOND), proposal.id).await.unwrap();
        scene.admission.readmit(&caller, "CZ").await.unwrap();

        // The next list names its certificate: the open connection ends when the list is fetched.
        scene.spoc.revoke(&issued).unwrap();
        scene.house.clock.advance(std::time::Duration::from_secs(601));
        scene.admission.readmit(&caller, "CZ").await.unwrap_err();

        let caller = scene.admit(scene.issue().presented()).await.unwrap();
        scene.house.clock.advance(DAY * 201);
        scene.spoc.publish().unwrap();
        scene.admission.readmit(&caller, "CZ").await.unwrap_err();
        assert_eq!(scene.reasons().await, ["suspended", "revoked", "root_not_in_use"]);
    }

    async fn certificates_under_old_and_new_root_are_good_side_by_side(database: TestDatabase) {
        let scene = scene(database).await;
        let next = DevelopmentSpoc::start(cz(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let (old_leaf, new_leaf) = (scene.issue().presented(), next.issue(&next.request(HOST)).unwrap().presented());
        let entry = RootEntry {
            certificate: next.root(),
            use_from: Some(scene.house.clock.now() + DAY * 100),
            use_until: None,
            bindings: None,
            link: None,
        };
        let announced = roots::announce(&scene.app, &desk(FIRST), cz(), entry).await.unwrap().root;
        let seen = roots::proposal_name(&announced);
        let admitted = async |presented: &Vec<Vec<u8>>| scene.admit(presented.clone()).await.is_ok();
        scene.house.clock.advance(DAY * 10);
        assert!(!admitted(&new_leaf).await, "not confirmed");
        roots::confirm(&scene.app, &desk(SECOND), cz(), &announced.fingerprint, &seen).await.unwrap();
        assert!(!admitted(&new_leaf).await && admitted(&old_leaf).await, "not yet in use");
        scene.house.clock.advance(DAY * 90);
        for spoc in [&scene.spoc, &next] {
            spoc.publish().unwrap();
        }
        assert!(admitted(&new_leaf).await && admitted(&old_leaf).await, "side by side");
        scene.house.clock.advance(DAY * 100);
        for spoc in [&scene.spoc, &next] {
            spoc.publish().unwrap();
        }
        assert!(admitted(&new_leaf).await && !admitted(&old_leaf).await, "the old one is over");
    }
}
