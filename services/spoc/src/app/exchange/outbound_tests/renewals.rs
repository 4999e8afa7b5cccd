//! Renewal by itself, and what follows from each answer.

use std::collections::HashSet;

use cvc::{algorithm::Algorithm, domain_parameters::StandardisedCurve, request::AuthenticatedRequest};
use exchange::{code::RequestCertificateCode, message::Message};
use straznica_store::on_both_engines;

use super::{
    callbacks::{deliver, news},
    foreign_state::ders,
    house::{CVCA, DAY, House, officer, today},
    partner::Step,
};
use crate::{
    SpocError,
    app::{
        dv_requests,
        exchange::{delivery, is_renewals, renewals, subscriptions},
    },
    store::Migrations,
};

/// Who vouches for a request: `PLCVCA` or our verifier `PLDVBG`.
fn signer(request: &[u8]) -> String {
    let outer = AuthenticatedRequest::parse(request).unwrap().outer_car();
    format!("{}{}", outer.country(), outer.mnemonic())
}

on_both_engines! { Migrations;
    async fn a_subscription_obtains_renews_and_equips_the_control_centre_without_a_human(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        assert!(!house.opens("UTCVCA00001"));
        house.settle().await;
        assert!(house.opens("UTCVCA00001"), "no chain: {:?}", house.problem().await);
        let mut closed = Vec::new();
        for day in 0..100 {
            house.pass(1).await;
            if !house.opens("UTCVCA00001") {
                closed.push(day);
            }
        }
        assert_eq!(closed, Vec::<u32>::new());
        let signers: Vec<_> = house.spoc.requests().iter().map(|one| signer(&one.certificate_request)).collect();
        assert_eq!(signers, ["PLCVCA", "PLDVBG", "PLDVBG", "PLDVBG"], "initial once, then one each twenty-eight days");
        let mut references = HashSet::new();
        for row in house.held("is").await.into_iter().chain(house.held("dv_foreign").await) {
            assert!(references.insert(row.chr.clone()), "{} given twice", row.chr);
        }
        // Seven days each, and one at once with each new verifier.
        let systems = house.held("is").await.len();
        assert!((14..=20).contains(&systems), "{systems}");
        assert_eq!(house.problem().await, None);
    }

    async fn a_replica_in_doubt_about_its_clock_renews_neither_verifier_nor_inspection_system_and_another_one_does(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        let doubting = house.doubting_replica().await;
        let asked_for = house.requests().await.len();
        renewals::turn(&doubting).await.unwrap();
        assert_eq!(house.requests().await.len(), asked_for, "no request bears a date in doubt");
        assert!(house.problem().await.unwrap().contains("clock"), "{:?}", house.problem().await);
        // The other one does not wait. With the verifier's certificate here the inspection system is due.
        renewals::turn(&house.app).await.unwrap();
        delivery::turn(&house.app).await.unwrap();
        assert_eq!(house.held("dv_foreign").await.len(), 1);
        is_renewals::turn(&doubting).await.unwrap();
        assert!(house.held("is").await.is_empty());
        assert!(house.problem().await.unwrap().contains("clock"), "{:?}", house.problem().await);
        // Neither does it here: a doubt is no failed attempt, and the subscription is both replicas'.
        is_renewals::turn(&house.app).await.unwrap();
        assert_eq!((house.held("is").await.len(), house.problem().await), (1, None));
    }

    async fn what_fell_due_while_the_clock_was_in_doubt_is_done_with_the_first_turn_after_it(database: TestDatabase) {
        let house = House::new(database).await;
        let (alone, source) = house.watching_replica().await;
        let turns = async |times: u32| {
            for _ in 0..times {
                renewals::turn(&alone).await.unwrap();
                delivery::turn(&alone).await.unwrap();
                is_renewals::turn(&alone).await.unwrap();
            }
        };
        house.subscribe().await;
        // In doubt since the start, so long that pauses would have grown to an hour.
        for _ in 0..40 {
            turns(1).await;
            house.clock.advance(DAY / 48);
        }
        assert_eq!((house.requests().await.len(), house.held("is").await.len()), (0, 0));
        assert!(house.problem().await.unwrap().contains("clock"));
        let entries = async || house.journal().await.into_iter().filter(|kind| kind == "renewal.problem").count();
        assert_eq!(entries().await, 1, "told once, not with every turn");
        alone.time_watch.look().await;
        turns(2).await;
        assert_eq!((house.held("dv_foreign").await.len(), house.held("is").await.len()), (1, 1));
        assert_eq!(house.problem().await, None);

        // In doubt while nothing but an inspection system falls due, after seven days of fourteen.
        house.clock.advance(DAY * 8);
        for _ in 0..40 {
            turns(1).await;
            house.clock.advance(DAY / 48);
        }
        assert_eq!(house.held("is").await.len(), 1);
        let problem = house.problem().await.unwrap();
        assert!(problem.starts_with("an inspection system is due; ") && problem.contains("clock"), "{problem}");
        let row = house.subscription().await;
        assert_eq!((row.failures, row.not_before), (0, None), "no attempt was made");
        alone.time_watch.look().await;
        turns(1).await;
        assert_eq!((house.held("is").await.len(), house.problem().await), (2, None));
        // No verifier and a doubt, no verifier, one obtained; an inspection system that waits, and no more.
        assert_eq!(entries().await, 5, "each was told once");
        drop(source);
    }

    async fn a_paused_subscription_asks_nothing_and_an_officer_can_force_an_initial_request(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        subscriptions::set_state(&house.app, &officer("so-1"), CVCA, false).await.unwrap();
        house.settle().await;
        assert_eq!(house.spoc.heard().len(), 0);
        subscriptions::set_state(&house.app, &officer("so-1"), CVCA, true).await.unwrap();
        house.settle().await;
        let forced = subscriptions::renew_now(&house.app, &officer("so-1"), CVCA, true).await.unwrap();
        house.settle().await;
        let requests = house.spoc.requests();
        assert_eq!(requests.iter().map(|one| signer(&one.certificate_request)).collect::<Vec<_>>(), ["PLCVCA", "PLCVCA"]);
        let renewals = subscriptions::renewals_of(&house.app, CVCA).await.unwrap();
        assert_eq!((renewals[0].request.chr.as_str(), renewals[0].request.state.as_str()), (forced.as_str(), "fulfilled"));
    }

    async fn a_pause_stops_what_goes_to_the_partner_and_not_what_certificates_held_are_good_for(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        subscriptions::set_state(&house.app, &officer("so-1"), CVCA, false).await.unwrap();
        for day in 0..42 {
            house.pass(1).await;
            assert!(house.opens("UTCVCA00001"), "day {day}");
        }
        assert_eq!(house.spoc.heard().len(), 1);
        house.pass(1).await;
        assert!(!house.opens("UTCVCA00001"));
    }

    async fn a_successive_request_the_partner_does_not_accept_is_followed_by_an_initial_one(database: TestDatabase) {
        for code in [RequestCertificateCode::FailureOuterSignature, RequestCertificateCode::FailureExpired] {
            let Some(database) = straznica_store::testing::TestDatabase::fresh::<Migrations>(database.store().engine()).await else {
                return;
            };
            let house = House::new(database).await;
            house.subscribe().await;
            house.settle().await;
            house.spoc.plan([Step::Refuse(code)]);
            house.pass(28).await;
            let signers: Vec<_> = house.spoc.requests().iter().map(|one| signer(&one.certificate_request)).collect();
            assert_eq!(signers, ["PLCVCA", "PLDVBG", "PLCVCA"], "{code}");
            let states: Vec<_> = house.requests().await.into_iter().map(|row| (row.state, row.closed_cause)).collect();
            let closed = ("open".to_owned(), Some(code.to_string()));
            let well = ("fulfilled".to_owned(), None);
            assert_eq!(states, [well.clone(), closed, well]);
            assert!(house.journal().await.contains(&"exchange.declined".to_owned()));
        }
    }

    async fn after_failure_domain_parameters_the_cvcas_certificates_are_fetched_and_its_new_key_is_asked(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        // A rollover with another algorithm that nobody told us about.
        house.spoc.with(|cvca| cvca.renew(today(&house.clock), Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1));
        house.spoc.plan([Step::Refuse(RequestCertificateCode::FailureDomainParameters)]);
        house.pass(28).await;
        // Within one moment of the test's clock letters have no order.
        let mut operations: Vec<_> = house.letters().await.into_iter().map(|row| row.operation).collect();
        operations.sort_unstable();
        let request = "request_certificate";
        assert_eq!(operations, ["get_ca_certificates", request, request, request]);
        let last = house.spoc.requests().pop().unwrap();
        let parsed = AuthenticatedRequest::parse(last.certificate_request.as_slice()).unwrap();
        assert_eq!(parsed.request().car().unwrap().to_string(), "UTCVCA00002");
        assert_eq!(parsed.request().verify_inner().unwrap().algorithm(), Algorithm::EcdsaSha384);
        assert_eq!(signer(&last.certificate_request), "PLDVBG", "signed with the old key all the same");
        assert!(house.opens("UTCVCA00001") && house.opens("UTCVCA00002"));
    }

    async fn what_policy_declines_is_told_to_an_operator_and_not_repeated_for_a_day(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Refuse(RequestCertificateCode::FailureRequestNotAccepted); 2]);
        house.subscribe().await;
        house.settle().await;
        house.clock.advance(std::time::Duration::from_secs(3600));
        house.settle().await;
        assert_eq!(house.spoc.requests().len(), 1, "hammered");
        let problem = house.problem().await.unwrap();
        assert!(problem.contains("failure_request_not_accepted"), "{problem}");
        house.pass(1).await;
        assert_eq!(house.spoc.requests().len(), 2);
        house.pass(1).await;
        assert_eq!(house.spoc.requests().len(), 2, "the second pause is two days");
        house.pass(1).await;
        assert!(house.opens("UTCVCA00001"));
        assert_eq!(house.problem().await, None);
    }

    async fn what_is_said_to_be_wrong_with_our_own_request_is_repeated_after_four_days_or_at_an_officers_word(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([RequestCertificateCode::FailureInnerSignature, RequestCertificateCode::FailureSyntax].map(Step::Refuse));
        house.subscribe().await;
        house.settle().await;
        house.pass(3).await;
        assert_eq!(house.spoc.requests().len(), 1);
        house.pass(1).await;
        assert_eq!(house.spoc.requests().len(), 2);
        house.pass(1).await;
        assert_eq!(house.spoc.requests().len(), 2);
        subscriptions::renew_now(&house.app, &officer("so-1"), CVCA, false).await.unwrap();
        house.settle().await;
        assert!(house.opens("UTCVCA00001"));
    }

    async fn two_replicas_that_decide_at_once_make_one_request(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        let replica = house.replica().await;
        let (one, two) = tokio::join!(renewals::turn(&house.app), renewals::turn(&replica));
        one.unwrap();
        two.unwrap();
        assert_eq!(house.requests().await.len(), 1);
        assert_eq!(house.letters().await.len(), 1);
    }

    async fn of_two_requests_for_different_verifiers_under_one_cvca_made_at_once_one_is_refused(database: TestDatabase) {
        let house = House::new(database).await;
        let (so_1, so_2) = (officer("so-1"), officer("so-2"));
        let both = tokio::join!(
            dv_requests::create(&house.app, &so_1, CVCA, "DVBG"),
            dv_requests::create(&house.app, &so_2, CVCA, "DVOTHER"),
        );
        let outcomes = [both.0, both.1];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(SpocError::Policy(_)))));
        assert_eq!(house.requests().await.len(), 1);
    }

    async fn a_rollover_of_the_partners_key_is_followed_by_a_request_the_same_day(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.pass(5).await;
        let fresh = house.spoc.with(|cvca| cvca.renew(today(&house.clock), Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1));
        let news = news(ders(&fresh));
        assert_eq!(deliver(&house, news).await.as_str(), "ok_received_correctly");
        house.settle().await;
        assert!(house.opens("UTCVCA00002"), "a document of the new key cannot be opened");
        // Its certificates were asked for first, once.
        let asked = house.spoc.heard().iter().filter(|one| matches!(one, Message::GetCaCertificates(_))).count();
        assert_eq!((asked, house.spoc.requests().len()), (1, 2));
    }
}
