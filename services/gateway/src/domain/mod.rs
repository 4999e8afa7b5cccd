//! The gateway's own rules: which terminal may call, how often, and what a repeated request means. Pure: no I/O, no clock.

pub(crate) mod idempotency;
pub(crate) mod mission;
pub(crate) mod rate;
pub(crate) mod terminal;
