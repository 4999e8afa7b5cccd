//! Registered document verifiers.

use straznica_store::on_both_engines;

use crate::{
    Migrations, SpocError,
    app::exchange::foreign_holders::{self, change, confirm, list, register, resume, suspend},
    domain::exchange::holder::ApprovalMode,
    testing::{self, FIRST, House, SECOND, desk, registration},
};

on_both_engines! { Migrations;
    async fn a_holder_counts_once_a_second_officer_confirms_and_so_does_every_change(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let (first, second) = (desk(FIRST), desk(SECOND));
        let automatic = || registration("DEDV", ApprovalMode::Automatic);
        assert!(matches!(change(&app, &first, automatic()).await, Err(SpocError::HolderUnknown(_))));
        register(&app, &first, automatic()).await.unwrap();
        assert!(list(&app).await.unwrap().registered.is_empty());
        assert!(matches!(confirm(&app, &first, "DEDV").await, Err(SpocError::SameOfficer(_))));
        confirm(&app, &second, "DEDV").await.unwrap();
        assert!(matches!(confirm(&app, &second, "DEDV").await, Err(SpocError::NothingProposed(_))));
        assert!(matches!(register(&app, &first, automatic()).await, Err(SpocError::HolderRegistered(_))));

        let mut wider = registration("DEDV", ApprovalMode::TwoPerson);
        wider.dg4 = true;
        change(&app, &second, wider).await.unwrap();
        let held = async || list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held().await.approval.as_str(), held().await.dg4), ("automatic", false));
        confirm(&app, &first, "DEDV").await.unwrap();
        assert_eq!((held().await.approval.as_str(), held().await.dg4), ("two_person", true));
        assert!(list(&app).await.unwrap().proposed.is_empty());
    }

    async fn a_suspension_has_a_reason_survives_a_change_and_is_lifted(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        testing::holder(&app, "DEDV", ApprovalMode::Automatic).await;
        let officer = desk(FIRST);
        assert!(matches!(suspend(&app, &officer, "DEDV", "").await, Err(SpocError::Field { .. })));
        assert!(matches!(suspend(&app, &officer, "FRDV", "lost").await, Err(SpocError::HolderUnknown(_))));
        for _ in 0..2 {
            suspend(&app, &officer, "DEDV", "lost").await.unwrap();
        }
        change(&app, &officer, registration("DEDV", ApprovalMode::TwoPerson)).await.unwrap();
        confirm(&app, &desk(SECOND), "DEDV").await.unwrap();
        let held = list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held.state.as_str(), held.suspended_reason.as_deref()), ("suspended", Some("lost")));
        assert!(foreign_holders::of_row(held).unwrap().suspended);
        resume(&app, &officer, "DEDV", "found").await.unwrap();
        let held = list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held.state.as_str(), held.suspended_reason), ("active", None));
        let kinds: Vec<_> = house.journal().await.into_iter().filter(|kind| kind.starts_with("registered_holder.")).collect();
        assert_eq!(
            kinds,
            ["registered_holder.proposed", "registered_holder.confirmed", "registered_holder.suspended", "registered_holder.proposed", "registered_holder.confirmed", "registered_holder.resumed"]
        );
    }

    async fn a_holder_that_cannot_be_is_refused(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let mut abroad = registration("DEDV", ApprovalMode::Automatic);
        abroad.domestic_cvca = "FRCVCA".to_owned();
        let refusal = register(&app, &desk(FIRST), abroad).await.unwrap_err();
        assert!(matches!(refusal, SpocError::HolderRefused(_)), "{refusal}");
        // Nobody at a desk.
        let mut nobody = desk(FIRST);
        nobody.operator = None;
        let refusal = register(&app, &nobody, registration("DEDV", ApprovalMode::Automatic)).await.unwrap_err();
        assert!(matches!(refusal, SpocError::OfficerNotCaller), "{refusal}");
    }
}
