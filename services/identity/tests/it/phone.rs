//! The citizen answers on the phone: nobody types anything.

use std::time::Duration;

use straznica_contracts::identity::v1::{DisclosureOutcome, Verification};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_simulators::registers::Circumstance;
use straznica_store::on_both_engines;

use crate::dispatch::{CODE, WRONG};
use crate::house::{House, code};
use crate::office::{PHONE, by_pesel};

const CARD: DocumentKind = DocumentKind::IdentityCard;

fn stage(verification: &Verification) -> (&str, &str) {
    (&verification.stage, &verification.qualifier)
}

/// Waits until nobody but the service itself has looked, and the stage is this one.
async fn becomes(house: &House, expected: &str) {
    let stage = async {
        while house.texts("SELECT stage FROM verification ORDER BY id DESC LIMIT 1").await != [expected] {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), stage).await.unwrap();
}

on_both_engines! {
    Migrations;

    async fn a_yes_on_the_phone_shows_the_document_and_no_code_is_worth_anything_then(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 3_600).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        assert!(!house.dispatch.sent().pop().unwrap().allow_prompt, "a phone is proved by the text that arrives on it");
        let id = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        assert_eq!(stage(&house.look(&id).await), ("challenged", ""));
        house.dispatch.approve_on_phone(&id);
        assert_eq!(stage(&house.look(&id).await), ("approved", "mobile_connect"));
        assert_eq!(code(&house.confirm_code(&id, CODE).await.unwrap_err()), "identity.verification_state");
        assert_eq!(house.show(&id).await.unwrap().outcome(), DisclosureOutcome::Found);
        assert_eq!(stage(&house.look(&id).await), ("shown", "mobile_connect"));
        let access = house.accesses(&person).await.remove(0);
        assert_eq!((access.stage.as_str(), access.qualifier.as_str()), ("shown", "mobile_connect"));
        house.close().await;
    }

    async fn a_yes_is_known_though_nobody_looks_and_while_the_code_is_being_typed(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 1).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.dispatch.approve_on_phone(&id);
        becomes(&house, "approved").await;
        assert_eq!(house.show(&id).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.close().await;
    }

    async fn a_code_typed_after_the_yes_on_the_phone_is_not_needed_and_a_show_learns_of_it(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 3_600).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let typed = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.dispatch.approve_on_phone(&typed);
        assert_eq!(stage(&house.confirm_code(&typed, CODE).await.unwrap()), ("approved", "mobile_connect"));
        let shown = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        assert_eq!(code(&house.show(&shown).await.unwrap_err()), "identity.verification_state");
        house.dispatch.approve_on_phone(&shown);
        assert_eq!(house.show(&shown).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.close().await;
    }

    async fn however_many_are_asked_each_answer_is_known(database: TestDatabase) {
        let house = House::office_with(database, |config| {
            config.verification.learn_seconds = 1;
            config.verification.official_daily = 1_000;
            config.verification.subject_daily = 1_000;
        })
        .await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let mut last = String::new();
        for _ in 0..=200 {
            house.clock.advance(Duration::from_millis(1));
            last = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        }
        house.dispatch.refuse_on_phone(&last);
        becomes(&house, "refused").await;
        house.close().await;
    }

    async fn a_no_on_the_phone_ends_it(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 1).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.dispatch.refuse_on_phone(&id);
        becomes(&house, "refused").await;
        assert_eq!(stage(&house.look(&id).await), ("refused", "citizen"));
        for typed in [CODE, WRONG] {
            assert_eq!(code(&house.confirm_code(&id, typed).await.unwrap_err()), "identity.verification_over");
        }
        assert_eq!(code(&house.show(&id).await.unwrap_err()), "identity.verification_over");
        assert!(house.srp.asked().is_empty());
        let access = house.accesses(&person).await.remove(0);
        assert_eq!((access.stage.as_str(), access.qualifier.as_str()), ("refused", "citizen"));
        house.close().await;
    }

    async fn a_citizen_who_withdraws_while_the_phone_rings_is_not_shown(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 3_600).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.withdraw_all(&person).await;
        house.dispatch.approve_on_phone(&id);
        assert_eq!(stage(&house.look(&id).await), ("refused", "withdrawal"));
        assert_eq!(code(&house.show(&id).await.unwrap_err()), "identity.verification_over");
        assert!(house.srp.asked().is_empty());
        house.close().await;
    }

    async fn of_many_who_learn_at_once_one_writes_it_down(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.learn_seconds = 1).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.dispatch.approve_on_phone(&id);
        let looks = futures::future::join_all((0..8).map(|_| house.look(&id))).await;
        assert!(looks.iter().all(|seen| stage(seen) == ("approved", "mobile_connect")), "{looks:?}");
        let kinds = house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "verification.approved").count(), 1);
        house.close().await;
    }

    async fn nobody_learns_from_looking_whether_there_is_somebody(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        let unknown = house.person(Circumstance::Sought);
        house.join(&person, PHONE, CARD).await;
        let mut ids = Vec::new();
        for criterion in [by_pesel(&person), by_pesel(&unknown)] {
            ids.push(house.open_verification(criterion, CARD).await.unwrap().verification.unwrap().id);
        }
        // Where dispatch cannot be asked, what is known is said.
        for down in [false, true] {
            house.dispatch.go_down(down);
            for id in &ids {
                assert_eq!(stage(&house.look(id).await), ("challenged", ""), "down: {down}");
            }
        }
        house.close().await;
    }
}
