//! New generations of the national CVCA.

use cvc::{
    algorithm::Algorithm,
    certificate::Certificate,
    private_key::{PrivateKey, Signer},
    public_key::PublicKey,
};
use exchange::{
    code::{RequestCertificateCode as Code, StatusInfo},
    message::{Message, SendCertificates},
};
use straznica_store::on_both_engines;

use super::inbound::{ask, ready};
use crate::{
    Migrations, SpocError,
    app::{
        App,
        exchange::{ca_certificates::CaView, outbox::message_of, rollover},
        national_cvca::{self, Order},
        repository,
    },
    domain::{exchange::partner::Answers, records::Day},
    testing::{self, DAY, FIRST, ForeignState, House, SECOND, certificate, desk, key},
};

fn order(algorithm: &str, parameters: &str) -> Order {
    Order {
        mnemonic: "CVCA".to_owned(),
        algorithm: algorithm.to_owned(),
        parameters: parameters.to_owned(),
        validity_days: 0,
    }
}

/// Has two officers make a new generation; returns its holder reference.
pub(super) async fn roll(app: &App, algorithm: &str, parameters: &str) -> String {
    let (cvca, proposal) = rollover::propose(app, &desk(FIRST), order(algorithm, parameters)).await.unwrap();
    rollover::confirm(app, &desk(SECOND), &cvca, &proposal).await.unwrap().chr
}

/// Our CVCA certificates in the order held: reference of issuer and holder.
fn views(app: &App) -> Vec<(String, String, bool)> {
    CaView::all(app).into_iter().map(|view| (view.record.car, view.record.chr, view.current)).collect()
}

