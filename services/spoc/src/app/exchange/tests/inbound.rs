//! RequestCertificate: once for each message, whatever happens at the same time.

use std::sync::Arc;

use cvc::policy::TR_03139;
use exchange::{
    code::RequestCertificateCode as Code,
    message::{RequestCertificate, RequestCertificateAnswer},
};
use straznica_store::on_both_engines;

use super::rollover::roll;
use crate::{
    Migrations,
    app::{
        App, cvca_certificates,
        exchange::{foreign_holders, inbound::request_certificate, registration},
        issuing::fingerprint,
    },
    domain::{
        exchange::{holder::ApprovalMode, partner::Answers, policy::Rule},
        records::Day,
    },
    testing::{self, DAY, FIRST, ForeignState, House, SECOND, certificate, desk, key},
};

/// Poland with its CVCA, and Germany registered with an automatic verifier.
pub(super) async fn ready(house: &House) -> (Arc<App>, ForeignState, String) {
    ready_with(house, Answers::Synchronous, ApprovalMode::Automatic).await
}

pub(super) async fn ready_with(
    house: &House,
    answers: Answers,
    approval: ApprovalMode,
) -> (Arc<App>, ForeignState, String) {
    let app = house.app().await;
    let car = testing::national_cvca(&app).await;
    let germany = ForeignState::new("DE", house.today(), 1000);
    testing::partner(&app, "DE", answers).await;
    germany.trusted_by(&app).await;
    testing::holder(&app, "DEDV", approval).await;
    (app, germany, car)
}

pub(super) fn message(message_id: &str, request: &[u8]) -> RequestCertificate {
    RequestCertificate {
        caller_id: "DE".to_owned(),
        message_id: message_id.to_owned(),
        certificate_request: request.to_vec(),
    }
}

pub(super) async fn ask(app: &App, message_id: &str, request: &[u8]) -> RequestCertificateAnswer {
    request_certificate(app, "DE".parse().unwrap(), message(message_id, request)).await
}

/// Two officers lift the suspension of Germany's verifier.
async fn resumed(app: &App) {
    for officer in [FIRST, SECOND] {
        foreign_holders::resume(app, &desk(officer), "DEDV", "found").await.unwrap();
    }
}

async fn rules(house: &House) -> Vec<String> {
    house.applications().await.into_iter().filter_map(|row| row.rule).collect()
}

