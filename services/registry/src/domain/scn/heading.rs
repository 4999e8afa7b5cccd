//! The headings a form is made of.

/// A heading: three digits before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heading {
    /// Document unifier.
    Unifier,
    /// Reference number of the consultation request.
    Reference,
    /// Surname.
    Surname,
    /// Given names.
    GivenNames,
    /// Birth, as precisely as it is known.
    Birth,
    /// F, M or X.
    Sex,
    /// Nationality.
    Nationality,
    /// Number of the travel document.
    DocumentNumber,
    /// Type of visa.
    VisaType,
    /// Reference number of the reply.
    ReplyReference,
    /// The reply.
    Reply,
    /// The day of the reply.
    RepliedOn,
    /// Visa number.
    VisaNumber,
    /// File number of a visa with limited territorial validity.
    LtvFileNumber,
    /// Anything else there is to say.
    Text,
}

impl Heading {
    /// Every one, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::Unifier,
        Self::Reference,
        Self::Surname,
        Self::GivenNames,
        Self::Birth,
        Self::Sex,
        Self::Nationality,
        Self::DocumentNumber,
        Self::VisaType,
        Self::ReplyReference,
        Self::Reply,
        Self::RepliedOn,
        Self::VisaNumber,
        Self::LtvFileNumber,
        Self::Text,
    ];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Unifier => 0,
            Self::Reference => 1,
            Self::Surname => 3,
            Self::GivenNames => 4,
            Self::Birth => 5,
            Self::Sex => 6,
            Self::Nationality => 7,
            Self::DocumentNumber => 8,
            Self::VisaType => 26,
            Self::ReplyReference => 40,
            Self::Reply => 41,
            Self::RepliedOn => 42,
            Self::VisaNumber => 45,
            Self::LtvFileNumber => 48,
            Self::Text => 90,
        }
    }

    /// The one of this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|heading| heading.number() == number)
    }

    /// Whether number and meaning are those of Council Decision 2009/1024/EU; of the others they are this project's own.
    #[must_use]
    pub const fn verified(self) -> bool {
        matches!(
            self,
            Self::Unifier
                | Self::Reference
                | Self::VisaType
                | Self::ReplyReference
                | Self::Reply
                | Self::RepliedOn
                | Self::VisaNumber
                | Self::LtvFileNumber
        )
    }
}
