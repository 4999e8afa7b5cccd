//! The gateway's own rules: which terminal may call, how often, what a repeated request means, and who is logged in. Pure: no I/O, no clock.

pub(crate) mod idempotency;
pub(crate) mod mission;
pub(crate) mod people;
pub(crate) mod rate;
pub(crate) mod terminal;
