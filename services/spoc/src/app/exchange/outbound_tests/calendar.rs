//! What an officer reads in the calendar.

use straznica_store::on_both_engines;

use super::{house::House, partner::Step};
use crate::{
    SpocError,
    app::exchange::calendar,
    domain::exchange::calendar::{Kind, Severity},
    store::Migrations,
};

on_both_engines! { Migrations;
    async fn the_calendar_tells_what_ends_and_when_the_next_renewal_begins(database: TestDatabase) {
        let house = House::new(database).await;
        house.subscribe().await;
        house.settle().await;
        let entries = calendar::entries(&house.app, "", "").await.unwrap();
        let lines: Vec<_> = entries.iter().map(|one| (one.kind, one.severity, one.at.to_string()[..10].to_owned())).collect();
        assert_eq!(lines, [
            (Kind::IsExpires, Severity::Information, "2026-06-10".to_owned()),
            (Kind::Renewal, Severity::Information, "2026-06-25".to_owned()),
            (Kind::DvExpires, Severity::Information, "2026-07-09".to_owned()),
        ]);
        assert_eq!(calendar::entries(&house.app, "2026-06-12", "2026-06-24").await.unwrap(), []);
        // A renewal that has begun stays until it is done, whatever day it is.
        house.spoc.plan([Step::Acknowledge]);
        house.pass(31).await;
        let entries = calendar::entries(&house.app, "", "").await.unwrap();
        let renewal = entries.iter().find(|one| one.kind == Kind::Renewal).unwrap();
        assert_eq!((renewal.severity, &renewal.at.to_string()[..10]), (Severity::Attention, "2026-06-25"));
        assert!(matches!(calendar::entries(&house.app, "tomorrow", "").await, Err(SpocError::Field { field: "from", .. })));
    }
}
