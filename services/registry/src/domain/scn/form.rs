//! The forms, as they are meant.

use straznica_types::CivilDate;

use super::{FileNumber, Unifier};
use crate::domain::consultation::Subject;

/// A form: one message of one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Names the message; of a delivery notification, the message that was delivered.
    pub unifier: Unifier,
    /// What it says.
    pub content: Content,
}

/// What a form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A: a consultation request.
    Request(Request),
    /// B: the reply to one.
    Reply(Reply),
    /// C: the asking state wants no reply any more. (What C is for is not public: unverified.)
    Cancellation {
        /// Which request.
        reference: FileNumber,
    },
    /// E, F, G, H: told, and not replied to.
    Notice(Notice),
    /// R: a message was delivered.
    Receipt,
}

/// A consultation request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The asking state's number for it.
    pub reference: FileNumber,
    /// About whom; the type of visa is its matter.
    pub subject: Subject,
}

/// The reply to a consultation request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The asking state's number.
    pub reference: FileNumber,
    /// The replying state's.
    pub reply_reference: FileNumber,
    /// Whether it objects.
    pub objects: bool,
    /// The day of the reply.
    pub on: CivilDate,
}

/// Which notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeLetter {
    /// A visa with limited territorial validity was issued (LTV).
    E,
    /// Not public.
    F,
    /// Not public.
    G,
    /// A visa was issued (Visa Code art. 31).
    H,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which.
    pub letter: NoticeLetter,
    /// The sending state's number for what it is about.
    pub file_number: FileNumber,
    /// What there is to say; may be empty.
    pub text: String,
}

impl NoticeLetter {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::E, Self::F, Self::G, Self::H];

    /// The letter.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::E => 'E',
            Self::F => 'F',
            Self::G => 'G',
            Self::H => 'H',
        }
    }

    /// The notice of this letter.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.letter() == letter)
    }
}

impl Content {
    /// The form's letter.
    #[must_use]
    pub const fn letter(&self) -> char {
        match self {
            Self::Request(_) => 'A',
            Self::Reply(_) => 'B',
            Self::Cancellation { .. } => 'C',
            Self::Notice(notice) => notice.letter.letter(),
            Self::Receipt => 'R',
        }
    }

    /// The number of the matter; a delivery notification is about a message, and has none.
    #[must_use]
    pub const fn file_number(&self) -> Option<&FileNumber> {
        match self {
            Self::Request(Request { reference, .. })
            | Self::Reply(Reply { reference, .. })
            | Self::Cancellation { reference } => Some(reference),
            Self::Notice(notice) => Some(&notice.file_number),
            Self::Receipt => None,
        }
    }
}
