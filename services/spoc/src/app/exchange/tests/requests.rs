//! Requests that wait, and what became of them when they are decided.

use cvc::{private_key::Signer, public_key::PublicKey, reference::Reference};
use exchange::{
    code::{RequestCertificateCode as Code, StatusInfo},
    message::{Message, SendCertificates},
};
use straznica_store::on_both_engines;
use uuid::Uuid;

use super::{
    inbound::{ask, ready, ready_with},
    rollover::roll,
};
use crate::{
    Migrations, SpocError,
    app::{
        App,
        exchange::{foreign_holders, outbox::message_of, registration, requests, requests_job},
    },
    domain::exchange::{holder::ApprovalMode, partner::Answers, policy::Rule},
    store::entity::application,
    testing::{DAY, FIRST, ForeignState, House, SECOND, certificate, desk, key, registration as registered},
};

/// What waits for Germany, in the order it was written.
pub(super) async fn letters(house: &House) -> Vec<SendCertificates> {
    let rows = house.outbox().await.into_iter().filter(|row| row.country == "DE");
    let messages = rows.map(|row| match message_of(&row).unwrap() {
        Message::SendCertificates(message) => message,
        other => panic!("{other:?}"),
    });
    messages.collect()
}

async fn only(house: &House) -> application::Model {
    let mut rows = house.applications().await;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// A request that waits for two officers, and its id.
pub(super) async fn waiting(house: &House, app: &App, request: &[u8]) -> Uuid {
    let answer = ask(app, "m-1", request).await;
    assert_eq!((answer.result, answer.certificates.len()), (Code::OkReceptionAck, 0));
    let row = only(house).await;
    assert_eq!((row.state.as_str(), row.code), ("waiting", None));
    row.id
}

async fn approved_by_both(app: &App, id: Uuid) -> application::Model {
    requests::approve(app, &desk(FIRST), id).await.unwrap();
    requests::approve(app, &desk(SECOND), id).await.unwrap()
}

on_both_engines! { Migrations;
    async fn two_different_officers_let_a_certificate_out_and_it_is_delivered_under_the_identifier_asked_with(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let (own, chr) = (key(), germany.reference());
        let request = germany.initial(&own, &car, chr);
        let id = waiting(&house, &app, &request).await;

        let half = requests::approve(&app, &desk(FIRST), id).await.unwrap();
        assert_eq!((half.state.as_str(), half.second_officer), ("waiting", None));
        for officer in [FIRST, "SO-1"] {
            let refusal = requests::approve(&app, &desk(officer), id).await.unwrap_err();
            assert!(matches!(refusal, SpocError::SameOfficer(_)), "{officer}: {refusal}");
        }
        // The rules alone do not decide, however often the job looks.
        requests_job::run(&app).await.unwrap();
        assert_eq!((only(&house).await.state.as_str(), house.issued().await.len()), ("waiting", 0));

        let done = requests::approve(&app, &desk(SECOND), id).await.unwrap();
        assert_eq!((done.state.as_str(), done.rule.as_deref()), ("issued", Some(Rule::Initial.as_str())));
        let letters = letters(&house).await;
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].message_id.as_deref(), letters[0].status_info), (Some("m-1"), StatusInfo::OkCertAvailable));
        let issued = certificate(&letters[0].certificates[0]);
        let inherited = PublicKey::resolve(&issued.public_key(), own.public_key().parameters()).unwrap();
        assert_eq!((issued.chr(), &inherited), (chr, own.public_key()));

        // Neither a repetition nor a second look does anything twice.
        assert_eq!(ask(&app, "m-1", &request).await.result, Code::OkReceptionAck);
        assert!(matches!(requests::approve(&app, &desk(SECOND), id).await, Err(SpocError::AlreadyDecided)));
        assert!(matches!(requests::decline(&app, &desk(SECOND), id, "late").await, Err(SpocError::AlreadyDecided)));
        requests_job::run(&app).await.unwrap();
        assert_eq!((house.issued().await.len(), house.outbox().await.len()), (1, 1));
    }

    async fn an_identifier_is_any_text_and_comes_back_as_it_was_sent(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        // White space tells two apart, and so does how a letter is composed; 255 characters are not 255 bytes.
        let long = "\u{1F6C2}".repeat(255);
        let ids = ["m-1", " m-1", "m-1 ", "m\r\n1", "m\n1", "<&>\"'\t\u{85}", "\u{17D}", "Z\u{30C}", "%_'; --", &long];
        let mut requests = Vec::new();
        for id in ids {
            let request = germany.fresh(&car);
            assert_eq!(ask(&app, id, &request).await.result, Code::OkReceptionAck, "{id:?}");
            requests.push(request);
        }
        // Each is known again by the replica next door, and by nothing else.
        let replica = house.app().await;
        for (id, request) in ids.iter().zip(&requests) {
            assert_eq!(ask(&replica, id, request).await.result, Code::OkReceptionAck, "{id:?}");
            assert_eq!(ask(&replica, id, &germany.fresh(&car)).await.result, Code::FailureRequestNotAccepted, "{id:?}");
        }
        let waiting = house.applications().await;
        assert_eq!(waiting.len(), ids.len());
        for row in waiting {
            approved_by_both(&app, row.id).await;
        }
        let mut delivered: Vec<_> = letters(&house).await.into_iter().filter_map(|letter| letter.message_id).collect();
        let mut sent = ids.map(str::to_owned);
        delivered.sort_unstable();
        sent.sort_unstable();
        assert_eq!(delivered, sent);

        for id in ["", " \r\n\t", "m\0", "m\u{1b}[2J", "m\u{ffff}", &"m".repeat(256)] {
            assert_eq!(ask(&app, id, &germany.fresh(&car)).await.result, Code::FailureSyntax, "{id:?}");
        }
    }

    async fn a_declined_request_is_not_accepted_and_the_reason_stays_here(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        assert!(matches!(requests::decline(&app, &desk(FIRST), id, " ").await, Err(SpocError::Field { .. })));
        let declined = requests::decline(&app, &desk(FIRST), id, "not announced").await.unwrap();
        assert_eq!((declined.state.as_str(), declined.rule.as_deref()), ("refused", Some(Rule::Declined.as_str())));
        assert_eq!(declined.detail.as_deref(), Some("not announced"));
        let row = house.outbox().await.remove(0);
        assert!(!String::from_utf8_lossy(&row.payload).contains("announced"));
        assert_eq!(letters(&house).await[0].status_info, StatusInfo::FailureRequestNotAccepted);
        assert!(matches!(requests::approve(&app, &desk(SECOND), id).await, Err(SpocError::AlreadyDecided)));
        let unknown = requests::decline(&app, &desk(FIRST), Uuid::nil(), "no such").await;
        assert!(matches!(unknown, Err(SpocError::ApplicationUnknown)));
    }

    async fn what_held_when_a_request_came_is_judged_again_when_it_is_decided(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        // A certificate of thirty days vouches for the request.
        let (own, chr) = (key(), germany.reference());
        let id = waiting(&house, &app, &germany.initial(&own, &car, chr)).await;
        approved_by_both(&app, id).await;
        let successive = ForeignState::signed(&key(), &car, germany.reference(), &own, chr);
        assert_eq!(ask(&app, "m-2", &successive).await.result, Code::OkReceptionAck);
        let late = house.applications().await[1].id;
        house.clock.advance(DAY * 30);
        let refused = approved_by_both(&app, late).await;
        assert_eq!((refused.state.as_str(), refused.code.as_deref()), ("refused", Some("failure_expired")));
        assert_eq!(refused.rule.as_deref(), Some(Rule::Expired.as_str()));
        let letters = letters(&house).await;
        assert_eq!((letters[1].message_id.as_deref(), letters[1].status_info), (Some("m-2"), StatusInfo::FailureOuterSignature));
        assert_eq!(house.issued().await.len(), 1);
    }

    async fn a_holder_suspended_meanwhile_gets_nothing(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        foreign_holders::suspend(&app, &desk(FIRST), "DEDV", "lost").await.unwrap();
        let refused = approved_by_both(&app, id).await;
        assert_eq!((refused.state.as_str(), refused.rule.as_deref()), ("refused", Some(Rule::HolderSuspended.as_str())));
        assert_eq!(letters(&house).await[0].status_info, StatusInfo::FailureRequestNotAccepted);
    }

    async fn a_certificate_from_before_a_suspension_vouches_for_nothing_after_it(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (old, chr) = (key(), germany.reference());
        assert_eq!(ask(&app, "m-1", &germany.initial(&old, &car, chr)).await.result, Code::OkCertAvailable);
        foreign_holders::suspend(&app, &desk(FIRST), "DEDV", "private key stolen").await.unwrap();
        for officer in [FIRST, SECOND] {
            foreign_holders::resume(&app, &desk(officer), "DEDV", "new keys").await.unwrap();
        }
        // Whoever has the stolen key gets nothing by it; the state itself vouches anew, and then the new key does.
        let stolen = ForeignState::signed(&key(), &car, germany.reference(), &old, chr);
        assert_eq!(ask(&app, "m-2", &stolen).await.result, Code::FailureOuterSignature);
        let (fresh, chr) = (key(), germany.reference());
        assert_eq!(ask(&app, "m-3", &germany.initial(&fresh, &car, chr)).await.result, Code::OkCertAvailable);
        let next = ForeignState::signed(&key(), &car, germany.reference(), &fresh, chr);
        assert_eq!(ask(&app, "m-4", &next).await.result, Code::OkCertAvailable);
        let refused = house.applications().await.remove(1);
        assert_eq!(refused.rule.as_deref(), Some(Rule::Successive.as_str()));
    }

    async fn after_a_rollover_of_the_same_kind_a_waiting_request_is_issued_under_the_new_generation_with_its_links(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        let next = roll(&app, "", "").await;
        approved_by_both(&app, id).await;
        let answer = letters(&house).await.into_iter().find(|letter| letter.message_id.is_some()).unwrap();
        let names: Vec<(Reference, Reference)> = answer
            .certificates
            .iter()
            .map(|der| certificate(der))
            .map(|certificate| (certificate.car(), certificate.chr()))
            .collect();
        let reference = |text: &str| text.parse::<Reference>().unwrap();
        assert_eq!(names[0].0, reference(&next));
        assert_eq!(names[1..], [(reference(&car), reference(&next)), (reference(&next), reference(&next))]);
    }

    async fn after_a_change_of_parameters_a_waiting_request_cannot_be_fulfilled(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        roll(&app, "id-TA-ECDSA-SHA-384", "brainpoolP384r1").await;
        let refused = approved_by_both(&app, id).await;
        assert_eq!(refused.rule.as_deref(), Some(Rule::DomainParameters.as_str()));
        let answer = letters(&house).await.into_iter().find(|letter| letter.message_id.is_some()).unwrap();
        assert_eq!(answer.status_info, StatusInfo::FailureCertificate);
    }

    async fn a_partner_that_is_answered_later_is_answered_by_the_job(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::Automatic).await;
        let id = waiting(&house, &app, &germany.fresh(&car)).await;
        let refusal = requests::approve(&app, &desk(FIRST), id).await.unwrap_err();
        assert!(matches!(refusal, SpocError::Policy(_)), "{refusal}");
        let replica = house.app().await;
        let (one, two) = tokio::join!(requests_job::run(&app), requests_job::run(&replica));
        one.and(two).unwrap();
        assert_eq!((only(&house).await.state.as_str(), house.issued().await.len()), ("issued", 1));
        assert_eq!(letters(&house).await.len(), 1);
    }

    async fn while_a_partner_is_suspended_its_requests_wait(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::Automatic).await;
        waiting(&house, &app, &germany.fresh(&car)).await;
        registration::suspend(&app, &desk(FIRST), germany.country, "compromised").await.unwrap();
        requests_job::run(&app).await.unwrap();
        assert_eq!((only(&house).await.state.as_str(), house.outbox().await.len()), ("waiting", 0));
    }

    async fn people_are_told_once_of_a_request_that_falls_due(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        waiting(&house, &app, &germany.fresh(&car)).await;
        let told = async || {
            requests_job::run(&app).await.unwrap();
            house.journal().await.into_iter().filter(|kind| kind == "exchange.request_nearly_due").count()
        };
        assert_eq!(told().await, 0);
        house.clock.advance(DAY * 5);
        assert_eq!(told().await, 1);
        house.clock.advance(DAY * 5);
        assert_eq!(told().await, 1);
    }

    async fn a_reference_or_key_that_waits_is_taken(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        let (own, chr) = (key(), germany.reference());
        let id = waiting(&house, &app, &germany.initial(&own, &car, chr)).await;
        let other = germany.reference();
        assert_eq!(ask(&app, "m-2", &germany.initial(&own, &car, other)).await.result, Code::FailureRequestNotAccepted);
        assert_eq!(ask(&app, "m-3", &germany.initial(&key(), &car, chr)).await.result, Code::FailureRequestNotAccepted);
        // Declined, both are free again.
        requests::decline(&app, &desk(FIRST), id, "by mistake").await.unwrap();
        assert_eq!(ask(&app, "m-4", &germany.initial(&own, &car, chr)).await.result, Code::OkReceptionAck);
    }

    async fn a_holder_turned_automatic_needs_no_officers_for_what_waits(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready_with(&house, Answers::Synchronous, ApprovalMode::TwoPerson).await;
        waiting(&house, &app, &germany.fresh(&car)).await;
        let automatic = registered("DEDV", ApprovalMode::Automatic);
        let proposal = foreign_holders::change(&app, &desk(FIRST), automatic).await.unwrap();
        requests_job::run(&app).await.unwrap();
        assert_eq!(only(&house).await.state, "waiting", "one officer changes nothing");
        foreign_holders::confirm(&app, &desk(SECOND), "DEDV", &proposal).await.unwrap();
        requests_job::run(&app).await.unwrap();
        assert_eq!(only(&house).await.state, "issued");
    }

    async fn our_own_verifier_that_waited_enters_use_with_the_second_approval(database: TestDatabase) {
        use crate::app::exchange::domestic_dv::{self, Domestic};
        let house = House::new(database);
        let app = house.app().await;
        crate::testing::national_cvca(&app).await;
        crate::testing::holder(&app, "PLDVBG", ApprovalMode::TwoPerson).await;
        let Domestic::Waiting { chr } = domestic_dv::issue(&app, &desk(FIRST), "PLCVCA", "DVBG").await.unwrap() else {
            panic!("two officers are needed");
        };
        approved_by_both(&app, only(&house).await.id).await;
        let state = app.control.at(app.clock.now());
        assert!(state.records().iter().any(|record| record.chr == chr && record.key.is_some()));
        assert!(house.outbox().await.is_empty());
    }

    async fn certificates_are_listed_a_page_at_a_time_newest_first(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        for number in 0..5 {
            house.clock.advance(std::time::Duration::from_secs(1));
            ask(&app, &format!("m-{number}"), &germany.fresh(&car)).await;
        }
        let first = requests::list_issued(&app, "DEDV", None, 3).await.unwrap();
        let rest = requests::list_issued(&app, "", Some(first[2].application), 3).await.unwrap();
        let listed: Vec<_> = first.iter().chain(&rest).map(|row| row.chr.as_str()).collect();
        assert_eq!(listed, ["DEDV00005", "DEDV00004", "DEDV00003", "DEDV00002", "DEDV00001"]);
        assert!(requests::list_issued(&app, "DEOTHER", None, 3).await.unwrap().is_empty());
        let (row, issued) = requests::get(&app, first[0].application).await.unwrap();
        assert_eq!((row.chr.as_str(), issued.as_ref()), ("DEDV00005", Some(&first[0])));
    }
}
