//! Guessing: what went wrong elsewhere, each once.

use futures::future::join_all;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::lift_lock_request::Locked;
use straznica_contracts::dispatch::v1::{LockedOfficial, SendCodeRequest};
use straznica_types::Clock;

use crate::house::{House, context, on_all_engines, refusal, wrong};

fn count(outcomes: &[Result<i64, tonic::Status>], expected: &str) -> usize {
    outcomes
        .iter()
        .filter(|outcome| outcome.as_ref().is_err_and(|status| crate::house::code(status) == expected))
        .count()
}

on_all_engines! {
    async fn after_five_wrong_codes_the_right_one_is_refused(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        for _ in 0..5 {
            assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
        }
        for _ in 0..20 {
            assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_failed");
        }
        assert_eq!(house.journalled("code.attempted").await, 5);
        assert_eq!(house.journalled("code.exhausted").await, 1);
        house.close().await;
    }

    async fn of_two_hundred_guesses_at_once_five_are_compared(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        let wrong = wrong(&code);
        let outcomes = join_all((0..200).map(|_| house.validate(&id, &wrong))).await;
        assert_eq!(count(&outcomes, "dispatch.invalid_otp"), 5, "{outcomes:?}");
        // Who comes after the fifth was counted out finds no attempt left.
        assert_eq!(count(&outcomes, "dispatch.verification_failed"), 195, "{outcomes:?}");
        assert_eq!(house.journalled("code.attempted").await, 5);
        assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_failed");
        house.close().await;
    }

    async fn of_two_hundred_right_answers_at_once_one_is_accepted(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        let outcomes = join_all((0..200).map(|_| house.validate(&id, &code))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(house.journalled("code.validated").await, 1);
        house.close().await;
    }

    async fn new_transactions_give_no_attempts_back(house: House) {
        // Ten transactions about one person are forty attempts that could be made, and the person allows twenty a day.
        let mut ids = Vec::new();
        for _ in 0..10 {
            ids.push(house.sent(&house.wish_to(ids.len())).await);
        }
        let guesses = ids.iter().flat_map(|(id, code)| (0..4).map(move |_| (id, wrong(code))));
        let house_of = &house;
        let outcomes = join_all(guesses.map(|(id, code)| async move { house_of.validate(id, &code).await })).await;
        // Whoever asks under concealment is not told that no attempt is left; the right code is not taken any more.
        assert_eq!(count(&outcomes, "dispatch.invalid_otp"), 40, "{outcomes:?}");
        for (id, code) in &ids {
            assert_eq!(refusal(house.validate(id, code).await), "dispatch.invalid_otp");
        }
        assert_eq!(house.journalled("code.validated").await, 0);
        house.close().await;
    }

    async fn who_does_not_conceal_is_told_that_no_attempt_is_left_today(house: House) {
        let mut ids = Vec::new();
        for number in 0..6 {
            let wish = SendCodeRequest { conceal: false, ..house.wish_to(number) };
            ids.push(house.sent(&wish).await);
        }
        for (id, code) in ids.iter().take(5) {
            for _ in 0..4 {
                assert_eq!(refusal(house.validate(id, &wrong(code)).await), "dispatch.invalid_otp");
            }
        }
        let (id, code) = &ids[5];
        assert_eq!(refusal(house.validate(id, code).await), "dispatch.verification_failed");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_wrong_codes_of_one_officer_lock_the_officer_until_somebody_says_why_not() {
    let house = House::on_sqlite(|config| {
        config.limits.attempts_per_official_and_day = 30;
        config.limits.messages_per_official_and_day = 1_000;
    })
    .await;
    let mut compared = 0;
    let mut locked = 0;
    for number in 0..100 {
        let mut wish = house.wish_to(number);
        wish.subject = format!("subject-{number}");
        let Ok(_) = house.send(&wish).await else {
            locked += 5;
            continue;
        };
        for _ in 0..5 {
            match refusal(house.validate(&wish.transaction_id, "000000").await).as_str() {
                "dispatch.invalid_otp" => compared += 1,
                "dispatch.official_locked" => locked += 1,
                other => panic!("{other}"),
            }
        }
    }
    assert_eq!((compared, locked), (30, 470));
    assert_eq!(house.journalled("official.locked").await, 1);
    let refused = house.send(&house.wish_to(7)).await.unwrap_err();
    assert_eq!(crate::house::code(&refused), "dispatch.official_locked");

    // Another officer of the same institution, and the same name in another institution, work on.
    let mut other = house.wish_to(8);
    other.context = Some(CallContext { officer: "a.nowak".to_owned(), ..context() });
    house.send(&other).await.unwrap();
    let mut elsewhere = house.wish_to(9);
    elsewhere.institution = "um-krakow".to_owned();
    house.send(&elsewhere).await.unwrap();

    // A new day does not lift the lock; somebody with a reason does.
    house.clock.advance(std::time::Duration::from_secs(2 * 86_400));
    assert_eq!(refusal(house.send(&house.wish_to(10)).await), "dispatch.official_locked");
    let official =
        || Locked::Official(LockedOfficial { institution: "um-lodz".to_owned(), officer: "j.kowalska".to_owned() });
    assert_eq!(refusal(house.lift(official(), " ").await), "dispatch.invalid_request");
    house.lift(official(), "a terminal with a broken keyboard").await.unwrap();
    assert_eq!(house.journalled("official.unlocked").await, 1);
    house.lift(official(), "nothing is locked any more").await.unwrap();
    assert_eq!(house.journalled("official.unlocked").await, 1);
    let (id, code) = house.sent(&house.wish_to(11)).await;
    house.validate(&id, &code).await.unwrap();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_failures_in_a_row_lock_a_person_and_nobody_is_told() {
    let house = House::on_sqlite(|config| {
        config.limits.failures_in_a_row = 6;
        config.limits.attempts_per_subject_and_day = 1_000;
        config.limits.messages_per_subject_and_day = 1_000;
    })
    .await;
    for round in 0..2 {
        let (id, code) = house.sent(&house.wish_to(round)).await;
        for _ in 0..3 {
            assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
        }
        // Not before the sixth failure is the person locked; then even the right code says what a wrong one says.
        let last = house.validate(&id, &code).await;
        if round == 0 {
            last.unwrap();
            // A success ends the row.
            let (id, code) = house.sent(&house.wish_to(10)).await;
            for _ in 0..3 {
                assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
            }
        } else {
            assert_eq!(refusal(last), "dispatch.invalid_otp");
        }
    }
    assert_eq!(house.journalled("subject.locked").await, 1);

    let messages = house.operator.received().len();
    let concealed = house.wish_to(20);
    house.send(&concealed).await.unwrap();
    assert_eq!(refusal(house.validate(&concealed.transaction_id, "123456").await), "dispatch.invalid_otp");
    let mut told = house.wish_to(21);
    told.conceal = false;
    assert_eq!(refusal(house.send(&told).await), "dispatch.phone_number_blocked");
    house.outbox_is_quiet().await;
    assert_eq!(house.operator.received().len(), messages);

    assert_eq!(house.locked_since("subject-1").await, Some(Clock::now(&house.clock).millis()));
    assert_eq!(house.locked_since("subject-2").await, None);
    house.lift(Locked::Subject("subject-1".to_owned()), "the citizen came in person").await.unwrap();
    assert_eq!(house.locked_since("subject-1").await, None);
    assert_eq!(house.journalled("subject.unlocked").await, 1);
    let (id, code) = house.sent(&house.wish_to(22)).await;
    house.validate(&id, &code).await.unwrap();
    house.close().await;
}

/// The count in short-lived state may be lost; the one in the database is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_short_lived_state_forgets_the_database_remembers() {
    let Some(ephemeral) = straznica_ephemeral::testing::shared_redis() else { return };
    let url = std::env::var(straznica_ephemeral::testing::REDIS_URL).unwrap();
    let namespace = ephemeral.namespace.clone();
    let house = House::on_sqlite(|config| config.ephemeral = ephemeral).await;
    let (id, code) = house.sent(&house.wish()).await;
    let mut redis = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    for _ in 0..5 {
        assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
        let counters: Vec<String> =
            redis::cmd("KEYS").arg(format!("{namespace}:*:attempts")).query_async(&mut redis).await.unwrap();
        assert_eq!(counters.len(), 1);
        let _: () = redis::cmd("DEL").arg(counters).query_async(&mut redis).await.unwrap();
    }
    assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.verification_failed");
    house.close().await;
}
