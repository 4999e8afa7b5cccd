//! Inspections: what a terminal sends of a document and what it gets back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1 as contract;
use straznica_types::{ChallengeId, OfficerId};
use utoipa::ToSchema;

use super::{
    border_alerts::BorderAlerts,
    data_groups::{BiometricDataGroup, DataGroupNumber, DataGroups, Digests},
    scalars::{Base64, Instant, StatusWord, Text, present},
};

/// A single-use challenge for Active Authentication.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Challenge {
    /// To be named in `activeAuthentication`.
    #[schema(example = "0197a3c0-52b1-7c0e-9d0f-3f1f6b1d2a10")]
    challenge_id: String,
    /// The eight bytes of the INTERNAL AUTHENTICATE command (ICAO Doc 9303-11 §6.1).
    challenge: Base64,
    /// After this it is refused.
    expires_at: Option<Instant>,
}

impl From<contract::CreateChallengeResponse> for Challenge {
    fn from(created: contract::CreateChallengeResponse) -> Self {
        Self {
            challenge_id: created.challenge_id,
            challenge: created.challenge.into(),
            expires_at: Instant::from_contract(created.expires_at_ms),
        }
    }
}

/// How the chip was opened.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    /// Basic Access Control.
    Bac,
    /// Password Authenticated Connection Establishment.
    Pace,
    /// PACE with Chip Authentication Mapping.
    PaceCam,
}

/// Where the person stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// At the first line.
    First,
    /// At the second line, after a referral.
    Second,
}

/// A file the chip refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Unreadable {
    /// The data group asked for.
    dg: DataGroupNumber,
    /// What the chip answered.
    status_word: StatusWord,
}

/// Protocol by which the chip showed that it is the one the security object was signed for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChipAuthenticationProtocol {
    /// Chip Authentication version 1 (BSI TR-03110-3 §B.2).
    CaV1,
    /// PACE with Chip Authentication Mapping (ICAO Doc 9303-11 §4.4.3.3.3).
    PaceCam,
}

/// How it went.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChipAuthenticationResult {
    /// The session continued under the keys agreed with the chip's key.
    Successful,
    /// The chip did not hold the private key.
    Failed,
    /// The chip offers it; the terminal did not do it.
    NotPerformed,
}

/// Chip authentication as the terminal performed it. It holds the session, so the result is its word; the key it used is compared
/// with the data group the security object covers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChipAuthentication {
    /// Which protocol.
    protocol: ChipAuthenticationProtocol,
    /// How it went.
    result: ChipAuthenticationResult,
    /// `ca_v1`: the chip's static public key the terminal agreed keys with, as DER SubjectPublicKeyInfo; it must be one of DG14's.
    /// `pace_cam`: CA_IC, the decrypted chip authentication data.
    #[serde(default)]
    evidence: Base64,
    /// `ca_v1`: the key's identifier in DG14, where there are several.
    #[serde(default)]
    #[schema(example = 1)]
    key_id: Option<u64>,
    /// `pace_cam`: the chip's ephemeral public key of the mapping, an uncompressed point.
    #[serde(default)]
    mapping_public_key: Option<Base64>,
}

/// The chip's answer to a challenge of this service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ActiveAuthentication {
    /// From `POST /v1/inspections/challenge`. It is used up by this call, whatever the response is worth.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-52b1-7c0e-9d0f-3f1f6b1d2a10")]
    challenge_id: ChallengeId,
    /// What INTERNAL AUTHENTICATE returned.
    response: Base64,
}

