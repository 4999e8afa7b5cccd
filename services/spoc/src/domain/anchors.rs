//! What an anchor is trusted for.

/// Purpose of an anchor two officers agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnchorPurpose {
    /// Issues master list signers, and is trusted as a CSCA.
    MasterList,
    /// Issues defect list signers.
    DefectList,
    /// A CSCA received bilaterally.
    Csca,
}

impl AnchorPurpose {
    /// The purpose's name in the database and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MasterList => "master_list",
            Self::DefectList => "defect_list",
            Self::Csca => "csca",
        }
    }
}
