//! Somebody earns with the messages: limits and alarm.

use std::time::Duration;

use straznica_contracts::dispatch::v1::SendCodeRequest;

use crate::house::{House, on_all_engines, refusal};

fn told(house: &House, number: usize) -> SendCodeRequest {
    SendCodeRequest { conceal: false, subject: format!("subject-{number}"), ..house.wish_to(number) }
}

on_all_engines! {
    async fn a_number_gets_six_codes_an_hour(house: House) {
        for number in 0..6 {
            house.send(&SendCodeRequest { subject: format!("s{number}"), ..told(&house, 7) }).await.unwrap();
        }
        assert_eq!(refusal(house.send(&told(&house, 7)).await), "dispatch.rate_exceeded");
        house.send(&told(&house, 8)).await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_countries_institutions_people_and_officers_have_their_shares() {
    type Adjust = fn(&mut straznica_dispatch::Config);
    let cases: [(Adjust, &str); 5] = [
        (|config| config.rates.prefix = 4, "dispatch.rate_exceeded"),
        (|config| config.rates.poland = 4, "dispatch.rate_exceeded"),
        (|config| config.rates.institution = 4, "dispatch.rate_exceeded"),
        (|config| config.limits.messages_per_official_and_day = 4, "dispatch.max_otp_codes_exceeded"),
        (
            |config| {
                config.rates.foreign_country = 4;
                config.destinations.foreign = vec!["+38050".to_owned()];
            },
            "",
        ),
    ];
    for (adjust, expected) in cases {
        let house = House::on_sqlite(adjust).await;
        for number in 0..4 {
            house.send(&told(&house, number)).await.unwrap();
        }
        let fifth = house.send(&told(&house, 4)).await;
        if expected.is_empty() {
            // A foreign country's share is its own.
            fifth.unwrap();
            let abroad = |number| SendCodeRequest { phone: format!("+38050123456{number}"), ..told(&house, number) };
            for number in 0..4 {
                house.send(&abroad(number)).await.unwrap();
            }
            assert_eq!(refusal(house.send(&abroad(4)).await), "dispatch.rate_exceeded");
        } else {
            assert_eq!(refusal(fifth), expected);
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_about_one_person_have_a_limit_no_other_number_lifts() {
    let house = House::on_sqlite(|config| config.limits.messages_per_subject_and_day = 4).await;
    for number in 0..4 {
        house.send(&SendCodeRequest { conceal: false, ..house.wish_to(number) }).await.unwrap();
    }
    let fifth = SendCodeRequest { conceal: false, ..house.wish_to(4) };
    assert_eq!(refusal(house.send(&fifth).await), "dispatch.max_otp_codes_exceeded");
    // Concealed, it looks like the others.
    house.send(&house.wish_to(5)).await.unwrap();
    house.outbox_is_quiet().await;
    assert_eq!(house.operator.received().len(), 4);
    house.clock.advance(Duration::from_secs(86_400));
    house.send(&SendCodeRequest { conceal: false, ..house.wish_to(6) }).await.unwrap();
    house.operator.message(5).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_whose_codes_are_suddenly_not_used_raises_an_alarm() {
    let house = House::on_sqlite(|config| config.rates.alarm_messages = 5).await;
    // Yesterday most codes were used.
    for number in 0..5 {
        let (id, code) = house.sent(&told(&house, number)).await;
        if number > 0 {
            house.validate(&id, &code).await.unwrap();
        }
    }
    house.clock.advance(Duration::from_secs(7_200));
    // Today nobody of that range uses one.
    for number in 10..16 {
        house.send(&told(&house, number)).await.unwrap();
    }
    house.outbox_is_quiet().await;
    house.clock.advance(Duration::from_secs(600));
    let house = house.restart().await;
    house.becomes("SELECT kind FROM journal WHERE kind = 'pumping.suspected'", &["pumping.suspected"]).await;
    let detail = house
        .texts("SELECT detail FROM journal_payload JOIN journal USING (entry_id) WHERE kind = 'pumping.suspected'")
        .await;
    assert!(detail[0].contains("+48501") && detail[0].contains("\"sent\":6"), "{detail:?}");
    house.close().await;
}
