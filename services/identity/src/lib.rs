//! identity judges travel documents: is the document in a terminal's hands genuine, and is its chip the one the state wrote it to? And it confirms who
//! somebody is who carries no document: by the state's registers, with their consent each time (mDokumenty).
//!
//! # Documents at hand
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
//! # Documents in registers
//!
//! A citizen lets kinds of documents be asked for. An official types a PESEL or phone number; the citizen reads who asks, for what and why, and reads out
//! the code; the register is asked and its answer shown.
//!
//! What it promises
//! - **No path shows data without the citizen's yes or a service's privilege.** Each yes shows once: to the official, institution, purpose and case it was
//!   given for. A privilege takes two people to give, and each use is counted, sampled for review and watched.
//! - **The access is in the journal before the register is asked.** If the journal cannot be written, nothing is asked and nothing shown.
//! - **Nothing of a document is kept**: answers are in memory, print as `***` and wipe themselves.
//! - **Nobody learns who uses the service.** Unknown, without this document, or locked: the same answer after the same work.
//! - **Only officials of approved institutions ask**, for what and where it is served; nobody decides alone or for themselves, and what is
//!   withdrawn ends what is under way. The special services are no institutions here, by code.
//! - **A register that is down is not a document that does not exist**, and an answer of yesterday says so.
//!
//! Where to start reading: [`domain`] for the rules, `app/open.rs` and `app/evidence.rs` for the two main use cases of inspections,
//! [`domain::verification`] and `app/verification` for the others, [`domain::verifiers`] and `app/verifiers` for who may ask.

mod app;
mod config;
pub mod domain;
mod error;
mod jobs;
mod keys;
mod metrics;
mod rpc;
mod start;
mod store;

pub use config::{
    CentralAdministratorConfig, Config, InspectionConfig, PrivilegeConfig, RegisterConfig, TrustConfig,
    VerificationConfig, VerifiersConfig,
};
pub use error::{IdentityError, codes};
pub use keys::{CitizenKeysConfig, Unopenable};
pub use start::build;
pub use store::{Migrations, UnreadableRow};
