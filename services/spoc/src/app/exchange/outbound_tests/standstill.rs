//! What would stand still for ever: questions nobody answers, messages nobody can take, partners that hold everything up.

use std::time::Duration;

use exchange::message::Message;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use straznica_error::Coded as _;
use straznica_store::{StoreError, on_both_engines};
use straznica_types::Clock as _;

use super::{
    callbacks::{deliver, news},
    foreign_state::{ForeignCvca, ders},
    house::{DAY, House, officer, today},
    partner::Step,
};
use crate::{
    SpocError,
    app::exchange::{
        delivery,
        messages::{self, Text},
        renewals, subscriptions,
    },
    store::{
        Migrations,
        entity::{dv_request, general_message, outbox},
        exchange::messages as kept_messages,
    },
};

async fn ask(house: &House) {
    renewals::ask_for_ca_certificates(&house.app, &officer("so-1"), "UT".parse().unwrap()).await.unwrap();
    house.settle().await;
}

fn questions(house: &House) -> usize {
    house.spoc.heard().iter().filter(|one| matches!(one, Message::GetCaCertificates(_))).count()
}

/// Writes to the partner; the message is on its way when this returns.
async fn write_to(house: &House, subject: &str) -> general_message::Model {
    let text = Text::Free("see above".to_owned());
    messages::send(&house.app, &officer("so-1"), "UT".parse().unwrap(), subject, text).await.unwrap()
}

async fn state_of(house: &House, message: &general_message::Model) -> String {
    kept_messages::find(house.app.store.reader(), message.id).await.unwrap().unwrap().state
}

async fn letter_about(house: &House, message: &general_message::Model) -> outbox::Model {
    let subject = message.id.to_string();
    house.letters().await.into_iter().find(|letter| letter.subject == subject).unwrap()
}

