//! Use cases of the exchange with other states.

pub(crate) mod partners;
