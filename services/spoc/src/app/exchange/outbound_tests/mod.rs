//! The document verifier that renews by itself, against a partner in memory, on both engines.

mod calendar;
mod callbacks;
mod delivery;
mod domestic;
mod ended;
#[path = "../../../../tests/it/foreign_state.rs"]
#[allow(dead_code, reason = "shared with the tests of the whole service")]
mod foreign_state;
mod house;
mod kept;
mod partner;
mod policy;
mod renewals;
mod rights;
mod standstill;
mod two_states;
