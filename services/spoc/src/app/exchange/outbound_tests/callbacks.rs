//! SendCertificates of the partner.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use exchange::{
    code::{SendCertificatesCode, StatusInfo},
    message::SendCertificates,
};
use sea_orm::DatabaseTransaction;
use straznica_store::on_both_engines;
use straznica_types::{Clock as _, RequestId};
use tokio::time::timeout;

use super::{
    foreign_state::{ForeignCvca, ders},
    house::{CVCA, DAY, House, officer, today},
    partner::Step,
};
use crate::{
    app::{
        call::Call,
        cvca_certificates::{self, Verified},
        exchange::{answers, callbacks, renewals, subscriptions},
    },
    error::SpocError,
    store::{
        Migrations,
        generations::{self, Subject},
    },
};

fn message(id: Option<&str>, status_info: StatusInfo, certificates: Vec<Vec<u8>>) -> SendCertificates {
    SendCertificates { caller_id: "UT".to_owned(), message_id: id.map(ToOwned::to_owned), certificates, status_info }
}

pub(super) fn news(certificates: Vec<Vec<u8>>) -> SendCertificates {
    message(None, StatusInfo::NewCertAvailableNotification, certificates)
}

pub(super) async fn deliver(house: &House, message: SendCertificates) -> SendCertificatesCode {
    callbacks::send_certificates(&house.app, "UT".parse().unwrap(), message).await
}

fn of_ut(house: &House) -> Call {
    Call::of_partner("UT".parse().unwrap(), RequestId::generate(house.app.clock.as_ref()))
}

const TAKEN: SendCertificatesCode = SendCertificatesCode::OkReceivedCorrectly;
const MALFORMED: SendCertificatesCode = SendCertificatesCode::FailureSyntax;

