//! registry over its real listener, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "it/alerts/mod.rs"]
mod alerts;
#[path = "it/cases.rs"]
mod cases;
#[path = "it/consultation_network.rs"]
mod consultation_network;
#[path = "it/consultations.rs"]
mod consultations;
#[path = "it/consumers.rs"]
mod consumers;
#[path = "it/decisions.rs"]
mod decisions;
#[path = "it/documents.rs"]
mod documents;
#[path = "it/history.rs"]
mod history;
#[path = "it/house.rs"]
mod house;
#[path = "it/intake.rs"]
mod intake;
#[path = "it/kill.rs"]
mod kill;
#[path = "it/merges.rs"]
mod merges;
#[path = "it/persons.rs"]
mod persons;
#[path = "it/retention.rs"]
mod retention;
#[path = "it/rules.rs"]
mod rules;
#[path = "it/rulings.rs"]
mod rulings;
#[path = "it/search.rs"]
mod search;
#[path = "it/stories/mod.rs"]
mod stories;
#[path = "it/visas.rs"]
mod visas;
#[path = "it/work.rs"]
mod work;