on_both_engines! { Migrations;
    async fn a_question_acknowledged_and_never_answered_is_asked_again(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::AcknowledgeQuestion]);
        ask(&house).await;
        ask(&house).await;
        assert_eq!(questions(&house), 1, "it is under way");
        house.clock.advance(2 * DAY);
        ask(&house).await;
        assert_eq!(questions(&house), 2);
        let states: Vec<_> = house.letters().await.into_iter().map(|letter| letter.state).collect();
        assert_eq!(states, ["failed", "done"]);
    }

    async fn a_renewal_that_waited_for_certificates_of_the_cvca_in_vain_goes_on_and_tells(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.spoc.plan([Step::AcknowledgeQuestion]);
        let fresh = house.spoc.with(|cvca| cvca.replace(today(&house.clock), "CVCA2"));
        deliver(&house, news(ders(&fresh))).await;
        house.spoc.plan([Step::Acknowledge]);
        house.pass(2).await;
        assert_eq!((questions(&house), house.spoc.requests().len()), (1, 2));
        let problem = house.problem().await.unwrap_or_default();
        assert!(problem.contains("has not answered"), "{problem}");
    }

    async fn a_certificate_repeated_in_an_answer_is_taken_once(database: TestDatabase) {
        let house = House::new(database).await;
        let fresh = house.spoc.with(|cvca| {
            let fresh = cvca.replace(today(&house.clock), "CVCA2");
            cvca.certificates.extend(fresh.clone());
            fresh
        });
        ask(&house).await;
        assert_eq!(house.letters().await[0].state, "done");
        assert_eq!(house.held("cvca_link").await.len(), 1);
        assert_eq!(deliver(&house, news(ders(&fresh))).await.as_str(), "ok_received_correctly");
    }

    async fn two_certificates_under_the_same_references_in_one_answer_are_refused(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let two: Vec<_> = (0..2).flat_map(|_| ders(&ForeignCvca::named("UT", "OTHER", day).certificates)).collect();
        assert_eq!(deliver(&house, news(two)).await.as_str(), "failure_syntax");
    }

    async fn an_answer_that_cannot_be_processed_is_looked_at_again_later_and_holds_nothing_else_up(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        let request = house.requests().await.remove(0);
        let whole = request.request.clone();
        let write = async |bytes: Vec<u8>| {
            let row = dv_request::ActiveModel { request: Set(bytes), ..request.clone().into_active_model() };
            house.app.store.write_tx(async |tx| {
                row.clone().update(tx).await.map_err(StoreError::from)?;
                Ok::<_, SpocError>(())
            }).await.unwrap();
        };
        write(vec![0x67]).await;
        house.clock.advance(Duration::from_secs(1));
        let younger = write_to(&house, "DV not compliant").await;
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(state_of(&house, &younger).await, "delivered");
        let letter = house.letters().await.remove(0);
        assert_eq!((letter.state.as_str(), letter.leased_until), ("pending", None));
        assert!(letter.next_attempt_at > house.clock.now().millis() && letter.last_error.is_some(), "{letter:?}");
        write(whole).await;
        house.clock.advance(DAY);
        house.settle().await;
        assert!(house.opens("UTCVCA00001"));
    }

    async fn a_message_the_partner_cannot_read_puts_off_itself_alone(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Fault]);
        let older = write_to(&house, "DV not compliant").await;
        house.clock.advance(Duration::from_secs(1));
        let younger = write_to(&house, "Certificate inaccurate").await;
        delivery::turn(&house.app).await.unwrap();
        assert_eq!((state_of(&house, &older).await, state_of(&house, &younger).await), ("sending".to_owned(), "delivered".to_owned()));
        let letter = letter_about(&house, &older).await;
        assert!(letter.next_attempt_at > house.clock.now().millis() && letter.last_error.is_some(), "{letter:?}");
        house.clock.advance(DAY);
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(state_of(&house, &older).await, "delivered");
    }

    async fn a_message_no_binding_can_carry_ends_there(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Mute]);
        let older = write_to(&house, "DV not compliant").await;
        house.clock.advance(Duration::from_secs(1));
        let younger = write_to(&house, "Certificate inaccurate").await;
        delivery::turn(&house.app).await.unwrap();
        assert_eq!((state_of(&house, &older).await, state_of(&house, &younger).await), ("failed".to_owned(), "delivered".to_owned()));
        let letter = letter_about(&house, &older).await;
        assert_eq!((letter.state.as_str(), letter.leased_until), ("failed", None));
        assert!(letter.last_error.is_some_and(|why| why.contains("no words for it")));
    }

    async fn characters_xml_cannot_carry_are_not_accepted_from_an_officer(database: TestDatabase) {
        let house = House::new(database).await;
        for text in ["bell\u{7}", "\u{fffe}"] {
            let sent = messages::send(&house.app, &officer("so-1"), "UT".parse().unwrap(), "DV not compliant", Text::Free(text.to_owned())).await;
            assert_eq!(sent.unwrap_err().code().id, "spoc.field_missing", "{text:?}");
        }
        let lines = Text::Free("one\r\n\ttwo ś".to_owned());
        messages::send(&house.app, &officer("so-1"), "UT".parse().unwrap(), "DV not compliant", lines).await.unwrap();
    }

    async fn a_slow_partner_gets_its_share_of_a_turn_and_no_more(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Slow; 6]);
        for _ in 0..6 {
            write_to(&house, "DV not compliant").await;
        }
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(house.spoc.heard().len(), 1);
        for _ in 0..5 {
            delivery::turn(&house.app).await.unwrap();
        }
        assert_eq!(house.spoc.heard().len(), 6);
    }

    async fn a_request_the_partner_fails_at_for_ever_is_given_up_and_made_anew(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.pass(27).await;
        house.spoc.plan([Step::Stick]);
        house.pass(1).await;
        let stuck = house.spoc.requests().remove(1).message_id;
        assert!(house.problem().await.unwrap_or_default().contains("failure_internal_error"));
        house.pass(2).await;
        let renewed = house.held("dv_foreign").await.len();
        assert_eq!(renewed, 2, "{:?}", house.problem().await);
        assert_eq!(house.problem().await, None);
        let letters = house.letters().await;
        let stuck = letters.iter().find(|letter| letter.message_id.as_deref() == Some(&stuck)).unwrap();
        assert_eq!((stuck.state.as_str(), stuck.code.as_deref()), ("failed", Some("failure_internal_error")));
        assert_eq!(house.requests().await[1].closed_cause.as_deref(), Some("failure_internal_error"));
    }

    async fn a_request_the_partner_fails_at_when_time_runs_out_is_made_anew_within_hours(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.clock.advance(39 * DAY);
        house.spoc.plan([Step::Stick]);
        house.pass(1).await;
        assert_eq!(house.held("dv_foreign").await.len(), 2, "{:?}", house.problem().await);
    }

    async fn a_message_the_partners_software_falls_over_keeps_nothing_behind_it(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        let younger = write_to(&house, "DV not compliant").await;
        house.spoc.fall_over_requests(true);
        delivery::turn(&house.app).await.unwrap();
        let letter = house.letters().await.remove(0);
        assert_eq!((letter.state.as_str(), letter.code.as_deref()), ("pending", Some("failure_internal_error")));
        assert_eq!(state_of(&house, &younger).await, "sending", "the partner fails, and is given its pause");
        house.clock.advance(DAY / 4);
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(state_of(&house, &younger).await, "delivered");
        assert_eq!(house.letters().await[0].state, "pending");
        // Nor is it sent for ever: after some days another one is made.
        house.pass(7).await;
        assert!(house.requests().await.len() > 1);
        house.spoc.fall_over_requests(false);
        house.pass(1).await;
        assert!(house.opens("UTCVCA00001"), "{:?}", house.problem().await);
    }

    async fn a_message_the_partners_software_hangs_at_keeps_nothing_behind_it(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        let younger = write_to(&house, "DV not compliant").await;
        house.spoc.hang_at_requests(true);
        let seen = async || {
            let letter = house.letters().await.remove(0);
            (letter.state, letter.code.unwrap_or_default(), letter.answered_at.is_some())
        };
        let unanswered = ("pending".to_owned(), "unanswered".to_owned(), false);
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(seen().await, unanswered);
        assert_eq!(state_of(&house, &younger).await, "sending", "it may be the line, which is given its pause");
        house.clock.advance(DAY / 4);
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(state_of(&house, &younger).await, "delivered");
        // It may be the line all the same, and the fallback by e-mail has something to export: it is not given up.
        house.pass(7).await;
        assert_eq!((seen().await, house.requests().await.len()), (unanswered, 1));
        house.spoc.hang_at_requests(false);
        house.pass(1).await;
        assert!(house.opens("UTCVCA00001"), "{:?}", house.problem().await);
    }

    async fn a_line_that_dies_under_a_message_now_and_then_does_not_make_it_one_the_partner_fails_at(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        write_to(&house, "DV not compliant").await;
        house.spoc.plan([Step::Hang, Step::Down, Step::Hang, Step::Down, Step::Down, Step::Hang]);
        for _ in 0..6 {
            delivery::turn(&house.app).await.unwrap();
            let letters = house.letters().await;
            assert!(letters.iter().all(|letter| letter.answered_at.is_none()), "{letters:?}");
            house.clock.advance(DAY / 4);
        }
        for _ in 0..2 {
            delivery::turn(&house.app).await.unwrap();
        }
        assert!(house.letters().await.iter().all(|letter| letter.state == "done"), "{:?}", house.letters().await);
        assert_eq!(house.requests().await.len(), 1, "{:?}", house.problem().await);
    }

    async fn a_line_that_is_down_after_one_failure_does_not_make_the_partner_fail(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.spoc.fall_over_requests(true);
        house.settle().await;
        house.spoc.fall_over_requests(false);
        house.spoc.plan(std::iter::repeat_n(Step::Down, 11));
        house.pass(3).await;
        assert_eq!(house.letters().await.iter().map(|letter| letter.state.as_str()).collect::<Vec<_>>(), ["done"]);
        assert_eq!(house.requests().await.len(), 1, "{:?}", house.problem().await);
    }

    async fn what_was_written_first_is_heard_first_when_the_line_is_back(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Down]);
        write_to(&house, "DV not compliant").await;
        delivery::turn(&house.app).await.unwrap();
        house.clock.advance(DAY / 4);
        write_to(&house, "Certificate inaccurate").await;
        delivery::turn(&house.app).await.unwrap();
        let heard: Vec<_> = house.spoc.heard().iter().map(|message| match message {
            Message::GeneralMessage(message) => message.subject.clone(),
            _ => String::new(),
        }).collect();
        assert_eq!(heard, ["DV not compliant", "Certificate inaccurate"]);
    }

    async fn a_partner_that_is_not_there_is_tried_once_a_pause_whatever_waits(database: TestDatabase) {
        let house = House::new(database).await;
        for subject in ["DV not compliant", "Certificate inaccurate", "Test"] {
            write_to(&house, subject).await;
            house.clock.advance(Duration::from_secs(1));
        }
        house.spoc.plan([Step::Down, Step::Down, Step::Down]);
        for turn in 1..=3 {
            delivery::turn(&house.app).await.unwrap();
            let attempts: i64 = house.letters().await.iter().map(|letter| letter.attempts).sum();
            assert_eq!(attempts, turn);
            house.clock.advance(DAY / 4);
        }
        delivery::turn(&house.app).await.unwrap();
        assert!(house.letters().await.iter().all(|letter| letter.state == "done"));
    }

    async fn a_link_left_out_of_an_answer_is_fetched(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        let day = today(&house.clock);
        house.spoc.with(|cvca| [cvca.replace(day, "CVCA2"), cvca.replace(day, "CVCA3")]);
        house.spoc.forget_older_links();
        house.pass(29).await;
        assert_eq!(questions(&house), 1);
        assert_eq!(house.held("cvca_link").await.len(), 2);
        assert!(house.opens("UTCVCA00001") && house.opens("UTCVCA300001"), "{:?}", house.problem().await);
    }

    async fn a_message_an_officer_gives_up_is_not_on_its_way_any_more(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Down]);
        let message = write_to(&house, "DV not compliant").await;
        house.settle().await;
        let id = letter_about(&house, &message).await.id.to_string();
        subscriptions::cancel(&house.app, &officer("so-1"), &id).await.unwrap();
        assert_eq!(state_of(&house, &message).await, "failed");
    }
}
