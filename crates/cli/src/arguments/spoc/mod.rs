//! `straznica spoc`: the exchange of certificates with other states.

mod certificates;
mod holders;
mod messages;
mod partners;
mod renewals;
mod requests;

use clap::{Args, Subcommand};

use super::{Conformance, OperatorAccess};

pub use certificates::{CertificateKind, Certificates, Rollover};
pub use holders::{Holder, Holders};
pub use messages::{Decision, MessageState, Messages};
pub use partners::{Bundle, Outage, Partners, RootBindings};
pub use renewals::{DeliveryState, Renewals};
pub use requests::{RequestState, Requests};

/// `straznica spoc`
#[derive(Debug, Subcommand)]
pub enum SpocCommand {
    /// What is asked of a running spoc.
    #[command(flatten)]
    Operator(Spoc),
    /// Hold a SPOC against the published list of cases (docs/conformance.md): another state's, or a throw-away node of this software.
    #[command(
        after_help = "Examples:\n  straznica spoc conformance --self\n  straznica spoc conformance --prepare xa --country XA\n  \
        straznica spoc conformance --partner profile.toml --report report.md"
    )]
    Conformance(Conformance),
}

/// What is asked of a running spoc as its operator.
#[derive(Debug, Subcommand)]
pub enum Spoc {
    /// The states we exchange certificates with: registration by two officers, suspension, roots, outages, bundles for e-mail.
    #[command(subcommand)]
    Partners(Partners),
    /// What other states' document verifiers ask of our CVCA, where two officers decide.
    #[command(subcommand)]
    Requests(Requests),
    /// Document verifiers our CVCA certifies.
    #[command(subcommand)]
    Holders(Holders),
    /// Certificates held and issued, key rollover of the national CVCA, and the calendar of expiries.
    #[command(subcommand)]
    Certificates(Certificates),
    /// General messages from and to other states.
    #[command(subcommand)]
    Messages(Messages),
    /// Our document verifiers' certificates from other states: subscriptions that renew by themselves, and what is on its way.
    #[command(subcommand)]
    Renewals(Renewals),
}

/// Which spoc, as whom, and how the answer is printed.
#[derive(Debug, Args)]
pub struct Desk {
    /// Print JSON: the answer as the contract has it, members named as there.
    #[arg(long)]
    pub json: bool,
    /// Which spoc, as whom.
    #[command(flatten)]
    pub operator: OperatorAccess,
}

/// Which part of a long list, newest first.
#[derive(Debug, Args)]
pub struct Page {
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// Go on where the page before ended, with the word it printed.
    #[arg(long, value_name = "WORD", default_value = "", hide_default_value = true)]
    pub after: String,
}
