//! What scenarios and benchmarks share: a suite with a partner state whose documents and certificates it trusts.
#![expect(clippy::expect_used, clippy::panic, reason = "a scenario whose stage cannot be set has nothing to show")]

pub mod hostile;
pub mod office;

mod lane;
mod line;

use std::path::PathBuf;

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use straznica_cli::arguments::ServiceName;
use straznica_cli::demo::preparation::{self, Operator};
use straznica_cli::rest::RestClient;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::partner_state::PartnerState;
use time::{Date, Duration, OffsetDateTime};

pub use lane::{Lane, Opened, Shut};
pub use line::Line;

/// The lane of the scenarios.
pub const TERMINAL: &str = "PL-WAW-017";
/// The officer at it.
pub const OFFICER: &str = "SG-20418";

/// A suite that knows Utopia: its CSCA, its revocations, a DV and an IS certificate under its CVCA, and one enrolled terminal.
#[derive(Debug)]
pub struct Border {
    /// The services.
    pub suite: Suite,
    /// The partner.
    pub partner: PartnerState,
    /// The day everything was set up.
    pub today: Date,
    /// The enrolled terminal.
    pub terminal: RestClient,
    /// An operator at the gateway.
    pub operator: RestClient,
}

impl Border {
    /// Sets the stage on embedded databases in a directory of its own.
    pub async fn raise() -> Self {
        Box::pin(Self::raise_on(SuiteOptions::embedded(None))).await
    }

    /// Sets the stage on a suite of these options.
    pub async fn raise_on(options: SuiteOptions) -> Self {
        let suite = Suite::start(options).await.expect("the suite starts");
        let now = now(&suite);
        let today = now.date();
        let mut partner = PartnerState::utopia(today - Duration::days(100)).expect("Utopia is founded");
        let signer = partner.documents.revoked_signer().clone();
        partner.documents.revoke(&signer, today - Duration::days(1));
        let mut first = operator(&suite, "OP-07");
        let mut second = operator(&suite, "OP-11");
        preparation::import_trust(&mut first, &mut second, &mut partner, now).await.expect("trust is imported");
        preparation::obtain_certificates(&mut first, &mut second, &mut partner, today)
            .await
            .expect("certificates are obtained");
        let at_gateway = suite.operator_rest("OP-07").expect("the operator has a certificate");
        let enrolled = at_gateway
            .post("/v1/terminals", &serde_json::json!({ "terminalId": TERMINAL }))
            .await
            .expect("the gateway answers");
        assert!(enrolled.status.is_success(), "{}", enrolled.json());
        let terminal = suite.terminal_rest(TERMINAL).expect("the terminal has a certificate");
        Self { suite, partner, today, terminal, operator: at_gateway }
    }
}

/// An operator at spoc.
pub fn operator(suite: &Suite, id: &'static str) -> Operator {
    let channel = suite.operator_channel(ServiceName::Spoc, id).expect("the operator has a certificate");
    Operator::new(id, suite.clock().clone(), channel)
}

/// The suite's time as certificates count it.
pub fn now(suite: &Suite) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(suite.clock().now().millis()) * 1_000_000)
        .expect("the clock shows a time of this age")
}

/// Options of a suite in `folder`, which stays.
pub fn in_folder(folder: PathBuf) -> SuiteOptions {
    SuiteOptions::embedded(Some(folder))
}

/// For a database whose tables the service makes itself.
#[derive(Debug)]
pub struct NoMigrations;

impl MigratorTrait for NoMigrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}
