//! Which pairs are worth comparing: those that share a key of some kind.

use std::collections::HashMap;

use super::record::{Field, Record};
use crate::keys::skeletons;
use crate::name::Name;

/// Pairs one key may bring in; a key shared by more is no key.
const MOST_PAIRS_A_KEY: usize = 20_000;

/// Pairs that are held in memory at once: some hundred megabytes.
const MOST_PAIRS: usize = 40_000_000;

/// Pairs of positions, in order, none twice. `None` when there are more than can be held.
pub(super) fn candidates(left: &[Record], right: &[Record]) -> Option<Vec<(u32, u32)>> {
    let (left, right): (Vec<_>, Vec<_>) = (left.iter().map(keys).collect(), right.iter().map(keys).collect());
    let mut by_key: HashMap<&str, Vec<u32>> = HashMap::new();
    for (at, keys) in (0u32..).zip(&right) {
        for key in keys {
            by_key.entry(key).or_default().push(at);
        }
    }
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for key in left.iter().flatten() {
        *uses.entry(key).or_default() += 1;
    }
    let mut pairs = Vec::new();
    for (at, keys) in (0u32..).zip(&left) {
        for key in keys {
            let Some(others) = by_key.get(key.as_str()) else { continue };
            if others.len() * uses.get(key.as_str()).copied().unwrap_or(0) <= MOST_PAIRS_A_KEY {
                pairs.extend(others.iter().map(|other| (at, *other)));
            }
        }
        if pairs.len() > MOST_PAIRS {
            return None;
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    Some(pairs)
}

/// The keys of a record. Each joins what two fields say, unless one says enough.
fn keys(record: &Record) -> Vec<String> {
    let sound = |field| record.name(field).map(sound);
    let (given, surname) = (sound(Field::GivenName), sound(Field::Surname));
    let text = |field| record.text(field).map(str::to_owned);
    let born = text(Field::Born);
    let year = born.as_deref().map(|born| born[..4].to_owned());
    let day = born.as_deref().filter(|born| born.len() == 8).map(|born| born[4..].to_owned());
    let postcode = text(Field::Postcode);
    // Given name and surname are joined in alphabetical order: they may stand in each other's place.
    let both =
        given.clone().zip(surname.clone()).map(|(one, other)| if one < other { [one, other] } else { [other, one] });
    let join = |kind: char, one: Option<String>, other: Option<String>| Some(format!("{kind}{}|{}", one?, other?));
    let one = |kind: char, value: Option<String>| Some(format!("{kind}{}", value?));
    [
        one('i', text(Field::Identifier)),
        one('d', text(Field::Document)),
        one('b', born.clone().filter(|born| born.len() == 8)),
        one('n', both.map(|both| both.join("|"))),
        join('s', surname.clone(), year.clone()),
        join('g', given.clone(), year),
        join('t', surname.clone(), day.clone()),
        join('u', given.clone(), day),
        join('p', surname, postcode.clone()),
        join('q', given, postcode.clone()),
        join('h', text(Field::StreetNumber), postcode),
        join('a', text(Field::Street), text(Field::Place)),
        join('c', text(Field::Street), text(Field::StreetNumber)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The sounds of all words of a name.
fn sound(name: &Name) -> String {
    let sounds: Vec<String> = name.words.iter().flat_map(|word| skeletons(word).into_iter().take(1)).collect();
    if sounds.is_empty() { name.latin() } else { sounds.concat() }
}