on_both_engines! { Migrations;
    async fn an_acknowledged_request_is_answered_later_once_however_often_the_answer_comes(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        assert_eq!(house.letters().await[0].state, "acknowledged");
        house.pass(2).await;
        assert_eq!(house.spoc.heard().len(), 1, "an acknowledged request is not sent again");
        let request = house.spoc.requests().remove(0);
        let answer = message(Some(&request.message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&request));
        for _ in 0..3 {
            assert_eq!(deliver(&house, answer.clone()).await, TAKEN);
        }
        house.settle().await;
        assert!(house.opens("UTCVCA00001"));
        let imported = house.journal().await.into_iter().filter(|kind| kind == "dv_certificate.imported").count();
        assert_eq!(imported, 1);
    }

    async fn an_answer_that_overtakes_its_receipt_counts_and_the_receipt_changes_nothing(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        renewals::turn(&house.app).await.unwrap();
        // The partner has the message, and its answer is here before our own processing of the receipt.
        let letter = house.letters().await.remove(0);
        let exchange::message::Message::RequestCertificate(request) =
            crate::app::exchange::outbox::message_of(&letter).unwrap() else { panic!() };
        let answer = message(Some(&request.message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&request));
        house.spoc.plan([Step::Acknowledge]);
        assert_eq!(deliver(&house, answer).await, TAKEN);
        house.settle().await;
        assert_eq!(house.letters().await[0].state, "done");
        assert!(house.opens("UTCVCA00001"));
    }

    async fn answers_to_what_nobody_asked_and_messages_that_make_no_sense_are_told_apart(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        let request = house.spoc.requests().remove(0);
        let good = house.spoc.fulfil(&request);
        let id = Some(request.message_id.as_str());
        let cases = [
            ("unknown id", message(Some("nobody"), StatusInfo::OkCertAvailable, good.clone()), SendCertificatesCode::FailureMessageIdUnknown),
            ("no id", message(None, StatusInfo::OkCertAvailable, good.clone()), MALFORMED),
            ("malformed id", message(Some("a\u{7}b"), StatusInfo::OkCertAvailable, good.clone()), MALFORMED),
            ("nothing in it", message(id, StatusInfo::OkCertAvailable, Vec::new()), MALFORMED),
            ("a failure with certificates", message(id, StatusInfo::FailureSyntax, good.clone()), MALFORMED),
        ];
        for (what, message, expected) in cases {
            assert_eq!(deliver(&house, message).await, expected, "{what}");
        }
        // An id of ours to another partner is unknown to this one.
        let answer = message(id, StatusInfo::OkCertAvailable, good.clone());
        let other = callbacks::send_certificates(&house.app, "XA".parse().unwrap(), answer.clone()).await;
        assert_eq!(other, SendCertificatesCode::FailureMessageIdUnknown);
        assert_eq!(house.letters().await[0].state, "acknowledged", "still open");
        assert_eq!(deliver(&house, answer).await, TAKEN);
    }

    async fn a_certificate_that_answers_another_request_is_refused_and_an_operator_told(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Acknowledge, Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        subscriptions::renew_now(&house.app, &officer("so-1"), CVCA, false).await.unwrap();
        house.settle().await;
        let requests = house.spoc.requests();
        let crossed = message(Some(&requests[1].message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&requests[0]));
        assert_eq!(deliver(&house, crossed).await, MALFORMED);
        assert_eq!(house.held("dv_foreign").await.len(), 0);
        house.settle().await;
        let problem = house.problem().await.unwrap();
        assert!(problem.contains("answer_refused"), "{problem}");
        assert!(house.journal().await.contains(&"exchange.answer_refused".to_owned()));
        // The right one is taken all the same.
        let right = message(Some(&requests[1].message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&requests[1]));
        assert_eq!(deliver(&house, right).await, TAKEN);
        house.settle().await;
        assert!(house.opens("UTCVCA00001"));
    }

    async fn a_failure_told_later_closes_the_request_once(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        let id = house.spoc.requests().remove(0).message_id;
        let failure = message(Some(&id), StatusInfo::FailureRequestNotAccepted, Vec::new());
        for _ in 0..2 {
            assert_eq!(deliver(&house, failure.clone()).await, TAKEN);
        }
        let declined = house.journal().await.into_iter().filter(|kind| kind == "exchange.declined").count();
        assert_eq!(declined, 1);
        assert_eq!(house.requests().await[0].closed_cause.as_deref(), Some("failure_request_not_accepted"));
    }

    async fn a_link_from_a_trusted_key_counts_at_once_and_a_root_without_one_waits_for_two_officers(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let stranger = ForeignCvca::named("UT", "OTHER", day);
        assert_eq!(deliver(&house, news(ders(&stranger.certificates))).await, TAKEN);
        let waiting = house.held("cvca").await.into_iter().find(|row| row.cvca == "UTOTHER").unwrap();
        assert_eq!(waiting.state, "awaiting_confirmation");
        let confirm = async |name: &str| cvca_certificates::confirm(&house.app, &officer(name), &waiting.fingerprint).await;
        assert!(confirm("so-1").await.unwrap().awaits_second);
        assert!(confirm("so-1").await.is_err(), "one officer alone");
        assert!(!confirm("so-2").await.unwrap().awaits_second);
        let state = async || house.held("cvca").await.into_iter().find(|row| row.cvca == "UTOTHER").unwrap().state;
        assert_eq!(state().await, "active");

        let linked = house.spoc.with(|cvca| cvca.replace(day, "NEXT"));
        assert_eq!(deliver(&house, news(ders(&linked))).await, TAKEN);
        let states: Vec<_> = house.held("cvca_link").await.into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["active"]);
    }

    /// A state gives its certificates from the oldest that a valid document can name: the first of them may be a link from a root it gives no more.
    async fn a_link_from_a_root_too_old_to_be_given_is_left_out_and_the_rest_taken(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let mut other = ForeignCvca::named("UT", "FIRST", day);
        other.replace(day, "SECOND");
        other.replace(day, "THIRD");
        let given = |wanted: fn(&str, &str) -> bool| -> Vec<Vec<u8>> {
            let all = other.certificates.iter();
            let some = all.filter(|one| wanted(&one.car().to_string(), &one.chr().to_string()));
            some.map(|one| one.as_der().to_vec()).collect()
        };
        // Without the root it leads to it says nothing that could be believed.
        let hanging = given(|car, chr| car != chr && chr == "UTTHIRD00001");
        assert_eq!(hanging.len(), 1);
        assert_eq!(deliver(&house, news(hanging)).await, MALFORMED);
        let from_the_second = given(|_, chr| chr != "UTFIRST00001");
        assert_eq!(from_the_second.len(), 4, "the link to the second, the second, the link to the third, the third");
        assert_eq!(deliver(&house, news(from_the_second.clone())).await, TAKEN);
        let held = async |role: &str| -> Vec<String> {
            let held = house.held(role).await.into_iter().filter(|row| !row.chr.starts_with("UTCVCA"));
            let mut pairs: Vec<String> = held.map(|row| format!("{}>{}", row.car, row.chr)).collect();
            pairs.retain(|pair| pair.starts_with("UT"));
            pairs.sort_unstable();
            pairs
        };
        assert_eq!(held("cvca_link").await, ["UTSECOND00001>UTTHIRD00001"]);
        assert_eq!(held("cvca").await, ["UTSECOND00001>UTSECOND00001", "UTTHIRD00001>UTTHIRD00001"]);
        // Given again it says nothing new; with the old root it is taken.
        assert_eq!(deliver(&house, news(from_the_second)).await, TAKEN);
        assert_eq!(held("cvca_link").await.len(), 1);
        assert_eq!(deliver(&house, news(given(|_, _| true))).await, TAKEN);
        assert_eq!(held("cvca_link").await.len(), 2);
    }

    async fn a_root_an_officer_rejects_makes_room_for_another_key_under_its_name(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let [wrong, right] = [(); 2].map(|()| ForeignCvca::named("UT", "OTHER", day));
        let mut wrong = wrong;
        wrong.replace(day, "OTHERB");
        assert_eq!(deliver(&house, news(ders(&wrong.certificates))).await, TAKEN);
        assert_eq!(deliver(&house, news(ders(&right.certificates))).await, MALFORMED, "the name is taken");
        let waiting = async |cvca: &str| house.held("cvca").await.into_iter().find(|row| row.cvca == cvca);
        let reject = async |chr: &str, why: &str| cvca_certificates::reject(&house.app, &officer("so-1"), chr, why).await;
        assert!(matches!(reject("UTOTHER00001", " ").await, Err(SpocError::Field { .. })));
        reject("UTOTHER00001", "not the fingerprint we were told").await.unwrap();
        assert!(matches!(reject("UTOTHER00001", "again").await, Err(SpocError::CertificateUnknown)));
        // With it goes the link that led on from it; the root beyond still waits.
        assert_eq!(house.held("cvca_link").await, []);
        assert_eq!(waiting("UTOTHERB").await.unwrap().state, "awaiting_confirmation");
        assert_eq!(deliver(&house, news(ders(&right.certificates))).await, TAKEN);
        // What is in use is not rejected but suspended.
        let refusal = reject("UTCVCA00001", "by mistake").await.unwrap_err();
        assert!(matches!(refusal, SpocError::Policy(_)), "{refusal}");
    }

    async fn news_is_taken_whole_or_not_at_all_and_only_of_the_senders_own_cvcas(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let before = house.held("cvca").await.len();
        let abroad = ForeignCvca::new("XA", day);
        let own = ForeignCvca::named("UT", "OTHER", day);
        let mut flipped = ders(&own.certificates);
        *flipped[0].last_mut().unwrap() ^= 1;
        let mut mixed = ders(&ForeignCvca::named("UT", "THIRD", day).certificates);
        mixed.extend(flipped);
        let cases = [
            ("another state's", ders(&abroad.certificates)),
            ("one bad among good", mixed),
            ("garbage", vec![vec![0x7f, 0x21, 0x03]]),
            ("too many", vec![ders(&own.certificates).remove(0); 257]),
        ];
        for (what, certificates) in cases {
            assert_eq!(deliver(&house, news(certificates)).await, MALFORMED, "{what}");
        }
        assert_eq!(house.held("cvca").await.len(), before);
        // A partner cannot fill the officers' list.
        let flood: Vec<_> = (0..40).map(|number| {
            ders(&ForeignCvca::named("UT", &format!("F{number}"), day).certificates).remove(0)
        }).collect();
        assert_eq!(deliver(&house, news(flood)).await, MALFORMED);
        assert_eq!(house.held("cvca").await.len(), before);
    }

    async fn news_that_brings_nothing_is_asked_for_what_it_is_about(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.with(|cvca| cvca.replace(today(&house.clock), "CVCA2"));
        for _ in 0..3 {
            assert_eq!(deliver(&house, news(Vec::new())).await.as_str(), "ok_received_correctly");
        }
        assert_eq!(house.letters().await.len(), 1, "one question, however often it is told");
        house.settle().await;
        assert_eq!(house.held("cvca_link").await.len(), 1);
    }

    async fn no_partner_has_more_generations_held_than_chains_are_looked_for_among(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let links: Vec<_> = house.spoc.with(|cvca| {
            let link = |number| {
                let [link, _root] = cvca.replace(day, &format!("C{number}"));
                link
            };
            (0..129).map(link).collect()
        });
        let refused = answers::ca_certificates(&house.app, &of_ut(&house), "UT".parse().unwrap(), None, ders(&links)).await;
        let rule = refused.as_ref().err().and_then(SpocError::rule);
        assert_eq!(rule, Some(crate::domain::exchange::policy::Rule::HeldCertificates), "{refused:?}");
        assert_eq!(house.held("cvca_link").await.len(), 0);
    }

    async fn a_flood_of_roots_is_counted_before_a_signature_is_looked_at(database: TestDatabase) {
        let house = House::new(database).await;
        let day = today(&house.clock);
        let mut flood: Vec<_> = (0..40).map(|number| {
            ders(&ForeignCvca::named("UT", &format!("F{number}"), day).certificates).remove(0)
        }).collect();
        *flood[0].last_mut().unwrap() ^= 1;
        let refused = answers::ca_certificates(&house.app, &of_ut(&house), "UT".parse().unwrap(), None, flood).await;
        let rule = refused.as_ref().err().and_then(SpocError::rule);
        assert_eq!(rule, Some(crate::domain::exchange::policy::Rule::WaitingRoots), "{refused:?}");
    }

    async fn signatures_are_looked_at_while_others_write(database: TestDatabase) {
        let house = House::new(database).await;
        let mut flipped = ders(&ForeignCvca::named("UT", "OTHER", today(&house.clock)).certificates);
        *flipped[0].last_mut().unwrap() ^= 1;
        let call = of_ut(&house);
        let (app, call, flipped) = (&house.app, &call, &flipped);
        let refused = app.store.write_tx(async |_tx: &DatabaseTransaction| {
            let refused = answers::ca_certificates(app, call, "UT".parse().unwrap(), None, flipped.clone());
            Ok::<_, SpocError>(timeout(Duration::from_secs(10), refused).await)
        });
        let refused = refused.await.unwrap();
        assert!(matches!(refused, Ok(Err(SpocError::CertificateRefused { .. }))), "{refused:?}");
    }

    async fn what_was_verified_against_certificates_that_have_changed_is_verified_anew(database: TestDatabase) {
        let house = House::new(database).await;
        let call = of_ut(&house);
        let parsed = cvca_certificates::parse_all(&ders(&ForeignCvca::named("UT", "OTHER", today(&house.clock)).certificates)).unwrap();
        let now = house.clock.now();
        for (changes, is_taken) in [(1, true), (100, false)] {
            let runs = AtomicUsize::new(0);
            let (app, call, runs) = (&house.app, &call, &runs);
            let taken = cvca_certificates::with_verified(app, parsed.clone(), async |tx: &DatabaseTransaction, verified: &Verified| {
                if runs.fetch_add(1, Ordering::SeqCst) < changes {
                    generations::raise(tx, Subject::Certificates, now).await?;
                }
                cvca_certificates::take_in(app, tx, call, call.author(), verified, now).await
            });
            let taken = taken.await;
            let count = runs.load(Ordering::SeqCst);
            match is_taken {
                true => assert!(taken.is_ok() && count == 2, "{taken:?} {count}"),
                false => assert!(matches!(taken, Err(SpocError::Overtaken)) && count == 16, "{taken:?} {count}"),
            }
        }
    }

    async fn a_dozen_states_at_once_wait_for_each_other_and_none_is_turned_away(database: TestDatabase) {
        let house = House::new(database).await;
        // Behind a balancer half of them come to another replica.
        let other = house.replica().await;
        let (held, day) = (house.held("cvca").await.len(), today(&house.clock));
        let states: Vec<_> = (0..12).map(|number| ForeignCvca::named("XA", &format!("N{number}"), day)).collect();
        let call = officer("so-1");
        let taken = futures::future::join_all(states.iter().enumerate().map(|(number, state)| {
            let app = if number % 2 == 0 { &house.app } else { &other };
            cvca_certificates::import(app, &call, ders(&state.certificates))
        }));
        for (number, taken) in taken.await.into_iter().enumerate() {
            assert!(taken.is_ok(), "{number}: {taken:?}");
        }
        assert_eq!(house.held("cvca").await.len(), held + 12);
    }

    async fn an_answer_to_a_request_brings_no_roots_but_a_few_of_its_senders_own(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        let (request, day) = (house.spoc.requests().remove(0), today(&house.clock));
        let before = house.held("cvca").await.len();
        let flood = (0..40).map(|number| ForeignCvca::named("UT", &format!("F{number}"), day).certificates.remove(0));
        let cases = [
            ("another state's", ForeignCvca::named("XA", "CVCA", day).certificates),
            ("ours", ForeignCvca::named("PL", "OTHER", day).certificates),
            ("more than officers look at", flood.collect()),
        ];
        for (what, extra) in cases {
            let certificates = [house.spoc.fulfil(&request), ders(&extra)].concat();
            let answer = message(Some(&request.message_id), StatusInfo::OkCertAvailable, certificates);
            assert_eq!(deliver(&house, answer).await, MALFORMED, "{what}");
            assert_eq!(house.held("cvca").await.len(), before, "{what}");
        }
        // The state itself is heard.
        let own = news(ders(&ForeignCvca::named("XA", "CVCA", day).certificates));
        let own = SendCertificates { caller_id: "XA".to_owned(), ..own };
        assert_eq!(callbacks::send_certificates(&house.app, "XA".parse().unwrap(), own).await, TAKEN);
        // And the same answer without them is taken.
        let answer = message(Some(&request.message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&request));
        assert_eq!(deliver(&house, answer).await, TAKEN);
    }

    async fn an_answer_that_nobody_waits_for_goes_on_record_once_an_hour(database: TestDatabase) {
        let house = House::new(database).await;
        let unknown = |id| message(Some(id), StatusInfo::FailureRequestNotAccepted, Vec::new());
        let noted = async || house.journal().await.into_iter().filter(|kind| kind == "exchange.message_refused").count();
        for id in ["nobody", "somebody"] {
            assert_eq!(deliver(&house, unknown(id)).await, SendCertificatesCode::FailureMessageIdUnknown);
        }
        assert_eq!(noted().await, 1);
        house.clock.advance(DAY / 24);
        deliver(&house, unknown("nobody")).await;
        assert_eq!(noted().await, 2);
    }

    async fn an_overdue_answer_is_told_to_an_operator_and_asked_for_anew_only_when_time_runs_out(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.spoc.plan([Step::Acknowledge]);
        house.pass(28).await;
        assert_eq!(house.spoc.requests().len(), 2);
        house.pass(10).await;
        assert!(house.problem().await.unwrap().contains("overdue"));
        assert_eq!(house.spoc.requests().len(), 2);
        house.pass(2).await;
        assert_eq!(house.spoc.requests().len(), 3, "three days before expiry a new request");
        assert!(house.opens("UTCVCA00001"));
        // The old one is still answerable.
        let old = house.spoc.requests().remove(1);
        let late = message(Some(&old.message_id), StatusInfo::OkCertAvailable, house.spoc.fulfil(&old));
        assert_eq!(deliver(&house, late).await, TAKEN);
        house.clock.advance(DAY);
        house.settle().await;
        assert_eq!(house.held("dv_foreign").await.len(), 3);
    }
}
