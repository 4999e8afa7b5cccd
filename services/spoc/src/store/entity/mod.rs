//! Rows of spoc's own tables. Enumerations are text with a CHECK, time is milliseconds UTC, digests are lower-case hex.

#![expect(unreachable_pub, reason = "the derives of sea-orm want public items in modules that are not")]

pub(crate) mod anchor;
pub(crate) mod csca;
pub(crate) mod cv_certificate;
pub(crate) mod defect_list;
pub(crate) mod dv_request;
pub(crate) mod generation;
pub(crate) mod inspection_grant;
pub(crate) mod master_list;
pub(crate) mod node;
pub(crate) mod revocation_list;
pub(crate) mod sequence;
pub(crate) mod ta_counter;
pub(crate) mod vouching;
