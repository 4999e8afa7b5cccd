//! Names of people, compared across scripts and spellings, and records of people, linked.
//!
//! A passport, a visa and an asylum application write one person in three ways: in another script, by another table of transliteration, in
//! another order, with a slip of the pen. This crate says how likely two such writings are one name ([`compare()`]), and why ([`Reason`]): a score nobody
//! can explain decides nothing about a person.
//!
//! It promises that
//! - comparison is symmetric, a name is itself with score 1, and any text is taken: what is beyond [`MAX_CHARACTERS`] and [`MAX_WORDS`] is not read, so
//!   that time is bounded;
//! - the score is a probability as far as the labelled pairs it was fitted to are like the pairs it meets, and the threshold is a constant, not a
//!   fit ([`THRESHOLD`]);
//! - it knows languages, not people: tables of letters, particles, titles and forms of given names. No table lists a person.
//!
//! It does not decide that two people are one. It proposes; officers decide.
//!
//! Start reading in [`Name::parse`], then [`compare()`]; [`keys`](mod@keys) for what a register finds names by, [`person`] for records of more than a name.

mod alignment;
mod assignment;
mod compare;
mod distance;
pub mod evaluate;
mod features;
pub mod keys;
mod kin;
mod model;
mod name;
pub mod person;
mod phonemes;
mod script;
mod variants;
mod words;

pub use compare::{Comparison, Reason, compare, features, score};
pub use features::{FEATURE_NAMES, FEATURES, Features};
pub use model::{MODEL, Model, THRESHOLD};
pub use name::{MAX_CHARACTERS, MAX_WORDS, Name};
pub use script::cyrillic::Convention;
pub use variants::{decode_icao_arabic, transliterate, variants};
pub use words::Kind;
