//! Certificates our CVCA issues to our own verifiers enter use in the transaction that issues them, whoever decides and whatever dies after it.

use exchange::code::RequestCertificateCode as Code;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use straznica_exchange_wire::grpc::convert::kept;
use straznica_store::{StoreError, on_both_engines};

use crate::{
    Migrations, SpocError,
    app::{
        App,
        call::Call,
        dv_requests,
        exchange::{
            domestic_dv::{self, Domestic},
            inbound, outbox, requests, requests_job,
            seen::Received,
        },
    },
    domain::exchange::holder::ApprovalMode,
    store::entity::application,
    testing::{self, FIRST, House, SECOND, desk},
};

/// An officer the gateway has logged in.
fn at_the_gateway(officer: &str) -> Call {
    Call { actor: "service/gateway".to_owned(), operator: None, ..desk(officer) }
}

/// Whether a certificate with its key is in use.
fn in_use(app: &App, chr: &str) -> bool {
    let state = app.control.at(app.clock.now());
    state.records().iter().any(|record| record.chr == chr && record.key.is_some())
}

/// A request that waits for two officers.
async fn waiting(house: &House, app: &App) -> (String, application::Model) {
    testing::national_cvca(app).await;
    testing::holder(app, "PLDVBG", ApprovalMode::TwoPerson).await;
    let Domestic::Waiting { chr } = domestic_dv::issue(app, &desk(FIRST), "PLCVCA", "DVBG").await.unwrap() else {
        panic!("two officers are needed");
    };
    (chr, house.applications().await.remove(0))
}

on_both_engines! { Migrations;
    async fn officers_who_approve_through_the_gateway_put_it_into_use(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let (chr, row) = waiting(&house, &app).await;
        requests::approve(&app, &at_the_gateway(FIRST), row.id).await.unwrap();
        let decided = requests::approve(&app, &at_the_gateway(SECOND), row.id).await.unwrap();
        assert_eq!(decided.state, "issued");
        assert!(in_use(&app, &chr));
    }

    async fn the_job_that_decides_after_a_crash_puts_it_into_use(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let (chr, row) = waiting(&house, &app).await;
        requests::approve(&app, &desk(FIRST), row.id).await.unwrap();
        // The second approval is committed; then the node dies.
        let (id, row) = (row.id, house.applications().await.remove(0));
        app.store
            .write_tx(async |tx| {
                let agreed = application::ActiveModel { second_officer: Set(Some(SECOND.to_owned())), ..row.clone().into_active_model() };
                agreed.update(tx).await.map_err(StoreError::from)?;
                Ok::<_, SpocError>(())
            })
            .await
            .unwrap();
        requests_job::run(&app).await.unwrap();
        assert_eq!(requests::get(&app, id).await.unwrap().0.state, "issued");
        assert!(in_use(&app, &chr));
        assert_eq!(house.journal().await.into_iter().filter(|kind| kind == "dv_certificate.imported").count(), 1);
    }

    async fn one_issued_at_once_is_in_use_from_the_commit_on(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        testing::national_cvca(&app).await;
        testing::holder(&app, "PLDVBG", ApprovalMode::Automatic).await;
        let call = at_the_gateway(FIRST);
        let made = dv_requests::create(&app, &desk(FIRST), "PLCVCA", "DVBG").await.unwrap();
        let received = Received::read(app.country, "PL", &outbox::message_id(&app), kept::REQUEST_CERTIFICATE, &[&made.request]).unwrap();
        let decided = inbound::process(&app, &call, &received, &made.request).await.unwrap();
        assert_eq!(decided.answer.result, Code::OkCertAvailable);
        // The node dies here; another one is started.
        assert!(in_use(&*house.app().await, &made.chr));
    }
}
