//! Messages that get lost, lines that are down, partners that are away.

use std::time::Duration;

use exchange::{
    code::StatusInfo,
    message::{Message, SendCertificates},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use straznica_store::{Engine, StoreError, on_both_engines};

use super::{
    house::{CVCA, DAY, House, change_partners, officer},
    partner::Step,
};
use crate::{
    SpocError,
    app::exchange::{delivery, messages, outbox, renewals, subscriptions},
    store::{Migrations, entity::planned_outage},
};

/// A request is under way, and the node that sends it is no more.
async fn die_in_a_delivery(house: &House) {
    house.subscribe().await;
    renewals::turn(&house.app).await.unwrap();
    let now = straznica_types::Clock::now(&house.clock);
    let lease = crate::store::exchange::outbox::lease;
    let taken = house
        .app
        .store
        .write_tx(async |tx| lease(tx, "UT", now, now + Duration::from_secs(180)).await.map_err(SpocError::from))
        .await
        .unwrap();
    assert!(taken.is_some());
}

on_both_engines! { Migrations;
    async fn a_message_whose_answer_was_lost_is_sent_again_with_the_same_bytes_and_brings_one_certificate(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Lose]);
        house.subscribe().await;
        house.settle().await;
        assert_eq!(house.letters().await[0].attempts, 1);
        house.clock.advance(Duration::from_secs(60));
        house.settle().await;
        let requests = house.spoc.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0], requests[1]);
        assert_eq!(house.held("dv_foreign").await.len(), 1);
        let letter = house.letters().await.remove(0);
        assert_eq!((letter.state.as_str(), letter.code.as_deref(), letter.attempts), ("done", Some("ok_cert_available"), 2));
    }

    async fn a_line_that_is_down_is_tried_with_growing_pauses_and_works_when_it_is_back(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Down; 5]);
        house.subscribe().await;
        let mut attempts = Vec::new();
        for _ in 0..60 {
            house.settle().await;
            attempts.push(house.letters().await[0].attempts);
            house.clock.advance(Duration::from_secs(30));
        }
        // Half an hour: 30 s, 1, 2, 4, 8 minutes.
        assert_eq!(attempts.last(), Some(&6));
        assert!(attempts[..8].iter().all(|count| *count <= 4), "{attempts:?}");
        assert!(house.opens("UTCVCA00001"));
    }

    async fn an_internal_error_of_the_partner_repeats_the_same_message(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Fail, Step::Fail]);
        house.subscribe().await;
        house.pass(1).await;
        let requests = house.spoc.requests();
        assert_eq!((requests.len(), &requests[0]), (3, &requests[2]));
        assert_eq!(house.requests().await.len(), 1);
    }

    async fn nothing_is_asked_in_an_outage_the_partner_announced(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        let begins = straznica_types::Clock::now(&house.clock).millis();
        let outage = planned_outage::Model {
            id: uuid::Uuid::nil(),
            country: "UT".to_owned(),
            begins,
            ends: begins + 2 * 86_400_000,
            reason: "works".to_owned(),
            entered_by: "so-1".to_owned(),
        };
        change_partners(&house.app, async |tx| {
            outage.clone().into_active_model().insert(tx).await.map_err(StoreError::from)?;
            Ok(())
        }).await;
        house.pass(1).await;
        assert_eq!((house.spoc.heard().len(), house.letters().await[0].attempts), (0, 0));
        // What is owed is tried: a CVCA that pauses may have a SPOC that takes certificates.
        let text = messages::Text::Free("see above".to_owned());
        messages::send(&house.app, &officer("so-1"), "UT".parse().unwrap(), "DV not compliant", text).await.unwrap();
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(house.spoc.heard().len(), 1);
        house.pass(1).await;
        assert!(house.opens("UTCVCA00001"));
    }

    async fn two_replicas_send_a_message_once(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        let replica = house.replica().await;
        let (one, two) = tokio::join!(delivery::turn(&house.app), delivery::turn(&replica));
        one.unwrap();
        two.unwrap();
        assert_eq!(house.spoc.heard().len(), 1);
        assert_eq!(house.letters().await[0].attempts, 1);
    }

    async fn a_lease_that_a_crash_left_behind_ends_by_itself(database: TestDatabase) {
        let house = House::new(database).await;
        die_in_a_delivery(&house).await;
        house.settle().await;
        assert_eq!(house.spoc.heard().len(), 0);
        house.clock.advance(Duration::from_secs(181));
        house.settle().await;
        assert_eq!(house.spoc.heard().len(), 1);
        assert!(house.opens("UTCVCA00001"));
    }

    async fn what_was_being_delivered_goes_out_after_a_restart_where_one_process_has_the_database_to_itself(database: TestDatabase) {
        let house = House::new(database).await;
        die_in_a_delivery(&house).await;
        let restarted = house.replica().await;
        delivery::turn(&restarted).await.unwrap();
        let has_it_to_itself = house.app.store.engine() == Engine::Sqlite;
        assert_eq!(house.spoc.heard().len(), usize::from(has_it_to_itself));
    }

    async fn certificates_whose_request_the_partner_does_not_know_yet_are_sent_again_for_a_day_and_once_more_when_an_officer_says_so(database: TestDatabase) {
        let house = House::new(database).await;
        // Two answers to Utopia's requests; the first one overtakes its receipt.
        let owe = async |id: &str| {
            let message = SendCertificates {
                caller_id: "PL".to_owned(),
                message_id: Some(id.to_owned()),
                certificates: vec![vec![0x7f, 0x21, 0]],
                status_info: StatusInfo::OkCertAvailable,
            };
            let message = Message::SendCertificates(message);
            let utopia = "UT".parse().unwrap();
            house.app.store.write_tx(async |tx| outbox::enqueue(&house.app, tx, utopia, &message, id).await).await.unwrap();
        };
        let of = async |id: &str| house.letters().await.into_iter().find(|letter| letter.subject == id).unwrap();
        house.spoc.plan([Step::Forget; 2]);
        owe("u-1").await;
        house.settle().await;
        let letter = of("u-1").await;
        assert_eq!((letter.state.as_str(), letter.code.as_deref()), ("pending", Some("failure_messageID_unknown")));
        for _ in 0..2 {
            house.clock.advance(Duration::from_secs(120));
            house.settle().await;
        }
        let letter = of("u-1").await;
        assert_eq!((letter.state.as_str(), letter.attempts, house.spoc.heard().len()), ("done", 3, 3));
        let heard = house.spoc.heard();
        assert!(heard.iter().all(|message| *message == heard[0]), "the same message each time");

        // One that is never known is given up after a day, and what it holds is not lost with it. A line that fails meanwhile changes nothing.
        let plan: Vec<Step> = (0..60).map(|at| if at % 5 == 4 { Step::Down } else { Step::Forget }).collect();
        house.spoc.plan(plan);
        owe("u-2").await;
        for _ in 0..23 {
            house.settle().await;
            house.clock.advance(Duration::from_secs(3_600));
        }
        assert_eq!(of("u-2").await.state, "pending");
        for _ in 0..9 {
            house.clock.advance(Duration::from_secs(3_600));
            house.settle().await;
        }
        let letter = of("u-2").await;
        assert_eq!((letter.state.as_str(), letter.code.as_deref()), ("failed", Some("failure_messageID_unknown")));
        let tried = house.spoc.heard().len();
        house.pass(2).await;
        assert_eq!(house.spoc.heard().len(), tried, "given up");
        house.spoc.forget_the_plan();
        subscriptions::retry_now(&house.app, &officer("so-1"), &letter.id.to_string()).await.unwrap();
        house.settle().await;
        let letter = of("u-2").await;
        assert_eq!((letter.state.as_str(), letter.code.as_deref()), ("done", Some("ok_received_correctly")));
    }

    async fn an_officer_sees_retries_and_cancels_a_message(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Down; 2]);
        assert_eq!((house.subscribe().await, house.subscribe().await), (false, true));
        house.settle().await;
        let board = subscriptions::letters(&house.app, "UT", "pending", "", 0).await.unwrap();
        assert_eq!((board.len(), board[0].last_error.as_deref()), (1, Some("the partner was not reached: nobody listens")));
        assert_eq!(subscriptions::letters(&house.app, "UT", "pending", "", 500).await.unwrap().len(), 1);
        let refused = subscriptions::letters(&house.app, "UT", "pending", "", 501).await;
        assert!(matches!(refused, Err(SpocError::Field { .. })), "{refused:?}");
        let id = board[0].id.to_string();
        subscriptions::retry_now(&house.app, &officer("so-1"), &id).await.unwrap();
        house.settle().await;
        assert_eq!(house.letters().await[0].attempts, 2);
        subscriptions::cancel(&house.app, &officer("so-1"), &id).await.unwrap();
        house.settle().await;
        assert!(matches!(subscriptions::retry_now(&house.app, &officer("so-1"), &id).await, Err(SpocError::Policy(_))));
        assert_eq!(house.spoc.heard().len(), 0);
        assert_eq!(house.requests().await[0].closed_cause.as_deref(), Some("cancelled"));
        // A day later the rule asks anew.
        house.clock.advance(DAY);
        house.settle().await;
        assert_eq!(house.requests().await.len(), 2);
        assert!(subscriptions::renewals_of(&house.app, CVCA).await.unwrap().len() == 2 && house.opens("UTCVCA00001"));
    }
}
