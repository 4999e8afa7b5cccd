//! Records of people: which of one file and which of another are about one person.
//!
//! The theory is Fellegi's and Sunter's (1969). Every field of two records is compared to one of a few [`Level`]s. How often each level is met among
//! records of one person (*m*) and of two (*u*) tells how much it weighs for or against: log2(m/u). *u* is counted on pairs drawn from both files, nearly
//! all of them of two people; *m* is estimated from the files themselves (expectation maximisation), so nobody has to label any. A field that is empty
//! says nothing.
//!
//! Not all pairs are compared but those that share a key ([`blocks`]): an identifier, a birth date, the sound of the name, an address.
//!
//! Start reading in [`Record::new`], then [`link()`]. [`Weights::typical`] is for one question to a register, where there is nothing to estimate from.

mod blocks;
mod estimate;
mod level;
mod link;
mod record;

pub use estimate::Weights;
pub use level::{Evidence, Level};
pub use link::{Assignment, Link, Linkage, Options, Stage, TooManyPairs, link};
pub use record::{Field, Record};
