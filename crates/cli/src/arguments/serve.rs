//! `straznica serve` and `straznica config`: what runs, and where its configuration comes from.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `straznica serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Every service, in this process, on embedded databases unless the configuration names others.
    #[arg(long, conflicts_with = "services", required_unless_present = "services")]
    pub all: bool,
    /// The services to run.
    #[arg(value_enum, value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
    /// Where configuration comes from.
    #[command(flatten)]
    pub sources: Sources,
}

/// A service of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ServiceName {
    /// One-time codes and messages.
    Dispatch,
    /// REST for terminals and officials: the only door.
    Gateway,
    /// Inspection of travel documents.
    Identity,
    /// The alien registry: persons, cases, deadlines.
    Registry,
    /// Trust store, national PKI, terminal control centre.
    Spoc,
}

impl ServiceName {
    /// In the order of starting: who is called before who calls.
    pub const IN_ORDER: [Self; 5] = [Self::Spoc, Self::Dispatch, Self::Registry, Self::Identity, Self::Gateway];

    /// Its name, as its certificate has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Gateway => "gateway",
            Self::Identity => "identity",
            Self::Registry => "registry",
            Self::Spoc => "spoc",
        }
    }
}

/// Where configuration comes from, weakest first: defaults, files in order, environment (`STRAZNICA__SECTION__MEMBER`), `--set`.
#[derive(Debug, Args, Clone, Default)]
pub struct Sources {
    /// A TOML file; may be given several times, later ones win.
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// One value, e.g. `--set spoc.grpc_listen=127.0.0.1:7001`; wins over everything.
    #[arg(long, value_name = "MEMBER=VALUE")]
    pub set: Vec<String>,
}

/// `straznica config`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print every member with the value in force, as TOML. Secrets print as ***.
    Show(Sources),
}
