//! Scenarios across services, a module each. The services here are the real ones, over the real transport.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alerts_at_the_border;
mod architecture;
mod bad_input;
mod border_check;
mod exchange;
mod exchange_bundles;
mod exchange_hostile;
mod exchange_peers;
mod exchange_root;
mod exchange_year;
mod identity_confirmed;
mod mdokumenty;
mod nothing_of_the_person;
mod one_time_codes;
mod pki_by_file;
mod registry_rest;
mod spoc_operator;
mod trust_import;
