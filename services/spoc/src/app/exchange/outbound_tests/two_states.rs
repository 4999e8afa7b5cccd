//! Two nodes of this software, run as two states, exchange everything without a human.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use exchange::{
    Country,
    code::GeneralMessageCode,
    message::{Answer, Message},
};
use straznica_exchange_wire::{CallError, PartnerClient};
use straznica_store::{on_both_engines, testing::TestDatabase};
use straznica_types::ManualClock;
use tempfile::TempDir;

use super::house::{DAY, create_cvca, officer, open, register, trust};
use crate::{
    app::{
        App, chains,
        exchange::{
            ca_certificates, callbacks, delivery, foreign_holders, inbound, is_renewals, renewals, requests_job,
            rollover, subscriptions,
        },
        national_cvca,
    },
    domain::exchange::{
        holder::{ApprovalMode, Registration},
        partner::Partner,
    },
    store::Migrations,
};

/// The way to the other state's application, with nothing in between.
#[derive(Debug, Clone)]
struct Neighbour {
    app: Arc<App>,
    caller: Country,
}

#[async_trait]
impl PartnerClient for Neighbour {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        Ok(match message.clone() {
            Message::RequestCertificate(message) => {
                Answer::RequestCertificate(inbound::request_certificate(&self.app, self.caller, message).await)
            }
            Message::SendCertificates(message) => {
                Answer::SendCertificates(callbacks::send_certificates(&self.app, self.caller, message).await)
            }
            Message::GetCaCertificates(message) => {
                Answer::GetCaCertificates(ca_certificates::get_ca_certificates(&self.app, self.caller, message).await)
            }
            Message::GeneralMessage(_) => Answer::GeneralMessage(GeneralMessageCode::Ok),
        })
    }
}

impl delivery::Clients for Neighbour {
    fn of(&self, _partner: &Partner) -> Result<Arc<dyn PartnerClient>, CallError> {
        Ok(Arc::new(self.clone()))
    }
}

async fn turn(app: &Arc<App>) {
    requests_job::run(app).await.unwrap();
    renewals::turn(app).await.unwrap();
    delivery::turn(app).await.unwrap();
    is_renewals::turn(app).await.unwrap();
}

fn opens(app: &App, car: &str) -> bool {
    matches!(chains::find(app, &[car.to_owned()]), chains::ChainAnswer::Ready(_))
}

/// Poland subscribes to Utopia's CVCA for `days`; Utopia answers at once, or later. Returns the days no document could be opened.
async fn play(one: &TestDatabase, other: &TestDatabase, answers: &str, days: u32) -> Vec<u32> {
    let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
    let directories: [TempDir; 2] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (poland, ..) = open("PL", &clock, one, &directories[0]).await;
    let (utopia, ..) = open("UT", &clock, other, &directories[1]).await;
    let (polish, utopian) = (create_cvca(&poland).await, create_cvca(&utopia).await);
    trust(&poland, vec![utopian]).await;
    trust(&utopia, vec![polish]).await;
    register(&poland, "UT", "synchronous").await;
    register(&utopia, "PL", answers).await;
    let neighbour =
        |app: &Arc<App>, caller: &str| Arc::new(Neighbour { app: Arc::clone(app), caller: caller.parse().unwrap() });
    poland.clients.set(neighbour(&utopia, "PL")).unwrap();
    utopia.clients.set(neighbour(&poland, "UT")).unwrap();
    let registration = Registration {
        name: "PLDVBG".to_owned(),
        domestic_cvca: "PLCVCA".to_owned(),
        purposes: "border control".to_owned(),
        organisations: "SG".to_owned(),
        approval: ApprovalMode::Automatic,
        dg3: true,
        dg4: false,
        validity_days: 42,
    };
    let proposal = foreign_holders::register(&utopia, &officer("so-1"), registration).await.unwrap();
    foreign_holders::confirm(&utopia, &officer("so-2"), "PLDVBG", &proposal).await.unwrap();
    let order = subscriptions::Order {
        cvca: "UTCVCA".to_owned(),
        country: "UT".to_owned(),
        dv_mnemonic: "DVBG".to_owned(),
        is_mnemonic: "ISBG".to_owned(),
        is_days: 14,
    };
    subscriptions::subscribe(&poland, &officer("so-1"), order).await.unwrap();

    let mut closed = Vec::new();
    for day in 0..days {
        for _ in 0..3 {
            turn(&poland).await;
            turn(&utopia).await;
            // Pauses between attempts are over within minutes.
            clock.advance(Duration::from_secs(120));
        }
        turn(&poland).await;
        if day == 20 {
            roll_over(&utopia).await;
        }
        let names = if day > 20 { &["UTCVCA00001", "UTCVCA00002"][..] } else { &["UTCVCA00001"] };
        if !names.iter().all(|car| opens(&poland, car)) {
            closed.push(day);
        }
        clock.advance(DAY - Duration::from_secs(360));
    }
    let listed = subscriptions::list(&poland).await.unwrap();
    assert_eq!(listed[0].row.problem, None);
    assert_eq!(listed[0].verifier.as_ref().unwrap().generation, "UTCVCA00002");
    closed
}

/// Utopia gets a new key with another algorithm, and tells everybody.
async fn roll_over(utopia: &App) {
    let order = national_cvca::Order {
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-384".to_owned(),
        parameters: "brainpoolP384r1".to_owned(),
        validity_days: 0,
    };
    let (cvca, proposal) = rollover::propose(utopia, &officer("so-1"), order).await.unwrap();
    rollover::confirm(utopia, &officer("so-2"), &cvca, &proposal).await.unwrap();
}

on_both_engines! { Migrations;
    async fn a_quarter_of_a_year_with_a_rollover_and_no_day_without_a_chain_answered_at_once(database: TestDatabase) {
        let Some(other) = TestDatabase::fresh::<Migrations>(database.store().engine()).await else { return };
        assert_eq!(play(&database, &other, "synchronous", 90).await, Vec::<u32>::new());
    }

    async fn a_quarter_of_a_year_with_a_rollover_and_no_day_without_a_chain_answered_later(database: TestDatabase) {
        let Some(other) = TestDatabase::fresh::<Migrations>(database.store().engine()).await else { return };
        assert_eq!(play(&database, &other, "asynchronous", 90).await, Vec::<u32>::new());
    }
}
