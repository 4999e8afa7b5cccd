//! The rules of the exchange with other states (CSN 36 9791, Doc 9303-12 §8, TR-03139).

pub mod backoff;
pub mod ca_sequence;
pub mod calendar;
pub mod health;
pub mod holder;
pub mod is_renewal;
pub mod lineage;
pub mod outbox;
pub mod partner;
pub mod policy;
pub mod processing;
pub mod quota;
pub mod refusals;
pub mod registration;
pub mod renewal;
pub mod root;
pub mod subject;
