//! Server and client over loopback, and each of them against a peer that is not ours.

mod authority;
mod call_errors;
mod documents;
mod exchange;
mod handshake;
mod python_peer;
mod world;
