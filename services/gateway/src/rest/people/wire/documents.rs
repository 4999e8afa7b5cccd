//! A document as a register showed it, once.

use serde::{Serialize, Serializer};
use straznica_contracts::{identity::v1 as identity, sources::v1 as contract};
use utoipa::ToSchema;

use super::{details::Details, kind::DocumentKind, verifications::Verification};
use crate::{error::GatewayError, rest::wire::scalars::Instant};

/// What the register says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    /// The verification, as it is now.
    verification: Verification,
    /// `found`, `no_such_document`, `register_unavailable` or `register_refused`.
    #[schema(example = "found")]
    outcome: &'static str,
    /// Which register was asked.
    #[schema(example = "srp")]
    register: &'a str,
    /// The time the data are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Instant>,
    /// The data are older than this node takes for current: show `asOf` with them.
    #[schema(example = false)]
    stale: bool,
    /// Where the register was not available: seconds until a repetition may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 30)]
    retry_after_seconds: Option<i64>,
    /// The documents, newest first.
    documents: Vec<Document<'a>>,
}

impl<'a> Shown<'a> {
    pub(crate) fn of(
        verification: Verification,
        told: &'a identity::ShowDocumentResponse,
    ) -> Result<Self, GatewayError> {
        let outcome = match told.outcome() {
            identity::DisclosureOutcome::Found => "found",
            identity::DisclosureOutcome::NoSuchDocument => "no_such_document",
            identity::DisclosureOutcome::RegisterUnavailable => "register_unavailable",
            identity::DisclosureOutcome::RegisterRefused => "register_refused",
            identity::DisclosureOutcome::Unspecified => return Err(GatewayError::IncompleteAnswer("an outcome")),
        };
        Ok(Self {
            verification,
            outcome,
            register: &told.register,
            as_of: Instant::from_contract(told.as_of_ms),
            stale: told.stale,
            retry_after_seconds: (told.retry_after_ms > 0).then(|| told.retry_after_ms.div_euclid(1_000).max(1)),
            documents: told.documents.iter().map(Document::of).collect::<Result<_, _>>()?,
        })
    }
}

/// A document. Its texts are the register's.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    /// Which.
    kind: DocumentKind,
    /// `valid`, `suspended`, `lost`, `expired` or `revoked`.
    #[schema(example = "valid")]
    state: &'static str,
    /// Number as printed.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ABA300000")]
    number: &'a str,
    /// Issued on.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2021-03-01")]
    issued_on: &'a str,
    /// Valid until.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2031-03-01")]
    valid_until: &'a str,
    /// Who issued it.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Wójt Gminy Próbne")]
    issuer: &'a str,
    /// Which register holds it.
    #[schema(example = "SRP")]
    source: &'a str,
    /// The time these data are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Instant>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<Holder<'a>>,
    /// Portrait, JPEG in base64, where the register has one.
    #[serde(skip_serializing_if = "Photo::is_empty")]
    #[schema(value_type = String, required = false, content_encoding = "base64", example = "/9j/4AAQSkZJRg==")]
    photo: Photo<'a>,
    /// What this kind has beside that.
    details: Details<'a>,
}

impl<'a> Document<'a> {
    fn of(told: &'a contract::Document) -> Result<Self, GatewayError> {
        let state = match told.state() {
            contract::DocumentState::Valid => "valid",
            contract::DocumentState::Suspended => "suspended",
            contract::DocumentState::Lost => "lost",
            contract::DocumentState::Expired => "expired",
            contract::DocumentState::Revoked => "revoked",
            contract::DocumentState::Unspecified => return Err(GatewayError::IncompleteAnswer("a document's state")),
        };
        Ok(Self {
            kind: DocumentKind::of(told.kind)?,
            state,
            number: &told.number,
            issued_on: &told.issued_on,
            valid_until: &told.valid_until,
            issuer: &told.issuer,
            source: &told.source,
            as_of: Instant::from_contract(told.as_of_ms),
            holder: told.holder.as_ref().map(Holder::from),
            photo: Photo(&told.photo_jpeg),
            details: Details::of(told.details.as_ref()),
        })
    }
}

/// Whose a document is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder<'a> {
    /// Given names, in the order of the document.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ANNA MARIA")]
    given_names: &'a str,
    /// Surname.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "PRÓBNA")]
    surname: &'a str,
    /// Date of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "1899-12-28")]
    born_on: &'a str,
    /// PESEL.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "99922812345")]
    pesel: &'a str,
}

impl<'a> From<&'a contract::Holder> for Holder<'a> {
    fn from(told: &'a contract::Holder) -> Self {
        Self { given_names: &told.given_names, surname: &told.surname, born_on: &told.born_on, pesel: &told.pesel }
    }
}

/// A photo, written without a copy in between.
struct Photo<'a>(&'a [u8]);

impl Photo<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Photo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&base64::display::Base64Display::new(self.0, &base64::prelude::BASE64_STANDARD))
    }
}
