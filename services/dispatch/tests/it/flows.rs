//! What a code is good for, and for whom.

use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::SendCodeRequest;
use straznica_types::Clock as _;

use crate::house::{House, PHONE, context, on_all_engines, refusal, wrong};

on_all_engines! {
    async fn a_citizen_reads_a_code_out_and_it_is_accepted_once(house: House) {
        let wish = house.wish();
        let answer = house.send(&wish).await.unwrap();
        assert_eq!(answer.expires_at_ms, house.clock.now().millis() + 300_000);
        assert_eq!((answer.resend_at_ms, answer.resends_left), (house.clock.now().millis() + 30_000, 3));
        let message = house.operator.message(1).await;
        assert_eq!(message.to, PHONE);
        let code = message.code();
        assert_eq!(
            message.text,
            format!("{code} to kod: UM Lodz: dowod osobisty. Podaj go tylko, jesli sie zgadzasz. Wazny 5 min.")
        );
        assert_eq!(refusal(house.validate(&wish.transaction_id, &wrong(&code)).await), "dispatch.invalid_otp");
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(house.validate(&wish.transaction_id, &spaced).await.unwrap(), house.clock.now().millis());
        assert_eq!(refusal(house.validate(&wish.transaction_id, &code).await), "dispatch.verification_expired");
        house.outbox_is_quiet().await;
        let kinds = house.texts("SELECT kind FROM journal ORDER BY row_number").await;
        let ours: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| kind.starts_with("code.")).collect();
        assert_eq!(ours, ["code.ordered", "code.attempted", "code.attempted", "code.validated"]);
        assert_eq!(house.texts("SELECT state FROM code_transaction").await, ["validated"]);
        assert_eq!(house.texts("SELECT state FROM outbox").await, ["accepted"]);
        house.close().await;
    }

    async fn a_code_is_worth_nothing_to_another_officer_institution_or_purpose(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        for (other, institution) in [
            (CallContext { officer: "a.nowak".to_owned(), ..context() }, "um-lodz"),
            (CallContext { purpose: "delivery".to_owned(), ..context() }, "um-lodz"),
            (context(), "um-krakow"),
        ] {
            let outcome = house.validate_as(&other, institution, &id, &code).await;
            assert_eq!(refusal(outcome), "dispatch.verification_expired");
        }
        let (other_id, other_code) = house.sent(&house.wish()).await;
        assert_ne!(code, other_code);
        assert_eq!(refusal(house.validate(&other_id, &code).await), "dispatch.invalid_otp");
        house.validate(&id, &code).await.unwrap();
        house.validate(&other_id, &other_code).await.unwrap();
        house.close().await;
    }

    async fn a_code_sent_again_is_the_same_code_after_a_pause_and_three_times(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        // Redis has its own clock: only in process can the pause be passed by moving ours.
        let refused = house.resend(&id).await.unwrap_err();
        assert_eq!(crate::house::code(&refused), "dispatch.rate_exceeded");
        assert_eq!(house.operator.received().len(), 1);
        house.validate(&id, &code).await.unwrap();
        assert_eq!(refusal(house.resend(&id).await), "dispatch.verification_expired");
        house.close().await;
    }

    async fn the_same_call_once_more_sends_nothing_and_other_words_are_refused(house: House) {
        let wish = house.wish();
        let first = house.send(&wish).await.unwrap();
        house.operator.message(1).await;
        assert_eq!(house.send(&wish).await.unwrap(), first);
        type Change = fn(&mut SendCodeRequest);
        let changes: [Change; 6] = [
            |wish| wish.phone = "+48501234568".to_owned(),
            |wish| wish.binding_text.push('!'),
            |wish| wish.subject.push('x'),
            |wish| wish.conceal = false,
            |wish| wish.life_seconds = 60,
            |wish| wish.context.as_mut().unwrap().officer.push('x'),
        ];
        for change in changes {
            let mut other = wish.clone();
            change(&mut other);
            assert_eq!(refusal(house.send(&other).await), "dispatch.transaction_exists");
        }
        house.outbox_is_quiet().await;
        assert_eq!(house.operator.asked(), 1);
        house.close().await;
    }

    async fn of_twenty_identical_calls_at_once_one_message_goes_out(house: House) {
        let wish = house.wish();
        let calls = (0..20).map(|_| house.send(&wish));
        // Twenty are more than the number's share of an hour: only the one that does the work counts.
        let answers = futures::future::join_all(calls).await;
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == answers[0].as_ref().unwrap()), "{answers:?}");
        house.operator.message(1).await;
        house.outbox_is_quiet().await;
        assert_eq!(house.operator.asked(), 1);
        assert_eq!(house.journalled("code.ordered").await, 1);
        house.close().await;
    }

    async fn a_cancelled_code_is_worth_nothing(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        house.cancel(&id).await.unwrap();
        assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_expired");
        assert_eq!(refusal(house.resend(&id).await), "dispatch.verification_expired");
        assert_eq!(refusal(house.cancel(&id).await), "dispatch.verification_expired");
        assert_eq!(house.journalled("code.cancelled").await, 1);
        house.close().await;
    }

    async fn what_a_request_lacks_is_named(house: House) {
        type Change = fn(&mut SendCodeRequest);
        let changes: [(Change, &str); 10] = [
            (|wish| wish.transaction_id = "1".to_owned(), "/transaction_id"),
            (|wish| wish.phone = "12".to_owned(), "/phone"),
            (|wish| wish.institution.clear(), "/institution"),
            (|wish| wish.binding_text.clear(), "/binding_text"),
            (|wish| wish.binding_text = "漢字".to_owned(), "/binding_text"),
            (|wish| wish.language = "po polsku".to_owned(), "/language"),
            (|wish| wish.life_seconds = 601, "/life_seconds"),
            (|wish| wish.subject = "a person".to_owned(), "/subject"),
            (|wish| wish.context.as_mut().unwrap().officer.clear(), "/context/officer"),
            (|wish| wish.context.as_mut().unwrap().purpose.clear(), "/context/purpose"),
        ];
        for (change, member) in changes {
            let mut wish = house.wish();
            change(&mut wish);
            let refused = house.send(&wish).await.unwrap_err();
            let detail = straznica_error::detail_of(&refused).unwrap();
            assert_eq!((detail.code.as_str(), detail.errors[0].pointer.as_str()), ("dispatch.invalid_request", member));
        }
        for typed in ["", "12345", "1234567", "12345a", "१२३४५६"] {
            assert_eq!(refusal(house.validate(&house.id(), typed).await), "dispatch.invalid_request", "{typed}");
        }
        assert_eq!(house.operator.asked(), 0);
        house.close().await;
    }
}

/// In process the injected clock decides, so that minutes can pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_code_sent_again_prolongs_its_life_or_exceeds_three() {
    let house = House::on_sqlite(|_| {}).await;
    let (id, code) = house.sent(&house.wish()).await;
    for sequence in 1..=3_u32 {
        house.clock.advance(Duration::from_secs(29));
        let refused = house.resend(&id).await.unwrap_err();
        let detail = straznica_error::detail_of(&refused).unwrap();
        assert_eq!((detail.code.as_str(), detail.retry_after_ms), ("dispatch.rate_exceeded", Some(1_000)));
        house.clock.advance(Duration::from_secs(1));
        assert_eq!(house.resend(&id).await.unwrap().resends_left, 3 - sequence);
        assert_eq!(house.operator.message(1 + usize::try_from(sequence).unwrap()).await.code(), code);
    }
    house.clock.advance(Duration::from_secs(30));
    assert_eq!(refusal(house.resend(&id).await), "dispatch.max_otp_codes_exceeded");
    // 120 seconds have passed; 179 later it is still good, one second after that it is not.
    house.clock.advance(Duration::from_secs(179));
    assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_expired");
    house.close().await;
}
