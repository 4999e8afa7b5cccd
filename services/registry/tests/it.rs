//! registry over its real listener, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "it/cases.rs"]
mod cases;
#[path = "it/decisions.rs"]
mod decisions;
#[path = "it/house.rs"]
mod house;
#[path = "it/persons.rs"]
mod persons;
#[path = "it/rules.rs"]
mod rules;
#[path = "it/work.rs"]
mod work;
