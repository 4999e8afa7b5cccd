//! Rule sets: what the law says of a kind of case, as data with the day from which it holds.
//!
//! A file is one law for one family of cases. It lists the stages of each kind of case, the events that move it from one to another, what can be decided, which
//! documents come of it, and the deadlines that [`clock`](super::clock) counts. Everything that binds names its act, journal and article. Files of a family do not
//! overlap in time; a later one says whether it takes over cases that were opened before ([`OpenCases`]).
//!
//! Reading is strict ([`RuleError`]): unknown members, texts missing in one language, references to nothing, stages nobody reaches or leaves, extensions that
//! extend nothing. [`RuleBook`] holds all files together and answers which set governs a case.

mod basis;
mod book;
mod case;
mod check;
mod error;
mod raw;
mod set;
mod source;
mod term;

pub(crate) use basis::RawBasis;
pub use basis::{Act, Basis, Text, Verified};
pub use book::RuleBook;
pub use case::{CaseType, EventRule, Move, Stage};
pub use error::{Place, RuleError};
pub use set::{
    DeadlineRule, DecisionRule, DeemedRule, DocumentRule, ExtensionRule, OpenCases, Party, Passing, Reach, RuleSet,
    Service, SuspensionRule,
};
pub(crate) use source::Source;
pub use term::Term;

#[cfg(test)]
mod tests;
