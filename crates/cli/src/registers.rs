//! Registers of a country that does not exist, served beside a suite: the adapters its identity asks.

use std::sync::Arc;

use straznica_identity::RegisterConfig;
use straznica_identity::domain::verification::DocumentKind;
use straznica_runtime::channel::ChannelConfig;
use straznica_simulators::registers::RegisterSimulator;

use crate::beside;
use crate::config::NodeConfig;
use crate::suite::SuiteError;

/// A register that has an address and is not served yet.
pub type Announced = beside::Announced<RegisterSimulator>;
/// A register that is served: to script faults, and to see what it was asked.
pub type Served = beside::Served<RegisterSimulator>;

/// Gives a register an address of this machine, and has identity ask it for these kinds of documents.
///
/// # Errors
/// When there is no free port.
pub async fn announce(
    register: Arc<RegisterSimulator>,
    documents: &[DocumentKind],
    config: &mut NodeConfig,
) -> Result<Announced, SuiteError> {
    let announced = beside::announce(register).await?;
    config.identity.registers.push(RegisterConfig {
        name: announced.name("sources-"),
        documents: documents.to_vec(),
        channel: ChannelConfig::at(announced.address()),
        fresh_seconds: 900,
    });
    Ok(announced)
}
