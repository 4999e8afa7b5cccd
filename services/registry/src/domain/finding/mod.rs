//! Finding persons: what of them is searched by, the keys it is found by, and how well somebody fits a question.
//!
//! A register of a million is not compared with a question one by one. Every person has keys ([`keys_of`]): texts that spellings of one name, slips of the pen and
//! dates of birth have in common. A question has keys too ([`Question::keys`]); who shares some is opened and judged ([`Question::judge`]), with what speaks for and
//! against. Keys are made of everything that was ever stated, so facts only ever add some; what does not hold any more is found as history and told as such.

mod findable;
mod judge;
mod keys;
mod likeness;
mod question;

pub(crate) use findable::searched_by;
pub use findable::{Findable, KnownFact, Standing};
pub(crate) use judge::main_name;
pub use judge::{Judged, Reason};
pub use keys::{VERSION, keys_of};
pub use question::{Described, Question};

#[cfg(test)]
mod tests;
