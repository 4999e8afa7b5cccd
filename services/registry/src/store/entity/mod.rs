//! Rows as they lie in the database.
#![expect(unreachable_pub, reason = "sea-orm's derive wants rows public; the module is not")]

pub(super) mod case_counter;
pub(super) mod case_event;
pub(super) mod case_file;
pub(super) mod case_person;
pub(super) mod decision;
pub(super) mod person;
pub(super) mod statement;
pub(super) mod taking;
