//! `straznica spoc renewals`.

use clap::{Subcommand, ValueEnum};

use super::Desk;

/// `straznica spoc renewals`
#[derive(Debug, Subcommand)]
pub enum Renewals {
    /// Let our document verifier have a certificate of another state's CVCA, or of our own, from now on, renewed by itself.
    #[command(after_help = "Example:\n  straznica spoc renewals subscribe UTCVCA")]
    Subscribe {
        /// Country and mnemonic of the CVCA, e.g. UTCVCA.
        cvca: String,
        /// The partner that answers for it; default: the CVCA's country.
        #[arg(long)]
        country: Option<String>,
        /// Mnemonic of our document verifier under it; stays for good.
        #[arg(long = "dv", default_value = "DV")]
        dv_mnemonic: String,
        /// Mnemonic of our inspection system under it.
        #[arg(long = "is", default_value = "IS")]
        is_mnemonic: String,
        /// Days an inspection system's certificate is valid; 0: as configured.
        #[arg(long, default_value_t = 0)]
        is_days: u32,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Every subscription: newest certificate, day of the next renewal, open request, what is wrong.
    #[command(after_help = "Example:\n  straznica spoc renewals list")]
    List {
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Requests made under a subscription and what became of them, newest first.
    #[command(after_help = "Example:\n  straznica spoc renewals history UTCVCA")]
    History {
        /// Country and mnemonic of the CVCA.
        cvca: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Renew now, without waiting for the day.
    #[command(after_help = "Example:\n  straznica spoc renewals now UTCVCA --initial")]
    Now {
        /// Country and mnemonic of the CVCA.
        cvca: String,
        /// By an initial request, countersigned by the national CVCA, though the old certificate is still valid.
        #[arg(long)]
        initial: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Renew no more until resumed; certificates held stay in use, and inspection systems are issued under them.
    #[command(after_help = "Example:\n  straznica spoc renewals pause UTCVCA")]
    Pause {
        /// Country and mnemonic of the CVCA.
        cvca: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Go on renewing.
    #[command(after_help = "Example:\n  straznica spoc renewals resume UTCVCA")]
    Resume {
        /// Country and mnemonic of the CVCA.
        cvca: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// The delivery board: what is on its way to partners, how often it was tried, and the last error.
    #[command(after_help = "Example:\n  straznica spoc renewals board --country UT --state pending")]
    Board {
        /// To this partner only.
        #[arg(long)]
        country: Option<String>,
        /// In this state only.
        #[arg(long, value_enum)]
        state: Option<DeliveryState>,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Messages before this one: the last id of the page before.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Try a message again at once: one that waits, or certificates the partner did not take.
    #[command(after_help = "Example:\n  straznica spoc renewals retry 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Retry {
        /// Its id on the board.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Send a message no more. The partner may have processed it already.
    #[command(after_help = "Example:\n  straznica spoc renewals cancel 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Cancel {
        /// Its id on the board.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// How far a message to a partner has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeliveryState {
    /// Not delivered yet.
    Pending,
    /// Received; the answer is to follow.
    Acknowledged,
    /// Answered.
    Done,
    /// Refused, or given up.
    Failed,
    /// Cancelled by an officer.
    Cancelled,
}
