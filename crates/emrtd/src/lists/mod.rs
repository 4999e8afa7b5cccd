//! Lists states publish: master lists of country signing CAs (Doc 9303-12 §9) and defect lists (BSI TR-03129-2 §7.2).
//!
//! A list is a signed message. Reading it trusts nothing: [`Trusted`] is what a list becomes once its signer rests on an anchor that was pinned
//! beforehand. Certificates carried inside a message are candidates for the way to the anchor, never anchors.

mod defect_list;
mod diff;
mod master_list;
mod signer;

pub use defect_list::{DefectList, DefectListError};
pub use diff::{Conflict, ListDifference, ListedCertificate};
pub use master_list::{MasterList, MasterListError};
pub use signer::{Anchor, ListRefusal, Trusted};
