//! The keys by which a person is found.
//!
//! One word of a name is shared by thousands, so most keys join two things: two words as they sound, or a word and a date. A slip of the pen is found by what is left of a
//! word when one sound is taken away: two words that differ by one sound have such a remainder in common, or one of them is it.

use std::collections::BTreeSet;

use names::keys::{KEYS_VERSION, WordKeys, words};

use super::Findable;
use crate::domain::person::{BirthDate, Fact, Name};

/// Raised with every change of what this file makes.
const LAYOUT: u32 = 1;

/// Which keys these are: those of another version are made anew. Rises with either of its parts.
pub const VERSION: u32 = LAYOUT + KEYS_VERSION;

/// Words of a name that are joined with each other. Of longer ones the first and the last: between them stand fathers and grandfathers.
const JOINED: usize = 4;
/// The shortest sound a slip is looked for in: of shorter ones nothing would be left that tells anybody.
const SHORTEST_SLIPPED: usize = 3;
/// The shortest sound in which a slip is looked for where there is no other word to join it with.
const SHORTEST_ALONE: usize = 5;

/// All keys of a person. What is stated later adds some and takes none away.
#[must_use]
pub fn keys_of(findable: &Findable) -> BTreeSet<String> {
    let facts = || findable.facts.iter().map(|known| &known.fact);
    let mut keys = BTreeSet::new();
    let mut births: Vec<BirthDate> = facts()
        .filter_map(|fact| match fact {
            Fact::Birth(birth) => Some(birth.date),
            _ => None,
        })
        .collect();
    births.dedup();
    keys.extend(births.iter().filter_map(|date| day(*date)));
    for fact in facts() {
        match fact {
            Fact::Name(name) => {
                for text in writings(name) {
                    let words = joined(words(&text));
                    alone(&words, &mut keys);
                    together(&words, &mut keys);
                    keys.extend(births.iter().filter_map(|date| year(*date)).flat_map(|year| born(&words, year)));
                }
            }
            Fact::Document(document) => keys.extend(number(&document.number)),
            _ => {}
        }
    }
    keys
}

/// A name in each script it is known in, given names first.
pub(super) fn writings(name: &Name) -> impl Iterator<Item = String> {
    let whole = |given: &str, surname: &str| format!("{given} {surname}");
    let original = whole(&name.original_given, &name.original_surname);
    let latin = whole(&name.latin_given, &name.latin_surname);
    [latin, original].into_iter().filter(|text| !text.trim().is_empty())
}

/// The words that are joined: without those made of the father's name, unless there is nothing else.
pub(super) fn joined(all: Vec<WordKeys>) -> Vec<WordKeys> {
    let own = all.iter().filter(|word| !word.patronymic).count();
    let mut words: Vec<WordKeys> = all.into_iter().filter(|word| own < 2 || !word.patronymic).collect();
    if words.len() > JOINED {
        words.drain(JOINED / 2..words.len() - JOINED / 2);
    }
    words
}

/// What a word may be said as: its sounds, and the families of given names it is a form of.
pub(super) fn readings(word: &WordKeys) -> impl Iterator<Item = String> {
    word.sounds.iter().cloned().chain(word.forms.iter().map(|family| format!("#{family}")))
}

/// What is left of a word's first sound when one of it is taken away.
pub(super) fn remainders(word: &WordKeys, shortest: usize) -> BTreeSet<String> {
    let Some(sound) = word.sounds.first().filter(|sound| sound.len() >= shortest) else { return BTreeSet::new() };
    // ASCII.
    (0..sound.len()).map(|at| format!("{}{}", &sound[..at], &sound[at + 1..])).collect()
}

/// Two words as they sound, in either order.
pub(super) fn pair(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("p{first}|{second}")
}

/// What is left of one word, and another as it sounds.
pub(super) fn slip(left: &str, other: &str) -> String {
    format!("e{left}|{other}")
}

/// A word as it sounds and what opens the other.
pub(super) fn opening(word: &str, other: char) -> String {
    format!("i{word}|{other}")
}

/// One word as it sounds.
pub(super) fn single(word: &str) -> String {
    format!("s{word}")
}

/// What is left of one word.
pub(super) fn remainder(left: &str) -> String {
    format!("t{left}")
}

/// A word as it sounds, and the year of birth.
pub(super) fn born_in(word: &str, year: i64) -> String {
    format!("y{word}|{year}")
}

/// The day of birth.
pub(super) fn day(date: BirthDate) -> Option<String> {
    match date {
        BirthDate::Day(_) => Some(format!("d{date}")),
        BirthDate::Month(..) | BirthDate::Year(_) | BirthDate::Unknown => None,
    }
}

pub(super) const fn year(date: BirthDate) -> Option<i64> {
    match date {
        BirthDate::Day(day) => Some(day.year()),
        BirthDate::Month(year, _) | BirthDate::Year(year) => Some(year),
        BirthDate::Unknown => None,
    }
}

/// The number of a document as it is found; `None` where there is nothing of one.
pub(super) fn number(text: &str) -> Option<String> {
    let folded = folded(text);
    (!folded.is_empty()).then(|| format!("x{folded}"))
}

/// A number without what people leave out and with what they mistake taken for the same.
pub(super) fn folded(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).take(64);
    letters
        .map(|letter| match letter {
            'O' => '0',
            'I' => '1',
            other => other,
        })
        .collect()
}

fn alone(words: &[WordKeys], keys: &mut BTreeSet<String>) {
    for word in words {
        keys.extend(readings(word).map(|reading| single(&reading)));
        keys.extend(remainders(word, SHORTEST_ALONE).iter().map(|left| remainder(left)));
    }
}

fn together(words: &[WordKeys], keys: &mut BTreeSet<String>) {
    for (at, word) in words.iter().enumerate() {
        for other in words.iter().skip(at + 1) {
            for one in readings(word) {
                keys.extend(readings(other).map(|two| pair(&one, &two)));
            }
        }
        for (_, other) in words.iter().enumerate().filter(|(other, _)| *other != at) {
            if let Some(sound) = other.sounds.first() {
                keys.extend(remainders(word, SHORTEST_SLIPPED).iter().map(|left| slip(left, sound)));
            }
            for reading in readings(word) {
                keys.extend(other.openings.iter().map(|opened| opening(&reading, *opened)));
            }
        }
    }
}

fn born(words: &[WordKeys], year: i64) -> impl Iterator<Item = String> {
    words.iter().flat_map(readings).map(move |reading| born_in(&reading, year))
}
