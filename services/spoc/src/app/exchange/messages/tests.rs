#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use exchange::{code::GeneralMessageCode, message::GeneralMessage};
use sea_orm::EntityTrait as _;
use straznica_error::Coded as _;
use straznica_store::{on_both_engines, testing::TestDatabase};
use straznica_types::Clock as _;
use uuid::Uuid;

use super::{RECEIVED, SENT, Text, acknowledge, general_message, get, list, send, settle};
use crate::{
    Migrations, SpocError,
    app::{
        App,
        exchange::{
            outbox,
            proposals::{Decision, Proposal, decide},
        },
    },
    domain::exchange::{holder::ApprovalMode, partner::Answers, subject::Implication},
    store::{
        entity::{cv_certificate, general_message as rows, holder},
        exchange::messages::Narrowing,
    },
    testing::{DAY, FIRST, ForeignState, House, SECOND, desk, holder as register_holder, national_cvca, partner},
};

fn message(id: &str, subject: &str, body: &str) -> GeneralMessage {
    GeneralMessage {
        caller_id: "CZ".to_owned(),
        message_id: id.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

async fn receive(app: &App, message: GeneralMessage) -> GeneralMessageCode {
    general_message(app, "CZ".parse().unwrap(), message).await
}

async fn all(app: &App) -> Vec<rows::Model> {
    list(app, Narrowing { limit: 100, ..Narrowing::default() }).await.unwrap().0
}

/// The message received under this identifier.
async fn received(app: &App, message_id: &str) -> rows::Model {
    all(app).await.into_iter().find(|row| row.message_id == message_id).unwrap()
}

fn accept(why: &str) -> Decision {
    Decision { accept: true, why: why.to_owned(), target: None, period: None }
}

fn code<T: std::fmt::Debug>(refused: Result<T, SpocError>) -> &'static str {
    refused.unwrap_err().code().id
}

async fn scene(database: TestDatabase) -> (House, Arc<App>) {
    let house = House::new(database);
    let app = house.app().await;
    partner(&app, "CZ", Answers::Synchronous).await;
    (house, app)
}

on_both_engines! { Migrations;
    async fn the_same_message_is_kept_once_and_another_under_its_identifier_is_refused(database: TestDatabase) {
        let (house, app) = scene(database).await;
        let good = message("1", "Certificate inaccurate", "CZCVCA00001");
        for _ in 0..2 {
            assert_eq!(receive(&app, good.clone()).await, GeneralMessageCode::Ok);
        }
        let other = GeneralMessage { body: "other".to_owned(), ..good.clone() };
        assert_eq!(receive(&app, other).await, GeneralMessageCode::FailureSyntax);
        let malformed = [
            GeneralMessage { caller_id: "DE".to_owned(), ..good.clone() },
            GeneralMessage { message_id: String::new(), ..good.clone() },
            message("2", "", "no subject"),
            message("3", "two\nlines", "x"),
            message("4", &"s".repeat(257), "x"),
        ];
        for message in malformed {
            assert_eq!(receive(&app, message.clone()).await, GeneralMessageCode::FailureSyntax, "{message:?}");
        }
        let kept = all(&app).await;
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].direction.as_str(), kept[0].state.as_str(), &kept[0].proposal), (RECEIVED, "new", &None));
        let kinds = house.journal().await;
        let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
        // Without a usable caller or identifier it goes on record once an hour.
        assert_eq!((count("message.received"), count("exchange.message_refused")), (1, 5));
    }

    async fn the_same_message_sent_twice_at_once_is_kept_once(database: TestDatabase) {
        let (_house, app) = scene(database).await;
        let sent = (0..4).map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { receive(&app, message("1", "free words", "x")).await })
        });
        let sent: Vec<_> = sent.collect();
        for answer in sent {
            assert_eq!(answer.await.unwrap(), GeneralMessageCode::Ok);
        }
        assert_eq!(all(&app).await.len(), 1);
    }

    async fn who_read_a_message_first_stands(database: TestDatabase) {
        let (house, app) = scene(database).await;
        receive(&app, message("1", "free words", "x")).await;
        let id = all(&app).await[0].id;
        acknowledge(&app, &desk(FIRST), id).await.unwrap();
        let at = house.clock.now().millis();
        house.clock.advance(DAY);
        acknowledge(&app, &desk(SECOND), id).await.unwrap();
        let row = get(&app, id).await.unwrap();
        assert_eq!((row.state.as_str(), row.handled_by.as_deref(), row.handled_at), ("acknowledged", Some(FIRST), Some(at)));
        assert_eq!(code(acknowledge(&app, &desk(FIRST), Uuid::nil()).await), "spoc.message_unknown");
        assert_eq!(code(decide(&app, &desk(FIRST), id, accept("why")).await), "spoc.proposal_unknown");
    }

    async fn a_compromised_verifier_is_suspended_when_an_officer_says_so(database: TestDatabase) {
        let (house, app) = scene(database).await;
        for name in ["CZDV", "CZDVB", "DEDV"] {
            register_holder(&app, name, ApprovalMode::Automatic).await;
        }
        let state = async |name: &str| holder::Entity::find_by_id(name).one(house.database.store().reader()).await.unwrap().unwrap().state;
        receive(&app, message("1", "dv  private KEY compromised", "The key of CZDV00003 is out.")).await;
        let row = received(&app, "1").await;
        let proposal = Proposal::of_row(&row).unwrap().unwrap();
        assert_eq!((proposal.kind, proposal.candidates), (Implication::SuspendHolder, vec!["CZDV".to_owned()]));
        assert_eq!(state("CZDV").await, "active", "a message does nothing by itself");
        // Not another state's holder, and not without a reason.
        let others = Decision { target: Some("DEDV".to_owned()), ..accept("compromised") };
        assert_eq!(code(decide(&app, &desk(FIRST), row.id, others).await), "spoc.field_missing");
        assert_eq!(code(decide(&app, &desk(FIRST), row.id, accept("")).await), "spoc.field_missing");
        let decided = decide(&app, &desk(FIRST), row.id, accept("compromised")).await.unwrap();
        assert_eq!((decided.state.as_str(), decided.proposal_state.as_deref(), decided.decided_by.as_deref()), ("acknowledged", Some("accepted"), Some(FIRST)));
        assert_eq!([state("CZDV").await, state("CZDVB").await, state("DEDV").await], ["suspended", "active", "active"]);
        assert_eq!(code(decide(&app, &desk(SECOND), row.id, accept("again")).await), "spoc.proposal_unknown");

        // Two are named: the officer has to choose.
        receive(&app, message("2", "DV private key lost", "CZDV and CZDVB")).await;
        let row = received(&app, "2").await;
        assert_eq!(code(decide(&app, &desk(FIRST), row.id, accept("lost")).await), "spoc.field_missing");
        let rejected = Decision { accept: false, ..accept("a mistake, says the co-ordinator") };
        decide(&app, &desk(FIRST), row.id, rejected).await.unwrap();
        assert_eq!(state("CZDVB").await, "active");
        let kinds = house.journal().await;
        for kind in ["message.proposal_accepted", "registered_holder.suspended", "message.proposal_rejected"] {
            assert_eq!(kinds.iter().filter(|one| *one == kind).count(), 1, "{kind}: {kinds:?}");
        }
    }

    async fn a_compromised_cvca_is_suspended_with_all_its_certificates(database: TestDatabase) {
        let (house, app) = scene(database).await;
        national_cvca(&app).await;
        ForeignState::new("CZ", house.today(), 1000).trusted_by(&app).await;
        ForeignState::new("DE", house.today(), 1000).trusted_by(&app).await;
        receive(&app, message("1", "CVCA private key compromised", "CZCVCA00001")).await;
        let row = received(&app, "1").await;
        decide(&app, &desk(FIRST), row.id, accept("compromised")).await.unwrap();
        let certificates = cv_certificate::Entity::find().all(house.database.store().reader()).await.unwrap();
        let mut suspended: Vec<_> = certificates.into_iter().filter(|row| row.state == "suspended").map(|row| row.cvca).collect();
        suspended.dedup();
        assert_eq!(suspended, ["CZCVCA"]);
        assert!(crate::domain::records::is_suspended_cvca(app.control.at(house.clock.now()).records(), "CZCVCA00001"));
    }

    async fn a_disruption_proposes_an_outage_and_a_reactivation_its_end(database: TestDatabase) {
        let (house, app) = scene(database).await;
        let now = house.clock.now();
        let outage = || app.partners.get("CZ".parse().unwrap()).unwrap().outage_at(house.clock.now()).cloned();
        let announced = || {
            let partner = app.partners.get("CZ".parse().unwrap()).unwrap();
            partner.outages.iter().filter(|one| one.period.until() > Some(house.clock.now())).count()
        };
        let body = format!("from {} until {}", now, now + DAY * 14);
        receive(&app, message("1", "Disruption of CVCA communication channel", &body)).await;
        let row = received(&app, "1").await;
        decide(&app, &desk(FIRST), row.id, accept("announced")).await.unwrap();
        assert_eq!(outage().unwrap().period.until(), Some(now + DAY * 14));
        let body = format!("from {} until {}", now + DAY * 30, now + DAY * 32);
        receive(&app, message("1b", "Disruption of CVCA communication channel", &body)).await;
        let row = received(&app, "1b").await;
        decide(&app, &desk(FIRST), row.id, accept("announced")).await.unwrap();

        house.clock.advance(DAY);
        receive(&app, message("2", "Reactivation of SPOC service", "we are back")).await;
        let row = received(&app, "2").await;
        decide(&app, &desk(FIRST), row.id, accept("announced")).await.unwrap();
        assert_eq!(outage(), None);
        assert_eq!(announced(), 1, "what it announced for next month stays");

        // Without a period the officer has to give one.
        receive(&app, message("3", "Suspension of CVCA service", "for some days")).await;
        let row = received(&app, "3").await;
        assert_eq!(code(decide(&app, &desk(FIRST), row.id, accept("announced")).await), "spoc.field_missing");
        let period = Some((house.clock.now(), house.clock.now() + DAY * 3));
        decide(&app, &desk(FIRST), row.id, Decision { period, ..accept("by telephone") }).await.unwrap();
        assert!(outage().is_some());
    }

    async fn a_message_of_ours_waits_for_delivery_and_says_how_it_went(database: TestDatabase) {
        let (house, app) = scene(database).await;
        let cz = "CZ".parse().unwrap();
        let values = [("from", "2026-06-01T00:00:00Z"), ("reference", "PLDV"), ("reason", "theft")];
        let values: Vec<_> = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let row = send(&app, &desk(FIRST), cz, "dv private key stolen", Text::Template(values)).await.unwrap();
        assert_eq!((row.subject.as_str(), row.state.as_str(), row.direction.as_str()), ("DV private key stolen", "sending", SENT));
        assert!(row.body.contains("PLDV") && row.body.contains("Skradziono"), "{}", row.body);
        let letter = house.outbox().await.remove(0);
        let kept = outbox::message_of(&letter).unwrap();
        let exchange::message::Message::GeneralMessage(sent) = kept else { unreachable!("{kept:?}") };
        assert_eq!((sent.caller_id.as_str(), sent.message_id, sent.body), ("PL", row.message_id, row.body));
        for (delivered, state) in [(false, "failed"), (true, "delivered")] {
            app.store.write_tx(async |tx| settle(tx, &letter, delivered).await).await.unwrap();
            assert_eq!(get(&app, row.id).await.unwrap().state, state);
        }
        let refused = [
            ("free words", Text::Free(" ".to_owned())),
            ("", Text::Free("x".to_owned())),
            ("free words", Text::Template(Vec::new())),
        ];
        for (subject, text) in refused {
            assert_eq!(code(send(&app, &desk(FIRST), cz, subject, text).await), "spoc.field_missing", "{subject}");
        }
        assert_eq!(code(send(&app, &desk(FIRST), cz, "DV Termination", Text::Template(Vec::new())).await), "spoc.template");
        let stranger = send(&app, &desk(FIRST), "DE".parse().unwrap(), "x", Text::Free("x".to_owned())).await;
        assert_eq!(code(stranger), "spoc.partner_unknown");
    }

    async fn messages_are_listed_by_pages_newest_first(database: TestDatabase) {
        let (house, app) = scene(database).await;
        for number in 1..=5 {
            house.clock.advance(DAY);
            receive(&app, message(&number.to_string(), &format!("message {number}"), "x")).await;
        }
        let page = async |before: Option<Uuid>| {
            let (rows, more) = list(&app, Narrowing { before, limit: 2, ..Narrowing::default() }).await.unwrap();
            let subjects: Vec<String> = rows.iter().map(|row| row.subject.clone()).collect();
            (subjects, more, rows.last().map(|row| row.id))
        };
        let (subjects, more, last) = page(None).await;
        assert_eq!((subjects, more), (vec!["message 5".to_owned(), "message 4".to_owned()], true));
        let (_, _, last) = page(last).await;
        let (subjects, more, _) = page(last).await;
        assert_eq!((subjects, more), (vec!["message 1".to_owned()], false));
        let none = Narrowing { direction: Some(SENT), limit: 10, ..Narrowing::default() };
        assert!(list(&app, none).await.unwrap().0.is_empty());
    }
}
