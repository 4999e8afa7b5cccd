//! What a run found: for machines one object, for people a document.

use std::fmt::Write;

use serde::Serialize;
use straznica_exchange_wire::Binding;

use crate::case::{Case, Group};

/// What came of one case over one binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Passed {
        /// What was seen.
        got: String,
    },
    /// Otherwise.
    Failed {
        /// What was seen.
        got: String,
    },
    /// It could not be run against this target. It counts neither way.
    NotApplicable {
        /// Why.
        why: String,
    },
}

/// One line of a report.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The case.
    pub case: &'static Case,
    /// Over which binding.
    pub binding: Binding,
    /// In which edition of the standard, where the binding has several.
    pub edition: Option<String>,
    /// What was expected, by the profile of the line.
    pub expected: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order of the run.
    pub entries: Vec<Entry>,
}

/// The report for machines.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    cases: usize,
    passed: usize,
    failed: Vec<Failure<'a>>,
}

#[derive(Debug, Serialize)]
struct Failure<'a> {
    case: &'a str,
    binding: &'static str,
    expected: &'a str,
    got: &'a str,
}

impl Report {
    /// Cases that were run, each binding by itself.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.entries.iter().filter(|entry| !matches!(entry.verdict, Verdict::NotApplicable { .. })).count()
    }

    /// Cases that came out as expected.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.verdict, Verdict::Passed { .. })).count()
    }

    /// Cases that came out otherwise.
    pub fn failures(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.entries.iter().filter_map(|entry| match &entry.verdict {
            Verdict::Failed { got } => Some((entry, got.as_str())),
            _ => None,
        })
    }

    /// Cases that could not be run, and why.
    pub fn not_applicable(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.entries.iter().filter_map(|entry| match &entry.verdict {
            Verdict::NotApplicable { why } => Some((entry, why.as_str())),
            _ => None,
        })
    }

    /// Whether something was run and all of it came out as expected.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.cases() > 0 && self.passed() == self.cases()
    }

    /// For a target that is fully ours: a case that could not be run counts as failed, since nothing but a fault of the kit's prevents it.
    #[must_use]
    pub fn without_excuses(mut self) -> Self {
        for entry in &mut self.entries {
            if let Verdict::NotApplicable { why } = &entry.verdict {
                entry.verdict = Verdict::Failed { got: format!("not run: {why}") };
            }
        }
        self
    }

    /// `{"cases":n,"passed":n,"failed":[{"case","binding","expected","got"}]}`.
    ///
    /// # Errors
    /// Never in practice: there is nothing in it that JSON cannot say.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let failure = |(entry, got)| -> Failure<'_> {
            let entry: &Entry = entry;
            Failure { case: entry.case.id, binding: entry.binding.as_str(), expected: &entry.expected, got }
        };
        let failed = self.failures().map(failure).collect();
        serde_json::to_string(&Summary { cases: self.cases(), passed: self.passed(), failed })
    }

    /// A document for people: a table for each group.
    #[must_use]
    pub fn to_markdown(&self, of: &str) -> String {
        let mut text = format!("# Conformance of {of}\n\n{}\n", self.headline());
        let mut groups: Vec<Group> = self.entries.iter().map(|entry| entry.case.group).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            text += &format!(
                "\n## {}\n\n| | Case | Binding | Expected | Got | Source |\n|---|---|---|---|---|---|\n",
                group.title()
            );
            for entry in self.entries.iter().filter(|entry| entry.case.group == group) {
                entry.row(&mut text);
            }
        }
        text
    }

    /// One line for people.
    #[must_use]
    pub fn headline(&self) -> String {
        let (cases, passed) = (self.cases(), self.passed());
        let skipped = self.entries.len() - cases;
        let mut line = format!("{passed} of {cases} cases passed");
        if skipped > 0 {
            line += &format!("; {skipped} could not be run against this target");
        }
        line
    }
}

impl Entry {
    fn row(&self, text: &mut String) {
        let (mark, got) = match &self.verdict {
            Verdict::Passed { got } => ("passed", got),
            Verdict::Failed { got } => ("**FAILED**", got),
            Verdict::NotApplicable { why } => ("not run", why),
        };
        let Case { id, title, source, .. } = self.case;
        let (expected, got) = (cell(&self.expected), cell(got));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {mark} | `{id}` {title} | {} | {expected} | {got} | {source} |", self.over());
    }

    /// The binding as people call it, with the edition where it has several: `soap 2009`.
    #[must_use]
    pub fn over(&self) -> String {
        match &self.edition {
            Some(edition) => format!("{} {edition}", self.binding),
            None => self.binding.to_string(),
        }
    }
}

/// Text of the partner's in a table: no signs that end a cell, no endless lines.
fn cell(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).collect();
    match clean.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

/// The published list as a document.
#[must_use]
pub fn list() -> String {
    let mut text = "# The cases a SPOC is held against\n\n\
        Run by `straznica spoc conformance`. Each case has a name that is never reused, makes its own keys, references and message ids, and is \
        independent of the others. Where the standards leave a choice, every outcome they allow is right. Codes are those of Doc 9303-12; a partner \
        of the 2009 edition is expected to tell what its profile has instead.\n"
        .to_owned();
    let mut group = None;
    for case in crate::cases::all() {
        if group != Some(case.group) {
            group = Some(case.group);
            let title = case.group.title();
            text += &format!(
                "\n## {title}\n\n| Case | The rule | What is done | Expected | Over | Needs | Source |\n|---|---|---|---|---|---|---|\n"
            );
        }
        let over = match case.over {
            crate::case::Over::Both => "both",
            crate::case::Over::Only(binding) => binding.as_str(),
        };
        let needs: Vec<&str> = case.needs.iter().map(|need| need.name()).collect();
        let Case { id, title, steps, source, expected, .. } = case;
        let (expected, needs) = (expected.words(), needs.join(", "));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{id}` | {title} | {steps} | {expected} | {over} | {needs} | {source} |");
    }
    text + &crate::codes::section()
}
