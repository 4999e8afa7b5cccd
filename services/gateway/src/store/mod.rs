//! The gateway's database: enrolled terminals, remembered idempotency keys, and on whose behalf inspections were opened.

pub(crate) mod entity;
pub(crate) mod idempotency;
pub(crate) mod migrations;
pub(crate) mod missions;
pub(crate) mod people;
pub(crate) mod terminals;
