//! A file as it is written.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use serde::Deserialize;
use straznica_types::CivilDate;
use toml::Spanned;

use super::{Act, OpenCases, Party, Passing, RawBasis, Service, Term, Text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSet {
    pub(super) id: Spanned<String>,
    pub(super) family: String,
    pub(super) title: Text,
    pub(super) effective_from: CivilDate,
    pub(super) effective_to: Option<CivilDate>,
    pub(super) open_cases: OpenCases,
    pub(super) transition: RawBasis,
    pub(super) acts: BTreeMap<String, Act>,
    pub(super) case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    pub(super) basis: RawBasis,
    pub(super) stage: Vec<RawStage>,
    pub(super) event: Vec<RawEvent>,
    #[serde(default)]
    pub(super) deemed: Vec<RawDeemed>,
    #[serde(default)]
    pub(super) deadline: Vec<RawDeadline>,
    #[serde(default)]
    pub(super) decision: Vec<RawDecision>,
    #[serde(default)]
    pub(super) document: Vec<RawDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    #[serde(default)]
    pub(super) closed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    pub(super) opens: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) anywhere: bool,
    pub(super) about_decision_of: Option<Party>,
    #[serde(default)]
    pub(super) issues: bool,
    #[serde(default)]
    pub(super) joins: bool,
    pub(super) service: Option<Service>,
    pub(super) only_if_met: Option<Spanned<String>>,
    pub(super) in_case: Option<String>,
    #[serde(default)]
    pub(super) moves: Vec<RawMove>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMove {
    pub(super) from: Vec<Spanned<String>>,
    pub(super) to: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) decisions: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeemed {
    pub(super) event: Spanned<String>,
    pub(super) after: Spanned<String>,
    pub(super) term: Option<Term>,
    #[serde(default)]
    pub(super) unless: Vec<Spanned<String>>,
    pub(super) says: Text,
    pub(super) basis: RawBasis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeadline {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    pub(super) says: Text,
    pub(super) basis: RawBasis,
    pub(super) owed_by: Party,
    pub(super) starts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) decisions: Vec<Spanned<String>>,
    pub(super) counted_from: Option<Spanned<String>>,
    pub(super) term: Term,
    #[serde(default)]
    pub(super) by_decision: bool,
    pub(super) met_by: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) moot_by: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) extensions: Vec<RawExtension>,
    #[serde(default)]
    pub(super) suspensions: Vec<RawSuspension>,
    pub(super) passing: Passing,
    pub(super) silence: Option<Spanned<String>>,
    pub(super) rolls_over: Option<bool>,
    pub(super) posting_keeps: Option<bool>,
    pub(super) times: Option<NonZeroU16>,
    #[serde(default)]
    pub(super) blocks: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtension {
    pub(super) event: Spanned<String>,
    pub(super) to: Option<Term>,
    pub(super) by: Option<Term>,
    pub(super) times: NonZeroU16,
    pub(super) asked_before_expiry: bool,
    pub(super) says: Text,
    pub(super) basis: RawBasis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSuspension {
    pub(super) from: Vec<Spanned<String>>,
    pub(super) until: Vec<Spanned<String>>,
    pub(super) says: Text,
    pub(super) basis: RawBasis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDecision {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    pub(super) basis: RawBasis,
    pub(super) by: Party,
    pub(super) order: Option<NonZeroU16>,
    pub(super) panel: Option<Spanned<u16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocument {
    pub(super) id: Spanned<String>,
    pub(super) title: Text,
    pub(super) basis: RawBasis,
    pub(super) blank: Spanned<String>,
    pub(super) validity: Term,
    pub(super) renewal: Option<Term>,
    #[serde(default)]
    pub(super) prolonged: bool,
    pub(super) event: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) decisions: Vec<Spanned<String>>,
}
