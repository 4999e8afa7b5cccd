//! Rows as they lie in the database.
#![expect(unreachable_pub, reason = "sea-orm's derive wants rows public; the module is not")]

pub(super) mod activation;
pub(super) mod challenge;
pub(super) mod citizen;
pub(super) mod daily_count;
pub(super) mod inspection;
pub(super) mod institution;
pub(super) mod institution_document;
pub(super) mod institution_purpose;
pub(super) mod kept_evidence;
pub(super) mod official;
pub(super) mod official_lock;
pub(super) mod official_role;
pub(super) mod peer_check;
pub(super) mod phone_proof;
pub(super) mod privilege;
pub(super) mod privilege_alert;
pub(super) mod privilege_document;
pub(super) mod privilege_review;
pub(super) mod privilege_use;
pub(super) mod rollout_stage;
pub(super) mod verification;
