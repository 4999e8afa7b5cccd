//! spoc over mutual TLS, on both engines: with a foreign CVCA, a master list publisher and terminals played by the tests.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod clock;
mod control_centre;
mod document_trust;
mod exchange_key;
mod foreign_state;
mod house;
mod issuing;
mod key_clean_up;
mod national_pki;
mod sequences;
mod starting;
mod token;
