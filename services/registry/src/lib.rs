//! registry is the register of aliens (Pobyt): who they are, what they asked for, what was decided, and by when the law wants the next step.
//!
//! What it promises
//! - **Law is data.** Kinds of cases, their stages, decisions, documents and deadlines stand in files with the day from which they hold and the place in the
//!   law they come from ([`domain::rules`]). A new law is a new file; a case keeps the rules it fell under unless the new law takes it over. A file that is wrong in
//!   any way is refused whole, and the service does not start.
//! - **Each deadline says why it is what it is** ([`domain::clock`]): the rule and its place in the law, the events counted, extensions, suspensions, days off. Nothing of it
//!   is stored but what happened.
//! - **Nothing stated of a person is overwritten** ([`domain::person`]): what was known at any moment, of any day, can be asked for ever. What is stated lies encrypted.
//! - **Vulnerabilities are seen for purposes that need them**, and for no other; that there are some is told.
//! - **Nobody decides alone**: who drafted a decision does not approve it, and nothing is issued without approval.
//! - **Cases are handled in order**, or the reason why not is kept.
//! - **Of two who change the same thing, one is told to look again**: each change names the version it saw.
//! - **Nothing unjournalled.** Change, journal entry and event are one transaction; a reading is journalled before it is shown.
//!
//! Where to start reading: [`domain`] for the rules, `app/persons.rs` and `app/cases.rs` for the use cases.

mod app;
mod config;
pub mod domain;
mod error;
mod keys;
mod rpc;
mod start;
mod store;

pub use config::Config;
pub use error::{RegistryError, codes};
pub use keys::{PersonKeysConfig, Unopenable};
pub use start::build;
pub use store::{Migrations, UnreadableRow};
