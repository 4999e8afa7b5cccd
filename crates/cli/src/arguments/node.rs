//! `straznica development-certificate` and `straznica healthcheck`: beside a running node.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Sources;

/// `straznica development-certificate`
#[derive(Debug, Args)]
pub struct DevelopmentCertificate {
    /// What the certificate is for.
    #[arg(value_enum)]
    pub role: PeerRole,
    /// Whom it names, e.g. PL-WAW-017 or OP-07.
    pub id: String,
    /// Directory to write ID.pem, ID.key, ca.pem and ca.crl.pem into.
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    pub to: PathBuf,
    /// Where configuration comes from: `data_dir` holds the authority.
    #[command(flatten)]
    pub sources: Sources,
}

/// Who can have a development certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PeerRole {
    /// A terminal; an operator enrols it before it may call.
    Terminal,
    /// Changes what is trusted, looks after keys and terminals.
    Operator,
    /// Reads the journal.
    SecurityOfficer,
    /// Another authority's system, which has codes sent to citizens.
    Authority,
    /// Another authority that reads the alien registry: its state and name, e.g. "POL.zus".
    Consumer,
    /// A body that is consulted about aliens: ID is its name, e.g. abw.
    Consulted,
}

/// `straznica healthcheck`
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Admin address of the service.
    #[arg(long, env = "STRAZNICA_ADMIN", default_value = "127.0.0.1:9090", value_name = "HOST:PORT")]
    pub admin: String,
}