/// A document as far as the terminal has read it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewInspection {
    /// The terminal's own reference for this reading. No document number: it is kept as a keyed pseudonym only.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "2026-05-28/000417")]
    document_ref: Text<64>,
    /// How the chip was opened.
    access: Access,
    /// The machine readable zone as read optically, lines separated by a line feed or not at all. Compared with DG1, never stored.
    #[serde(default)]
    #[schema(example = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")]
    mrz_optical: Option<String>,
    /// EF.SOD, raw bytes of the file.
    sod: Base64,
    /// EF.COM, raw bytes of the file.
    #[serde(default)]
    com: Option<Base64>,
    /// Data groups read so far.
    #[serde(default)]
    data_groups: DataGroups,
    /// Digests of DG3 and DG4.
    #[serde(default)]
    digests: Digests,
    /// Files the chip refused.
    #[serde(default)]
    unreadable: Vec<Unreadable>,
    /// Chip Authentication or PACE-CAM, where performed.
    #[serde(default)]
    chip_authentication: Option<ChipAuthentication>,
    /// Active Authentication, where performed.
    #[serde(default)]
    active_authentication: Option<ActiveAuthentication>,
    /// EF.CardAccess, where the chip has one: compared with DG14.
    #[serde(default)]
    card_access: Option<Base64>,
    /// EF.CardSecurity, read after PACE-CAM.
    #[serde(default)]
    card_security: Option<Base64>,
    /// When the terminal read the chip.
    read_at: Instant,
    /// Service identifier of the officer. Never a name.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "SG-20418")]
    pub(crate) officer: OfficerId,
    /// Why, one of the purposes this node is configured with.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "border_check")]
    pub(crate) purpose: Text<64>,
    /// Case number, where the purpose's legal basis asks for one.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "V-2026-1183")]
    pub(crate) case: Option<Text<64>>,
    /// Where the person stands.
    line: Line,
}

/// What was read since the inspection was opened; only what is new.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FurtherEvidence {
    /// Data groups read since.
    #[serde(default)]
    data_groups: DataGroups,
    /// Digests of DG3 and DG4.
    #[serde(default)]
    digests: Digests,
    /// Files the chip refused.
    #[serde(default)]
    unreadable: Vec<Unreadable>,
    /// Chip Authentication or PACE-CAM, where performed since.
    #[serde(default)]
    chip_authentication: Option<ChipAuthentication>,
    /// Active Authentication, where performed since.
    #[serde(default)]
    active_authentication: Option<ActiveAuthentication>,
    /// EF.CardAccess.
    #[serde(default)]
    card_access: Option<Base64>,
    /// EF.CardSecurity.
    #[serde(default)]
    card_security: Option<Base64>,
}

/// Sends the person to the second line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewReferral {
    /// One of the reasons this node is configured with.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "document_suspect")]
    pub(crate) reason: Text<64>,
    /// Service identifier of the officer who refers.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "SG-20418")]
    pub(crate) officer: OfficerId,
}

/// What the second line decided.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The person may go on.
    Released,
    /// Entry was refused.
    RefusedEntry,
    /// The document was retained.
    DocumentRetained,
    /// Something else; the case file tells.
    Other,
}

impl Outcome {
    /// The contract's word.
    pub(crate) fn as_contract(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::RefusedEntry => "refused_entry",
            Self::DocumentRetained => "document_retained",
            Self::Other => "other",
        }
    }
}

/// Closes a referral.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReferralOutcome {
    /// What was decided.
    pub(crate) outcome: Outcome,
    /// Service identifier of the officer of the second line.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "SG-11907")]
    pub(crate) officer: OfficerId,
}

/// What the terminal's comparison of fingerprints gave.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FingerprintMatch {
    /// The live fingerprints are those of the document.
    Match,
    /// They are not.
    NoMatch,
    /// They could not be taken or compared.
    NotPossible,
}

impl FingerprintMatch {
    /// The contract's word.
    pub(crate) fn as_contract(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
            Self::NotPossible => "not_possible",
        }
    }
}

/// Records the terminal's comparison of fingerprints. The fingerprints stay in the terminal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FingerprintResult {
    /// What the comparison gave.
    pub(crate) result: FingerprintMatch,
    /// Service identifier of the officer.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "SG-20418")]
    pub(crate) officer: OfficerId,
}

/// Whether the document is what it claims to be.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Every mandatory check was successful and no other performed one that counts failed.
    Genuine,
    /// A check that counts failed.
    NotGenuine,
    /// Not enough is known; the checks say what is missing.
    Undetermined,
}

