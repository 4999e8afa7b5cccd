//! The network over which other states are consulted, of a world that does not exist, served beside a suite: the adapter its registry sends to and collects from.

use std::num::NonZeroU32;
use std::sync::Arc;

use straznica_registry::NetworkConfig;
use straznica_runtime::channel::ChannelConfig;
use straznica_simulators::consultation_network::ConsultationNetworkSimulator;

use crate::beside;
use crate::config::NodeConfig;
use crate::suite::SuiteError;

/// A network that has an address and is not served yet.
pub type Announced = beside::Announced<ConsultationNetworkSimulator>;
/// A network that is served: to change its weather, and to have states send.
pub type Served = beside::Served<ConsultationNetworkSimulator>;

/// Gives the network an address of this machine, and has registry look at it this often.
///
/// # Errors
/// When there is no free port.
pub async fn announce(
    network: Arc<ConsultationNetworkSimulator>,
    poll_seconds: NonZeroU32,
    config: &mut NodeConfig,
) -> Result<Announced, SuiteError> {
    let announced = beside::announce(network).await?;
    config.registry.consultation.network = Some(NetworkConfig {
        channel: ChannelConfig::at(announced.address()),
        poll_seconds,
        ..NetworkConfig::default()
    });
    Ok(announced)
}
