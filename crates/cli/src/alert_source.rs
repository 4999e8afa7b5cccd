//! A Schengen Information System that does not exist, served beside a suite: the adapter its registry asks.

use std::sync::Arc;

use straznica_registry::AlertSourceConfig;
use straznica_runtime::channel::ChannelConfig;
use straznica_simulators::alerts::AlertSimulator;

use crate::beside;
use crate::config::NodeConfig;
use crate::suite::SuiteError;

/// A source that has an address and is not served yet.
pub type Announced = beside::Announced<AlertSimulator>;
/// A source that is served: to enter alerts, to script faults, and to see how often it was asked.
pub type Served = beside::Served<AlertSimulator>;

/// Gives a source an address of this machine, and has registry ask it.
///
/// # Errors
/// When there is no free port.
pub async fn announce(source: Arc<AlertSimulator>, config: &mut NodeConfig) -> Result<Announced, SuiteError> {
    let announced = beside::announce(source).await?;
    config.registry.alerts.source = Some(AlertSourceConfig {
        name: announced.name("alerts-"),
        channel: ChannelConfig::at(announced.address()),
        fresh_seconds: 900,
    });
    Ok(announced)
}
