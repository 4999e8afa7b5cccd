//! Use cases of the exchange with other states.

pub(crate) mod outbox;
pub(crate) mod partners;
