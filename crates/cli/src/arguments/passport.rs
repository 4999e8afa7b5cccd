//! `straznica passport`: tools that need no server.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `straznica passport`
#[derive(Debug, Subcommand)]
pub enum Passport {
    /// Passive authentication of files read from a document. Exit status 0 genuine, 1 not genuine, 3 undetermined, 2 unreadable.
    Verify(Box<PassportVerify>),
}

/// `straznica passport verify`
#[derive(Debug, Args)]
pub struct PassportVerify {
    /// EF.SOD.
    #[arg(long, value_name = "FILE")]
    pub sod: PathBuf,
    /// A data group, e.g. `--dg 1=dg1.bin`.
    #[arg(long = "dg", value_name = "N=FILE", num_args = 1..)]
    pub data_groups: Vec<String>,
    /// EF.COM.
    #[arg(long, value_name = "FILE")]
    pub com: Option<PathBuf>,
    /// A CSCA certificate you trust.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub csca: Vec<PathBuf>,
    /// A master list; goes with one `--ml-anchor` each, in order. Without an anchor its issuer's trust is undetermined.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub master_list: Vec<PathBuf>,
    /// The CSCA that issued a master list's signer.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub ml_anchor: Vec<PathBuf>,
    /// A certificate revocation list.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub crl: Vec<PathBuf>,
    /// Day of the check; default today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub at: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
