//! Whoever does not exist looks like everybody else.

use straznica_contracts::dispatch::v1::SendCodeRequest;

use crate::house::{House, on_all_engines, refusal};

on_all_engines! {
    async fn unknown_and_unreachable_people_get_the_answers_of_the_others_and_no_message(house: House) {
        let known = house.wish();
        let answer = house.send(&known).await.unwrap();
        house.operator.message(1).await;
        for phone in ["", "+48700123456", "+4915112345678", "+48221234567"] {
            let wish = SendCodeRequest { phone: phone.to_owned(), subject: format!("nobody{}", phone.len()), ..house.wish() };
            let id = &wish.transaction_id;
            assert_eq!(house.send(&wish).await.unwrap(), answer, "{phone}");
            assert_eq!(house.send(&wish).await.unwrap(), answer, "{phone}: once more");
            assert_eq!(refusal(house.resend(id).await), "dispatch.rate_exceeded", "{phone}");
            for _ in 0..5 {
                assert_eq!(refusal(house.validate(id, "123456").await), "dispatch.invalid_otp", "{phone}");
            }
            assert_eq!(refusal(house.validate(id, "123456").await), "dispatch.verification_failed", "{phone}");
        }
        house.outbox_is_quiet().await;
        assert_eq!(house.operator.asked(), 1);
        assert_eq!(house.journalled("code.withheld").await, 4);
        assert_eq!(house.texts("SELECT state FROM outbox WHERE state = 'withheld'").await.len(), 4);
        house.close().await;
    }

    async fn where_there_is_nobody_even_the_right_code_is_wrong(house: House) {
        let (id, code) = house.sent(&house.wish()).await;
        // Nobody knows the code of such a transaction; this one is made into one behind the service's back.
        house.execute("UPDATE code_transaction SET dummy = TRUE").await;
        assert_eq!(refusal(house.validate(&id, &code).await), "dispatch.invalid_otp");
        house.execute("UPDATE code_transaction SET dummy = FALSE").await;
        house.validate(&id, &code).await.unwrap();
        house.close().await;
    }

    async fn who_does_not_conceal_is_told(house: House) {
        let told = |phone: &str, subject: &str| SendCodeRequest {
            phone: phone.to_owned(),
            subject: subject.to_owned(),
            conceal: false,
            ..house.wish()
        };
        assert_eq!(refusal(house.send(&told("+48700123456", "p")).await), "dispatch.phone_number_not_allowed");
        assert_eq!(refusal(house.send(&told("+38350123456", "p")).await), "dispatch.phone_number_not_allowed");
        assert_eq!(refusal(house.send(&told("", "p")).await), "dispatch.invalid_request");
        // Without a pseudonym of the caller's the number stands for the person.
        house.send(&told("+48501234567", "")).await.unwrap();
        house.operator.message(1).await;
        house.close().await;
    }
}

/// No sequence of sendings and sendings again shows that a number exists: shares of an hour that are used up conceal themselves too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_share_of_a_number_does_not_tell_that_there_is_a_number() {
    let house = House::on_sqlite(|config| config.rates.number = 3).await;
    let mut seen = Vec::new();
    for (subject, phone) in [("known", "+48501234567"), ("unknown", "")] {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let wish = SendCodeRequest { subject: subject.to_owned(), phone: phone.to_owned(), ..house.wish() };
            answers.push(format!("{:?}", house.send(&wish).await.map(|answer| answer.resends_left)));
            for _ in 0..4 {
                house.clock.advance(std::time::Duration::from_secs(30));
                let answer = house.resend(&wish.transaction_id).await;
                answers.push(format!(
                    "{:?}",
                    answer.map(|answer| answer.resends_left).map_err(|status| crate::house::code(&status))
                ));
            }
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    house.outbox_is_quiet().await;
    assert_eq!(house.operator.received().len(), 3, "the share of the number");
    house.close().await;
}
