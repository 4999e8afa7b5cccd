//! Which word of one name stands for which of the other, and how well.

use std::ops::Range;

use crate::assignment;
use crate::distance::{self, EDIT, Vowels};
use crate::name::{Name, Word};
use crate::script::Script;
use crate::words::Kind;

/// How one word was taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Letter by letter.
    Same,
    /// By its letters or sounds, with some distance.
    Similar,
    /// One is the other's first letter.
    Initial,
    /// Both are forms of one given name.
    Form,
}

/// Words that stand for each other. More than one on a side: written apart there, together here.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) left: Range<usize>,
    pub(crate) right: Range<usize>,
    pub(crate) likeness: Likeness,
    /// Hundredths of an edit, by letters or by sounds, whichever is less.
    pub(crate) distance: u32,
    /// Hundredths of an edit by what is written, where both are written in one script; elsewhere as `distance`.
    pub(crate) written: u32,
    /// Letters of the longer side.
    pub(crate) length: u32,
    /// The heavier side's part in the name.
    pub(crate) kind: Kind,
}

/// The words of two names, paired.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignment {
    pub(crate) pairs: Vec<Pair>,
    /// Words of the first name nothing in the second stands for.
    pub(crate) left: Vec<usize>,
    /// The same of the second.
    pub(crate) right: Vec<usize>,
}

/// From this share of an edit a letter on two words are two words. Where vowels cost next to nothing the consonants have to agree the better.
const fn another_word(vowels: Vowels) -> u32 {
    match vowels {
        Vowels::Written => 70,
        Vowels::Chosen => 55,
        Vowels::Omitted => 35,
    }
}
/// Forms of one given name are this far from each other, in hundredths of an edit.
const FORM: u32 = 60;
/// An initial for the word.
const INITIAL: u32 = 30;
/// A spelling of the same sounds.
const RESPELLED: u32 = 15;
/// Most words one may be written apart in.
const MOST_PARTS: usize = 4;

/// Pairs the words of two names.
pub(crate) fn align(left: &Name, right: &Name) -> Alignment {
    let mut alignment = Alignment::default();
    let (mut free_left, mut free_right) = (vec![true; left.words.len()], vec![true; right.words.len()]);
    same_words(left, right, &mut free_left, &mut free_right, &mut alignment);
    if free_left.contains(&true) && free_right.contains(&true) {
        joined_words(&left.words, &right.words, &mut free_left, &mut free_right, &mut alignment.pairs, false);
        joined_words(&right.words, &left.words, &mut free_right, &mut free_left, &mut alignment.pairs, true);
        similar_words(left, right, &mut free_left, &mut free_right, &mut alignment);
    }
    let free = |free: Vec<bool>| free.into_iter().enumerate().filter_map(|(at, free)| free.then_some(at)).collect();
    (alignment.left, alignment.right) = (free(free_left), free(free_right));
    alignment
}

fn same_words(left: &Name, right: &Name, free_left: &mut [bool], free_right: &mut [bool], alignment: &mut Alignment) {
    for (at, word) in left.words.iter().enumerate() {
        let same =
            (0..right.words.len()).find(|&other| free_right[other] && right.words[other].letters == word.letters);
        let Some(other) = same else { continue };
        (free_left[at], free_right[other]) = (false, false);
        alignment.pairs.push(Pair {
            left: at..at + 1,
            right: other..other + 1,
            likeness: Likeness::Same,
            distance: 0,
            written: 0,
            length: length(&word.letters),
            kind: heavier(word.kind, right.words[other].kind),
        });
    }
}

/// Pairs several neighbouring words of one name with a single word of the other, best first.
fn joined_words(
    parts: &[Word],
    wholes: &[Word],
    free_parts: &mut [bool],
    free_wholes: &mut [bool],
    pairs: &mut Vec<Pair>,
    turned: bool,
) {
    loop {
        let mut best: Option<(Distance, Range<usize>, usize, u32)> = None;
        for start in 0..parts.len() {
            for end in start + 2..=parts.len().min(start + MOST_PARTS) {
                if !free_parts[end - 1] || !free_parts[start] {
                    break;
                }
                let run = &parts[start..end];
                let letters: usize = run.iter().map(|word| word.letters.len()).sum();
                let candidates = wholes.iter().enumerate().filter(|(at, whole)| {
                    let slack = if vowels(&run[0], whole) == Vowels::Written { 2 } else { 6 };
                    free_wholes[*at] && whole.letters.len() >= 4 && whole.letters.len().abs_diff(letters) <= slack
                });
                let mut joined = None;
                for (at, whole) in candidates {
                    let joined = joined.get_or_insert_with(|| Word::joined(run));
                    let distance = between(joined, whole);
                    let longer = length(&joined.letters).max(length(&whole.letters));
                    if distance.least <= longer * EDIT / 5
                        && best.as_ref().is_none_or(|(found, ..)| distance.least < found.least)
                        // A part that is nearer by itself has been joined to a stranger.
                        && run.iter().all(|part| between(part, whole).least > distance.least)
                    {
                        best = Some((distance, start..end, at, longer));
                    }
                }
            }
        }
        let Some((distance, run, whole, length)) = best else { return };
        free_parts[run.clone()].fill(false);
        free_wholes[whole] = false;
        let (left, right) = if turned { (whole..whole + 1, run) } else { (run, whole..whole + 1) };
        let Distance { least: distance, written } = distance;
        pairs.push(Pair { left, right, likeness: Likeness::Similar, distance, written, length, kind: Kind::Name });
    }
}

