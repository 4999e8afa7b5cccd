//! `straznica account`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::GatewayAccess;

/// `straznica account`
#[derive(Debug, Subcommand)]
#[command(
    after_help = "A node with gateway.people.accounts.enabled = true has local accounts; a production node never does. As an operator:\n  \
    straznica development-certificate operator OP-07\n  \
    export STRAZNICA_GATEWAY=127.0.0.1:7443 STRAZNICA_CERTIFICATE=OP-07.pem\n  \
    straznica account add j.kowalska\n\
    What somebody may do, identity decides: posts are granted to the issuer and subject the account shows."
)]
pub enum Account {
    /// Make an account: an official's, or with a made-up PESEL a citizen's. What it shows of the second factor is never shown again.
    #[command(after_help = "Examples:\n  straznica account add j.kowalska\n  \
        straznica account add a.probna --password-file password.txt --pesel 99722812346 --given-names \"Anna Maria\" --surname Próbna")]
    Add {
        /// Its name: 1 to 64 letters, digits, '.', '_' or '-'; never a person's.
        name: String,
        /// File with the password, 12 to 128 characters in one line; `-` is standard input. Absent: one is made and shown.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// A made-up PESEL: the account is a citizen's.
        #[arg(long, value_name = "DIGITS")]
        pesel: Option<String>,
        /// The citizen's given names, the first of which another citizen reads.
        #[arg(long, value_name = "NAMES", requires = "pesel")]
        given_names: Option<String>,
        /// The citizen's surname, the initial of which another citizen reads.
        #[arg(long, requires = "pesel")]
        surname: Option<String>,
        /// Which gateway, as whom.
        #[command(flatten)]
        desk: AccountDesk,
    },
    /// All accounts: whose, since when, and why they are locked.
    #[command(after_help = "Example:\n  straznica account list")]
    List {
        /// Which gateway, as whom.
        #[command(flatten)]
        desk: AccountDesk,
    },
    /// Lock an account: its sessions end, and nobody logs in with it.
    #[command(after_help = "Example:\n  straznica account lock j.kowalska --reason \"left the office\"")]
    Lock {
        /// Its name.
        name: String,
        /// Why; the journal keeps it, and `list` shows it.
        #[arg(long)]
        reason: String,
        /// Which gateway, as whom.
        #[command(flatten)]
        desk: AccountDesk,
    },
    /// Unlock an account.
    #[command(after_help = "Example:\n  straznica account unlock j.kowalska --reason \"back in the office\"")]
    Unlock {
        /// Its name.
        name: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which gateway, as whom.
        #[command(flatten)]
        desk: AccountDesk,
    },
    /// Give an account another second factor when the authenticator is lost. Its sessions end. It takes the password, under which the account is sealed:
    /// without it there is only another account.
    #[command(after_help = "Example:\n  straznica account reset-factor j.kowalska --password-file password.txt")]
    ResetFactor {
        /// Its name.
        name: String,
        /// File with the account's password in one line; `-` is standard input.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
        /// Which gateway, as whom.
        #[command(flatten)]
        desk: AccountDesk,
    },
}

/// Which gateway, as whom, and how the answer is printed.
#[derive(Debug, Args)]
pub struct AccountDesk {
    /// Print JSON: the gateway's answer, with the password where one was made.
    #[arg(long)]
    pub json: bool,
    /// Which gateway, as whom.
    #[command(flatten)]
    pub gateway: GatewayAccess,
}