on_both_engines! { Migrations;
    async fn a_node_started_on_a_restored_database_asks_its_partners_to_come_again(database: TestDatabase) {
        let mut house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let request = || germany.initial(&key(), &car, germany.reference());
        let (answered, new) = (request(), request());
        let answer = ask(&app, "m-1", &answered).await;
        house.config.restored = true;
        let held = house.app().await;
        assert_eq!(ask(&held, "m-2", &new).await, RequestCertificateAnswer::of(Code::FailureInternalError));
        assert_eq!(ask(&held, "m-1", &answered).await, answer, "what was answered is told again");
        assert_eq!(house.issued().await.len(), 1);
        // Let go, it answers the same message.
        assert_eq!(ask(&app, "m-2", &new).await.result, Code::OkCertAvailable);
    }

    async fn a_request_gets_a_certificate_and_the_same_message_the_same_answer(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (first, chr) = (key(), germany.reference());
        let request = germany.initial(&first, &car, chr);
        let answer = ask(&app, "m-1", &request).await;
        assert_eq!((answer.result, answer.certificates.len()), (Code::OkCertAvailable, 1));
        let issued = certificate(&answer.certificates[0]);
        assert_eq!((issued.chr(), issued.car().to_string(), issued.effective()), (chr, car.clone(), house.today()));
        assert_eq!(TR_03139.check(&issued), None);

        // From the database, by another replica, and after the certificate has expired.
        assert_eq!(ask(&*house.app().await, "m-1", &request).await, answer);
        house.clock.advance(DAY * 60);
        assert_eq!(ask(&app, "m-1", &request).await, answer);
        assert_eq!((house.issued().await.len(), house.answers().await.len()), (1, 1));
        house.clock.set("2026-06-20T10:00:00Z".parse().unwrap());

        // Its key vouches for the next one.
        let next = ForeignState::signed(&key(), &car, germany.reference(), &first, chr);
        assert_eq!(ask(&app, "m-2", &next).await.result, Code::OkCertAvailable);
        assert_eq!(rules(&house).await, [Rule::Initial, Rule::Successive].map(|rule| rule.as_str()));
        let kinds: Vec<_> = house.journal().await.into_iter().filter(|kind| kind.starts_with("exchange.")).collect();
        assert_eq!(kinds, ["exchange.certificate_issued"; 2]);

        // Each entry is the whole chain of custody: what was asked, who vouched, what left.
        let told = house.told("exchange.certificate_issued").await;
        let expected = [(&request, germany.root.as_der()), (&next, issued.as_der())];
        for ((told, row), (request, voucher)) in told.iter().zip(house.applications().await).zip(expected) {
            let certificate = house.issued().await.into_iter().find(|issued| issued.application == row.id).unwrap();
            let officers: [Option<&str>; 2] = [None, None];
            let whole = serde_json::json!({
                "application": row.id, "caller": "DE", "messageId": row.message_id, "chr": row.chr, "car": car, "askedCar": car,
                "requestFingerprint": fingerprint(request), "keyFingerprint": row.key_sha256,
                "outerCar": row.outer_car, "voucherFingerprint": fingerprint(voucher), "rule": row.rule,
                "expires": Day::from_midnight(certificate.expires).to_string(), "officers": officers,
                "fingerprint": fingerprint(&certificate.certificate),
            });
            assert_eq!(*told, whole);
        }
    }

    async fn another_message_under_a_used_identifier_is_refused_and_changes_nothing(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let answer = ask(&app, "m-1", &germany.fresh(&car)).await;
        assert_eq!(ask(&app, "m-1", &germany.fresh(&car)).await.result, Code::FailureRequestNotAccepted);
        assert_eq!((house.issued().await.len(), house.answers().await.len(), house.applications().await.len()), (1, 1, 1));
        assert_eq!(house.journal().await.last().map(String::as_str), Some("exchange.message_refused"));
        assert_eq!(answer.result, Code::OkCertAvailable);
    }

    async fn one_message_sent_many_times_at_once_is_answered_with_one_certificate(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let replica = house.app().await;
        let request = germany.fresh(&car);
        let answers = tokio::join!(
            ask(&app, "m-1", &request), ask(&replica, "m-1", &request), ask(&app, "m-1", &request), ask(&replica, "m-1", &request),
        );
        assert_eq!(answers.0.result, Code::OkCertAvailable);
        for other in [&answers.1, &answers.2, &answers.3] {
            assert_eq!(*other, answers.0);
        }
        assert_eq!((house.issued().await.len(), house.answers().await.len()), (1, 1));
    }

    async fn of_two_requests_at_once_with_one_key_or_one_reference_one_wins(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let replica = house.app().await;
        let one = key();
        let same_key = [germany.reference(), germany.reference()].map(|chr| germany.initial(&one, &car, chr));
        let chr = germany.reference();
        let same_reference = [key(), key()].map(|key| germany.initial(&key, &car, chr));
        for (which, [first, second], rule) in [("k", same_key, Rule::KeyUsed), ("r", same_reference, Rule::ReferenceUsed)] {
            let ids = [format!("{which}-1"), format!("{which}-2")];
            let (first, second) = tokio::join!(ask(&app, &ids[0], &first), ask(&replica, &ids[1], &second));
            let mut codes = [first.result, second.result];
            codes.sort_by_key(|code| code.as_str());
            assert_eq!(codes, [Code::FailureRequestNotAccepted, Code::OkCertAvailable], "{rule}");
            assert!(rules(&house).await.contains(&rule.as_str().to_owned()), "{rule}");
        }
        assert_eq!(house.issued().await.len(), 2);
    }

    async fn a_key_or_reference_stays_used_under_the_next_generation_and_for_ever(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (one, chr) = (key(), germany.reference());
        assert_eq!(ask(&app, "m-1", &germany.initial(&one, &car, chr)).await.result, Code::OkCertAvailable);
        house.clock.advance(DAY * 100);
        let next = roll(&app, "", "").await;
        let again = [germany.initial(&one, &next, germany.reference()), germany.initial(&key(), &next, chr)];
        assert_eq!(ask(&app, "m-2", &again[0]).await.result, Code::FailureRequestNotAccepted);
        assert_eq!(ask(&app, "m-3", &again[1]).await.result, Code::FailureRequestNotAccepted);
        assert_eq!(rules(&house).await[1..], [Rule::KeyUsed, Rule::ReferenceUsed].map(|rule| rule.as_str()));
    }

    async fn what_a_refused_request_named_may_be_asked_for_again(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (one, chr) = (key(), germany.reference());
        let stranger = ForeignState::signed(&one, &car, chr, &key(), germany.root.chr());
        assert_eq!(ask(&app, "m-1", &stranger).await.result, Code::FailureOuterSignature);
        assert_eq!(ask(&app, "m-2", &germany.initial(&one, &car, chr)).await.result, Code::OkCertAvailable);
        // The refusal stays what it was.
        assert_eq!(ask(&app, "m-1", &stranger).await.result, Code::FailureOuterSignature);
    }

    async fn a_message_without_a_usable_caller_or_identifier_is_a_syntax_failure_and_nothing_is_kept(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let request = germany.fresh(&car);
        let caller = || "DE".parse().unwrap();
        for (caller_id, message_id) in [("FR", "m-1"), ("", "m-1"), ("DE", ""), ("DE", " "), ("DE", "bell\u{7}")] {
            let message = RequestCertificate { caller_id: caller_id.to_owned(), ..message(message_id, &request) };
            let answer = request_certificate(&app, caller(), message).await;
            assert_eq!(answer.result, Code::FailureSyntax, "{caller_id} {message_id}");
        }
        assert_eq!((house.answers().await.len(), house.applications().await.len()), (0, 0));
        assert_eq!(ask(&app, "m-1", &[0x67, 0]).await.result, Code::FailureRequestSyntax);
        assert_eq!(ask(&app, "m-1", &[0x67, 0]).await.result, Code::FailureRequestSyntax);
        assert_eq!((house.answers().await.len(), house.applications().await.len()), (1, 0));
    }

    async fn a_suspended_or_unknown_partner_gets_nothing(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        registration::suspend(&app, &desk(FIRST), "DE".parse().unwrap(), "compromised").await.unwrap();
        assert_eq!(ask(&app, "m-1", &germany.fresh(&car)).await.result, Code::FailureRequestNotAccepted);
        assert_eq!(rules(&house).await, [Rule::Partner.as_str()]);
        let france = ForeignState::new("FR", house.today(), 1000);
        let message = RequestCertificate { caller_id: "FR".to_owned(), ..message("m-1", &france.fresh(&car)) };
        let answer = request_certificate(&app, france.country, message).await;
        assert_eq!(answer.result, Code::FailureRequestNotAccepted);
        assert!(house.issued().await.is_empty());
    }

    async fn what_another_replica_suspended_a_moment_ago_counts(database: TestDatabase) {
        let mut house = House::new(database);
        house.config.watch_seconds = 3_600;
        let (app, germany, car) = ready(&house).await;
        let replica = house.app().await;
        foreign_holders::suspend(&app, &desk(FIRST), "DEDV", "lost").await.unwrap();
        assert_eq!(ask(&replica, "m-1", &germany.fresh(&car)).await.result, Code::FailureRequestNotAccepted);
        resumed(&app).await;
        // The CVCA that countersigns: held in memory, so the transaction has to notice.
        let (chr, why) = (germany.root.chr().to_string(), "compromised");
        crate::app::holders::suspend(&app, &desk(FIRST), &chr, &chr, why).await.unwrap();
        assert_eq!(ask(&replica, "m-2", &germany.fresh(&car)).await.result, Code::FailureOuterSignature);
        assert!(house.issued().await.is_empty());
    }

    async fn a_judgement_counts_only_while_what_it_rests_on_holds(database: TestDatabase) {
        use crate::app::exchange::issue::{Case, judge, look};
        use crate::domain::exchange::processing::{Asked, Used};
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let request = germany.fresh(&car);
        let case = Case { caller: germany.country, asked: Arc::new(Asked::read(&request).unwrap()), waited: None };
        let judged = async || {
            app.refresh().await.unwrap();
            let judgement = judge(&app, &case, look(&app, &case).await.unwrap(), Used::default()).await.unwrap();
            assert!(judgement.outcome.is_ok(), "{:?}", judgement.outcome);
            judgement
        };
        let holds = async |judgement: &crate::app::exchange::issue::Judgement| {
            app.store.write_tx(async |tx| judgement.still_holds(&app, tx).await).await.unwrap()
        };
        let judgement = judged().await;
        assert!(holds(&judgement).await);
        foreign_holders::suspend(&app, &desk(FIRST), "DEDV", "lost").await.unwrap();
        assert!(!holds(&judgement).await, "the holder");
        resumed(&app).await;
        let judgement = judged().await;
        house.clock.advance(DAY);
        assert!(!holds(&judgement).await, "the day");
        let judgement = judged().await;
        testing::partner(&app, "FR", Answers::Synchronous).await;
        assert!(!holds(&judgement).await, "a partner");
        let judgement = judged().await;
        ForeignState::new("FR", house.today(), 1000).trusted_by(&app).await;
        assert!(!holds(&judgement).await, "a certificate");
    }

    async fn no_reference_and_no_key_is_on_record_twice_unless_it_was_refused(database: TestDatabase) {
        use crate::store::{entity::application, exchange::applications, generations::{self, Subject}};
        use straznica_store::StoreError;
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        ask(&app, "m-1", &germany.fresh(&car)).await;
        let kept = house.applications().await.remove(0);
        let again = |chr: &str, key: &str, state: &str| application::Model {
            id: uuid::Uuid::now_v7(),
            message_id: "m-2".to_owned(),
            chr: chr.to_owned(),
            key_sha256: key.to_owned(),
            state: state.to_owned(),
            ..kept.clone()
        };
        let insert = async |row: application::Model| {
            app.store
                .write_tx(async |tx| {
                    let held = [Subject::Certificates, Subject::Partners];
                    let [certificates, partners] = generations::numbers(tx, held).await?;
                    let behind = [(held[0], certificates), (held[1], partners - 1)];
                    assert!(!applications::insert_while(tx, row.clone(), behind).await?);
                    applications::insert_while(tx, row.clone(), [(held[0], certificates), (held[1], partners)]).await
                })
                .await
        };
        for row in [again(&kept.chr, "other", "waiting"), again("other", &kept.key_sha256, "issued")] {
            let outcome = insert(row).await;
            assert!(matches!(outcome, Err(StoreError::Duplicate(_))), "{outcome:?}");
        }
        assert!(insert(again(&kept.chr, &kept.key_sha256, "refused")).await.unwrap());
    }

    async fn of_two_requests_at_once_with_one_reference_one_is_granted(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let request = germany.fresh(&car);
        let (one, other) = tokio::join!(ask(&app, "m-1", &request), ask(&app, "m-2", &request));
        let mut codes = [one.result, other.result];
        codes.sort_by_key(|code| code.as_str());
        assert_eq!(codes, [Code::FailureRequestNotAccepted, Code::OkCertAvailable]);
        assert_eq!(house.issued().await.len(), 1);
        assert!(rules(&house).await.contains(&Rule::ReferenceUsed.as_str().to_owned()));
    }

    async fn a_request_in_a_moment_in_which_trust_changes_all_the_time_is_answered(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let states = ('A'..='L').map(|letter| ForeignState::new(&format!("X{letter}"), house.today(), 1000));
        let roots: Vec<_> = states.map(|state| vec![state.root.as_der().to_vec()]).collect();
        let request = germany.fresh(&car);
        let call = desk(FIRST);
        let busy = futures::future::join_all(roots.into_iter().map(|root| cvca_certificates::import(&app, &call, root)));
        let (answer, taken) = futures::future::join(ask(&app, "m-1", &request), busy).await;
        assert_eq!(answer.result, Code::OkCertAvailable);
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    }

    async fn while_the_clock_is_in_doubt_nothing_is_decided(database: TestDatabase) {
        let mut house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let request = germany.fresh(&car);
        // Nobody answers on this port.
        house.config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        let doubting = house.app().await;
        assert_eq!(ask(&doubting, "m-1", &request).await.result, Code::FailureInternalError);
        assert!(house.answers().await.is_empty());
        let answer = ask(&app, "m-1", &request).await;
        assert_eq!(answer.result, Code::OkCertAvailable);
        assert_eq!(ask(&doubting, "m-1", &request).await, answer, "what was decided is told again");
    }

    async fn without_a_national_cvca_no_request_is_accepted(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let germany = ForeignState::new("DE", house.today(), 1000);
        testing::partner(&app, "DE", Answers::Synchronous).await;
        germany.trusted_by(&app).await;
        testing::holder(&app, "DEDV", ApprovalMode::Automatic).await;
        assert_eq!(ask(&app, "m-1", &germany.fresh("PLCVCA00001")).await.result, Code::FailureRequestNotAccepted);
        assert_eq!(rules(&house).await, [Rule::Issuer.as_str()]);
    }

    async fn our_own_verifier_is_certified_by_the_same_list(database: TestDatabase) {
        use crate::{app::exchange::domestic_dv::{self, Domestic}, domain::records::Role, error::SpocError};
        let house = House::new(database);
        let app = house.app().await;
        testing::national_cvca(&app).await;
        let refusal = domestic_dv::issue(&app, &desk(FIRST), "PLCVCA", "DVBG").await.unwrap_err();
        assert!(matches!(&refusal, SpocError::RequestRefused(why) if why.rule == Rule::Holder), "{refusal}");
        testing::holder(&app, "PLDVBG", ApprovalMode::Automatic).await;
        for rule in [Rule::Initial, Rule::Successive] {
            house.clock.advance(DAY);
            let Domestic::Issued(taken) = domestic_dv::issue(&app, &desk(FIRST), "PLCVCA", "DVBG").await.unwrap() else {
                panic!("nobody has to be waited for");
            };
            let state = app.control.at(app.clock.now());
            let record = state.records().iter().find(|record| record.chr == taken.chr).unwrap();
            assert_eq!((record.role, record.cvca.as_str(), record.key.is_some()), (Role::DvDomestic, "PLCVCA", true));
            let newest = house.applications().await.into_iter().max_by_key(|row| row.received_at).unwrap();
            assert_eq!((newest.chr, newest.rule.as_deref()), (taken.chr, Some(rule.as_str())));
        }
        assert!(house.outbox().await.is_empty());
        assert_eq!(
            domestic_dv::issue(&app, &desk(FIRST), "DECVCA", "DVBG").await.unwrap_err().to_string(),
            "cvca: a CVCA of our own country is needed",
        );
    }
}
