//! What comes into the register by file: from another authority, or from a register that is to be replaced.
//!
//! A file is a table ([`read`]): CSV or JSON Lines, in an encoding its sender names. A [`Mapping`] says what its columns mean: a file of our own columns needs none, an old
//! register has one as data. Each row becomes a [`Row`], ready to be stated, or a [`Problem`] that says what is wrong with it: a row that is wrong keeps no other one out.

mod column;
mod course;
mod encoding;
mod mapping;
mod row;
mod table;
#[cfg(test)]
mod tests;

pub use column::{Column, Kind, Problem, ProblemCode};
pub use course::{Counts, Intake, Outcome, State};
pub use encoding::Encoding;
pub use mapping::{Mapping, MappingError, Mappings};
pub use row::{FormerRecord, Row, StatedFact};
pub use table::{Cells, FileProblem, Format, LARGEST_FILE, Line, MOST_ROWS, Table, read};
