//! How a decision reached the person, or did not.

use serde::{Deserialize, Serialize};
use straznica_types::{OfficerId, Timestamp};

use super::text::readable;
use crate::domain::rules::Service;
use crate::domain::{PersonId, Refusal};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 1_000;
/// Longest name of who served it, in characters.
const LONGEST_NAME: usize = 200;

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Against signature.
    InHand,
    /// By post.
    Post,
    /// By electronic delivery.
    Electronic,
    /// The addressee would not take or sign it.
    Refused,
    /// A notice was put on the board.
    NoticeBoard,
}

impl Manner {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::InHand, Self::Post, Self::Electronic, Self::Refused, Self::NoticeBoard];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InHand => "in_hand",
            Self::Post => "post",
            Self::Electronic => "electronic",
            Self::Refused => "refused",
            Self::NoticeBoard => "notice_board",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manner| manner.as_str() == name)
    }

    /// What it is to the law.
    #[must_use]
    pub const fn service(self) -> Service {
        match self {
            Self::InHand | Self::Post | Self::Electronic => Service::Delivered,
            Self::Refused => Service::Refused,
            Self::NoticeBoard => Service::Notice,
        }
    }
}

/// How a decision was served, or was not.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceRecord {
    /// How.
    pub manner: Manner,
    /// When.
    pub at: Timestamp,
    /// What of it is about people.
    pub of: Served,
    /// By whom it is on record.
    pub recorded_by: OfficerId,
    /// Since when.
    pub recorded_at: Timestamp,
}

/// What of a service is about people: encrypted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Whom it was for.
    pub recipient: PersonId,
    /// Who served it.
    pub served_by: String,
    /// What there is to note; empty: nothing.
    pub note: String,
}

impl Served {
    /// That it says who, and why where somebody refused.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`].
    pub fn check(&self, manner: Manner) -> Result<(), Refusal> {
        if !readable(&self.served_by, LONGEST_NAME) {
            return Err(Refusal::Missing { member: "/service/served_by" });
        }
        if self.note.is_empty() && manner == Manner::Refused {
            return Err(Refusal::Missing { member: "/service/note" });
        }
        if !self.note.is_empty() && !readable(&self.note, LONGEST_NOTE) {
            return Err(Refusal::Invalid { member: "/service/note", expected: "up to 1000 characters" });
        }
        Ok(())
    }
}
