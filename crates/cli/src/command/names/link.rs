//! `straznica names link`

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use names::person::{Field, Linkage, Options, Record, Stage, link};
use serde::Serialize;

use super::NamesError;
use super::table::{Table, TableError};
use crate::command::output;

/// Pairs above which it is told how far the work has come.
const LONG: usize = 500_000;

#[derive(Debug, Serialize)]
struct Report {
    links: Vec<Linked>,
    pairs_compared: usize,
    threshold: f64,
}

#[derive(Debug, Serialize)]
struct Linked {
    a: String,
    b: String,
    score: f64,
    why: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Linked { a, b, score, why } in &self.links {
            writeln!(f, "{a} = {b}: {score:.4}; {}", why.join(", "))?;
        }
        writeln!(f, "{} links from {} on, {} pairs compared", self.links.len(), self.threshold, self.pairs_compared)
    }
}

/// Links two files and prints the links.
pub(super) fn run(first: &Path, second: &Path, options: Options, json: bool) -> Result<(), NamesError> {
    let (left, right) = (read(first)?, read(second)?);
    let linkage = link(&left, &right, options, progress())?;
    Ok(output::report(json, &report(&left, &right, linkage, options))?)
}

/// Tells on standard error how far long work has come.
fn progress() -> impl FnMut(Stage) {
    let mut pairs = 0;
    move |stage| match stage {
        Stage::Found(found) => {
            pairs = found;
            if pairs > LONG {
                eprintln!("{pairs} pairs share a key and are compared");
            }
        }
        Stage::Compared(compared) if pairs > LONG => eprintln!("{compared} of {pairs} pairs compared"),
        Stage::Estimated if pairs > LONG => eprintln!("weights estimated"),
        Stage::Compared(_) | Stage::Estimated => {}
    }
}

fn report(left: &[Record], right: &[Record], linkage: Linkage, options: Options) -> Report {
    let links = linkage.links.into_iter().map(|link| Linked {
        a: left[link.left].id.clone(),
        b: right[link.right].id.clone(),
        score: link.score,
        why: link.why.iter().map(ToString::to_string).collect(),
    });
    Report { links: links.collect(), pairs_compared: linkage.compared, threshold: options.threshold }
}

/// The records of a file. One without an identifier of its own is called by its line.
fn read(path: &Path) -> Result<Vec<Record>, TableError> {
    let table = Table::read(path)?;
    let id = table.find("rec_id").or_else(|| table.find("id"));
    let columns = table.columns(Field::of_column)?;
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let record = |row: &csv::StringRecord| {
        let line = row.position().map_or(0, csv::Position::line);
        let id = id.map_or_else(|| format!("line {line}"), |id| row[id].to_owned());
        if lines.insert(id.clone(), line).is_some() {
            return Err(table.wrong(row, "its identifier stands in the file before"));
        }
        Ok(columns.iter().fold(Record::new(id), |record, &(at, field)| record.with(field, &row[at])))
    };
    table.rows.iter().map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::{Options, link, read, report};

    fn file(content: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        file
    }

    #[test]
    fn columns_are_known_by_their_header_and_links_say_why() {
        let one = file(
            "rec_id, given_name, surname, date_of_birth, state\nx-1, Hanna, Szewczuk, 19880211, vic\nx-2, Adam, Nowicki, 19700101, nsw\n",
        );
        let other = file("surname,given_name,born,remarks\nШевчук,Ганна,1988-02-11,\"none, so far\"\n");
        let (left, right) = (read(one.path()).unwrap(), read(other.path()).unwrap());
        let options = Options::default();
        let report = report(&left, &right, link(&left, &right, options, |_| {}).unwrap(), options);
        assert_eq!(report.links.len(), 1);
        let linked = &report.links[0];
        assert_eq!((linked.a.as_str(), linked.b.as_str()), ("x-1", "line 2"));
        assert!(linked.why[0].starts_with("date of birth: same (+"), "{:?}", linked.why);
    }

    #[test]
    fn files_without_persons_are_refused_with_the_line() {
        for (content, told) in [
            ("colour,size\nred,4\n", "no column tells persons apart; the header has: colour, size"),
            ("id,surname\n1,Nowak\n1,Wrona\n", "line 3: its identifier stands in the file before"),
        ] {
            let error = read(file(content).path()).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
