//! The labelled pairs: what the model reaches on pairs it has not seen, and that nothing here knows them by heart.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use names::evaluate::Counts;
use names::{MODEL, THRESHOLD};

fn file() -> Option<PathBuf> {
    straznica_testkit::vectors().map(|folder| folder.join("names/person-name-pairs.csv"))
}

#[test]
fn pairs_the_model_has_not_seen_are_judged_as_people_judged_them() {
    let Some(file) = file() else { return };
    let pairs = support::read(&file);
    assert!(pairs.len() > 250, "{} pairs", pairs.len());
    let judged = support::cross_validated(&pairs, 0);
    assert_eq!(judged.len(), pairs.len());
    let all = Counts::of(&judged, THRESHOLD);
    let non_ascii = Counts::of(judged.iter().filter(|pair| pair.non_ascii), THRESHOLD);
    println!("five-fold: F1 {:.4} {all:?}; non-ASCII {:.4} {non_ascii:?}", all.f1(), non_ascii.f1());
    assert!(all.f1() >= 0.80, "{all:?}");
    assert!(non_ascii.f1() >= 0.873, "{non_ascii:?}");
}

#[test]
fn the_model_in_use_is_the_one_the_example_fits() {
    let Some(file) = file() else { return };
    let fitted = support::fit(&support::read(&file));
    assert!((fitted.bias - MODEL.bias).abs() < 0.002, "{fitted:?}");
    for (fitted, used) in fitted.weights.iter().zip(MODEL.weights) {
        assert!((fitted - used).abs() < 0.002, "{fitted} {used}");
    }
}

/// Lower-case words with a space on either side of each.
fn words(text: &str) -> String {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!(" {} ", words.join(" "))
}

fn texts(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else {
            found.push(words(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn no_name_of_the_file_stands_in_the_crate() {
    let Some(file) = file() else { return };
    let mut crate_texts = Vec::new();
    texts(Path::new(env!("CARGO_MANIFEST_DIR")), &mut crate_texts);
    assert!(crate_texts.len() > 15);
    let names: BTreeSet<String> = support::read(&file)
        .iter()
        .flat_map(|pair| [words(&pair.left), words(&pair.right)])
        .filter(|name| name.trim().chars().count() >= 4)
        .collect();
    for name in names {
        assert!(!crate_texts.iter().any(|text| text.contains(&name)), "{name}");
    }
}
