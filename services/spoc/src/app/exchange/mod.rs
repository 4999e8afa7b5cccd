//! Use cases of the exchange with other states.

pub(crate) mod admission;
pub(crate) mod contacts;
pub(crate) mod health;
pub(crate) mod outages;
pub(crate) mod outbox;
pub(crate) mod partners;
pub(crate) mod registration;
pub(crate) mod roots;
