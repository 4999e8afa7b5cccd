//! What the model is told of two names: a handful of numbers, none of which knows the names.

use crate::alignment::{Alignment, Likeness};
use crate::distance::EDIT;
use crate::name::Name;
use crate::words::Kind;

/// How many there are.
pub const FEATURES: usize = 9;

/// What each number is, in order.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "edits as written",
    "edits beyond two",
    "edits as heard",
    "worst word",
    "contradiction",
    "missing",
    "one word alone",
    "initials",
    "across scripts",
];

/// The numbers of one pair of names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features(pub [f64; FEATURES]);

impl Features {
    pub(crate) fn of(left: &Name, right: &Name, alignment: &Alignment) -> Self {
        let (mut written, mut heard, mut worst) = (0.0, 0.0, 0.0f64);
        let (mut initials, mut names) = (0.0f64, 0u32);
        for pair in &alignment.pairs {
            let weight = f64::from(pair.kind.said()) / 100.0;
            match pair.likeness {
                Likeness::Initial => {
                    initials += 1.0;
                    continue;
                }
                Likeness::Form | Likeness::Same => {}
                Likeness::Similar => {
                    let distance = f64::from(pair.distance) / f64::from(EDIT);
                    // A difference that is hardly heard is one of transliteration, however many letters it takes.
                    let as_written = f64::from(pair.written) / f64::from(EDIT);
                    written += as_written.min(1.0 + 2.0 * distance) * weight;
                    heard += distance * weight;
                    worst = worst.max(distance / f64::from(pair.length.max(1)) * weight);
                }
            }
            if pair.kind == Kind::Name {
                names += u32::try_from(pair.left.len().max(pair.right.len())).unwrap_or(u32::MAX);
            }
        }
        let (left_lost, right_lost) = (Lost::of(left, &alignment.left), Lost::of(right, &alignment.right));
        let contradiction = left_lost.said.min(right_lost.said);
        let missing = (left_lost.weight - right_lost.weight).abs();
        let alone = names == 0 || names == 1 && (contradiction > 0.0 || missing >= 0.5);
        let across = left.words.first().zip(right.words.first()).is_some_and(|(one, other)| one.script != other.script);
        Self([
            written.min(4.0),
            (written - 2.0).clamp(0.0, 2.0),
            heard.min(4.0),
            worst.min(1.0),
            contradiction.min(2.0),
            missing.min(3.0),
            f64::from(u8::from(alone)),
            initials.min(2.0),
            f64::from(u8::from(across)),
        ])
    }
}

/// What one name has and the other has not, in names.
struct Lost {
    /// By what is lost to the name.
    weight: f64,
    /// By what is said against the other name: an initial contradicts as a name does.
    said: f64,
}

impl Lost {
    fn of(name: &Name, free: &[usize]) -> Self {
        let (mut weight, mut said) = (0.0, 0.0);
        for &at in free {
            let kind = name.words[at].kind;
            weight += f64::from(kind.lost()) / 100.0;
            said += f64::from(kind.said()) / 100.0;
        }
        Self { weight, said }
    }
}
