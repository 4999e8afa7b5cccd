//! `straznica trust`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::OperatorAccess;

/// `straznica trust`
#[derive(Debug, Subcommand)]
pub enum Trust {
    /// Import a master list into a running spoc. Its anchor counts once two operators have confirmed it: the first import proposes it.
    Import {
        /// Certificate of the authority that issued the list's signer.
        #[arg(long, value_name = "FILE")]
        anchor: PathBuf,
        /// The master list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Import a defect list into a running spoc; its anchor counts once two operators have confirmed it.
    ImportDefectList {
        /// Certificate of the authority that issued the list's signer.
        #[arg(long, value_name = "FILE")]
        anchor: PathBuf,
        /// The defect list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Import a certificate revocation list of a trusted CSCA.
    ImportCrl {
        /// The list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Trust a CSCA certificate received bilaterally, once two operators have confirmed it.
    AddCsca {
        /// The certificate.
        #[arg(id = "csca", value_name = "CERTIFICATE")]
        certificate: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Confirm an anchor another operator proposed, by the fingerprint you received on another channel.
    Confirm {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// What the anchor is for.
        #[arg(long = "use", value_enum, default_value = "master-list")]
        r#use: AnchorUse,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Withdraw an anchor: what only it vouched for is trusted no more.
    Withdraw {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// What the anchor is for.
        #[arg(long = "use", value_enum, default_value = "master-list")]
        r#use: AnchorUse,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// What appears, disappears and conflicts between two master lists. Needs no server.
    Diff {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The older list.
        old: PathBuf,
        /// The newer list.
        new: PathBuf,
    },
}

/// What an anchor is trusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnchorUse {
    /// It issues signers of master lists.
    MasterList,
    /// It issues signers of defect lists.
    DefectList,
    /// It is a CSCA received bilaterally.
    Csca,
}

impl AnchorUse {
    /// As it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MasterList => "master-list",
            Self::DefectList => "defect-list",
            Self::Csca => "csca",
        }
    }
}
