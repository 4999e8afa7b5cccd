//! Two names, one score, and why.

use std::fmt;

use crate::alignment::{self, Alignment, Likeness, Pair};
use crate::distance::EDIT;
use crate::features::Features;
use crate::model::{MODEL, THRESHOLD};
use crate::name::{Name, Word};
use crate::words::Kind;

/// What comparing two names gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// From 0 (two people) to 1 (one name, letter by letter).
    pub score: f64,
    /// What the score rests on, the strongest first.
    pub why: Vec<Reason>,
}

impl Comparison {
    /// Whether the score reaches [`THRESHOLD`].
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.score >= THRESHOLD
    }
}

/// One thing two names have in common, or have not. Words are given as they are compared, in Latin letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A name without a letter can be nobody's.
    Empty,
    /// The same word in both.
    Same(String),
    /// Two spellings, with their distance in hundredths of an edit.
    Similar {
        /// In the first name.
        left: String,
        /// In the second.
        right: String,
        /// Hundredths of an edit.
        distance: u32,
    },
    /// An initial for the word.
    Initial {
        /// In the first name.
        left: String,
        /// In the second.
        right: String,
    },
    /// Two forms of one given name.
    Form {
        /// In the first name.
        left: String,
        /// In the second.
        right: String,
    },
    /// A word only the first name has.
    OnlyFirst(String, Kind),
    /// A word only the second name has.
    OnlySecond(String, Kind),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let only = |f: &mut fmt::Formatter<'_>, word: &str, kind: Kind, which: &str| match kind {
            Kind::Name | Kind::Opening => write!(f, "{word} stands in the {which} name only"),
            Kind::Initial => write!(f, "the initial {word} stands in the {which} name only"),
            Kind::Patronymic => write!(f, "the patronymic {word} stands in the {which} name only: counts little"),
            Kind::Particle => write!(f, "the particle {word} stands in the {which} name only: counts little"),
            Kind::Title => write!(f, "the title {word} stands in the {which} name only: counts little"),
        };
        match self {
            Self::Empty => f.write_str("a name without letters is nobody's"),
            Self::Same(word) => write!(f, "{word} stands in both"),
            Self::Similar { left, right, distance } => {
                write!(f, "{left} is near {right}: {}.{:02} edits", distance / EDIT, distance % EDIT)
            }
            Self::Initial { left, right } => write!(f, "{left} may stand for {right}"),
            Self::Form { left, right } => write!(f, "{left} and {right} are forms of one name"),
            Self::OnlyFirst(word, kind) => only(f, word, *kind, "first"),
            Self::OnlySecond(word, kind) => only(f, word, *kind, "second"),
        }
    }
}

/// Compares two names.
#[must_use]
pub fn compare(left: &Name, right: &Name) -> Comparison {
    let (score, alignment) = judge(left, right);
    let Some(alignment) = alignment else { return Comparison { score, why: vec![Reason::Empty] } };
    Comparison { score, why: reasons(left, right, &alignment) }
}

/// The score alone: what [`compare`] gives, without the words for it.
#[must_use]
pub fn score(left: &Name, right: &Name) -> f64 {
    judge(left, right).0
}

/// What the model is told of two names; `None` when it is not asked: one of them is empty, or both are the same words.
#[must_use]
pub fn features(left: &Name, right: &Name) -> Option<Features> {
    let alignment = ordered(left, right);
    (!left.is_empty() && !right.is_empty() && !identical(&alignment)).then(|| Features::of(left, right, &alignment))
}

fn judge(left: &Name, right: &Name) -> (f64, Option<Alignment>) {
    if left.is_empty() || right.is_empty() {
        return (0.0, None);
    }
    let alignment = ordered(left, right);
    if identical(&alignment) {
        return (1.0, Some(alignment));
    }
    (MODEL.score(&Features::of(left, right, &alignment)), Some(alignment))
}

fn identical(alignment: &Alignment) -> bool {
    let all_same = alignment.pairs.iter().all(|pair| pair.likeness == Likeness::Same);
    alignment.left.is_empty() && alignment.right.is_empty() && all_same
}

/// Aligns in an order that does not depend on which name comes first, so that neither does the score.
fn ordered(left: &Name, right: &Name) -> Alignment {
    if left.letters().le(right.letters()) {
        return alignment::align(left, right);
    }
    let turned = alignment::align(right, left);
    let pairs = turned.pairs.into_iter().map(|pair| Pair { left: pair.right, right: pair.left, ..pair }).collect();
    Alignment { pairs, left: turned.right, right: turned.left }
}

fn reasons(left: &Name, right: &Name, alignment: &Alignment) -> Vec<Reason> {
    let text = |words: &[Word]| words.iter().map(|word| word.letters.as_str()).collect::<Vec<_>>().join(" ");
    let mut why = Vec::new();
    let only = |name: &Name, at: usize| (name.words[at].letters.clone(), name.words[at].kind);
    for &at in &alignment.left {
        let (word, kind) = only(left, at);
        why.push((kind.said(), Reason::OnlyFirst(word, kind)));
    }
    for &at in &alignment.right {
        let (word, kind) = only(right, at);
        why.push((kind.said(), Reason::OnlySecond(word, kind)));
    }
    for pair in &alignment.pairs {
        let (left, right) = (text(&left.words[pair.left.clone()]), text(&right.words[pair.right.clone()]));
        let weight = pair.kind.said();
        why.push(match pair.likeness {
            Likeness::Same => (weight / 2, Reason::Same(left)),
            Likeness::Similar => (weight, Reason::Similar { left, right, distance: pair.distance }),
            Likeness::Initial => (weight / 2, Reason::Initial { left, right }),
            Likeness::Form => (weight, Reason::Form { left, right }),
        });
    }
    why.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    why.into_iter().map(|(_, reason)| reason).collect()
}
