//! Use cases of the exchange with other states.

pub(crate) mod admission;
mod answers;
pub(crate) mod ca_certificates;
pub(crate) mod calendar;
pub(crate) mod callbacks;
pub(crate) mod contacts;
pub(crate) mod crls_by_hand;
pub(crate) mod delivery;
pub(crate) mod domestic_dv;
pub(crate) mod fallback;
pub(crate) mod foreign_holders;
pub(crate) mod health;
pub(crate) mod inbound;
pub(crate) mod is_renewals;
mod issue;
pub(crate) mod messages;
pub(crate) mod outages;
pub(crate) mod outbox;
pub(crate) mod own_certificates;
mod partner_certificates;
pub(crate) mod partners;
pub(crate) mod proposals;
pub(crate) mod refused;
pub(crate) mod registration;
pub(crate) mod renewals;
pub(crate) mod requests;
pub(crate) mod requests_job;
pub(crate) mod retention;
pub(crate) mod rollover;
pub(crate) mod roots;
pub(crate) mod seen;
pub(crate) mod subscriptions;

#[cfg(test)]
mod outbound_tests;
#[cfg(test)]
mod tests;
