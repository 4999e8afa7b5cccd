//! `straznica spoc holders`.

use clap::{Args, Subcommand};

use super::Desk;

/// `straznica spoc holders`
#[derive(Debug, Subcommand)]
pub enum Holders {
    /// Propose a document verifier our CVCA is to certify. Another officer confirms it.
    #[command(
        after_help = "Example:\n  straznica spoc holders register UTDV --domestic-cvca UTCVCA --purposes \"border control\" --dg3"
    )]
    Register(Box<Holder>),
    /// Propose other particulars of a registered one: all of them are given anew. Those agreed on before hold until another officer confirms.
    #[command(
        after_help = "Example:\n  straznica spoc holders change UTDV --domestic-cvca UTCVCA --purposes \"border control\" --dg3 --two-person"
    )]
    Change(Box<Holder>),
    /// Confirm what another officer proposed, as you have seen it (`straznica spoc holders list`).
    #[command(after_help = "Example:\n  straznica spoc holders confirm UTDV --proposal 3f9a0c41d2b87e65")]
    Confirm {
        /// Country and mnemonic, e.g. UTDV.
        holder: String,
        /// Name of the proposal; refused when another one has taken its place.
        #[arg(long)]
        proposal: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Every registered document verifier, a line each, and what is proposed.
    #[command(after_help = "Example:\n  straznica spoc holders list")]
    List {
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Certify this document verifier no more, from now on. One officer is enough.
    #[command(
        after_help = "Example:\n  straznica spoc holders suspend UTDV --reason \"private key stolen, message of 12 May\""
    )]
    Suspend {
        /// Country and mnemonic, e.g. UTDV.
        holder: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Propose to lift a suspension; another officer who types the same, with the same reason, lifts it. The next request has to be countersigned.
    #[command(after_help = "Example:\n  straznica spoc holders resume UTDV --reason \"new keys, audit of 20 May\"")]
    Resume {
        /// Country and mnemonic, e.g. UTDV.
        holder: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// What is registered about a document verifier.
#[derive(Debug, Args)]
pub struct Holder {
    /// Country and mnemonic, e.g. UTDV.
    pub holder: String,
    /// Country and mnemonic of the CVCA of its own state: it countersigns initial requests.
    #[arg(long, value_name = "CVCA")]
    pub domestic_cvca: String,
    /// What it reads documents for.
    #[arg(long, default_value = "")]
    pub purposes: String,
    /// Organisations that use it.
    #[arg(long, default_value = "")]
    pub organisations: String,
    /// Each of its requests needs two officers; without this the rules alone decide.
    #[arg(long)]
    pub two_person: bool,
    /// May read fingerprints (DG3).
    #[arg(long)]
    pub dg3: bool,
    /// May read iris images (DG4).
    #[arg(long)]
    pub dg4: bool,
    /// Days its certificates are valid; 0: as the policy says.
    #[arg(long, default_value_t = 0)]
    pub days: u32,
    /// Which spoc, as whom.
    #[command(flatten)]
    pub desk: Desk,
}
