//! identity judges travel documents: is the document in a terminal's hands genuine, and is its chip the one the state wrote it to?
//!
//! A terminal (through the gateway) opens an inspection with what it has read so far and adds evidence as it reads on: security object and
//! DG1 first, Chip and Active Authentication next, the digest of DG3 last. Every call is answered with the verdict as it then stands, each
//! check with its result and evidence (BSI TR-03135). The trust it judges by is spoc's, asked for at each inspection.
//!
//! What it promises
//! - **No one is in the database.** Names, document numbers, machine readable zones and images are judged and forgotten. What an open
//!   inspection needs for later evidence (EF.SOD, DG14, DG15, EF.CardAccess, EF.CardSecurity, chip protocols' evidence: keys and signatures)
//!   is deleted when its session ends. The terminal's reference is kept as a keyed pseudonym.
//! - **Fingerprints stay with the terminal.** DG3 and DG4 are refused; their digests are taken, and the evidence says who computed them.
//! - **A challenge is answered once**, by the terminal it was issued to, within minutes, rightly or wrongly.
//! - **A failed check stays failed**, whatever is sent later, and of two calls at once none is lost.
//! - **Trust is never silently old.** When spoc cannot be asked, the generation last confirmed is used for a configured time; revocation is
//!   then undetermined, the evidence says since when, and the verdict follows. After that the answer is UNAVAILABLE.
//! - **A verdict does not wait for spoc's control centre.** If it cannot be told of an inspection the answer says that Terminal
//!   Authentication is not available, and the next evidence tries again: what fails closes the fingerprints and nothing else.
//! - **Nothing unjournalled.** Verdict, journal entry and event are one transaction; a reading is journalled before it is shown.
//!
//! Where to start reading: [`domain`] for the rules, `app/open.rs` and `app/evidence.rs` for the two main use cases.

mod app;
mod config;
pub mod domain;
mod error;
mod jobs;
mod metrics;
mod rpc;
mod start;
mod store;

pub use config::{Config, InspectionConfig, TrustConfig};
pub use error::{IdentityError, codes};
pub use start::build;
pub use store::{Migrations, UnreadableRow};
