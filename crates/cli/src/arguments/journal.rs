//! `straznica journal`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{ServiceName, Sources};

/// `straznica journal`
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Recompute the tree of a journal and compare it with its signed checkpoints. Exit status 0 when everything holds, 1 when not.
    ///
    /// By the name of a service on this node, by a database, or by an export. Whoever audits gives the log's key (`--key`), received on another
    /// channel: a journal vouched for by its own key alone proves less, and the report says so.
    Verify {
        /// The journal of this node's service: database and key as configured. What the other services of the node remember of it is held
        /// against it too.
        #[arg(value_enum, required_unless_present_any = ["database", "export"])]
        service: Option<ServiceName>,
        /// A database, e.g. sqlite:///var/lib/straznica/spoc.db or postgres://…
        #[arg(long, value_name = "URL", conflicts_with_all = ["service", "export"])]
        database: Option<String>,
        /// An export.
        #[arg(long, value_name = "FILE", conflicts_with = "service")]
        export: Option<PathBuf>,
        /// The log's public key, as C2SP writes verifier keys: name+hash+key.
        #[arg(long, value_name = "VKEY", conflicts_with = "service")]
        key: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Where configuration comes from.
        #[command(flatten)]
        sources: Sources,
    },
    /// Write the journal of a service as JSON lines, for somebody outside to keep and to verify.
    Export {
        /// Whose journal.
        #[arg(value_enum)]
        service: ServiceName,
        /// The file to write; it must not exist.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Where configuration comes from.
        #[command(flatten)]
        sources: Sources,
    },
}
