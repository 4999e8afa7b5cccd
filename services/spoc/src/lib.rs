//! EAC-PKI of a state: trust in other states' documents, the national keys, and the terminal control centre.
//!
//! What spoc promises (BSI TR-03110, TR-03129, TR-03139; CSN 36 9791):
//!
//! - Nothing enters the trust store without an anchor two officers agreed on; who vouches for what stays known.
//! - No call returns a private key. Keys are made in the key store and used in it.
//! - A holder reference of ours is never given twice, whatever crashes in between.
//! - A chip gets a chain of one state of trust, under the newest CVCA certificate it can reach for which everything is held. Chains are worked
//!   out when trust changes and when a day begins; a request is one look-up.
//! - A Terminal Authentication signature names an open inspection of the same terminal and officer, is counted, and is on record before it leaves.
//!   The control centre is no blind signing oracle.
//! - Nothing is dated by a clock in doubt.
//!
//! What it refuses: the other environment's keys and database, certificates that do not answer a request of ours, inspection systems that are unknown,
//! suspended, expired or not yet valid.
//!
//! Where to start reading: [`domain::chains`] and [`domain::inspection_grant`] for the rules, [`keystore`] for the port, `app` for the use cases.

mod app;
pub mod config;
pub mod domain;
pub mod error;
pub mod failpoints;
mod jobs;
pub mod keystore;
mod links;
mod metrics;
mod rpc;
mod start;
mod store;
#[cfg(test)]
mod testing;
mod timewatch;

pub use config::Config;
pub use error::{CODES, SpocError};
pub use start::build;
pub use store::Migrations;
pub use timewatch::{Doubt, TimeWatchFault};