on_both_engines! { Migrations;
    async fn two_officers_make_a_generation_whose_link_is_signed_with_the_previous_key_and_algorithm(database: TestDatabase) {
        let house = House::new(database);
        let (app, _, car) = ready(&house).await;
        testing::partner(&app, "FR", Answers::Synchronous).await;
        house.clock.advance(DAY * 30);
        let before = house.outbox().await.len();
        let (cvca, seen) = rollover::propose(&app, &desk(FIRST), order("id-TA-ECDSA-SHA-384", "brainpoolP384r1")).await.unwrap();
        assert_eq!(cvca, "PLCVCA");
        for (officer, cvca, refused) in [(FIRST, "PLCVCA", "same officer"), (SECOND, "PLOTHER", "nothing")] {
            let refusal = rollover::confirm(&app, &desk(officer), cvca, &seen).await.unwrap_err();
            let expected = match refused {
                "nothing" => matches!(refusal, SpocError::NothingProposed(_)),
                _ => matches!(refusal, SpocError::SameOfficer(_)),
            };
            assert!(expected, "{refused}: {refusal}");
        }
        assert_eq!((views(&app).len(), house.outbox().await.len()), (1, before), "nothing is made by one");

        let made = rollover::confirm(&app, &desk(SECOND), "PLCVCA", &seen).await.unwrap();
        let [link, root]: [Certificate; 2] = [0, 1].map(|place| certificate(&made.certificates[place]));
        let first = certificate(&CaView::all(&app)[0].record.der);
        let previous = PublicKey::resolve(&first.public_key(), None).unwrap();
        previous.verify(link.body(), link.signature()).unwrap();
        assert_eq!((link.car().to_string(), link.chr(), root.car()), (car.clone(), root.chr(), root.chr()));
        assert_eq!((link.effective(), link.expires()), (root.effective(), root.expires()));
        assert_eq!(link.effective(), house.today());
        assert_eq!((previous.algorithm(), link.public_key().algorithm), (Algorithm::EcdsaSha256, Algorithm::EcdsaSha384));
        assert!(link.public_key().has_parameters() && root.public_key().has_parameters());
        PublicKey::resolve(&root.public_key(), None).unwrap().verify(root.body(), root.signature()).unwrap();

        // Told to every partner, without an identifier; link before root.
        let mut news: Vec<_> = house.outbox().await.split_off(before);
        news.sort_by(|one, two| one.country.cmp(&two.country));
        assert_eq!(news.iter().map(|row| row.country.as_str()).collect::<Vec<_>>(), ["DE", "FR"]);
        for row in &news {
            let Message::SendCertificates(SendCertificates { caller_id, message_id, certificates, status_info }) = message_of(row).unwrap() else {
                panic!("{}", row.operation);
            };
            assert_eq!((caller_id.as_str(), message_id, status_info), ("PL", None, StatusInfo::NewCertAvailableNotification));
            assert_eq!(certificates, made.certificates);
        }
        // Issuing and countersigning switch at once; a second confirmation finds nothing.
        let current = views(&app).into_iter().find(|(.., current)| *current).map(|(_, chr, _)| chr);
        assert_eq!(current.as_ref(), Some(&made.chr));
        let state = app.control.at(app.clock.now());
        let (countersigner, _) = national_cvca::countersigner(state.records(), "PL", "", Day::of(app.clock.now())).unwrap();
        assert_eq!(countersigner.chr, made.chr);
        assert!(matches!(rollover::confirm(&app, &desk(SECOND), "PLCVCA", &seen).await, Err(SpocError::NothingProposed(_))));
        assert!(rollover::proposals(&app).await.unwrap().is_empty());
    }

    async fn a_second_cvca_of_ours_does_not_take_the_countersignature_over(database: TestDatabase) {
        let house = House::new(database);
        let (app, _, car) = ready(&house).await;
        house.clock.advance(DAY * 30);
        let second = Order { mnemonic: "RES".to_owned(), ..order("id-TA-ECDSA-SHA-256", "brainpoolP256r1") };
        let (cards, _) = national_cvca::create(&app, &desk(FIRST), second).await.unwrap();
        let state = app.control.at(app.clock.now());
        let signs = |named: &str| national_cvca::countersigner(state.records(), "PL", named, Day::of(app.clock.now())).map(|(record, _)| record.chr.clone());
        assert_eq!(signs("").unwrap(), car);
        assert_eq!(signs("PLRES").unwrap(), cards);
        assert!(matches!(signs("PLNONE"), Err(SpocError::NationalCvca(_))));
    }

    async fn the_cvca_our_state_had_first_stays_the_one_when_its_early_certificates_are_past_their_keeping(database: TestDatabase) {
        let house = House::new(database);
        let (app, _, car) = ready(&house).await;
        house.clock.advance(DAY * 30);
        let cards = Order { mnemonic: "RES".to_owned(), ..order("id-TA-ECDSA-SHA-256", "brainpoolP256r1") };
        national_cvca::create(&app, &desk(FIRST), cards).await.unwrap();
        let mut newest = String::new();
        for _ in 0..8 {
            house.clock.advance(DAY * 1_000);
            newest = roll(&app, "", "").await;
        }
        // One of the cards' CVCA is in use as well, and the cards' first generation is older than any but the first of the other.
        let next = Order { mnemonic: "RES".to_owned(), ..order("", "") };
        let (cvca, seen) = rollover::propose(&app, &desk(FIRST), next).await.unwrap();
        rollover::confirm(&app, &desk(SECOND), &cvca, &seen).await.unwrap();
        let before = views(&app).len();
        repository::run(&app).await.unwrap();
        let held = views(&app);
        assert!(held.len() < before, "links past their keeping went");
        // A generation whose key is held stays, and no key of a CVCA is destroyed by a rule; so what was first remains on record.
        assert!(held.iter().any(|(issuer, chr, _)| *issuer == car && *chr == car), "{held:?}");
        let state = app.control.at(app.clock.now());
        let (countersigner, _) = national_cvca::countersigner(state.records(), "PL", "", Day::of(app.clock.now())).unwrap();
        assert_eq!(countersigner.chr, newest);
    }

    async fn a_link_of_the_same_kind_inherits_its_parameters_and_both_generations_make_a_path(database: TestDatabase) {
        let house = House::new(database);
        let (app, _, car) = ready(&house).await;
        let second = roll(&app, "", "").await;
        // Twice on one day: the sequence tells which is newer.
        let third = roll(&app, "", "").await;
        let expected = [(&car, &car, false), (&car, &second, false), (&second, &second, false), (&second, &third, false), (&third, &third, true)];
        let mut found = views(&app);
        found.sort();
        let mut expected = expected.map(|(car, chr, current)| (car.clone(), chr.clone(), current));
        expected.sort();
        assert_eq!(found, expected);
        let links = CaView::all(&app).into_iter().filter(|view| view.record.car != view.record.chr);
        assert!(links.map(|view| certificate(&view.record.der)).all(|link| !link.public_key().has_parameters()));
    }

    async fn a_verifier_of_an_earlier_generation_asks_the_new_one_across_a_switch_of_algorithm(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (own, chr) = (key(), germany.reference());
        assert_eq!(ask(&app, "m-1", &germany.initial(&own, &car, chr)).await.result, Code::OkCertAvailable);
        let next = roll(&app, "id-TA-ECDSA-SHA-384", "brainpoolP384r1").await;

        // Without knowing of it, it is told that the parameters changed, and then asks for a key of the new kind.
        let unaware = ForeignState::signed(&key(), &car, germany.reference(), &own, chr);
        assert_eq!(ask(&app, "m-2", &unaware).await.result, Code::FailureDomainParameters);
        let root = certificate(&CaView::all(&app).into_iter().find(|view| view.current).unwrap().record.der);
        let fresh = PrivateKey::generate_like(&PublicKey::resolve(&root.public_key(), None).unwrap()).unwrap();
        let aware = ForeignState::signed(&fresh, &next, germany.reference(), &own, chr);
        let answer = ask(&app, "m-3", &aware).await;
        assert_eq!((answer.result, answer.certificates.len()), (Code::OkCertAvailable, 1));
        let issued = certificate(&answer.certificates[0]);
        let issuer = PublicKey::resolve(&root.public_key(), None).unwrap();
        issuer.verify(issued.body(), issued.signature()).unwrap();
        assert_eq!(fresh.public_key().algorithm(), Algorithm::EcdsaSha384);
    }

    async fn a_request_that_names_the_generation_before_gets_the_links_that_lead_to_its_issuer(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        roll(&app, "", "").await;
        let newest = roll(&app, "", "").await;
        let answer = ask(&app, "m-1", &germany.fresh(&car)).await;
        let names: Vec<_> = answer.certificates.iter().map(|der| certificate(der)).map(|one| (one.car().to_string(), one.chr().to_string())).collect();
        let chr = |number: u8| format!("PLCVCA0000{number}");
        assert_eq!(names[0].0, newest);
        assert_eq!(names[1..], [(chr(1), chr(2)), (chr(2), chr(3)), (chr(3), chr(3))]);
    }

    async fn what_cannot_be_made_is_not_proposed_and_a_later_proposal_replaces_an_earlier_one(database: TestDatabase) {
        let house = House::new(database);
        let (app, ..) = ready(&house).await;
        let other = Order { mnemonic: "OTHER".to_owned(), ..order("", "") };
        assert!(matches!(rollover::propose(&app, &desk(FIRST), other).await, Err(SpocError::NationalCvca(_))));
        for (algorithm, parameters) in [("id-TA-ECDSA-SHA-1", "brainpoolP256r1"), ("id-TA-ECDSA-SHA-256", ""), ("id-TA-ECDSA-SHA-256", "P-192"), ("", "P-256"), ("id-TA-RSA-PSS-SHA-256", "1024")] {
            let refusal = rollover::propose(&app, &desk(FIRST), order(algorithm, parameters)).await.unwrap_err();
            assert!(matches!(refusal, SpocError::Field { .. }), "{algorithm} {parameters}: {refusal}");
        }
        let long = Order { validity_days: 2000, ..order("", "") };
        assert!(matches!(rollover::propose(&app, &desk(FIRST), long).await, Err(SpocError::Field { .. })));
        let (_, before) = rollover::propose(&app, &desk(FIRST), order("", "")).await.unwrap();
        let (_, seen) = rollover::propose(&app, &desk(SECOND), order("id-TA-ECDSA-SHA-512", "brainpoolP512r1")).await.unwrap();
        // What was seen before is not what is made.
        let blind = rollover::confirm(&app, &desk(FIRST), "PLCVCA", &before).await.unwrap_err();
        assert!(matches!(blind, SpocError::ProposalReplaced(_)), "{blind}");
        assert!(matches!(rollover::confirm(&app, &desk(FIRST), "PLCVCA", "").await, Err(SpocError::Field { .. })));
        let made = rollover::confirm(&app, &desk(FIRST), "PLCVCA", &seen).await.unwrap();
        assert_eq!(certificate(&made.certificates[1]).public_key().algorithm, Algorithm::EcdsaSha512);
    }

    async fn two_officers_who_confirm_at_once_make_one_generation_and_leave_no_key_behind(database: TestDatabase) {
        let house = House::new(database);
        let (app, ..) = ready(&house).await;
        let replica = house.app().await;
        let (_, seen) = rollover::propose(&app, &desk(FIRST), order("", "")).await.unwrap();
        let (second, third) = (desk(SECOND), desk("so-3"));
        let (one, two) = tokio::join!(
            rollover::confirm(&app, &second, "PLCVCA", &seen),
            rollover::confirm(&replica, &third, "PLCVCA", &seen),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|made| **made).count(), 1);
        assert_eq!(CaView::all(&*house.app().await).len(), 3);
        let keys = std::fs::read_dir(house.config.keystore.directory.join("cvca")).unwrap().count();
        assert_eq!(keys, 2);
    }
}
