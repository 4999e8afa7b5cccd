//! `straznica serve`: services until a signal ends them.

use std::collections::BTreeSet;

use straznica_runtime::config::{ConfigError, load};
use straznica_runtime::failpoint::{self, ArmError};
use straznica_runtime::shutdown::Shutdown;
use straznica_runtime::telemetry::{self, TelemetryError};
use straznica_simulators::operator_console::OperatorConsole;
use straznica_types::SystemClock;

use super::config::{SetError, sources};
use super::output::{self, OutputError};
use crate::arguments::{Serve, ServiceName};
use crate::config::NodeConfig;
use crate::core_text;
use crate::suite::{Pace, Suite, SuiteError, SuiteOptions};

/// How often development certificates are renewed.
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Why serving ended, or did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `--set` without a value.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A test asked for a stop that cannot be.
    #[error(transparent)]
    Stop(#[from] ArmError),
    /// Telemetry cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// Signals cannot be waited for.
    #[error("signals cannot be waited for: {0}")]
    Signals(#[from] std::io::Error),
    /// The memory of the process cannot be kept out of core text.
    #[error("core text of this process cannot be forbidden: {0}")]
    CoreText(std::io::Error),
    /// The services did not start, or not end in order.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// A service ended although nobody asked it to.
    #[error("{0} ended by itself; its log tells why")]
    Ended(&'static str),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the services asked for.
///
/// # Errors
/// [`ServeError`]
pub async fn run(options: Serve) -> Result<(), ServeError> {
    // before there is anything in memory that nobody may read
    let forbidden = core_text::forbid().map_err(ServeError::CoreText)?;
    let config: NodeConfig = load(&sources(&options.sources)?)?;
    failpoint::arm_from_environment(config.environment)?;
    let telemetry = telemetry::init(&config.telemetry, "straznica")?;
    if !forbidden {
        eprintln!("straznica: without /proc core text cannot be forbidden: a crash may write memory to a file");
    }
    let services: BTreeSet<_> =
        if options.all { ServiceName::IN_ORDER.into() } else { options.services.into_iter().collect() };
    let folder = Some(config.data_dir.clone());
    let suite = SuiteOptions {
        config,
        services,
        clock: SystemClock::shared(),
        metrics: telemetry.registry(),
        folder,
        fresh: false,
        pace: Pace::Intervals,
        messages: OperatorConsole::printing(std::io::stdout()),
        // Nobody could answer on a simulated phone here: a test node that asks phones names a provider.
        phones: None,
    };
    let outcome = Box::pin(until_signalled(suite)).await;
    // last of all, so that the last spans and lines leave
    if let Err(error) = tokio::task::spawn_blocking(move || telemetry.shut_down()).await {
        eprintln!("straznica: telemetry did not end in order: {error}");
    }
    outcome
}

async fn until_signalled(options: SuiteOptions) -> Result<(), ServeError> {
    let signal = Shutdown::new();
    signal.on_signals()?;
    let mut suite = Suite::start(options).await?;
    output::line(&suite.addresses())?;
    let mut days = tokio::time::interval(DAY);
    let ended = loop {
        tokio::select! {
            () = signal.begun() => break None,
            name = suite.any_ended() => break Some(name),
            // the first comes at once and does no harm
            _ = days.tick() => {}
        }
        suite.renew_certificates()?;
    };
    suite.stop().await?;
    ended.map_or(Ok(()), |name| Err(ServeError::Ended(name)))
}
