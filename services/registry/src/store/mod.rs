//! The database of the registry: private to the service.

mod cases;
mod decisions;
mod entity;
mod migrations;
mod persons;
mod rows;

pub(crate) use cases::{
    insert_case, insert_event, insert_persons, insert_taking, load_case, next_number, next_of_type, open_cases,
    update_case,
};
pub(crate) use decisions::{insert_decision, update_decision};
pub use migrations::Migrations;
pub(crate) use persons::{
    KeptPerson, KeptStatement, bump_person, find_person, insert_person, insert_statements, known_persons,
};
pub use rows::UnreadableRow;
