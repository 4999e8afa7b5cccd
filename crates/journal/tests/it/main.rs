//! The journal on both engines.

mod erasure;
mod events;
mod house;
mod record;
mod rpc;
mod search;
mod sequencer;
mod tampering;
mod witness;
