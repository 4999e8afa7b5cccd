//! Requests that brought nothing, and their keys.

use exchange::{
    code::{RequestCertificateCode, SendCertificatesCode, StatusInfo},
    message::SendCertificates,
};
use straznica_store::on_both_engines;

use super::{
    callbacks::deliver,
    house::{DAY, House},
    partner::Step,
};
use crate::{app::key_clean_up, store::Migrations};

on_both_engines! { Migrations;
    async fn the_key_of_a_request_that_came_to_nothing_is_destroyed_and_a_late_answer_refused(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Refuse(RequestCertificateCode::FailureRequestNotAccepted)]);
        house.subscribe().await;
        house.settle().await;
        house.pass(2).await;
        let keys = || std::fs::read_dir(house.key_directory("dv")).unwrap().count();
        assert_eq!((keys(), house.held("dv_foreign").await.len()), (2, 1));
        let days = u32::from(crate::config::KeyStoreConfig::default().clean_up.request_days);
        house.clock.advance(DAY * (days - 3));
        key_clean_up::run(&house.app).await.unwrap();
        assert_eq!(keys(), 2, "it may still be answered");
        house.clock.advance(DAY * 4);
        key_clean_up::run(&house.app).await.unwrap();
        let declined = house.requests().await.remove(0);
        assert!(declined.ended_at.is_some());
        assert!(!house.has_key(&declined.key_handle));
        assert!(house.journal().await.contains(&"dv_request.ended".to_owned()));

        let request = house.spoc.requests().remove(0);
        let late = SendCertificates {
            caller_id: "UT".to_owned(),
            message_id: Some(request.message_id.clone()),
            certificates: house.spoc.fulfil(&request),
            status_info: StatusInfo::OkCertAvailable,
        };
        assert_eq!(deliver(&house, late).await, SendCertificatesCode::FailureSyntax);
        key_clean_up::run(&house.app).await.unwrap();
    }

    async fn a_request_nobody_ever_answered_ends_as_well_and_is_sent_no_more(database: TestDatabase) {
        let house = House::new(database).await;
        house.spoc.plan([Step::Down; 3]);
        house.subscribe().await;
        house.settle().await;
        let days = u32::from(crate::config::KeyStoreConfig::default().clean_up.request_days);
        house.clock.advance(DAY * (days + 1));
        key_clean_up::run(&house.app).await.unwrap();
        let ended = house.requests().await.remove(0);
        assert_eq!(ended.closed_cause.as_deref(), Some("cancelled"));
        assert!(ended.ended_at.is_some() && !house.has_key(&ended.key_handle));
        assert_eq!(house.letters().await[0].state, "cancelled");
        house.clock.advance(DAY);
        house.settle().await;
        assert_eq!(house.requests().await.len(), 2, "the next one is made");
    }
}
