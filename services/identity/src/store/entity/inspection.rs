//! Inspections: verdicts and digests, nobody's name.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inspection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub terminal_id: String,
    pub officer: String,
    pub purpose: String,
    pub legal_basis: String,
    pub case_number: Option<String>,
    /// Keyed pseudonym of the terminal's reference.
    pub document: String,
    pub access: String,
    pub line: String,
    /// SHA-256 over EF.SOD, hex. This, the verdict and the issuing state are in `judgement` as well; here they can be counted.
    pub security_object: String,
    pub verdict: String,
    pub issuing_state: Option<String>,
    /// Checks, tolerances and defects as JSON.
    pub judgement: String,
    pub profile: String,
    pub trust_generation: i64,
    pub trust_confirmed_at: i64,
    pub opened_at: i64,
    pub updated_at: i64,
    pub open_until: i64,
    pub announced_at: Option<i64>,
    pub referral_reason: Option<String>,
    pub referred_at: Option<i64>,
    pub referred_by: Option<String>,
    pub referral_outcome: Option<String>,
    pub referral_closed_at: Option<i64>,
    pub referral_closed_by: Option<String>,
    pub fingerprint_result: Option<String>,
    pub fingerprint_recorded_at: Option<i64>,
    pub fingerprint_recorded_by: Option<String>,
    pub revision: i64,
    /// What the check against alerts came to; absent: not yet made. What was found is not kept.
    pub alerts_result: Option<String>,
    pub alerts_unchecked: Option<String>,
    pub alerts_step: Option<String>,
    pub alerts_check: Option<Uuid>,
    pub alerts_checked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
