//! `straznica spoc requests`.

use clap::{Subcommand, ValueEnum};

use super::{Desk, Page};

/// `straznica spoc requests`
#[derive(Debug, Subcommand)]
pub enum Requests {
    /// Requests received, newest first.
    #[command(after_help = "Example:\n  straznica spoc requests list --state waiting")]
    List {
        /// In this state only.
        #[arg(long, value_enum)]
        state: Option<RequestState>,
        /// Of this country only.
        #[arg(long)]
        country: Option<String>,
        /// Which page.
        #[command(flatten)]
        page: Page,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// One request with the rule that decided, or would decide, on it.
    #[command(after_help = "Example:\n  straznica spoc requests show 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Show {
        /// Its id.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Approve a waiting request: two different officers each type this. It is checked again in full before a certificate is issued.
    #[command(after_help = "Example:\n  straznica spoc requests approve 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Approve {
        /// Its id.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Decline a waiting request: the partner is told failure_request_not_accepted. One officer is enough.
    #[command(
        after_help = "Example:\n  straznica spoc requests decline 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --reason \"no such authority is known\""
    )]
    Decline {
        /// Its id.
        id: String,
        /// Why, for the journal; the partner is not told.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RequestState {
    /// It waits for officers, or for its turn.
    Waiting,
    /// A certificate was issued.
    Issued,
    /// It was refused.
    Refused,
}
