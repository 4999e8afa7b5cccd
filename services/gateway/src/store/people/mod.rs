//! Sessions, local accounts, and how often somebody tried to log in.

pub(crate) mod accounts;
pub(crate) mod attempts;
mod entity;
pub(crate) mod schema;
pub(crate) mod sessions;
