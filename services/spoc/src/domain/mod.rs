//! The rules of spoc: pure and synchronous, without storage, generated types or clocks.

pub mod anchors;
pub mod authorities;
pub mod chains;
pub mod dv_certificate;
pub mod environment;
pub mod exchange;
pub mod inspection_grant;
pub mod records;
pub mod repository;
pub mod sequence;
pub mod shift;
pub mod ta_request;
pub mod two_officers;
