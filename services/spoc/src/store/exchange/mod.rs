//! Queries of the exchange with other states.

pub(crate) mod applications;
pub(crate) mod bundles;
pub(crate) mod contacts;
pub(crate) mod crls_by_hand;
pub(crate) mod dates;
pub(crate) mod holders;
pub(crate) mod inbound;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod partner_certificates;
pub(crate) mod partners;
pub(crate) mod retention;
pub(crate) mod rollovers;
pub(crate) mod subscriptions;
