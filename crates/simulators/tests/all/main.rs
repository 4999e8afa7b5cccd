//! The simulators keep the rules they are there to enforce.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test")]

mod alerts;
mod chip;
mod home;
mod inspection;
mod partner_state;
mod registers;
