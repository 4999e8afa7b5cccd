//! The JSON of the exchange with other states, one module a subject.

pub(crate) mod bundles;
pub(crate) mod calendar;
pub(crate) mod certificates;
pub(crate) mod deliveries;
pub(crate) mod health;
pub(crate) mod holders;
pub(crate) mod messages;
pub(crate) mod national_pki;
pub(crate) mod partners;
pub(crate) mod renewals;
pub(crate) mod requests;
pub(crate) mod revocation_lists;
