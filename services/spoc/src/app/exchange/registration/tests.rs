#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use cvc::domain_parameters::StandardisedCurve;
use exchange::{
    Country,
    development::{Algorithm, Authority, Digest, Validity},
};
use straznica_error::Coded as _;
use straznica_exchange_wire::{CallError, PartnerClient};
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use super::{
    confirm, confirm_resumption, proposals, propose, propose_resumption, suspend, withdraw, withdraw_proposal,
};
use crate::{
    Migrations, SpocError,
    app::{
        App,
        exchange::{delivery, health, messages, outages, roots},
    },
    domain::exchange::{
        partner::{Partner, PartnerState, RootState, Standing},
        policy::Rule,
        registration::{EnteredCvca, EnteredRoot, Entry},
        root::RootEntry,
    },
    testing::{DAY, FIRST, House, SECOND, desk},
};

fn cz() -> Country {
    "CZ".parse().unwrap()
}

fn authority(house: &House, name: &str) -> Authority {
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
    let validity = Validity::days(house.clock.now() - DAY, 1000);
    Authority::root("CZ", name, algorithm, validity, None, Vec::new()).unwrap()
}

fn entry(house: &House, root: Option<&Authority>) -> Entry {
    let entered = |root: &Authority| EnteredRoot {
        certificate: hex::encode(root.certificate()),
        use_from: None,
        use_until: Some(house.clock.now() + DAY * 200),
        bindings: String::new(),
    };
    Entry {
        country: "CZ".to_owned(),
        name: "Česko".to_owned(),
        binding: "grpc".to_owned(),
        profile: "icao".to_owned(),
        url: "https://spoc.example.cz".to_owned(),
        email: "spoc@example.cz".to_owned(),
        contacts: vec!["co-ordinator".to_owned()],
        answers: "synchronous".to_owned(),
        document_years: 10,
        use_from: house.clock.now(),
        use_until: None,
        roots: root.into_iter().map(entered).collect(),
        cvcas: vec![EnteredCvca {
            name: "CZCVCA".to_owned(),
            document_types: "passports".to_owned(),
            replaces: String::new(),
        }],
    }
}

fn fingerprint(root: &Authority) -> String {
    root.fingerprint().unwrap().to_string()
}

async fn register(app: &App, entry: Entry, root: &Authority) {
    let proposal = propose(app, &desk(FIRST), entry).await.unwrap();
    confirm(app, &desk(SECOND), proposal.id, &[fingerprint(root)]).await.unwrap();
}

fn code<T: std::fmt::Debug>(refused: Result<T, SpocError>) -> &'static str {
    refused.unwrap_err().code().id
}

fn standing(app: &Arc<App>) -> Option<Standing> {
    app.partners.get(cz()).map(|partner| partner.standing(app.clock.now()))
}

