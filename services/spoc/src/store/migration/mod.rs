//! The tables of spoc, a file a version. What has landed is never edited.

mod exchange;
mod initial;
mod unreferenced_keys;

pub(super) use exchange::Exchange;
pub(super) use initial::Initial;
pub(super) use unreferenced_keys::UnreferencedKeys;
