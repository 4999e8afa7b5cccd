//! `straznica development-certificate`: clients for a test node.

use straznica_pki::{DevelopmentError, Names, PeerRole};
use straznica_runtime::config::{ConfigError, load};
use straznica_types::{Environment, SystemClock};

use super::config::{SetError, sources};
use super::output::{self, OutputError};
use crate::arguments::{self, DevelopmentCertificate};
use crate::config::NodeConfig;

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `--set` without a value.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A production node takes certificates from elsewhere.
    #[error("this node is for production: its certificates come from the authority its server.tls names")]
    Production,
    /// The authority cannot be read, or a file not be written.
    #[error(transparent)]
    Development(#[from] DevelopmentError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the command.
///
/// # Errors
/// [`IssueError`]
pub fn run(options: &DevelopmentCertificate) -> Result<(), IssueError> {
    let config: NodeConfig = load(&sources(&options.sources)?)?;
    if config.environment == Environment::Production {
        return Err(IssueError::Production);
    }
    let authority = config.development_authority(&config.data_dir, SystemClock::shared())?;
    let id = options.id.clone();
    let role = match options.role {
        arguments::PeerRole::Terminal => PeerRole::Terminal(id),
        arguments::PeerRole::Operator => PeerRole::Operator(id),
        arguments::PeerRole::SecurityOfficer => PeerRole::SecurityOfficer(id),
        arguments::PeerRole::Authority => PeerRole::Authority(id),
        arguments::PeerRole::Consumer => PeerRole::Consumer(id),
        arguments::PeerRole::Consulted => PeerRole::Consulted(id),
    };
    let issued = authority.issue(&role, &Names::default(), authority.usual_validity())?;
    let files = authority.write(&issued, &options.to, &options.id)?;
    Ok(output::line(&format!("{} for {role}, its key beside it", files.certificate_chain.display()))?)
}
