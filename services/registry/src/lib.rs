//! registry is the register of aliens (Pobyt): who they are, what they asked for, what was decided, and by when the law wants the next step.
//!
//! What it promises
//! - **Law is data.** Kinds of cases, their stages, decisions, documents and deadlines stand in files with the day from which they hold and the place in the
//!   law they come from ([`domain::rules`]). A new law is a new file; a case keeps the rules it fell under unless the new law takes it over. A file that is wrong in
//!   any way is refused whole, and the service does not start.
//! - **Each deadline says why it is what it is** ([`domain::clock`]): the rule and its place in the law, the events counted, extensions, suspensions, days off. Nothing of it
//!   is stored but what happened.
//! - **Nothing stated of a person is overwritten** ([`domain::person`]): what was known at any moment, of any day, can be asked for ever. What is stated lies encrypted.
//! - **Who is written in another script, spelling or order is found** ([`domain::finding`]), with what speaks for and against; nothing lies in the database that tells a name.
//! - **Vulnerabilities are seen for purposes that need them**, and for no other; that there are some is told.
//! - **Other authorities read by profile** ([`domain::consumer`]): which purposes, which fields, how often; and never one of a state somebody may come from (art. 9 of the
//!   Protection Act): that is a rule of code, which no profile can change.
//! - **Files come in row by row** ([`domain::intake`]): started by another officer than who sent them, each row with its outcome, none twice; what a replaced register kept stays findable by
//!   its numbers, and what was sent is held against what is there.
//! - **Nobody decides alone**: who drafted a decision does not approve it, and nothing is issued without approval.
//! - **Others are asked, and their silence is an answer** ([`domain::consultation`]): at the first instant after the term, whoever looks, and whether or not a reply comes later.
//! - **Cases are handled in order**, or the reason why not is kept.
//! - **Of two who change the same thing, one is told to look again**: each change names the version it saw.
//! - **What could not be checked is never "no hit"** ([`domain::alerts`]): alerts of the Schengen Information System are asked of their source, a possible hit is resolved by two
//!   officers, and what grants a stay waits for both, and for the state that entered the alert.
//! - **Nothing unjournalled.** Change, journal entry and event are one transaction; a reading is journalled before it is shown.
//!
//! Where to start reading: [`domain`] for the rules, `app/persons.rs` and `app/cases.rs` for the use cases.

mod app;
mod config;
pub mod domain;
mod error;
mod jobs;
mod keys;
mod rpc;
mod start;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use config::{AlertSourceConfig, AlertsConfig, Config, ConsultationConfig, NetworkConfig, VisaRegisterConfig};
pub use error::{RegistryError, codes};
pub use keys::{PersonKeysConfig, Unopenable};
pub use start::build;
pub use store::{Migrations, UnreadableRow};
