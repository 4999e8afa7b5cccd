//! Our own passports: the document verifier under our own CVCA renews by itself as well, without a wire between.

use sea_orm::ActiveValue::Set;
use straznica_store::on_both_engines;

use super::house::{DAY, House, officer};
use crate::{
    SpocError,
    app::exchange::{domestic_dv, foreign_holders, requests, requests_job, subscriptions},
    domain::exchange::holder::{ApprovalMode, Registration},
    store::{Migrations, entity::application, exchange::applications},
};

const OWN: &str = "PLCVCA";

async fn register(house: &House, approval: ApprovalMode) {
    let registration = Registration {
        name: "PLDVBG".to_owned(),
        domestic_cvca: OWN.to_owned(),
        purposes: "border control".to_owned(),
        organisations: "SG".to_owned(),
        approval,
        dg3: true,
        dg4: false,
        validity_days: 42,
    };
    let proposal = foreign_holders::register(&house.app, &officer("so-1"), registration).await.unwrap();
    foreign_holders::confirm(&house.app, &officer("so-2"), "PLDVBG", &proposal).await.unwrap();
}

async fn subscribe(house: &House) {
    let order = subscriptions::Order {
        cvca: OWN.to_owned(),
        country: "PL".to_owned(),
        dv_mnemonic: "DVBG".to_owned(),
        is_mnemonic: "ISBG".to_owned(),
        is_days: 14,
    };
    subscriptions::subscribe(&house.app, &officer("so-1"), order).await.unwrap();
}

async fn problem(house: &House) -> Option<String> {
    let listed = subscriptions::list(&house.app).await.unwrap();
    listed.into_iter().find(|one| one.row.cvca == OWN).and_then(|one| one.row.problem)
}

async fn applications(house: &House) -> Vec<application::Model> {
    let narrowing = applications::Narrowing { limit: 100, ..applications::Narrowing::default() };
    requests::list(&house.app, &narrowing).await.unwrap()
}

on_both_engines! { Migrations;
    async fn our_own_verifier_and_its_inspection_systems_renew_by_themselves(database: TestDatabase) {
        let house = House::new(database).await;
        register(&house, ApprovalMode::Automatic).await;
        subscribe(&house).await;
        house.settle().await;
        let mut closed = Vec::new();
        for day in 0..100 {
            if !house.opens("PLCVCA00001") {
                closed.push(day);
            }
            house.pass(1).await;
        }
        assert_eq!(closed, Vec::<u32>::new());
        assert_eq!(house.held("dv_domestic").await.len(), 4, "at once, and one each twenty-seven days");
        assert_eq!((house.letters().await.len(), problem(&house).await), (0, None));
    }

    async fn a_request_of_our_own_verifier_waits_for_its_two_officers_and_is_made_once(database: TestDatabase) {
        let house = House::new(database).await;
        register(&house, ApprovalMode::TwoPerson).await;
        subscribe(&house).await;
        house.pass(2).await;
        let waiting = applications(&house).await;
        assert_eq!((waiting.len(), house.requests().await.len()), (1, 1));
        requests::approve(&house.app, &officer("so-1"), waiting[0].id).await.unwrap();
        requests::approve(&house.app, &officer("so-2"), waiting[0].id).await.unwrap();
        house.settle().await;
        assert!(house.opens("PLCVCA00001"));
    }

    async fn a_certificate_is_in_use_from_its_issue_on_whoever_decides_after_a_crash(database: TestDatabase) {
        let house = House::new(database).await;
        register(&house, ApprovalMode::TwoPerson).await;
        subscribe(&house).await;
        house.settle().await;
        let waiting = applications(&house).await.remove(0);
        // The second approval commits; the rest is left to the job.
        requests::approve(&house.app, &officer("so-1"), waiting.id).await.unwrap();
        house.change_application(waiting.id, |row| row.second_officer = Set(Some("so-2".to_owned()))).await;
        requests_job::run(&house.app).await.unwrap();
        assert_eq!((applications(&house).await[0].state.as_str(), house.held("dv_domestic").await.len()), ("issued", 1));
        house.settle().await;
        assert!(house.opens("PLCVCA00001"));
    }

    async fn a_refusal_of_our_own_rules_is_told_and_not_repeated_for_a_day(database: TestDatabase) {
        let house = House::new(database).await;
        subscribe(&house).await;
        house.settle().await;
        house.clock.advance(DAY / 4);
        house.settle().await;
        assert_eq!(applications(&house).await.len(), 1, "not registered as a holder");
        let told = problem(&house).await.unwrap_or_default();
        assert!(told.contains("failure_request_not_accepted"), "{told}");
        register(&house, ApprovalMode::Automatic).await;
        house.clock.advance(DAY);
        house.settle().await;
        assert!(house.opens("PLCVCA00001"));
    }

    async fn another_states_cvca_is_still_subscribed_to_only_where_it_is_a_partner(database: TestDatabase) {
        let house = House::new(database).await;
        let order = |cvca: &str, country: &str| subscriptions::Order {
            cvca: cvca.to_owned(),
            country: country.to_owned(),
            dv_mnemonic: "DVBG".to_owned(),
            is_mnemonic: "ISBG".to_owned(),
            is_days: 14,
        };
        for (cvca, country) in [("XACVCA", "XA"), ("UTCVCA", "PL")] {
            let refused = subscriptions::subscribe(&house.app, &officer("so-1"), order(cvca, country)).await;
            assert!(matches!(refused, Err(SpocError::Policy(_) | SpocError::Field { .. })), "{cvca}");
        }
        let issued = domestic_dv::issue(&house.app, &officer("so-1"), "UTCVCA", "DVBG").await;
        assert!(matches!(issued, Err(SpocError::Field { .. })));
    }
}
