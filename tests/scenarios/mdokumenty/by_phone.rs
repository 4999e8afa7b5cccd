//! Mobile Connect: the citizen's own phone asks; the text message stands behind it.

use std::time::Duration;

use serde_json::json;
use straznica_cli::suite::SuiteOptions;
use straznica_simulators::phone_operator::{PhoneAnswer, PhoneFault, PhoneOperator, ShownPrompt};
use straznica_store::{NoMigrations, on_both_engines};

use super::{PHONE, Town, done, refused};

/// The citizen's phone can be asked.
fn with_a_phone(options: &mut SuiteOptions) {
    let phones = PhoneOperator::new();
    phones.connect(PHONE);
    options.phones = Some(phones);
}

impl Town {
    fn phones(&self) -> &PhoneOperator {
        self.suite.phones().expect("a town with phones")
    }

    /// What the citizen's phone shows.
    async fn prompt(&self) -> ShownPrompt {
        for _ in 0..3_000 {
            if let Some(shown) = self.phones().screen(PHONE).into_iter().find(|shown| shown.answer.is_none()) {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the phone shows nothing");
    }

    /// The official looks at the screen, second after second, until the verification is at this stage.
    async fn becomes(&self, verification: &str, stage: &str) {
        for _ in 0..40 {
            self.pass(1);
            for _ in 0..10 {
                if self.look(verification).await["stage"] == stage {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        panic!("{}, not {stage}", self.look(verification).await);
    }
}

on_both_engines! {
    NoMigrations;

    async fn a_tap_on_the_phone_shows_the_document_and_no_text_goes_out(database: TestDatabase) {
        let town = Town::found_with(database, with_a_phone).await;
        town.join().await;
        let verification = town.open().await;
        let prompt = town.prompt().await;
        let seen = town.look(&verification).await;
        assert_eq!(json!(prompt.text), seen["bindingText"], "official and citizen read the same");
        assert_eq!((&seen["stage"], seen.get("qualifier")), (&json!("challenged"), None), "which way is nobody's business");
        assert!(town.phones().answer(prompt.number, PhoneAnswer::Approve));
        town.becomes(&verification, "approved").await;
        town.sees_the_document(&verification).await;
        town.pass(60);
        town.outbox_is_quiet().await;
        assert_eq!(town.messages(), 1, "none but the proof of the phone");
        assert_eq!(town.ends().await, [("shown".to_owned(), "mobile_connect".to_owned())]);
        Box::pin(town.end()).await;
    }

    async fn a_no_on_the_phone_is_the_end_of_it(database: TestDatabase) {
        let town = Town::found_with(database, with_a_phone).await;
        town.join().await;
        let verification = town.open().await;
        assert!(town.phones().answer(town.prompt().await.number, PhoneAnswer::Refuse));
        town.becomes(&verification, "refused").await;
        for answer in [town.show(&verification).await, town.resend(&verification).await, town.confirm(&verification, "123456").await] {
            refused(&answer, 409, "identity.verification_over");
        }
        town.pass(60);
        town.outbox_is_quiet().await;
        assert_eq!((town.messages(), town.asked_of_the_register()), (1, 0));
        assert_eq!(town.ends().await, [("refused".to_owned(), "citizen".to_owned())]);
        Box::pin(town.end()).await;
    }

    async fn while_nobody_taps_the_text_comes_and_its_code_does_as_well(database: TestDatabase) {
        let town = Town::found_with(database, with_a_phone).await;
        town.join().await;
        let verification = town.open().await;
        let prompt = town.prompt().await;
        town.pass(44);
        // twice as long as the outbox is left alone
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(town.messages(), 1, "patience of three quarters of a minute");
        town.pass(1);
        let code = town.code(2).await;
        assert_eq!(done(&town.confirm(&verification, &code).await)["qualifier"], "sms");
        // The prompt still stands on the phone; a no that comes now takes nothing back.
        assert!(town.phones().answer(prompt.number, PhoneAnswer::Refuse));
        town.pass(10);
        town.sees_the_document(&verification).await;
        assert_eq!(town.ends().await, [("shown".to_owned(), "sms".to_owned())]);
        Box::pin(town.end()).await;
    }

    async fn an_operator_that_is_down_or_forges_costs_the_tap_and_nothing_else(database: TestDatabase) {
        let town = Town::found_with(database, with_a_phone).await;
        town.join().await;
        town.phones().script(Some(PhoneFault::Down));
        let verification = town.open().await;
        let code = town.code(2).await;
        done(&town.confirm(&verification, &code).await);
        town.sees_the_document(&verification).await;

        // A yes nobody signed is none: the text goes out instead.
        town.phones().script(Some(PhoneFault::Forged));
        let verification = town.open().await;
        assert!(town.phones().answer(town.prompt().await.number, PhoneAnswer::Approve));
        for look in 0..300 {
            if look < 30 {
                town.pass(1);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            if town.messages() == 3 {
                break;
            }
        }
        assert_eq!((town.messages(), &town.look(&verification).await["stage"]), (3, &json!("challenged")));
        refused(&town.show(&verification).await, 409, "identity.verification_state");
        Box::pin(town.end()).await;
    }
}
