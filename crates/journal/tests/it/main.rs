//! The journal on both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod erasure;
mod events;
mod house;
mod record;
mod rpc;
mod search;
mod sequencer;
mod tampering;
mod witness;
