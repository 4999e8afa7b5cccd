//! How long what was asked for, obtained and taken in is kept, and that documents are opened all the same.

use std::collections::BTreeSet;

use cvc::{algorithm::Algorithm, domain_parameters::StandardisedCurve};
use exchange::code::RequestCertificateCode;
use sea_orm::ActiveValue::Set;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use super::{
    foreign_state::ders,
    house::{CVCA, DAY, House, officer, today},
    partner::Step,
    policy::change_partner,
};
use crate::{
    Migrations,
    app::{cvca_certificates, key_clean_up, repository},
    domain::{exchange::policy::Rule, records::State},
    store::{certificates, entity::dv_request},
};

on_both_engines! { Migrations;
    async fn requests_that_ended_are_deleted_in_their_time_and_those_that_wait_or_ended_lately_stay(database: TestDatabase) {
        let house = House::new(database).await;
        let (app, then) = (&house.app, house.clock.now().millis());
        let request = |chr: String| dv_request::Model {
            chr,
            cvca: CVCA.to_owned(),
            car: "UTCVCA00001".to_owned(),
            outer_car: "PLCVCA00001".to_owned(),
            request: vec![1],
            key_handle: "dv/none".to_owned(),
            state: "open".to_owned(),
            created_by: "so-1".to_owned(),
            created_at: then,
            closed_at: None,
            closed_cause: None,
            ended_at: None,
        };
        let ended = |row: dv_request::Model, at: i64| dv_request::Model {
            closed_at: Some(at),
            closed_cause: Some("failure_syntax".to_owned()),
            ended_at: Some(at),
            ..row
        };
        let waiting = request("PLDVBG00001".to_owned());
        let closed = dv_request::Model { closed_at: Some(then), ..request("PLDVBG00002".to_owned()) };
        let lately = ended(request("PLDVBG00003".to_owned()), then + 86_400_000 * 20);
        let long_ago = (100..230).map(|number| ended(request(format!("PLDVBG{number:05}")), then));
        let rows: Vec<_> = [waiting, closed, lately].into_iter().chain(long_ago).collect();
        let insert = async |tx: &_| {
            for row in &rows {
                certificates::insert_request(tx, row.clone()).await?;
            }
            Ok::<_, crate::SpocError>(())
        };
        app.store.write_tx(insert).await.unwrap();
        // Twelve months after the day on which they ended.
        for (days, left) in [(365, 133), (1, 3), (15, 3), (5, 2)] {
            house.clock.advance(DAY * days);
            repository::run(app).await.unwrap();
            assert_eq!(house.requests().await.len(), left, "{days} more days");
        }
        let left: Vec<String> = house.requests().await.into_iter().map(|row| row.chr).collect();
        assert_eq!(left, ["PLDVBG00001", "PLDVBG00002"]);
        let told = house.details("= 'dv_request.deleted'").await;
        assert_eq!(told.len(), 131);
        let is_whole = |detail: &serde_json::Value| {
            detail["rule"] == Rule::Retention.as_str() && detail["cause"] == "failure_syntax" && detail["car"] == "UTCVCA00001"
        };
        assert!(told.iter().all(|(_, detail)| is_whole(detail)), "{told:?}");
    }

    async fn what_our_verifiers_obtained_is_deleted_in_its_time_and_documents_are_still_opened(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.spoc.plan([Step::Refuse(RequestCertificateCode::FailureRequestNotAccepted)]);
        house.settle().await;
        let counts = async || {
            (house.requests().await.len(), house.held("dv_foreign").await.len(), house.held("is").await.len())
        };
        let clear_away = async || {
            key_clean_up::run(&house.app).await.unwrap();
            repository::run(&house.app).await.unwrap();
        };
        house.pass(60).await;
        clear_away().await;
        let before = counts().await;
        assert!(before.0 > before.1 && before.1 > 1 && before.2 > before.1, "{before:?}");
        let first = house.held("is").await.remove(0);
        // Nearly a year later nothing of it is gone, though all of it has ended and new ones are in use.
        house.clock.advance(DAY * 290);
        house.pass(2).await;
        clear_away().await;
        assert!(house.held("is").await.iter().any(|row| row.chr == first.chr));
        house.clock.advance(DAY * 200);
        house.pass(2).await;
        clear_away().await;
        let after = counts().await;
        assert!(after.1 >= 1 && after.2 >= 1 && after.0 < before.0 + 2, "{after:?}");
        assert!(house.held("is").await.iter().all(|row| row.chr != first.chr));
        assert!(house.opens(&house.spoc.with(|cvca| cvca.car(1))));
        let told = house.details("LIKE '%.deleted'").await;
        let of = |kind: &str| told.iter().filter(|(told, _)| told == kind).count();
        assert!(of("certificate.deleted") >= before.1 + before.2, "{told:?}");
        assert!(told.iter().all(|(_, detail)| detail["rule"] == Rule::Retention.as_str()));
        let fingerprints: BTreeSet<String> =
            told.iter().filter_map(|(_, detail)| detail["fingerprint"].as_str().map(str::to_owned)).collect();
        assert!(fingerprints.contains(&first.fingerprint), "the journal says which they were");
        // What is deleted once is not told of again.
        clear_away().await;
        assert_eq!(house.details("LIKE '%.deleted'").await.len(), told.len());
    }

    async fn a_partner_s_old_cvca_is_kept_as_long_as_its_documents_may_name_it(database: TestDatabase) {
        let house = House::new(database).await;
        let first = today(&house.clock);
        let renewed = |days: i64| {
            let from = first + time::Duration::days(days);
            house.spoc.with(|cvca| cvca.renew(from, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1))
        };
        // Three generations of a thousand days each, the second of which begins before the first has ended.
        for news in [renewed(900), renewed(1800)] {
            cvca_certificates::import(&house.app, &officer("so-1"), ders(&news)).await.unwrap();
        }
        let held = async || -> Vec<String> {
            let mut held = house.held("cvca").await;
            held.retain(|row| row.chr.starts_with("UT"));
            held.into_iter().map(|row| row.chr).collect()
        };
        assert_eq!(held().await.len(), 3);
        // Ten years of the documents, as Utopia registered, and six months, after the second one's thousand days: then the link to it may go, and with that the
        // first one. The second stays as long as the link that leads on from it.
        let kept = 900 + 1000 + 3652 + 150;
        house.clock.advance(DAY * kept);
        repository::run(&house.app).await.unwrap();
        assert_eq!(held().await.len(), 3);
        assert_eq!(house.held("cvca_link").await.len(), 2);
        house.clock.advance(DAY * 60);
        repository::run(&house.app).await.unwrap();
        assert_eq!(held().await, ["UTCVCA00002", "UTCVCA00003"]);
        assert_eq!(house.held("cvca_link").await.len(), 1);
        // What is left is whole: a replica takes it in, and the newest is trusted as before.
        let replica = house.replica().await;
        let state = replica.control.at(replica.clock.now());
        assert!(state.records().iter().any(|one| one.chr == "UTCVCA00003" && one.state == State::Active));
    }

    async fn years_registered_for_its_documents_keep_it_longer_and_never_shorter_than_ours(database: TestDatabase) {
        let house = House::new(database).await;
        let news = house.spoc.with(|cvca| {
            let from = today(&house.clock) + time::Duration::days(900);
            cvca.renew(from, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
            let from = from + time::Duration::days(900);
            cvca.renew(from, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
            cvca.certificates.clone()
        });
        cvca_certificates::import(&house.app, &officer("so-1"), ders(&news)).await.unwrap();
        let held = async || house.held("cvca").await.iter().filter(|row| row.chr.starts_with("UT")).count();
        // A figure too small would cost the anchor that a valid passport names.
        change_partner(&house.app, |row| row.document_years = Set(1)).await;
        house.clock.advance(DAY * (1900 + 1826 + 190));
        repository::run(&house.app).await.unwrap();
        assert_eq!(held().await, 3);
        change_partner(&house.app, |row| row.document_years = Set(15)).await;
        house.clock.advance(DAY * 1826);
        repository::run(&house.app).await.unwrap();
        assert_eq!(held().await, 3, "ten years and six months are over, fifteen are not");
        house.clock.advance(DAY * 1826);
        repository::run(&house.app).await.unwrap();
        assert_eq!(held().await, 2);
    }
}