/// One check with the evidence it rests on (BSI TR-03135).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    /// Which check.
    #[schema(example = "sod_signature")]
    check: String,
    /// `successful`, `failed`, `undetermined`, `not_supported` or `aborted`.
    #[schema(example = "successful")]
    result: String,
    /// What it counts for: `mandatory`, `optional` or `evaluatory`.
    #[schema(example = "mandatory")]
    weight: String,
    /// What it rests on, by name.
    #[schema(example = json!({"signer": "C=UT, O=Utopia, CN=Document Signer 17", "algorithm": "ecdsa-with-SHA256"}))]
    evidence: BTreeMap<String, String>,
}

/// A deviation from the standards that was tolerated, or a known defect: never passed over in silence.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remark {
    /// What it is, machine readable.
    #[schema(example = "explicit_ec_parameters")]
    code: String,
    /// The particulars.
    #[schema(example = "the CSCA writes out brainpoolP256r1")]
    detail: String,
}

/// The second line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Referral {
    /// Why the person was sent there.
    #[schema(example = "document_suspect")]
    reason: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    referred_at: Option<Instant>,
    /// What was decided; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "released")]
    outcome: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Instant>,
}

/// An inspection as it stands. It says nobody's name; the answer to a reading tells what alerts there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inspection {
    /// Its id, to be named in everything that follows.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    id: String,
    /// Whether the document is what it claims to be.
    verdict: Verdict,
    /// What the verdict is about; always `document` here.
    #[schema(example = "document")]
    scope: String,
    /// State that issued it, ISO 3166-1 alpha-2, where the country table knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UT")]
    issuing_state: Option<String>,
    /// Every check, with its evidence.
    checks: Vec<Check>,
    /// Deviations that were tolerated.
    tolerances: Vec<Remark>,
    /// Known defects of documents of this signer.
    defects: Vec<Remark>,
    /// When it was opened.
    opened_at: Option<Instant>,
    /// When the verdict was last brought up to date.
    updated_at: Option<Instant>,
    /// Where the person stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<Line>,
    /// Generation of the trust store it was judged by.
    #[schema(example = 42)]
    trust_generation: u64,
    /// When that generation was last confirmed to be the newest. Older than `updatedAt` when the trust store could not be reached; the
    /// checks of revocation are then undetermined.
    #[serde(skip_serializing_if = "Option::is_none")]
    trust_confirmed_at: Option<Instant>,
    /// A chain and a Terminal Authentication signature may be asked for. False while the control centre could not be told of the
    /// inspection; the next further evidence tries again.
    terminal_authentication_available: bool,
    /// Until when further evidence and a fingerprint result are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_until: Option<Instant>,
    /// The second line, once the person was sent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    referral: Option<Referral>,
    /// What the comparison of fingerprints gave, once recorded: `match`, `no_match` or `not_possible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "match")]
    fingerprint_result: Option<String>,
    /// Profile that turned the checks into the verdict.
    #[schema(example = "document-default")]
    profile: String,
    /// Whether there are alerts on the holder or the document, and what the terminal does about it. Asked whenever DG1 is brought: with DG1 brought again, asked again.
    alerts: BorderAlerts,
}

fn unreadable(files: Vec<Unreadable>) -> Vec<contract::UnreadableDataGroup> {
    files
        .into_iter()
        .map(|file| contract::UnreadableDataGroup {
            data_group: u32::from(file.dg.get()),
            status_word: u32::from(file.status_word.0),
        })
        .collect()
}

impl From<ChipAuthentication> for contract::ChipAuthentication {
    fn from(performed: ChipAuthentication) -> Self {
        let protocol = match performed.protocol {
            ChipAuthenticationProtocol::CaV1 => "ca_v1",
            ChipAuthenticationProtocol::PaceCam => "pace_cam",
        };
        let result = match performed.result {
            ChipAuthenticationResult::Successful => "successful",
            ChipAuthenticationResult::Failed => "failed",
            ChipAuthenticationResult::NotPerformed => "not_performed",
        };
        Self {
            protocol: protocol.to_owned(),
            result: result.to_owned(),
            evidence: performed.evidence.0,
            key_id: performed.key_id,
            mapping_public_key: performed.mapping_public_key.unwrap_or_default().0,
        }
    }
}

impl From<ActiveAuthentication> for contract::ActiveAuthentication {
    fn from(performed: ActiveAuthentication) -> Self {
        Self { challenge_id: performed.challenge_id.to_string(), response: performed.response.0 }
    }
}

