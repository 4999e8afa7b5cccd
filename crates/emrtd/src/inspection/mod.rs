//! Inspection: the checks on a document, their results and evidence, and the verdict a profile draws from them.

mod check;

pub use check::{Check, CheckName, CheckResult, Evidence, Outcome, Tolerance, ToleranceCode, UnknownCheck};