fn similar_words(
    left: &Name,
    right: &Name,
    free_left: &mut [bool],
    free_right: &mut [bool],
    alignment: &mut Alignment,
) {
    let indices = |free: &[bool]| (0..free.len()).filter(|&at| free[at]).collect::<Vec<_>>();
    let (rows, columns) = (indices(free_left), indices(free_right));
    let mut costs = Vec::with_capacity(rows.len() * columns.len());
    let mut judged = Vec::with_capacity(costs.capacity());
    for &row in &rows {
        for &column in &columns {
            let (one, other) = (&left.words[row], &right.words[column]);
            let (likeness, distance) = judge(one, other);
            let longer = length(&one.letters).max(length(&other.letters));
            let apart = loss(one) + loss(other);
            let weighed = u64::from(distance.least) * u64::from(heavier(one.kind, other.kind).said()) / 100;
            let vowels = vowels(one, other);
            // A script without vowels is measured by the letters it has.
            let shorter = length(&one.letters).min(length(&other.letters));
            let measure = if vowels == Vowels::Omitted { shorter } else { longer };
            let related = likeness != Likeness::Similar || distance.least < measure * another_word(vowels);
            // The longer side keeps words over; pairing gains what it would have lost by each.
            costs.push(if related { weighed.cast_signed() - apart } else { 0 }.min(0));
            judged.push((related && weighed.cast_signed() < apart).then_some((likeness, distance, longer)));
        }
    }
    for (row, column) in assignment::cheapest(&costs, rows.len(), columns.len()).into_iter().enumerate() {
        let Some(column) = column else { continue };
        let Some((likeness, Distance { least: distance, written }, length)) = judged[row * columns.len() + column]
        else {
            continue;
        };
        let (at, other) = (rows[row], columns[column]);
        (free_left[at], free_right[other]) = (false, false);
        let kind = heavier(left.words[at].kind, right.words[other].kind);
        alignment.pairs.push(Pair {
            left: at..at + 1,
            right: other..other + 1,
            likeness,
            distance,
            written,
            length,
            kind,
        });
    }
}

/// What a name loses with a word, in hundredths of an edit: half its letters.
fn loss(word: &Word) -> i64 {
    let letters = i64::from(length(&word.letters)).min(8);
    letters * 50 * i64::from(word.kind.said()) / 100
}

fn judge(one: &Word, other: &Word) -> (Likeness, Distance) {
    if one.kind == Kind::Initial || other.kind == Kind::Initial {
        return if starts_alike(one, other) {
            (Likeness::Initial, Distance::same(INITIAL))
        } else {
            (Likeness::Similar, Distance::same(10 * EDIT))
        };
    }
    let distance = between(one, other);
    if distance.least > FORM && one.families.meet(other.families) {
        return (Likeness::Form, Distance::same(FORM));
    }
    (Likeness::Similar, distance)
}

fn starts_alike(one: &Word, other: &Word) -> bool {
    one.letters.bytes().next() == other.letters.bytes().next() || one.sounds.first() == other.sounds.first()
}

/// How far two words are from each other, in hundredths of an edit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distance {
    /// By letters or by sounds, whichever is less.
    pub(crate) least: u32,
    /// By what is written, if both are in one script.
    pub(crate) written: u32,
}

impl Distance {
    const fn same(distance: u32) -> Self {
        Self { least: distance, written: distance }
    }
}

/// Distance of two words.
pub(crate) fn between(one: &Word, other: &Word) -> Distance {
    let letters = distance::of_letters(one.letters.as_bytes(), other.letters.as_bytes());
    let written = match one.script == other.script && one.script != Script::Latin {
        true => Some(distance::of_characters(&one.written, &other.written) * one.script.letters_a_character()),
        false if one.script == other.script => Some(letters),
        false => None,
    };
    let least = match letters {
        0..=RESPELLED => letters,
        _ => letters.min(distance::of_sounds(&one.sounds, &other.sounds, vowels(one, other)) + RESPELLED),
    };
    Distance { least, written: written.unwrap_or(least) }
}

fn vowels(one: &Word, other: &Word) -> Vowels {
    if one.script == other.script {
        Vowels::Written
    } else if one.script.omits_vowels() || other.script.omits_vowels() {
        Vowels::Omitted
    } else {
        Vowels::Chosen
    }
}

fn heavier(one: Kind, other: Kind) -> Kind {
    if one.said() >= other.said() { one } else { other }
}

fn length(letters: &str) -> u32 {
    u32::try_from(letters.len()).unwrap_or(u32::MAX)
}
