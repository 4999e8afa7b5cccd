//! `straznica spoc certificates`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Desk, Page};

/// `straznica spoc certificates`
#[derive(Debug, Subcommand)]
pub enum Certificates {
    /// Certificates, a line each: ours, those we issued to other states, or CVCA certificates.
    #[command(after_help = "Example:\n  straznica spoc certificates list --kind issued")]
    List {
        /// Which.
        #[arg(long, value_enum, default_value = "ours")]
        kind: CertificateKind,
        /// Issued to this document verifier only: country and mnemonic.
        #[arg(long)]
        holder: Option<String>,
        /// Which page; for issued certificates.
        #[command(flatten)]
        page: Page,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// A new key of the national CVCA: proposed by one officer, made when another confirms it.
    #[command(subcommand)]
    Rollover(Rollover),
    /// Everything that expires, is renewed, or is out of service in a span of days.
    #[command(
        after_help = "Examples:\n  straznica spoc certificates calendar --from 2027-01-01 --to 2027-06-30\n  straznica spoc certificates calendar --ics expiries.ics"
    )]
    Calendar {
        /// First day; default: today.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<String>,
        /// Last day; default: ninety days after the first.
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<String>,
        /// Write an iCalendar file (RFC 5545) instead; it must not exist.
        #[arg(long, value_name = "FILE", conflicts_with = "json")]
        ics: Option<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// Whose certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CertificateKind {
    /// Document verifiers and inspection systems of ours, and open requests.
    Ours,
    /// Issued by our CVCA.
    Issued,
    /// Certificates of our CVCA: roots and links.
    Cvca,
}

/// `straznica spoc certificates rollover`
#[derive(Debug, Subcommand)]
pub enum Rollover {
    /// Propose a new key. Every active partner is sent the new root and link once another officer has confirmed it.
    #[command(after_help = "Examples:\n  straznica spoc certificates rollover propose\n  \
        straznica spoc certificates rollover propose --algorithm id-TA-ECDSA-SHA-384 --parameters brainpoolP384r1")]
    Propose {
        /// Mnemonic of the national CVCA.
        #[arg(default_value = "CVCA")]
        mnemonic: String,
        /// Signature algorithm; default, with the parameters: as now.
        #[arg(long, default_value = "", hide_default_value = true, requires = "parameters")]
        algorithm: String,
        /// Standardised curve, or the modulus length for RSA.
        #[arg(long, default_value = "", hide_default_value = true, requires = "algorithm")]
        parameters: String,
        /// Days of validity; 0: as configured.
        #[arg(long, default_value_t = 0)]
        days: u32,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Confirm it: the key is made, the link signed with the key in use, and every partner is told.
    #[command(
        after_help = "Example:\n  straznica spoc certificates rollover confirm PLCVCA --proposal 3f9a0c41d2b87e65"
    )]
    Confirm {
        /// Country and mnemonic of the national CVCA.
        cvca: String,
        /// Name of the proposal you have seen; refused when another one has taken its place.
        #[arg(long)]
        proposal: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}
