//! `straznica registry rules` and `straznica registry holidays`: the law of cases as files, looked at without a server.

use std::path::Path;

use serde::Serialize;
use straznica_registry::domain::calendar::Calendar;
use straznica_registry::domain::rules::{RuleBook, RuleError, RuleSet, Text};
use straznica_types::CivilDate;

use super::RegistryError;
use super::table::Table;
use crate::arguments::Rules;
use crate::command::{Outcome, output};

/// Runs the command.
pub(super) fn run(command: &Rules) -> Result<Outcome, RegistryError> {
    match command {
        Rules::List { rules, json } => {
            let book = match rules {
                Some(directory) => parse(&files_in(directory)?)?,
                None => RuleBook::built_in()?,
            };
            output::report(*json, &SetList { sets: book.sets().iter().map(Set::of).collect() })?;
            Ok(Outcome::Yes)
        }
        Rules::Check { files, json } => {
            let texts: Result<Vec<_>, _> = files.iter().map(|file| read(file)).collect();
            let checked = Checked { error: parse(&texts?).err().map(|error| error.to_string()) };
            output::report(*json, &checked)?;
            Ok(if checked.error.is_none() { Outcome::Yes } else { Outcome::No })
        }
    }
}

/// A file's name as errors tell it, and its text.
type File = (String, String);

fn parse(files: &[File]) -> Result<RuleBook, RuleError> {
    RuleBook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

fn read(path: &Path) -> Result<File, RegistryError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|source| RegistryError::File { path: path.to_owned(), source })?;
    Ok((path.display().to_string(), text))
}

/// The rule sets of a directory, as registry reads them.
fn files_in(directory: &Path) -> Result<Vec<File>, RegistryError> {
    let unreadable = |source| RegistryError::File { path: directory.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    // In the order of their names, so that the same mistake is told first each time.
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// What the check of some files came to.
#[derive(Debug)]
struct Checked {
    error: Option<String>,
}

impl Serialize for Checked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({ "sound": self.error.is_none(), "error": self.error }).serialize(serializer)
    }
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.error.as_deref().unwrap_or("sound"))
    }
}

/// A text in both languages.
#[derive(Debug, Serialize)]
struct Bilingual {
    pl: String,
    en: String,
}

impl Bilingual {
    fn of(text: &Text) -> Self {
        Self { pl: text.pl.clone(), en: text.en.clone() }
    }
}

/// A rule set.
#[derive(Debug, Serialize)]
struct Set {
    id: String,
    family: String,
    title: Bilingual,
    from: CivilDate,
    to: Option<CivilDate>,
    cases: Vec<Type>,
}

/// A type of cases, and how many rules it has.
#[derive(Debug, Serialize)]
struct Type {
    id: String,
    title: Bilingual,
    stages: usize,
    events: usize,
    deadlines: usize,
    decisions: usize,
    documents: usize,
}

impl Set {
    fn of(set: &RuleSet) -> Self {
        let cases = set.cases.iter().map(|case| Type {
            id: case.id.clone(),
            title: Bilingual::of(&case.title),
            stages: case.stages.len(),
            events: case.events.len(),
            deadlines: case.deadlines.len(),
            decisions: case.decisions.len(),
            documents: case.documents.len(),
        });
        Self {
            id: set.id.clone(),
            family: set.family.clone(),
            title: Bilingual::of(&set.title),
            from: set.from,
            to: set.to,
            cases: cases.collect(),
        }
    }
}

/// The rule sets.
#[derive(Debug, Serialize)]
struct SetList {
    sets: Vec<Set>,
}

impl std::fmt::Display for SetList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = self.sets.iter().flat_map(|set| {
            set.cases.iter().map(|case| {
                let to = set.to.map(|to| to.to_string()).unwrap_or_default();
                let rules = format!("{} deadlines, {} decisions", case.deadlines, case.decisions);
                [set.id.clone(), set.from.to_string(), to, case.id.clone(), rules, case.title.en.clone()]
            })
        });
        let heading = ["RULE SET", "HOLDS FROM", "UNTIL BEFORE", "CASES", "RULES", ""];
        f.write_str(&Table::new(heading, rows).or("no rule set is there"))
    }
}

/// `straznica registry holidays`.
pub(super) fn holidays(year: i64, file: Option<&Path>, json: bool) -> Result<(), RegistryError> {
    let calendar = match file {
        Some(file) => {
            let (name, text) = read(file)?;
            Calendar::parse(&name, &text)?
        }
        None => Calendar::built_in()?,
    };
    Ok(output::report(json, &DaysOff { days: days_off(&calendar, year) })?)
}

fn days_off(calendar: &Calendar, year: i64) -> Vec<DayOff> {
    let mut days = Vec::new();
    let mut day = CivilDate::new(year, 1, 1);
    while let Some(date) = day.filter(|date| date.year() == year) {
        let on = calendar.holidays().iter().filter(|holiday| holiday.is_on(date));
        days.extend(on.map(|holiday| DayOff {
            day: date,
            id: holiday.id.clone(),
            title: Bilingual::of(&holiday.title),
            basis: format!("{}, {}", holiday.basis.article, holiday.basis.act.journal),
        }));
        day = Some(date.plus_days(1));
    }
    days
}

/// A day off by statute.
#[derive(Debug, Serialize)]
struct DayOff {
    day: CivilDate,
    id: String,
    title: Bilingual,
    basis: String,
}

/// The days off of a year.
#[derive(Debug, Serialize)]
struct DaysOff {
    days: Vec<DayOff>,
}

impl std::fmt::Display for DaysOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = self
            .days
            .iter()
            .map(|off| [off.day.to_string(), off.title.pl.clone(), off.title.en.clone(), off.basis.clone()]);
        write!(f, "{}", Table::new(["DAY", "", "", "LAW"], rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_off_of_a_year_are_those_of_its_law() {
        let calendar = Calendar::built_in().unwrap();
        let days = |year| days_off(&calendar, year).iter().map(|off| off.day.to_string()).collect::<Vec<_>>();
        // Christmas Eve is a day off since 2025.
        assert!(!days(2024).contains(&"2024-12-24".to_owned()));
        assert!(days(2025).contains(&"2025-12-24".to_owned()));
        assert!(days(2026).contains(&"2026-04-06".to_owned()), "Easter Monday");
    }

    #[test]
    fn a_wrong_file_is_told_with_its_line() {
        let wrong = ("law.toml".to_owned(), "id = \"x\"\nfamily = 7\n".to_owned());
        let error = parse(std::slice::from_ref(&wrong)).unwrap_err().to_string();
        assert!(error.starts_with("law.toml:"), "{error}");
        let checked = Checked { error: Some(error) };
        assert_eq!(serde_json::to_value(&checked).unwrap()["sound"], false);
    }
}
