//! Certificates that are good for less than the one in use.

use straznica_store::on_both_engines;

use super::house::{DAY, House};
use crate::{app::chains, store::Migrations};

/// Whether fingerprints of a document that names this trust point can be read today.
fn reads_fingerprints(house: &House) -> bool {
    match chains::find(&house.app, &["UTCVCA00001".to_owned()]) {
        chains::ChainAnswer::Ready(chain) => chain.rights.dg3() == Some(true),
        _ => false,
    }
}

on_both_engines! { Migrations;
    async fn a_certificate_without_the_right_to_fingerprints_is_told_and_used_only_when_there_is_no_better_one(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        house.spoc.grant(cvc::chat::Rights::inspection(false, false));
        for day in 0..42 {
            house.pass(1).await;
            assert!(reads_fingerprints(&house), "day {day}");
        }
        assert_eq!(house.held("dv_foreign").await.len(), 2, "it is kept, and what the partner decided is not asked anew");
        let problem = house.problem().await.unwrap_or_default();
        assert!(problem.contains("fingerprints"), "{problem}");
        // The first one has ended.
        house.pass(1).await;
        assert!(house.opens("UTCVCA00001") && !reads_fingerprints(&house));
        assert!(house.problem().await.unwrap_or_default().contains("fingerprints"));
    }

    async fn a_certificate_for_a_later_day_is_refused_but_tomorrows_is_not(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.begin_days_ahead(2);
        house.subscribe().await;
        house.settle().await;
        assert_eq!(house.held("dv_foreign").await.len(), 0);
        let problem = house.problem().await.unwrap_or_default();
        assert!(problem.contains("answer_refused"), "{problem}");
        house.spoc.begin_days_ahead(1);
        house.pass(2).await;
        assert_eq!(house.held("dv_foreign").await.len(), 1);
        house.clock.advance(DAY);
        house.settle().await;
        assert!(house.opens("UTCVCA00001"));
    }
}
