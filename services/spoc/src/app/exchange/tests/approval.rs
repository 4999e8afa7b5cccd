//! Who has to have agreed when a request that waited is decided, whatever was changed meanwhile.

use straznica_store::on_both_engines;
use straznica_types::RequestId;

use super::{inbound::ready_with, requests::waiting};
use crate::{
    Migrations,
    app::{
        App,
        call::Call,
        exchange::{foreign_holders, registration, requests, requests_job},
    },
    domain::exchange::{
        holder::{ApprovalMode, Registration},
        partner::Answers,
        policy::Rule,
    },
    store::entity::application,
    testing::{DAY, FIRST, House, SECOND, desk, registration as registered},
};

async fn two_officers_agree(app: &App, registration: Registration) {
    let proposal = foreign_holders::change(app, &desk(FIRST), registration).await.unwrap();
    foreign_holders::confirm(app, &desk(SECOND), "DEDV", &proposal).await.unwrap();
}

async fn only(house: &House) -> application::Model {
    house.applications().await.remove(0)
}

on_both_engines! { Migrations;
    async fn a_holder_made_two_person_while_its_request_is_looked_at_keeps_it_waiting(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::Automatic).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        // The job has seen a holder on whom the rules alone decide, and is about to judge.
        two_officers_agree(&app, registered("DEDV", ApprovalMode::TwoPerson)).await;
        let call = Call::of_node("waiting_request", RequestId::generate(app.clock.as_ref()));
        assert_eq!(requests::settle(&app, &call, id).await.unwrap().state, "waiting");
        assert!(house.issued().await.is_empty());
        // One officer and the job do not suffice either.
        requests::approve(&app, &desk(FIRST), id).await.unwrap();
        assert_eq!(requests::settle(&app, &call, id).await.unwrap().state, "waiting");
        assert_eq!(requests::approve(&app, &desk(SECOND), id).await.unwrap().state, "issued");
        let [accepted, issued] = ["exchange.request_accepted", "exchange.certificate_issued"].map(async |kind| house.told(kind).await.remove(0));
        let (accepted, issued) = (accepted.await, issued.await);
        for member in ["application", "requestFingerprint", "outerCar", "voucherFingerprint"] {
            assert!(!accepted[member].is_null() && accepted[member] == issued[member], "{member}: {accepted} {issued}");
        }
        assert_eq!(issued["officers"], serde_json::json!([FIRST, SECOND]));
    }

    async fn what_waits_of_a_state_that_is_no_partner_any_more_is_refused_and_stays_so(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        registration::withdraw(&app, &desk(FIRST), germany.country, "treaty ended").await.unwrap();
        let row = only(&house).await;
        assert_eq!((row.state.as_str(), row.rule.as_deref()), ("refused", Some(Rule::Partner.as_str())));
        assert!(row.request.is_empty() && row.decided_at.is_some());
        assert_eq!(house.told("partner.withdrawn").await[0]["refusedRequests"], 1);
        assert!(house.outbox().await.iter().all(|letter| letter.operation != "send_certificates"), "nobody is told");
        assert!(requests::approve(&app, &desk(FIRST), id).await.is_err());
        requests_job::run(&app).await.unwrap();
        assert!(house.issued().await.is_empty());
    }

    async fn approvals_given_before_the_registration_changed_are_void(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        let changed = async |days| {
            house.clock.advance(DAY / 24);
            two_officers_agree(&app, Registration { validity_days: days, ..registered("DEDV", ApprovalMode::TwoPerson) }).await;
            house.clock.advance(DAY / 24);
        };
        requests::approve(&app, &desk(FIRST), id).await.unwrap();
        changed(60).await;
        // The first officer agreed to something else, so this one is the first.
        let row = requests::approve(&app, &desk(SECOND), id).await.unwrap();
        assert_eq!((row.state.as_str(), row.first_officer.as_deref(), row.second_officer), ("waiting", Some(SECOND), None));

        // Both agreed, but nothing could be issued before the registration changed once more.
        registration::suspend(&app, &desk(FIRST), germany.country, "compromised").await.unwrap();
        assert_eq!(requests::approve(&app, &desk(FIRST), id).await.unwrap().state, "waiting");
        changed(40).await;
        let proposal = registration::propose_resumption(&app, &desk(FIRST), germany.country, "a new key").await.unwrap();
        registration::confirm_resumption(&app, &desk(SECOND), proposal.id).await.unwrap();
        requests_job::run(&app).await.unwrap();
        assert_eq!(only(&house).await.state, "waiting");
        assert!(house.issued().await.is_empty());
        requests::approve(&app, &desk(SECOND), id).await.unwrap();
        assert_eq!(requests::approve(&app, &desk(FIRST), id).await.unwrap().state, "issued");
    }

    async fn people_are_told_of_a_request_that_falls_due_also_when_it_cannot_be_decided(database: TestDatabase) {
        let mut house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::Automatic).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        // Nobody answers on this port, so the clock is in doubt and nothing is issued.
        house.config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        let app = house.app().await;
        house.clock.advance(DAY * 5);
        let seen = only(&house).await;
        let told = async || house.journal().await.into_iter().filter(|kind| kind == "exchange.request_nearly_due").count();
        requests_job::run(&app).await.unwrap();
        assert_eq!(told().await, 1);
        // Another replica read the request before that.
        let replica = house.app().await;
        requests_job::alert(&replica, seen).await.unwrap();
        assert_eq!(told().await, 1);
        assert_eq!((only(&house).await.id, only(&house).await.state.as_str()), (id, "waiting"));
    }
}
