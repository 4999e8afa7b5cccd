//! The database of identity: private to the service.

mod challenges;
mod entity;
mod inspections;
mod migrations;
mod rows;

pub(crate) use challenges::{answer_challenge, delete_dead_challenges, insert_challenge};
pub(crate) use inspections::{
    delete_dead_evidence, find_inspection, find_kept, insert_inspection, mark_announced, replace_kept,
    update_inspection,
};
pub use migrations::Migrations;
pub use rows::UnreadableRow;
