//! `straznica names compare`

use std::fmt;

use names::{Comparison, Name, THRESHOLD};
use serde::Serialize;

use crate::command::output::{self, OutputError};

#[derive(Debug, Serialize)]
struct Report {
    score: f64,
    #[serde(rename = "match")]
    is_match: bool,
    why: Vec<String>,
}

impl From<Comparison> for Report {
    fn from(comparison: Comparison) -> Self {
        let is_match = comparison.is_match();
        let why = comparison.why.iter().map(ToString::to_string).collect();
        Self { score: comparison.score, is_match, why }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_match { "match" } else { "no match" };
        writeln!(f, "{verdict}: {:.3}, a match from {THRESHOLD} on", self.score)?;
        self.why.iter().try_for_each(|reason| writeln!(f, "  {reason}"))
    }
}

/// Compares two names and prints the result.
pub(super) fn run(first: &str, second: &str, json: bool) -> Result<(), OutputError> {
    output::report(json, &Report::from(names::compare(&Name::parse(first), &Name::parse(second))))
}