impl FurtherEvidence {
    /// The contract's message; refused when it carries fingerprints or irises.
    pub(crate) fn into_contract(self) -> Result<contract::Evidence, BiometricDataGroup> {
        Ok(contract::Evidence {
            data_groups: self.data_groups.into_contract()?,
            digests: self.digests.into_contract(),
            unreadable: unreadable(self.unreadable),
            chip_authentication: self.chip_authentication.map(Into::into),
            active_authentication: self.active_authentication.map(Into::into),
            card_access: self.card_access.unwrap_or_default().0,
            card_security: self.card_security.unwrap_or_default().0,
        })
    }
}

impl NewInspection {
    /// The contract's message, its call context still empty; refused when it carries fingerprints or irises.
    pub(crate) fn into_contract(self) -> Result<contract::CreateInspectionRequest, BiometricDataGroup> {
        let evidence = FurtherEvidence {
            data_groups: self.data_groups,
            digests: self.digests,
            unreadable: self.unreadable,
            chip_authentication: self.chip_authentication,
            active_authentication: self.active_authentication,
            card_access: self.card_access,
            card_security: self.card_security,
        };
        let access = match self.access {
            Access::Bac => contract::AccessProtocol::Bac,
            Access::Pace => contract::AccessProtocol::Pace,
            Access::PaceCam => contract::AccessProtocol::PaceCam,
        };
        let line = match self.line {
            Line::First => contract::InspectionLine::First,
            Line::Second => contract::InspectionLine::Second,
        };
        Ok(contract::CreateInspectionRequest {
            context: None,
            document_ref: self.document_ref.0,
            access: access.into(),
            mrz_optical: self.mrz_optical.unwrap_or_default(),
            sod: self.sod.0,
            com: self.com.unwrap_or_default().0,
            evidence: Some(evidence.into_contract()?),
            read_at_ms: self.read_at.0.millis(),
            line: line.into(),
        })
    }
}

impl From<contract::Inspection> for Inspection {
    fn from(inspection: contract::Inspection) -> Self {
        // A verdict of a later contract is not guessed at.
        let verdict = match inspection.verdict() {
            contract::Verdict::Genuine => Verdict::Genuine,
            contract::Verdict::NotGenuine => Verdict::NotGenuine,
            contract::Verdict::Undetermined | contract::Verdict::Unspecified => Verdict::Undetermined,
        };
        let line = match inspection.line() {
            contract::InspectionLine::First => Some(Line::First),
            contract::InspectionLine::Second => Some(Line::Second),
            contract::InspectionLine::Unspecified => None,
        };
        Self {
            id: inspection.id,
            verdict,
            scope: inspection.scope,
            issuing_state: present(inspection.issuing_state),
            checks: inspection
                .checks
                .into_iter()
                .map(|check| Check {
                    check: check.check,
                    result: check.result,
                    weight: check.weight,
                    evidence: check.evidence.into_iter().collect(),
                })
                .collect(),
            tolerances: inspection
                .tolerances
                .into_iter()
                .map(|remark| Remark { code: remark.code, detail: remark.detail })
                .collect(),
            defects: inspection
                .defects
                .into_iter()
                .map(|remark| Remark { code: remark.code, detail: remark.detail })
                .collect(),
            opened_at: Instant::from_contract(inspection.opened_at_ms),
            updated_at: Instant::from_contract(inspection.updated_at_ms),
            line,
            trust_generation: inspection.trust_generation,
            trust_confirmed_at: Instant::from_contract(inspection.trust_confirmed_at_ms),
            terminal_authentication_available: inspection.terminal_authentication_available,
            open_until: Instant::from_contract(inspection.open_until_ms),
            referral: inspection.referral.map(|referral| Referral {
                reason: referral.reason,
                referred_at: Instant::from_contract(referral.referred_at_ms),
                outcome: present(referral.outcome),
                closed_at: Instant::from_contract(referral.closed_at_ms),
            }),
            fingerprint_result: present(inspection.fingerprint_result),
            profile: inspection.profile,
            alerts: BorderAlerts::of(inspection.alerts),
        }
    }
}
