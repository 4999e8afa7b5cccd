//! The database of identity: private to the service.

mod alert_schema;
mod archivist_schema;
mod asker_schema;
mod challenges;
mod citizens;
mod entity;
mod inspections;
mod institutions;
mod migrations;
mod officials;
mod peer_schema;
mod peers;
mod privilege_schema;
mod privileges;
mod quotas;
mod role_schema;
mod rows;
mod verification_schema;
mod verifications;
mod verifier_schema;
mod watch;

pub(crate) use challenges::{answer_challenge, delete_dead_challenges, insert_challenge};
pub(crate) use citizens::{
    KeptCitizen, PhoneProof, activate, activations, citizen_of, delete_dead_proofs, find_citizen, find_phone_proof,
    insert_citizen, insert_phone_proof, is_active, take_phone, withdraw,
};
pub(crate) use inspections::{
    delete_dead_evidence, find_inspection, find_kept, insert_inspection, mark_announced, replace_kept,
    update_inspection,
};
pub(crate) use institutions::{
    count_applications, find_institution, first_administrator, insert_application, list_institutions, set_stage,
    stages, update_institution,
};
pub use migrations::Migrations;
pub(crate) use officials::{
    delete_roles, find_logins, find_official, held_by, holds, locked_at, people_of, put_official, put_role,
};
pub(crate) use peers::{
    KeptPeerCheck, find_peer_check, insert_peer_check, overdue_peer_checks, peer_checks_of, update_peer_check,
};
pub(crate) use privileges::{Use, count_use, find_privilege, insert_privilege, privileges_of, update_privilege};
pub(crate) use quotas::{Class, count_up, delete_old_counts, forget_count, is_locked, lock, official, unlock};
pub use rows::UnreadableRow;
pub(crate) use verifications::{
    find_verification, insert_verification, of_citizen, overdue, unanswered, update_verification,
};
pub(crate) use watch::{
    acknowledge_alert, alerts_of, close_review, find_alert, find_review, insert_review, raise_alert, reviews_of,
};
