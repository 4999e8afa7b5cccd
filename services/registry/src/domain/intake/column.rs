//! The columns a file can have, and what can be wrong with one.

use serde::{Deserialize, Serialize};

use crate::domain::person::words;

words! {
    /// What the rows of a file are.
    Kind {
        /// Persons to be registered.
        Persons = "persons",
        /// More that is stated of persons brought in before, by their numbers there.
        Facts = "facts",
        /// Cases as they were kept before.
        Cases = "cases",
        /// Consultations as they were kept before.
        Consultations = "consultations",
    }
}

words! {
    /// A column.
    Column {
        /// What tells the row from all others of its source, for ever. In every file.
        RowId = "row_id",
        /// The number of the person, the case or the consultation there, by which it is found again.
        Number = "number",
        /// Numbers of the persons, or of the case, it belongs to, separated by spaces or ';'.
        BelongsTo = "belongs_to",
        /// When it was recorded there.
        RecordedOn = "recorded_on",
        /// Where the source has it from.
        Source = "source",
        /// The first day on which it holds.
        ValidFrom = "valid_from",
        /// The first day on which it does not hold any more.
        ValidTo = "valid_to",
        /// Surname in Latin letters.
        Surname = "surname",
        /// Given names in Latin letters.
        GivenNames = "given_names",
        /// Surname in the original script.
        OriginalSurname = "original_surname",
        /// Given names in the original script.
        OriginalGivenNames = "original_given_names",
        /// "main" (or nothing), "birth" or "alias".
        NameKind = "name_kind",
        /// As precisely as it is known: a day, "YYYY-MM" or "YYYY".
        BirthDate = "birth_date",
        /// Where.
        BirthPlace = "birth_place",
        /// "F", "M" or "X".
        Sex = "sex",
        /// Three letters (ICAO 9303-3 §5), several separated by spaces or ';'.
        Nationality = "nationality",
        /// "passport", "identity_card" and others.
        DocumentKind = "document_kind",
        /// Its number.
        DocumentNumber = "document_number",
        /// As a nationality.
        DocumentIssuer = "document_issuer",
        /// The last day.
        DocumentExpiresOn = "document_expires_on",
        /// As on an envelope.
        Address = "address",
        /// As a nationality; nothing: Poland.
        AddressCountry = "address_country",
        /// What kind of case, or which flow of consultation, in the source's words.
        Type = "type",
        /// When it was opened, or asked.
        OpenedOn = "opened_on",
        /// When it was closed, or answered.
        ClosedOn = "closed_on",
        /// How it ended, in the source's words.
        Outcome = "outcome",
        /// The authority that kept it, or the body consulted.
        Authority = "authority",
    }
}

impl Column {
    /// Whether files of a kind have it.
    #[must_use]
    pub const fn is_of(self, kind: Kind) -> bool {
        match self {
            Self::RowId | Self::Number | Self::RecordedOn | Self::Source => true,
            Self::BelongsTo => !matches!(kind, Kind::Persons),
            Self::Type | Self::OpenedOn | Self::ClosedOn | Self::Outcome | Self::Authority => {
                matches!(kind, Kind::Cases | Kind::Consultations)
            }
            _ => matches!(kind, Kind::Persons | Kind::Facts),
        }
    }
}

words! {
    /// What is wrong with a row.
    ProblemCode {
        /// Bytes that are no text in the encoding of the file.
        Encoding = "encoding",
        /// No row of a table: too few or too many fields, no object.
        Form = "form",
        /// Something every row of this kind has is not there.
        Missing = "missing",
        /// A text is too long.
        TooLong = "too_long",
        /// Control characters.
        ControlCharacter = "control_character",
        /// A code nobody knows.
        UnknownCode = "unknown_code",
        /// A day no calendar has, or not written as the file's days are.
        ImpossibleDate = "impossible_date",
        /// A day to come, of something that was.
        FutureDate = "future_date",
        /// It ends before it begins.
        EndsFirst = "ends_first",
        /// Another row of the file has the same id.
        RepeatedRow = "repeated_row",
        /// What it belongs to was not brought in.
        NoParent = "no_parent",
        /// The same row was brought in before and said something else.
        Changed = "changed",
        /// The register's own rules refuse it.
        Refused = "refused",
    }
}

impl ProblemCode {
    /// In a sentence.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Encoding => "The bytes are no text in the encoding the file was sent with.",
            Self::Form => "It is no row of this table: the number of fields is another, or it is no object of texts.",
            Self::Missing => "A row of this kind needs this.",
            Self::TooLong => "The text is longer than 300 characters.",
            Self::ControlCharacter => "There are control characters in the text.",
            Self::UnknownCode => "Nobody knows this code.",
            Self::ImpossibleDate => "No calendar has this day, or it is not written as days are in this file.",
            Self::FutureDate => "The day is still to come.",
            Self::EndsFirst => "It ends before it begins, or on the same day.",
            Self::RepeatedRow => "Another row of this file has the same id.",
            Self::NoParent => "What it belongs to was not brought in from this source.",
            Self::Changed => "The same row was brought in before and said something else: an officer has to look.",
            Self::Refused => "The rules of the register refuse what it says.",
        }
    }
}

/// What is wrong with a row, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub code: ProblemCode,
    /// In which column; `None`: in the row.
    pub column: Option<Column>,
}

impl Problem {
    /// In a column.
    #[must_use]
    pub const fn at(code: ProblemCode, column: Column) -> Self {
        Self { code, column: Some(column) }
    }

    /// In the row.
    #[must_use]
    pub const fn of(code: ProblemCode) -> Self {
        Self { code, column: None }
    }
}
