//! The journal, as security officers read it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use straznica_contracts::journal::v1 as contract;
use straznica_types::OfficerId;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    app::people::journal::OwnEntries,
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Whose journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JournalOf {
    /// This gateway's: logins, accounts, terminals.
    Gateway,
    /// Identity's: verifications, inspections, institutions.
    Identity,
    /// Dispatch's: codes and messages.
    Dispatch,
    /// Registry's: persons and cases.
    Registry,
    /// spoc's: keys, certificates, the exchange with other states.
    Spoc,
}

/// Which entries, and why they are read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JournalSearch {
    /// Whose journal.
    pub(crate) journal: JournalOf,
    /// Why it is read. The reading is an entry itself.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "complaint")]
    pub(crate) purpose: Text<64>,
    /// In which case.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "SK.12.2026")]
    pub(crate) case: Option<Text<64>>,
    /// Only entries of this kind.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "verification.shown")]
    pub(crate) kind: Option<Text<64>>,
    /// Only this officer's. A security officer of an institution has to name one.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "um-0001")]
    pub(crate) officer: Option<OfficerId>,
    /// Only about this subject: a keyed pseudonym, as entries have it. Not for an institution.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub(crate) subject: Option<Text<64>>,
    /// Not before this.
    #[serde(default)]
    pub(crate) from: Option<Instant>,
    /// Before this.
    #[serde(default)]
    pub(crate) to: Option<Instant>,
    /// At most so many.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 500, default = 100, example = 100)]
    pub(crate) limit: Option<u32>,
    /// Only entries before this position.
    #[serde(default)]
    #[schema(minimum = 1, example = 4711)]
    pub(crate) before: Option<u64>,
}

impl JournalSearch {
    /// What an institution's security officer may search for.
    pub(crate) fn must_be_of_an_institution(&self) -> Result<(), GatewayError> {
        if self.journal != JournalOf::Identity {
            return Err(GatewayError::member("/journal", "expected identity"));
        }
        if self.officer.is_none() {
            return Err(GatewayError::member("/officer", "missing"));
        }
        if self.subject.is_some() {
            return Err(GatewayError::member("/subject", "not for an institution"));
        }
        Ok(())
    }

    pub(crate) fn request(
        self,
        context: Option<straznica_contracts::common::v1::CallContext>,
    ) -> Result<contract::SearchEntriesRequest, GatewayError> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=500).contains(&limit) {
            return Err(GatewayError::member("/limit", "expected 1 to 500"));
        }
        Ok(contract::SearchEntriesRequest {
            context,
            kind: self.kind.map(|kind| kind.0).unwrap_or_default(),
            officer: self.officer.map(|officer| officer.to_string()).unwrap_or_default(),
            terminal_id: String::new(),
            subject: self.subject.map(|subject| subject.0).unwrap_or_default(),
            from_ms: self.from.map_or(0, |from| from.0.millis()),
            to_ms: self.to.map_or(0, |to| to.0.millis()),
            limit,
            before_index: self.before.unwrap_or_default(),
        })
    }
}

/// What an entry says beside that, an object of its kind's own members; `null` once it is erased.
#[derive(Debug, Serialize)]
pub(crate) struct Detail(serde_json::Value);

impl PartialSchema for Detail {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An object of the members entries of this kind have; null once it is erased."))
            .examples([serde_json::json!({"stage": "shown"})])
            .into()
    }
}

impl ToSchema for Detail {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Detail")
    }
}

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JournalEntry {
    /// Its id.
    #[schema(example = "0197156e-3c5b-7d2a-9c11-0242ac120002")]
    id: String,
    /// Its position; absent while it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4711)]
    position: Option<u64>,
    /// When.
    at: Instant,
    /// Who called.
    #[schema(example = "service/gateway")]
    actor: String,
    /// The officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-0001")]
    officer: Option<String>,
    /// The terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PL-WAW-017")]
    terminal: Option<String>,
    /// What was done.
    #[schema(example = "verification.shown")]
    kind: String,
    /// Whom or what it was about, as a keyed pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    subject: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "office_matter")]
    purpose: Option<String>,
    /// By what law.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Act of 6 August 2010 on Identity Cards, Article 4")]
    legal_basis: Option<String>,
    /// In which case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OR.5345.1.2026")]
    case: Option<String>,
    /// Correlation id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61")]
    request_id: Option<String>,
    /// What else there is to say.
    detail: Detail,
}

impl From<contract::JournalEntry> for JournalEntry {
    fn from(entry: contract::JournalEntry) -> Self {
        let context = entry.context.unwrap_or_default();
        Self {
            id: entry.entry_id,
            position: entry.leaf_index,
            at: Instant::at(entry.at_ms),
            actor: entry.actor,
            officer: present(context.officer),
            terminal: present(context.terminal_id),
            kind: entry.kind,
            subject: present(entry.subject),
            purpose: present(context.purpose),
            legal_basis: present(entry.legal_basis),
            case: present(context.case_number),
            request_id: present(context.request_id),
            // erased details are empty
            detail: Detail(serde_json::from_str(&entry.detail_json).unwrap_or_default()),
        }
    }
}

/// Entries of a journal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JournalEntries {
    /// Newest first.
    entries: Vec<JournalEntry>,
    /// Of a search for an institution: there may be more before this position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4211)]
    before: Option<u64>,
}

impl From<Vec<contract::JournalEntry>> for JournalEntries {
    fn from(entries: Vec<contract::JournalEntry>) -> Self {
        Self { entries: entries.into_iter().map(JournalEntry::from).collect(), before: None }
    }
}

impl From<OwnEntries> for JournalEntries {
    fn from(found: OwnEntries) -> Self {
        Self { before: found.before, ..found.entries.into() }
    }
}
