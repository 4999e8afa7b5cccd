//! Two files, and the pairs of their records that are about one person.

use super::blocks;
use super::estimate::{Weights, probability};
use super::level::{Evidence, Levels};
use super::record::Record;

/// Random pairs *u* is counted on.
const RANDOM_PAIRS: usize = 30_000;
/// Pairs between two words on how far it has come.
const STEP: usize = 500_000;

/// How often a record may be linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment {
    /// Once at most: the likeliest pairs are taken first. For files in which nobody stands twice.
    #[default]
    OneToOne,
    /// As often as it is likely enough.
    Many,
}

/// How files are linked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// How often a record may be linked.
    pub assignment: Assignment,
    /// Probability from which on two records are linked.
    pub threshold: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { assignment: Assignment::OneToOne, threshold: 0.5 }
    }
}

/// Two records of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Position in the first file.
    pub left: usize,
    /// Position in the second.
    pub right: usize,
    /// How likely they are of one person.
    pub score: f64,
    /// What speaks for and against it, the weightiest first.
    pub why: Vec<Evidence>,
}

/// What linking two files gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Linkage {
    /// The links, by their position in the first file.
    pub links: Vec<Link>,
    /// How many pairs were compared.
    pub compared: usize,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many pairs share a key.
    Found(usize),
    /// So many of them are compared.
    Compared(usize),
    /// The weights are estimated.
    Estimated,
}

/// Files with too many pairs that share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many pairs of records share a key: link smaller files")]
pub struct TooManyPairs;

/// Links two files. The result depends on nothing but the files and the options.
///
/// # Errors
/// When so many pairs share a key that they cannot be held in memory.
pub fn link(
    left: &[Record],
    right: &[Record],
    options: Options,
    mut progress: impl FnMut(Stage),
) -> Result<Linkage, TooManyPairs> {
    let pairs = blocks::candidates(left, right).ok_or(TooManyPairs)?;
    progress(Stage::Found(pairs.len()));
    let mut levels = Vec::with_capacity(pairs.len());
    for (at, &(one, other)) in pairs.iter().enumerate() {
        levels.push(Levels::of(&left[one as usize], &right[other as usize]));
        if (at + 1) % STEP == 0 {
            progress(Stage::Compared(at + 1));
        }
    }
    let people = left.len().min(right.len());
    let weights = Weights::estimate(&levels, &random(left, right), people, left.len() * right.len());
    progress(Stage::Estimated);
    let mut likely: Vec<(f64, usize, usize)> = pairs
        .iter()
        .zip(&levels)
        .map(|(&(one, other), levels)| (weights.weigh(levels), one as usize, other as usize))
        .filter(|(weight, ..)| probability(*weight) >= options.threshold)
        .collect();
    likely.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    if options.assignment == Assignment::OneToOne {
        let (mut left_taken, mut right_taken) = (vec![false; left.len()], vec![false; right.len()]);
        likely.retain(|&(_, one, other)| {
            let free = !left_taken[one] && !right_taken[other];
            if free {
                (left_taken[one], right_taken[other]) = (true, true);
            }
            free
        });
    }
    likely.sort_unstable_by_key(|&(_, one, other)| (one, other));
    let explained = likely.into_iter().map(|(_, one, other)| {
        let (score, why) = weights.explain(&left[one], &right[other]);
        Link { left: one, right: other, score, why }
    });
    Ok(Linkage { links: explained.collect(), compared: pairs.len() })
}

/// Pairs spread over both files, none chosen for what it holds: all of them where there are few.
fn random(left: &[Record], right: &[Record]) -> Vec<Levels> {
    let all = left.len() * right.len();
    let count = all.min(RANDOM_PAIRS);
    // Multiples of a number without a common divisor with `all` meet each position once before they meet any again (a step near the golden section).
    let step = (all / 1000 * 618 + 1..).find(|step| divisor(*step, all) == 1).unwrap_or(1);
    let at = |draw: usize| (draw as u128 * step as u128 % all as u128) as usize;
    (0..count).map(at).map(|at| Levels::of(&left[at / right.len()], &right[at % right.len()])).collect()
}

