//! What a register can be told to do wrong.

use std::time::Duration;

/// A fault of a register, in force until another one, or none, is scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers after this long.
    Slow(Duration),
    /// The adapter answers that the register behind it cannot be asked.
    Down,
    /// The adapter itself fails.
    Broken,
    /// Answers from a copy so old.
    Stale(Duration),
    /// Refuses what it is asked.
    Refusing,
    /// Answers with another kind of document than was asked for.
    Confused,
}
