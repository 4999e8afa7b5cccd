//! Poland, whose document verifier asks, and Utopia, whose CVCA issues: a process each, killed at every moment, cut off from one another, and run by
//! officers with the program alone.
#![expect(clippy::print_stdout, reason = "kills and what officers are told, shown where a group fails")]

mod at_the_desk;
mod by_mail;
mod kill;
mod ledger;
mod node;
mod pair;