/// The greatest common divisor.
fn divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::{Assignment, Options, link};
    use crate::person::{Field, Record};

    fn person(id: &str, given: &str, surname: &str, born: &str, place: &str) -> Record {
        let named = Record::new(id).with(Field::GivenName, given).with(Field::Surname, surname);
        named.with(Field::Born, born).with(Field::Place, place)
    }

    fn files() -> (Vec<Record>, Vec<Record>) {
        let left = vec![
            person("a1", "Hanna", "Szewczuk", "1988-02-11", "Dębak"),
            person("a2", "Adam", "Nowicki", "1970-01-01", "Lublin"),
            person("a3", "Omar", "Khatib", "1999-05-06", "Biała Podlaska"),
        ];
        let right = vec![
            person("b1", "عمر", "الخطيب", "1999-06-05", "Biala Podlaska"),
            person("b2", "Ганна", "Шевчук", "1988-02-11", "Debak"),
            person("b3", "Hana", "Szewczuk", "1988-02-11", "Debak"),
            person("b4", "Ewa", "Wrona", "1981-09-17", "Lublin"),
        ];
        (left, right)
    }

    fn linked(assignment: Assignment) -> Vec<(String, String)> {
        let (left, right) = files();
        let options = Options { assignment, ..Options::default() };
        let linkage = link(&left, &right, options, |_| {}).unwrap();
        linkage.links.iter().map(|link| (left[link.left].id.clone(), right[link.right].id.clone())).collect()
    }

    #[test]
    fn people_are_found_across_scripts_and_each_is_linked_once() {
        let links = linked(Assignment::OneToOne);
        assert_eq!(links.len(), 2, "{links:?}");
        assert!(links[0].0 == "a1" && links[1] == ("a3".into(), "b1".into()), "{links:?}");
        assert_eq!(linked(Assignment::Many).len(), 3);
    }

    #[test]
    fn who_loses_one_record_to_a_better_match_is_still_linked_to_the_next() {
        let at = |id, place| person(id, "Ewa", "Wrona", "1981-09-17", place);
        let (left, right) = ([at("a1", "Lublin"), at("a2", "Lublim")], [at("b1", "Lublin"), at("b2", "Lubin")]);
        let linkage = link(&left, &right, Options::default(), |_| {}).unwrap();
        let links: Vec<_> = linkage.links.iter().map(|link| (link.left, link.right)).collect();
        assert_eq!(links, [(0, 0), (1, 1)]);
    }

    #[test]
    fn an_identifier_a_document_or_an_address_is_enough_to_be_compared() {
        for fields in [&[Field::Identifier][..], &[Field::Document], &[Field::Street, Field::Place]] {
            let told =
                |id| fields.iter().fold(person(id, "", "", "", ""), |told, field| told.with(*field, "4405 Polna"));
            let left = told("a").with(Field::Surname, "Wrona");
            let right = told("b").with(Field::Surname, "Nowak");
            assert_eq!(link(&[left], &[right], Options::default(), |_| {}).unwrap().compared, 1, "{fields:?}");
        }
    }

    /// Names and birth dates that tell people apart; sex as if nobody had asked for it.
    fn carelessly_kept(file: char, count: usize) -> Vec<Record> {
        let syllables = ["ba", "do", "ki", "lu", "me", "no", "ra", "si", "ta", "vu"];
        let record = |at: usize| {
            let syllable = |number: usize| syllables[number % 10];
            let given = format!("{}{}n", syllable(at), syllable(at / 10));
            let surname = format!("{}{}{}k", syllable(at * 7), syllable(at / 3), syllable(at * 3 / 7));
            let born = format!("{}-{:02}-{:02}", 1950 + at % 50, 1 + at % 12, 1 + at % 28);
            let sex = if (at * 31 + file as usize * 17) % 7 < 4 { "F" } else { "M" };
            person(&format!("{file}{at}"), &given, &surname, &born, "Lublin").with(Field::Sex, sex)
        };
        (0..count).map(record).collect()
    }

    #[test]
    fn a_field_that_is_carelessly_kept_weighs_little() {
        let linkage = link(&carelessly_kept('a', 400), &carelessly_kept('b', 400), Options::default(), |_| {}).unwrap();
        assert!(linkage.links.iter().all(|link| link.left == link.right) && linkage.links.len() == 400);
        let weights = |field: Field| -> Vec<f64> {
            let evidence =
                linkage.links.iter().flat_map(|link| &link.why).filter(move |evidence| evidence.field == field);
            evidence.map(|evidence| evidence.weight).collect()
        };
        assert!(weights(Field::Sex).iter().any(|weight| *weight < 0.0));
        assert!(weights(Field::Sex).iter().all(|weight| weight.abs() < 0.7), "{:?}", weights(Field::Sex));
        assert!(weights(Field::Born).iter().all(|weight| *weight > 4.0));
    }

    #[test]
    fn nothing_is_linked_to_an_empty_file() {
        assert_eq!(link(&files().0, &[], Options::default(), |_| {}).unwrap().links, []);
        assert_eq!(link(&[], &[], Options::default(), |_| {}).unwrap().compared, 0);
    }

    #[test]
    fn the_same_files_give_the_same_links() {
        let (left, right) = files();
        let once = link(&left, &right, Options::default(), |_| {});
        assert_eq!(once, link(&left, &right, Options::default(), |_| {}));
    }
}
