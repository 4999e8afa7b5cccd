//! Verifying a journal: everything is recomputed, nothing stored is believed.
//!
//! Two sources, one verifier: a database ([`verify_database`]) or an export ([`export`], [`verify_export`]), JSON lines that someone outside can keep and
//! check (format in `line.rs`). Found are altered, deleted, inserted and reordered entries, altered checkpoints and signatures, payloads that are gone without a record of
//! their erasure, and, in a database, tiles and events that do not fit. Entries cut off at the end together with their checkpoints leave no trace in
//! the database itself: hold a witness's memory against it ([`Options::known`]).

mod database;
mod line;
mod report;
mod verifier;

pub use database::{export, verify_database};
pub use line::{ExportedEntry, ExportedPayload, FORMAT, Line};
pub use report::{Finding, FindingCode, Report};
pub use verifier::{Options, verify_export};
