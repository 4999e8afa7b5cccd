//! Documents that come of cases.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::words;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Issues a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCaseDocument {
    /// A document of the rule set, such as the temporary identity certificate (TZTC).
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "tztc")]
    kind: Text<64>,
    /// A person of the case.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: Text<64>,
    /// The office whose stock the blank is from.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    office: Text<64>,
    /// The blank, as printed on it. The document bears its number.
    #[schema(value_type = String, pattern = "^[A-Z]{1,4}[0-9]{7}$", example = "TZ0000017")]
    blank: Text<16>,
}

impl NewCaseDocument {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::IssueDocumentRequest {
        contract::IssueDocumentRequest {
            kind: self.kind.0,
            person_id: self.person_id.0,
            office: self.office.0,
            blank: self.blank.0,
            ..contract::IssueDocumentRequest::default()
        }
    }
}

/// A document that was issued.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentAsIssued {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57")]
    document_id: String,
    /// First day on which it is valid.
    #[schema(format = Date, example = "2026-05-28")]
    valid_from: String,
    /// The last.
    #[schema(format = Date, example = "2026-08-25")]
    valid_to: String,
    /// The case's version, to be named by its next change; also the ETag.
    #[schema(example = 4)]
    version: u64,
}

impl From<contract::IssueDocumentResponse> for DocumentAsIssued {
    fn from(told: contract::IssueDocumentResponse) -> Self {
        let contract::IssueDocumentResponse { document_id, valid_from, valid_to, version } = told;
        Self { document_id, valid_from, valid_to, version }
    }
}

impl DocumentAsIssued {
    pub(in crate::rest::registry) fn location(&self) -> String {
        format!("/v1/registry/documents/{}", self.document_id)
    }
}

words! {
    /// How a document stands.
    DocumentState, "a document's state" {
        /// It is valid.
        Valid,
        /// It was lost or stolen, and is valid no more.
        Lost,
        /// It was given back.
        Returned,
        /// It was annulled.
        Annulled,
        /// It was destroyed.
        Destroyed,
        /// Its last day is over.
        Expired,
    }
}

words! {
    sent
    /// What became of a document.
    DocumentChange {
        /// It was lost or stolen: it is not valid any more.
        Lost,
        /// What was lost is back; it stays invalid.
        Found,
        /// It was given back.
        Returned,
        /// It was annulled.
        Annulled,
        /// It was destroyed.
        Destroyed,
    }
}

/// Records what became of a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewDocumentChange {
    /// What.
    change: DocumentChange,
    /// What there is to say of it. It is kept.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "stolen on the tram, told to the police")]
    reason: Text<500>,
}

impl NewDocumentChange {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ChangeDocumentRequest {
        contract::ChangeDocumentRequest {
            change: self.change.contract(),
            reason: self.reason.0,
            ..contract::ChangeDocumentRequest::default()
        }
    }
}

/// A document after a change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovedDocument {
    /// To be named by the next change; also the ETag.
    #[schema(example = 2)]
    version: u64,
    /// How it stands.
    state: DocumentState,
}

impl MovedDocument {
    pub(in crate::rest::registry) fn of(told: &contract::ChangeDocumentResponse) -> Result<Self, GatewayError> {
        Ok(Self { version: told.version, state: DocumentState::of(told.state)? })
    }
}

/// A document that was prolonged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExtendedDocument {
    /// To be named by the next change; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// The last day on which it is valid now.
    #[schema(format = Date, example = "2027-02-25")]
    pub(in crate::rest::registry) valid_to: String,
}

/// Documents of a case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseDocuments {
    /// In the order of their issue.
    documents: Vec<DocumentView>,
}

impl CaseDocuments {
    pub(in crate::rest::registry) fn of(told: contract::ListDocumentsResponse) -> Result<Self, GatewayError> {
        Ok(Self { documents: told.documents.into_iter().map(DocumentView::of).collect::<Result<_, _>>()? })
    }
}

/// A document that came of a case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentView {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57")]
    document_id: String,
    /// The case it came of.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: String,
    /// Whose it is.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// Its name in the rule set.
    #[schema(example = "tztc")]
    kind: String,
    /// As printed on it: its blank's.
    #[schema(example = "TZ0000017")]
    number: String,
    /// Whose stock the blank was from.
    #[schema(example = "debak")]
    office: String,
    /// The version that was seen; also the ETag of the document.
    #[schema(example = 1)]
    pub(in crate::rest::registry) version: u64,
    /// How it stands.
    state: DocumentState,
    /// The last day on which it is valid, with every prolongation.
    #[schema(format = Date, example = "2026-08-25")]
    valid_to: String,
    /// What was done with it, in order.
    steps: Vec<DocumentStep>,
}

impl DocumentView {
    pub(in crate::rest::registry) fn of(told: contract::IssuedDocument) -> Result<Self, GatewayError> {
        Ok(Self {
            state: DocumentState::of(told.state)?,
            document_id: told.document_id,
            case_id: told.case_id,
            person_id: told.person_id,
            kind: told.kind,
            number: told.number,
            office: told.office,
            version: told.version,
            valid_to: told.valid_to,
            steps: told.steps.into_iter().map(DocumentStep::from).collect(),
        })
    }
}

/// Something done with a document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentStep {
    /// `issued`, `extended`, `lost`, `found`, `returned`, `annulled` or `destroyed`.
    #[schema(example = "issued")]
    step: String,
    /// When.
    at: Instant,
    /// Service identifier of the officer.
    #[schema(example = "sg-0001")]
    by: String,
    /// What there was to say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "stolen on the tram, told to the police")]
    reason: Option<String>,
    /// Until when it was made valid; absent: that did not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-08-25")]
    valid_to: Option<String>,
}

impl From<contract::DocumentStep> for DocumentStep {
    fn from(told: contract::DocumentStep) -> Self {
        Self {
            step: told.step,
            at: Instant::at(told.at_ms),
            by: told.by,
            reason: present(told.reason),
            valid_to: present(told.valid_to),
        }
    }
}
