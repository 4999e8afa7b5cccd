//! Tests of the whole library: on material made here, on published material, and beside another implementation.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod issuing;
mod links;
mod pki;
mod pycvc;
mod robustness;
mod terminals;
mod vectors;
