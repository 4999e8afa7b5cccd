//! The citizen is asked on the phone, and what comes of it.

use std::time::Duration;

use futures::future::join_all;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::{ApprovalChannel, SendCodeRequest, TransactionState};
use straznica_simulators::phone_operator::{PhoneAnswer, PhoneFault, ShownPrompt};
use straznica_types::Clock as _;

use crate::house::{House, PHONE, context, on_all_engines, refusal, wrong};

/// A wish that lets the phone be asked first, later than every one before.
fn asking(house: &House) -> SendCodeRequest {
    house.clock.advance(Duration::from_millis(1));
    SendCodeRequest { allow_prompt: true, ..house.wish() }
}

/// The same about nobody, at the same time.
fn asking_nobody(house: &House) -> SendCodeRequest {
    SendCodeRequest { allow_prompt: true, phone: String::new(), subject: "nobody".to_owned(), ..house.wish() }
}

impl House {
    /// Has a phone asked that can be; the transaction, and what the phone shows.
    async fn asked(&self) -> (String, ShownPrompt) {
        self.phones.connect(PHONE);
        let before = self.phones.screen(PHONE).len();
        let wish = asking(self);
        self.send(&wish).await.unwrap();
        for _ in 0..3_000 {
            if let Some(shown) = self.phones.screen(PHONE).get(before) {
                self.becomes("SELECT state FROM prompt ORDER BY transaction_id DESC LIMIT 1", &["asked"]).await;
                return (wish.transaction_id, shown.clone());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the phone shows nothing");
    }

    async fn state(&self, id: &str) -> TransactionState {
        self.standing(id).await.state()
    }

    /// Lets seconds pass until a query about prompts gives this.
    async fn passes_until(&self, sql: &str, expected: &str) {
        let mut found = Vec::new();
        for _ in 0..40 {
            self.clock.advance(Duration::from_secs(1));
            for _ in 0..25 {
                found = self.texts(sql).await;
                if found == [expected] {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        panic!("{sql}: {found:?}, not {expected}");
    }

    async fn prompt_becomes(&self, state: &str) {
        self.passes_until("SELECT state FROM prompt ORDER BY transaction_id DESC LIMIT 1", state).await;
    }

    async fn silence(&self) -> String {
        self.texts("SELECT COALESCE(silence, '') FROM prompt ORDER BY transaction_id DESC LIMIT 1").await.remove(0)
    }
}

on_all_engines! {
    async fn a_yes_on_the_phone_is_the_answer_and_no_text_goes_out(house: House) {
        let (id, shown) = house.asked().await;
        assert_eq!(shown.text, "UM Łódź: dowód osobisty");
        assert_eq!(house.state(&id).await, TransactionState::Pending);
        assert!(house.phones.answer(shown.number, PhoneAnswer::Approve));
        house.prompt_becomes("approved").await;
        let standing = house.standing(&id).await;
        assert_eq!(standing.state(), TransactionState::Approved);
        let approval = standing.approval.unwrap();
        assert_eq!((approval.channel(), approval.acr.as_str()), (ApprovalChannel::Phone, "3"));
        assert_eq!(approval.approved_at_ms, house.clock.now().millis());
        assert_eq!(refusal(house.validate(&id, "123456").await), "dispatch.verification_expired");
        house.clock.advance(Duration::from_secs(60));
        house.becomes("SELECT state FROM outbox", &["expired"]).await;
        assert_eq!(house.operator.asked(), 0);
        let kinds = house.texts("SELECT kind FROM journal ORDER BY row_number").await;
        let ours: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| kind.starts_with("code.") || kind.starts_with("prompt.")).collect();
        assert_eq!(ours, ["code.ordered", "prompt.asked", "prompt.approved"]);
        assert_eq!(house.texts("SELECT COUNT(*) || '' FROM prompt WHERE sealed IS NOT NULL").await, ["0"]);
        house.close().await;
    }

    async fn a_no_on_the_phone_ends_it(house: House) {
        let (id, shown) = house.asked().await;
        house.phones.answer(shown.number, PhoneAnswer::Refuse);
        house.prompt_becomes("refused").await;
        assert_eq!(house.state(&id).await, TransactionState::Refused);
        assert_eq!(refusal(house.validate(&id, "123456").await), "dispatch.verification_expired");
        assert_eq!(refusal(house.resend(&id).await), "dispatch.verification_expired");
        house.clock.advance(Duration::from_secs(60));
        house.becomes("SELECT state FROM outbox", &["expired"]).await;
        assert_eq!((house.operator.asked(), house.journalled("prompt.refused").await), (0, 1));
        house.close().await;
    }

    async fn what_the_phone_cannot_the_text_does_at_once(house: House) {
        // Nobody knows the phone; the provider is down; its answers cannot be believed.
        let wish = asking(&house);
        house.send(&wish).await.unwrap();
        let code = house.operator.message(1).await.code();
        house.becomes("SELECT COALESCE(silence, '') FROM prompt", &["cannot_be_asked"]).await;
        house.validate(&wish.transaction_id, &code).await.unwrap();
        let approval = house.standing(&wish.transaction_id).await.approval.unwrap();
        assert_eq!((approval.channel(), approval.acr.as_str()), (ApprovalChannel::Code, ""));

        house.phones.connect(PHONE);
        house.phones.script(Some(PhoneFault::Down));
        house.sent(&asking(&house)).await;
        assert_eq!(house.silence().await, "not_reached");
        for fault in [PhoneFault::Forged, PhoneFault::Weak] {
            house.phones.script(Some(fault));
            let messages = house.operator.received().len();
            let (id, shown) = house.asked().await;
            house.phones.answer(shown.number, PhoneAnswer::Approve);
            house.prompt_becomes("unanswered").await;
            assert_eq!(house.silence().await, "not_believed", "{fault:?}");
            assert_eq!(house.state(&id).await, TransactionState::Pending);
            house.operator.message(messages + 1).await;
        }
        house.close().await;
    }

    async fn while_nobody_answers_the_text_comes_and_a_late_yes_still_counts(house: House) {
        let (id, shown) = house.asked().await;
        house.clock.advance(Duration::from_secs(44));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(house.operator.asked(), 0);
        house.clock.advance(Duration::from_secs(1));
        let code = house.operator.message(1).await.code();
        house.outbox_is_quiet().await;
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.prompt_becomes("approved").await;
        assert_eq!(house.standing(&id).await.approval.unwrap().channel(), ApprovalChannel::Phone);
        assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_expired");
        house.close().await;
    }

    async fn a_yes_that_counts_is_the_phones_whatever_another_look_took_it_for(house: House) {
        let (id, shown) = house.asked().await;
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.phones.script(Some(PhoneFault::Slow(Duration::from_secs(2))));
        let looking = "SELECT CASE WHEN due_at > asked_at + 60000 THEN 'looking' ELSE 'waiting' END FROM prompt";
        house.passes_until(looking, "looking").await;
        // The provider rang meanwhile, and whoever looked then was told that the answer had been fetched.
        house.execute("UPDATE prompt SET state = 'unanswered', silence = 'not_believed', sealed = NULL").await;
        house.becomes("SELECT state FROM prompt", &["approved"]).await;
        let approval = house.standing(&id).await.approval.unwrap();
        assert_eq!((approval.channel(), approval.acr.as_str()), (ApprovalChannel::Phone, "3"));
        assert_eq!(house.silence().await, "");
        house.close().await;
    }

    async fn once_the_code_was_right_a_yes_on_the_phone_is_too_late(house: House) {
        let (id, shown) = house.asked().await;
        house.clock.advance(Duration::from_secs(45));
        let code = house.operator.message(1).await.code();
        house.validate(&id, &code).await.unwrap();
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.prompt_becomes("unanswered").await;
        assert_eq!(house.silence().await, "too_late");
        assert_eq!(house.standing(&id).await.approval.unwrap().channel(), ApprovalChannel::Code);
        assert_eq!(house.journalled("prompt.approved").await, 0);
        house.close().await;
    }

    async fn of_a_yes_on_the_phone_and_two_hundred_right_codes_one_counts(house: House) {
        let (id, shown) = house.asked().await;
        house.clock.advance(Duration::from_secs(45));
        let code = house.operator.message(1).await.code();
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        let ticking = async {
            for _ in 0..20 {
                house.clock.advance(Duration::from_secs(1));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let (outcomes, ()) = tokio::join!(join_all((0..200).map(|_| house.validate(&id, &code))), ticking);
        let by_code = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        house.becomes("SELECT COUNT(*) || '' FROM prompt WHERE state = 'asked'", &["0"]).await;
        let by_phone = house.journalled("prompt.approved").await;
        assert_eq!((by_code + by_phone, house.journalled("code.validated").await), (1, by_code), "{outcomes:?}");
        let approval = house.standing(&id).await.approval.unwrap();
        assert_eq!(approval.channel() == ApprovalChannel::Phone, by_phone == 1);
        house.close().await;
    }

    async fn after_five_wrong_codes_a_yes_on_the_phone_changes_nothing(house: House) {
        let (id, shown) = house.asked().await;
        house.clock.advance(Duration::from_secs(45));
        let code = house.operator.message(1).await.code();
        for _ in 0..5 {
            assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
        }
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.prompt_becomes("unanswered").await;
        assert_eq!(house.state(&id).await, TransactionState::Over);
        house.close().await;
    }

    async fn a_cancelled_transaction_is_approved_by_nobody(house: House) {
        let (id, shown) = house.asked().await;
        house.cancel(&id).await.unwrap();
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.prompt_becomes("unanswered").await;
        assert_eq!((house.state(&id).await, house.silence().await.as_str()), (TransactionState::Over, "too_late"));
        house.close().await;
    }

    async fn where_there_is_nobody_it_looks_as_if_nobody_answered(house: House) {
        house.phones.connect(PHONE);
        let somebody = asking(&house);
        let answer = house.send(&somebody).await.unwrap();
        let nobody = asking_nobody(&house);
        assert_eq!(house.send(&nobody).await.unwrap(), answer);
        house.becomes("SELECT state FROM prompt ORDER BY state", &["asked", "unanswered"]).await;
        house.clock.advance(Duration::from_secs(299));
        for wish in [&somebody, &nobody] {
            assert_eq!(house.state(&wish.transaction_id).await, TransactionState::Pending);
        }
        house.clock.advance(Duration::from_secs(1));
        for wish in [&somebody, &nobody] {
            let standing = house.standing(&wish.transaction_id).await;
            assert_eq!((standing.state(), standing.approval), (TransactionState::Expired, None));
        }
        for (other, institution) in [
            (CallContext { officer: "a.nowak".to_owned(), ..context() }, "um-lodz"),
            (CallContext { purpose: "delivery".to_owned(), ..context() }, "um-lodz"),
            (context(), "um-krakow"),
        ] {
            let hidden = house.standing_as(other, institution, &somebody.transaction_id).await;
            assert_eq!(refusal(hidden), "dispatch.verification_expired");
        }
        house.close().await;
    }

    async fn what_is_asked_outlives_the_process(house: House) {
        let (id, shown) = house.asked().await;
        let house = house.restart().await;
        house.phones.answer(shown.number, PhoneAnswer::Approve);
        house.prompt_becomes("approved").await;
        assert_eq!(house.state(&id).await, TransactionState::Approved);
        house.close().await;
    }

    async fn who_died_while_asking_asks_nobody_twice(house: House) {
        let (_, shown) = house.asked().await;
        house.execute("UPDATE prompt SET state = 'asking', sealed = NULL, asked_at = NULL, expires_at = NULL, due_at = 0").await;
        house.becomes("SELECT COALESCE(silence, '') FROM prompt", &["lost"]).await;
        house.operator.message(1).await;
        assert_eq!((house.phones.screen(PHONE).len(), shown.number), (1, 1));
        house.close().await;
    }
}

/// In process the pause before a resend passes with the test's clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_wait_for_the_phone_has_the_text_sent_now_and_it_counts_for_nobody_as_well() {
    let house = House::on_sqlite(|_| {}).await;
    let (id, shown) = house.asked().await;
    let nobody = asking_nobody(&house);
    house.send(&nobody).await.unwrap();
    house.clock.advance(Duration::from_secs(30));
    let sent = house.resend(&id).await.unwrap();
    assert_eq!(sent.resends_left, 2);
    assert_eq!(house.resend(&nobody.transaction_id).await.unwrap(), sent);
    let code = house.operator.message(1).await.code();
    house.outbox_is_quiet().await;
    house.clock.advance(Duration::from_secs(30));
    house.resend(&id).await.unwrap();
    assert_eq!(house.operator.message(2).await.code(), code);
    house.outbox_is_quiet().await;
    assert_eq!(house.operator.asked(), 2, "the first text was brought forward and not sent beside another");
    house.phones.answer(shown.number, PhoneAnswer::Approve);
    house.passes_until("SELECT state FROM prompt WHERE silence IS NULL", "approved").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_provider_holds_up_nobody_else_and_the_text_comes_when_it_took_too_long() {
    let house = House::on_sqlite(|config| config.phones[0].ask_seconds = 1).await;
    house.phones.connect(PHONE);
    house.phones.script(Some(PhoneFault::Slow(Duration::from_secs(20))));
    let slow = asking(&house);
    house.send(&slow).await.unwrap();
    let (other, code) = house.sent(&house.wish_to(2)).await;
    house.validate(&other, &code).await.unwrap();
    house.operator.message(2).await;
    assert_eq!(house.silence().await, "not_reached");
    house.close().await;
}

/// Only the numbers a provider serves are asked there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_no_provider_serves_gets_the_text_at_once() {
    let house = House::on_sqlite(|config| config.phones[0].prefixes = vec!["+4860".to_owned()]).await;
    house.sent(&asking(&house)).await;
    assert!(house.texts("SELECT state FROM prompt").await.is_empty());
    house.close().await;
}
