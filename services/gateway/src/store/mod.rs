//! The gateway's database: enrolled terminals and remembered idempotency keys.

pub(crate) mod entity;
pub(crate) mod idempotency;
pub(crate) mod migrations;
pub(crate) mod terminals;
