//! What becomes of messages.

use std::time::Duration;

use sms::life::Failure;
use sms::receipt::MessageId;
use sms::smpp::PartOutcome;
use straznica_types::Clock as _;

use crate::house::{House, on_all_engines, refusal};

const fn refused(failure: Failure) -> PartOutcome {
    PartOutcome::Refused { status: 0x0B, failure }
}

on_all_engines! {
    async fn each_answer_of_the_operator_leaves_its_mark(house: House) {
        for (answer, state) in [
            (refused(Failure::Permanent), "failed_permanent"),
            (refused(Failure::Technical), "failed_technical"),
            (PartOutcome::Unknown, "unknown"),
            (PartOutcome::Accepted(MessageId::new("4711")), "accepted"),
        ] {
            let asked = house.operator.asked();
            house.operator.answers.lock().unwrap().push_back(answer);
            let wish = house.wish();
            house.send(&wish).await.unwrap();
            house.becomes("SELECT state FROM outbox ORDER BY id DESC LIMIT 1", &[state]).await;
            // Neither a refusal for good nor an unknown outcome is ever handed over again, and time changes nothing about it.
            house.clock.advance(Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert_eq!(house.operator.asked(), asked + 1, "{state}");
        }
        assert_eq!(house.texts("SELECT reference FROM message_part WHERE state = 'accepted'").await, ["4711"]);
        house.close().await;
    }

    async fn what_was_not_handed_over_goes_again(house: House) {
        house.operator.answers.lock().unwrap().extend([PartOutcome::NotSent, refused(Failure::Temporary)]);
        let wish = house.wish();
        house.send(&wish).await.unwrap();
        let code = house.operator.message(1).await.code();
        house.becomes("SELECT state FROM outbox", &["accepted"]).await;
        assert_eq!(house.operator.asked(), 3);
        house.validate(&wish.transaction_id, &code).await.unwrap();
        house.close().await;
    }

    async fn a_message_whose_code_is_gone_expires(house: House) {
        house.operator.answers.lock().unwrap().extend(std::iter::repeat_n(PartOutcome::NotSent, 100_000));
        let wish = house.wish();
        house.send(&wish).await.unwrap();
        while house.operator.asked() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.cancel(&wish.transaction_id).await.unwrap();
        house.becomes("SELECT state FROM outbox", &["expired"]).await;
        assert!(house.operator.received().is_empty());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_process_had_in_its_hands_is_unknown_and_not_handed_over_again() {
    let house = House::on_sqlite(|_| {}).await;
    let (id, code) = house.sent(&house.wish()).await;
    house.becomes("SELECT state FROM outbox", &["accepted"]).await;
    // As if the process had died between the mark and the operator's answer.
    let marked = house.clock.now().millis();
    house.execute(&format!("UPDATE outbox SET state = 'submitted', submitted_at = {marked}, ended_at = NULL")).await;
    let asked = house.operator.asked();
    house.clock.advance(Duration::from_secs(61));
    let house = house.restart().await;
    house.becomes("SELECT state FROM outbox", &["unknown"]).await;
    assert_eq!(house.operator.asked(), asked);
    // In process the nonce died with the process: closed, not open.
    assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_expired");
    house.close().await;
}
