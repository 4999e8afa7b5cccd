//! The JSON of the people's room. What a document says is borrowed from the answer it came in, written once and wiped.

pub(super) mod accounts;
pub(super) mod citizens;
pub(super) mod codes;
pub(super) mod details;
pub(super) mod documents;
pub(super) mod institutions;
pub(super) mod journal;
pub(super) mod kind;
pub(super) mod officials;
pub(super) mod privileges;
pub(super) mod sessions;
pub(super) mod verifications;
