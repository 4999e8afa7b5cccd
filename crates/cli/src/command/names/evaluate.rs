//! `straznica names evaluate`

use std::fmt;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use names::evaluate::{Counts, Judged};
use names::{Name, THRESHOLD, score};
use serde::Serialize;

use super::NamesError;
use super::table::{Table, TableError};
use crate::command::output;

#[derive(Debug, Serialize)]
struct Report {
    pairs: usize,
    f1: f64,
    precision: f64,
    recall: f64,
    /// Of the pairs with a character beyond ASCII; null where there is none.
    f1_non_ascii: Option<f64>,
    threshold: f64,
    micros_per_pair: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} pairs, a match from {} on", self.pairs, self.threshold)?;
        writeln!(f, "F1 {:.3}: precision {:.3}, recall {:.3}", self.f1, self.precision, self.recall)?;
        if let Some(f1) = self.f1_non_ascii {
            writeln!(f, "F1 {f1:.3} where a name is written in more than ASCII")?;
        }
        writeln!(f, "{:.1} microseconds a pair", self.micros_per_pair)
    }
}

struct Pair {
    left: String,
    right: String,
    is_match: bool,
}

/// Judges the pairs of a file and prints how well.
pub(super) fn run(file: &Path, json: bool) -> Result<(), NamesError> {
    let pairs = read(file)?;
    let judged: Vec<Judged> = pairs
        .iter()
        .map(|pair| Judged {
            score: compare(pair),
            is_match: pair.is_match,
            non_ascii: !pair.left.is_ascii() || !pair.right.is_ascii(),
        })
        .collect();
    let counts = Counts::of(&judged, THRESHOLD);
    let non_ascii: Vec<Judged> = judged.iter().copied().filter(|pair| pair.non_ascii).collect();
    let report = Report {
        pairs: pairs.len(),
        f1: counts.f1(),
        precision: counts.precision(),
        recall: counts.recall(),
        f1_non_ascii: (!non_ascii.is_empty()).then(|| Counts::of(&non_ascii, THRESHOLD).f1()),
        threshold: THRESHOLD,
        micros_per_pair: micros_a_pair(&pairs),
    };
    Ok(output::report(json, &report)?)
}

fn read(file: &Path) -> Result<Vec<Pair>, TableError> {
    let table = Table::read(file)?;
    let (left, right, label) = (table.column("name1")?, table.column("name2")?, table.column("is_match")?);
    let pair = |row: &csv::StringRecord| {
        let is_match = match row[label].to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" => false,
            _ => return Err(table.wrong(row, "is_match is neither true nor false")),
        };
        Ok(Pair { left: row[left].to_owned(), right: row[right].to_owned(), is_match })
    };
    table.rows.iter().map(pair).collect()
}

fn compare(pair: &Pair) -> f64 {
    score(&Name::parse(&pair.left), &Name::parse(&pair.right))
}

/// From text to score, as the median of rounds over the whole file: at least half a second of them, and five.
fn micros_a_pair(pairs: &[Pair]) -> f64 {
    let begun = Instant::now();
    let mut rounds = Vec::new();
    while rounds.len() < 5 || begun.elapsed() < Duration::from_millis(500) {
        let started = Instant::now();
        for pair in pairs {
            black_box(compare(black_box(pair)));
        }
        rounds.push(started.elapsed());
    }
    rounds.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a file of pairs has fewer than 2^52")]
    let count = pairs.len() as f64;
    rounds[rounds.len() / 2].as_secs_f64() * 1e6 / count
}

#[cfg(test)]
mod tests {
    use super::read;

    fn problem(content: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        match read(file.path()) {
            Ok(pairs) => format!("{} pairs", pairs.len()),
            Err(error) => error.to_string().replace(&file.path().display().to_string(), "FILE"),
        }
    }

    #[test]
    fn files_that_hold_no_labelled_pairs_are_refused_with_the_line() {
        for (content, told) in [
            ("name1,name2,is_match\nA,B,true\n\"C, D\",E,FALSE\n", "2 pairs"),
            ("\u{feff}NAME1,name2,is_match,quality\nA,B,yes,x\n", "1 pairs"),
            ("name1,is_match\nA,true\n", "FILE: no column name2; the header has: name1, is_match"),
            ("name1,name2,is_match\n", "FILE: no rows below the header"),
            ("name1,name2,is_match\nA,B,true\nA,B,maybe\n", "FILE: line 3: is_match is neither true nor false"),
        ] {
            assert_eq!(problem(content), told);
        }
        let ragged = problem("name1,name2,is_match\nA,B,true\nA,B\n");
        assert!(ragged.contains("line: 3"), "{ragged}");
        let not_text = problem("name1,name2,is_match\nA,B");
        assert!(not_text.contains("line: 2"), "{not_text}");
    }
}
