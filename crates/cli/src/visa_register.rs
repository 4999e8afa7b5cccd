//! A register of visas of a world that does not exist, served beside a suite: the adapter its registry asks.

use std::sync::Arc;

use straznica_registry::VisaRegisterConfig;
use straznica_runtime::channel::ChannelConfig;
use straznica_simulators::registers::VisaSimulator;

use crate::beside;
use crate::config::NodeConfig;
use crate::suite::SuiteError;

/// A register that has an address and is not served yet.
pub type Announced = beside::Announced<VisaSimulator>;
/// A register that is served: to script faults, and to see what it was asked.
pub type Served = beside::Served<VisaSimulator>;

/// Gives a register an address of this machine, and has registry ask it.
///
/// # Errors
/// When there is no free port.
pub async fn announce(register: Arc<VisaSimulator>, config: &mut NodeConfig) -> Result<Announced, SuiteError> {
    let announced = beside::announce(register).await?;
    config.registry.visas = Some(VisaRegisterConfig {
        name: announced.name("sources-"),
        channel: ChannelConfig::at(announced.address()),
        fresh_seconds: 900,
    });
    Ok(announced)
}
