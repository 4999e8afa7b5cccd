//! Registered document verifiers.

use straznica_store::on_both_engines;

use crate::{
    Migrations, SpocError,
    app::{
        exchange::foreign_holders::{self, change, confirm, list, register, resume, suspend},
        resumption::Resumption,
    },
    domain::exchange::holder::{ApprovalMode, Registration},
    testing::{self, FIRST, House, SECOND, desk, registration},
};

on_both_engines! { Migrations;
    async fn a_holder_counts_once_a_second_officer_confirms_and_so_does_every_change(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let (first, second) = (desk(FIRST), desk(SECOND));
        let automatic = || registration("DEDV", ApprovalMode::Automatic);
        assert!(matches!(change(&app, &first, automatic()).await, Err(SpocError::HolderUnknown(_))));
        let seen = register(&app, &first, automatic()).await.unwrap();
        assert!(list(&app).await.unwrap().registered.is_empty());
        assert!(matches!(confirm(&app, &first, "DEDV", &seen).await, Err(SpocError::SameOfficer(_))));
        confirm(&app, &second, "DEDV", &seen).await.unwrap();
        assert!(matches!(confirm(&app, &second, "DEDV", &seen).await, Err(SpocError::NothingProposed(_))));
        assert!(matches!(register(&app, &first, automatic()).await, Err(SpocError::HolderRegistered(_))));

        let mut wider = registration("DEDV", ApprovalMode::TwoPerson);
        wider.dg4 = true;
        let seen = change(&app, &second, wider).await.unwrap();
        let held = async || list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held().await.approval.as_str(), held().await.dg4), ("automatic", false));
        confirm(&app, &first, "DEDV", &seen).await.unwrap();
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
        let seen = change(&app, &officer, registration("DEDV", ApprovalMode::TwoPerson)).await.unwrap();
        confirm(&app, &desk(SECOND), "DEDV", &seen).await.unwrap();
        let held = list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held.state.as_str(), held.suspended_reason.as_deref()), ("suspended", Some("lost")));
        assert!(foreign_holders::of_row(held).unwrap().suspended);
        // One officer alone, however often, does not let it back in; another one who gives another reason does not either.
        assert_eq!(resume(&app, &officer, "DEDV", "found").await.unwrap(), Resumption::AwaitsSecond);
        assert!(matches!(resume(&app, &officer, "DEDV", "found").await, Err(SpocError::SameOfficer(_))));
        assert_eq!(resume(&app, &desk(SECOND), "DEDV", "a new key").await.unwrap(), Resumption::AwaitsSecond);
        let found = list(&app).await.unwrap();
        assert_eq!(found.registered[0].state, "suspended");
        let proposed = found.resumption_of("DEDV").unwrap();
        assert_eq!((proposed.proposed_by.as_str(), proposed.reason.as_str()), (SECOND, "a new key"));
        assert_eq!(resume(&app, &officer, "DEDV", "a new key").await.unwrap(), Resumption::Agreed);
        let held = list(&app).await.unwrap().registered.remove(0);
        assert_eq!((held.state.as_str(), held.suspended_reason), ("active", None));
        let kinds: Vec<_> = house.journal().await.into_iter().filter(|kind| kind.starts_with("registered_holder.")).collect();
        assert_eq!(
            kinds,
            ["registered_holder.proposed", "registered_holder.confirmed", "registered_holder.suspended", "registered_holder.proposed", "registered_holder.confirmed", "registered_holder.resumption_proposed", "registered_holder.resumption_proposed", "registered_holder.resumed"]
        );
    }

    async fn a_further_suspension_is_on_record_and_voids_the_wish_to_lift_the_one_before(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        testing::holder(&app, "DEDV", ApprovalMode::Automatic).await;
        suspend(&app, &desk(FIRST), "DEDV", "audit overdue").await.unwrap();
        resume(&app, &desk(FIRST), "DEDV", "audit of 20 May").await.unwrap();
        suspend(&app, &desk(SECOND), "DEDV", "private key stolen").await.unwrap();
        let found = list(&app).await.unwrap();
        assert_eq!(found.registered[0].suspended_reason.as_deref(), Some("private key stolen"));
        assert!(found.resumption_of("DEDV").is_none());
        assert_eq!(resume(&app, &desk(SECOND), "DEDV", "audit of 20 May").await.unwrap(), Resumption::AwaitsSecond);
        let kinds = house.journal().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "registered_holder.suspended").count(), 2);
    }

    async fn what_is_confirmed_is_what_was_seen_and_still_can_be(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let seen = register(&app, &desk(FIRST), registration("DEDV", ApprovalMode::TwoPerson)).await.unwrap();
        // Another proposal takes its place while the second officer reads.
        let mut wider = registration("DEDV", ApprovalMode::Automatic);
        wider.dg4 = true;
        let replaced = register(&app, &desk(FIRST), wider).await.unwrap();
        for (name, refused) in [(seen.as_str(), "spoc.proposal_replaced"), ("", "spoc.field_missing")] {
            let refusal = confirm(&app, &desk(SECOND), "DEDV", name).await.unwrap_err();
            assert_eq!(straznica_error::Coded::code(&refusal).id, refused);
        }
        assert!(list(&app).await.unwrap().registered.is_empty());
        confirm(&app, &desk(SECOND), "DEDV", &replaced).await.unwrap();

        // Proposed under one policy, confirmed under a narrower one.
        let long = Registration { validity_days: 80, ..registration("DEDV", ApprovalMode::Automatic) };
        let seen = change(&app, &desk(FIRST), long).await.unwrap();
        let policy = house.config.keystore.directory.with_file_name("policy.toml");
        let text = include_str!("../../../../policy/tr-03139.toml");
        std::fs::write(&policy, format!("{text}\n[partner.DE.validity]\ndv = {{ shortest = {{ days = 14 }}, longest = {{ months = 0, days = 60 }} }}\n")).unwrap();
        let mut narrower = house;
        narrower.config.policy_file = Some(policy);
        let app = narrower.app().await;
        let refusal = confirm(&app, &desk(SECOND), "DEDV", &seen).await.unwrap_err();
        assert!(matches!(refusal, SpocError::HolderRefused(_)), "{refusal}");
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
