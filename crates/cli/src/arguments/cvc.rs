//! `straznica cvc`: tools that need no server.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// `straznica cvc`
#[derive(Debug, Subcommand)]
pub enum Cvc {
    /// Decode one certificate, request or authenticated request (DER, hex or base64). Exit status 0, or 2 when it cannot be read.
    Show {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The file.
        file: PathBuf,
    },
    /// Verify certificates against trusted ones. Exit status 0 valid, 1 not valid, 2 unreadable.
    Verify {
        /// Trusted certificates: self-signed CVCA certificates, and links from them.
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        trust: Vec<PathBuf>,
        /// Day of the check; default today.
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: Option<String>,
        /// Hold validity periods to a certificate policy too.
        #[arg(long, value_enum)]
        policy: Option<Policy>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The certificates of the chain, in any order; `--` ends the list of an option before them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Certificate policies `cvc verify` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// The common certificate policy of the European extended access control PKI.
    #[value(name = "tr-03139")]
    Tr03139,
}