on_both_engines! { Migrations;
    async fn a_partner_is_let_in_by_two_officers_who_compared_the_fingerprints(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        let typed = [fingerprint(&root).to_ascii_uppercase()];
        let proposal = propose(&app, &desk(FIRST), entry(&house, Some(&root))).await.unwrap();
        assert_eq!(proposal.fingerprints, [fingerprint(&root)]);
        assert_eq!(standing(&app), None, "proposed is not registered");

        assert_eq!(code(confirm(&app, &desk(FIRST), proposal.id, &typed).await), "spoc.second_officer_required");
        for wrong in [vec![], vec!["00".repeat(32)], vec![typed[0].clone(), typed[0].clone()]] {
            assert_eq!(code(confirm(&app, &desk(SECOND), proposal.id, &wrong).await), "spoc.fingerprint_mismatch");
        }
        assert_eq!((standing(&app), house.outbox().await.len()), (None, 0));

        confirm(&app, &desk(SECOND), proposal.id, &typed).await.unwrap();
        assert_eq!(standing(&app), Some(Standing::Served));
        let letters = house.outbox().await;
        assert_eq!((letters.len(), letters[0].operation.as_str(), letters[0].country.as_str()), (1, "get_ca_certificates", "CZ"));
        assert_eq!(code(confirm(&app, &desk(SECOND), proposal.id, &typed).await), "spoc.proposal_unknown");
        let kinds = house.journal().await;
        assert_eq!(
            kinds,
            ["partner.proposed", "partner.fingerprint_mismatch", "partner.fingerprint_mismatch", "partner.fingerprint_mismatch", "partner.confirmed"]
        );
        // Another replica sees it at its next look.
        let replica = house.app().await;
        assert_eq!(standing(&replica), Some(Standing::Served));
    }

    async fn a_registration_changes_by_two_officers_and_keeps_its_roots(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        let change = Entry { url: "https://new.example.cz".to_owned(), ..entry(&house, None) };
        let earlier = propose(&app, &desk(FIRST), change.clone()).await.unwrap();
        let newer = propose(&app, &desk(FIRST), change).await.unwrap();
        assert_eq!(code(confirm(&app, &desk(SECOND), earlier.id, &[]).await), "spoc.proposal_unknown");
        assert_eq!(app.partners.get(cz()).unwrap().url.host(), "spoc.example.cz");
        assert_eq!(code(confirm(&app, &desk(SECOND), newer.id, &[fingerprint(&root)]).await), "spoc.fingerprint_mismatch");
        confirm(&app, &desk(SECOND), newer.id, &[]).await.unwrap();
        let partner = app.partners.get(cz()).unwrap();
        assert_eq!((partner.url.host(), partner.roots.len()), ("new.example.cz", 1));
        assert_eq!(house.outbox().await.len(), 1, "asked for CA certificates once");

        let taken_back = propose(&app, &desk(FIRST), entry(&house, None)).await.unwrap();
        withdraw_proposal(&app, &desk(SECOND), taken_back.id, "not agreed").await.unwrap();
        assert!(proposals(&app, Some(cz())).await.unwrap().is_empty());
        assert_eq!(code(propose(&app, &desk(FIRST), Entry { profile: "1999".to_owned(), ..entry(&house, None) }).await), "spoc.partner_refused");
    }

    async fn one_officer_suspends_a_partner_and_two_resume_it(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        assert_eq!(code(propose_resumption(&app, &desk(FIRST), cz(), "why").await), "spoc.partner_state");
        assert_eq!(code(suspend(&app, &desk(FIRST), cz(), " ").await), "spoc.field_missing");
        suspend(&app, &desk(FIRST), cz(), "its key is lost").await.unwrap();
        assert_eq!(standing(&app), Some(Standing::Suspended));
        assert_eq!(app.partners.get(cz()).unwrap().state, PartnerState::Suspended { reason: "its key is lost".to_owned() });

        let proposal = propose_resumption(&app, &desk(FIRST), cz(), "a new key").await.unwrap();
        assert_eq!(code(confirm_resumption(&app, &desk(FIRST), proposal.id).await), "spoc.second_officer_required");
        assert_eq!(code(confirm(&app, &desk(SECOND), proposal.id, &[]).await), "spoc.proposal_unknown");
        assert_eq!(standing(&app), Some(Standing::Suspended));
        confirm_resumption(&app, &desk(SECOND), proposal.id).await.unwrap();
        assert_eq!(standing(&app), Some(Standing::Served));
        // What was agreed once does not lift the next suspension.
        suspend(&app, &desk(SECOND), cz(), "again").await.unwrap();
        assert_eq!(code(confirm_resumption(&app, &desk(SECOND), proposal.id).await), "spoc.proposal_unknown");
    }

    async fn a_further_suspension_is_on_record_and_voids_what_was_proposed_to_lift_the_one_before(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        suspend(&app, &desk(FIRST), cz(), "its list is late").await.unwrap();
        let proposal = propose_resumption(&app, &desk(FIRST), cz(), "the list is there").await.unwrap();
        suspend(&app, &desk(SECOND), cz(), "its key is stolen").await.unwrap();
        assert_eq!(app.partners.get(cz()).unwrap().state, PartnerState::Suspended { reason: "its key is stolen".to_owned() });
        assert_eq!(code(confirm_resumption(&app, &desk(SECOND), proposal.id).await), "spoc.proposal_unknown");
        assert_eq!(standing(&app), Some(Standing::Suspended));
        // The same reason once more says nothing new.
        suspend(&app, &desk(SECOND), cz(), "its key is stolen").await.unwrap();
        let suspended = house.journal().await.into_iter().filter(|kind| kind == "partner.suspended").count();
        assert_eq!(suspended, 2);
    }

    async fn a_change_agreed_on_while_a_partner_is_suspended_does_not_resume_it(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        let change = propose(&app, &desk(FIRST), entry(&house, None)).await.unwrap();
        suspend(&app, &desk(FIRST), cz(), "why").await.unwrap();
        confirm(&app, &desk(SECOND), change.id, &[]).await.unwrap();
        assert_eq!(standing(&app), Some(Standing::Suspended));
    }

    async fn a_partner_withdrawn_is_written_to_no_more_and_begins_anew(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        assert_eq!(withdraw(&app, &desk(FIRST), cz(), "treaty ended").await.unwrap(), 1);
        assert_eq!(standing(&app), Some(Standing::Withdrawn));
        assert_eq!(house.outbox().await[0].state, "cancelled");
        assert_eq!(app.partners.get(cz()).unwrap().roots[0].state, RootState::Withdrawn);
        assert_eq!(code(suspend(&app, &desk(FIRST), cz(), "why").await), "spoc.partner_state");
        assert_eq!(code(propose(&app, &desk(FIRST), entry(&house, None)).await), "spoc.partner_refused");
        register(&app, entry(&house, Some(&root)), &root).await;
        assert_eq!(standing(&app), Some(Standing::Served));
        let roots: Vec<RootState> = app.partners.get(cz()).unwrap().roots.iter().map(|root| root.state).collect();
        assert_eq!(roots, [RootState::Confirmed]);
    }

    async fn a_new_root_is_announced_linked_confirmed_and_overlaps_the_old_one(database: TestDatabase) {
        let mut house = House::new(database);
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("other");
        std::fs::write(&list, "# nothing yet\n").unwrap();
        house.config.exchange.other_environment = Some(list.clone());
        let app = house.app().await;
        let mut old = authority(&house, "CZ SPOC root 1");
        let new = authority(&house, "CZ SPOC root 2");
        register(&app, entry(&house, Some(&old)), &old).await;
        let link = old.link_to(&new, Validity::days(house.clock.now() - DAY, 400)).unwrap();
        let announced = |from_days: u32, link: Option<Vec<u8>>| RootEntry {
            certificate: new.certificate().to_vec(),
            use_from: Some(house.clock.now() + DAY * from_days),
            use_until: None,
            bindings: None,
            link,
        };
        for (days, warnings) in [(89, 2), (10, 2), (9, 3)] {
            let late = roots::announce(&app, &desk(FIRST), cz(), announced(days, None)).await.unwrap();
            assert_eq!(late.warnings.len(), warnings, "{days} days ahead and without a link: {:?}", late.warnings);
        }
        let late = roots::announce(&app, &desk(FIRST), cz(), announced(5, None)).await.unwrap();
        // A better announcement takes its place while nobody has confirmed it.
        let good = roots::announce(&app, &desk(FIRST), cz(), announced(100, Some(link))).await.unwrap();
        assert_eq!((&good.warnings, good.root.linked_to.clone()), (&Vec::<String>::new(), Some(fingerprint(&old))));

        let (typed, seen) = (fingerprint(&new), roots::proposal_name(&good.root));
        let confirm = async |officer, typed: &str, seen: &str| roots::confirm(&app, &desk(officer), cz(), typed, seen).await;
        assert_eq!(code(confirm(FIRST, &typed, &seen).await), "spoc.second_officer_required");
        assert_eq!(code(confirm(SECOND, &"00".repeat(32), &seen).await), "spoc.root_unknown");
        // The fingerprint is the same, the period another than was seen.
        assert_eq!(code(confirm(SECOND, &typed, &roots::proposal_name(&late.root)).await), "spoc.proposal_replaced");
        let in_use = |app: &Arc<App>| -> Vec<String> {
            let partner = app.partners.get(cz()).unwrap();
            partner.roots_in_use(app.clock.now()).map(|root| root.fingerprint.clone()).collect()
        };
        // Meanwhile somebody learned that it is of the other environment: the node was started anew with a list of that.
        std::fs::write(&list, &typed).unwrap();
        let warned = house.app().await;
        let told = roots::confirm(&warned, &desk(SECOND), cz(), &typed, &seen).await.unwrap_err();
        assert_eq!((told.code().id, told.rule()), ("spoc.root_refused", Some(Rule::Environment)));
        confirm(SECOND, &typed, &seen).await.unwrap();
        assert_eq!(in_use(&app), [fingerprint(&old)]);
        house.clock.advance(DAY * 100);
        assert_eq!(in_use(&app), [fingerprint(&old), fingerprint(&new)], "side by side");
        house.clock.advance(DAY * 100);
        assert_eq!(in_use(&app), [fingerprint(&new)], "the old one ends by its period");
        assert_eq!(code(roots::announce(&app, &desk(FIRST), cz(), announced(1, None)).await), "spoc.root_held");
        roots::withdraw(&app, &desk(FIRST), cz(), &typed, "its key is lost").await.unwrap();
        assert_eq!(in_use(&app), Vec::<String>::new());
        assert!(house.journal().await.contains(&"partner_root.withdrawn".to_owned()));
    }

    async fn the_board_shows_what_is_open_and_an_outage_ends_when_it_is_removed(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        let now = house.clock.now();
        assert_eq!(code(outages::enter(&app, &desk(FIRST), cz(), (now - DAY, now), "works").await), "spoc.field_missing");
        assert_eq!(code(outages::enter(&app, &desk(FIRST), cz(), (now, now + DAY * 400), "works").await), "spoc.field_missing");
        let outage = outages::enter(&app, &desk(FIRST), cz(), (now, now + DAY * 14), "works").await.unwrap();
        assert!(app.partners.get(cz()).unwrap().outage_at(now).is_some());
        let board = health::look(&app, Some(cz())).await.unwrap().remove(0);
        assert_eq!((board.health.pending_messages, board.health.outages.len()), (1, 1));
        assert_eq!(board.concerns, ["in a planned outage"]);
        assert_eq!(board.health.expiries[0].at, now + DAY * 200);

        house.clock.advance(DAY * 2);
        outages::remove(&app, &desk(SECOND), outage.id, "over sooner").await.unwrap();
        assert!(app.partners.get(cz()).unwrap().outage_at(house.clock.now()).is_none());
        let board = health::look(&app, None).await.unwrap().remove(0);
        assert_eq!(board.concerns, ["a message has been waiting for more than 24 hours"]);
        assert_eq!(code(outages::remove(&app, &desk(SECOND), uuid::Uuid::nil(), "none").await), "spoc.outage_unknown");
        assert_eq!(code(health::look(&app, Some("DE".parse().unwrap())).await), "spoc.partner_unknown");
    }

    async fn what_waited_for_a_suspended_partner_is_due_when_it_is_back_and_ends_when_it_goes(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        let text = messages::Text::Free("see above".to_owned());
        let sent = messages::send(&app, &desk(FIRST), cz(), "DV not compliant", text).await.unwrap();
        suspend(&app, &desk(FIRST), cz(), "its key is in doubt").await.unwrap();
        app.clients.set(Arc::new(Nowhere)).unwrap();
        delivery::turn(&app).await.unwrap();
        let due = async || house.outbox().await.iter().map(|letter| letter.next_attempt_at).max().unwrap();
        assert!(due().await > house.clock.now().millis(), "not looked at all the time");
        let proposal = propose_resumption(&app, &desk(FIRST), cz(), "a new certificate seen").await.unwrap();
        confirm_resumption(&app, &desk(SECOND), proposal.id).await.unwrap();
        assert_eq!(due().await, house.clock.now().millis());
        withdraw(&app, &desk(FIRST), cz(), "it leaves").await.unwrap();
        assert_eq!(messages::get(&app, sent.id).await.unwrap().state, "failed");
    }

    async fn what_waited_for_the_end_of_an_outage_is_due_when_it_is_removed(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let root = authority(&house, "CZ SPOC root");
        register(&app, entry(&house, Some(&root)), &root).await;
        let now = house.clock.now();
        let outage = outages::enter(&app, &desk(FIRST), cz(), (now, now + DAY * 14), "works").await.unwrap();
        app.clients.set(Arc::new(Nowhere)).unwrap();
        delivery::turn(&app).await.unwrap();
        assert!(house.outbox().await[0].next_attempt_at > now.millis());
        outages::remove(&app, &desk(SECOND), outage.id, "over sooner").await.unwrap();
        assert_eq!(house.outbox().await[0].next_attempt_at, now.millis());
    }
}

/// No way to anybody.
#[derive(Debug)]
struct Nowhere;

impl delivery::Clients for Nowhere {
    fn of(&self, _partner: &Partner) -> Result<Arc<dyn PartnerClient>, CallError> {
        Err(CallError::NotReached("nobody is there".into()))
    }
}
