//! Rows as they lie in the database.
#![expect(unreachable_pub, reason = "sea-orm's derive wants rows public; the module is not")]

pub(super) mod challenge;
pub(super) mod inspection;
pub(super) mod kept_evidence;
