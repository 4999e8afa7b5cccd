//! How far two words are from each other, in hundredths of an edit.

use crate::phonemes::{is_vowel, substitution, unmask};

/// One edit: a letter too many, too few, another or two swapped.
pub(crate) const EDIT: u32 = 100;

/// Letters of a word that are compared; the rest is cut off where the word is made.
pub(crate) const LONGEST: usize = 64;

/// How readily a vowel is added or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vowels {
    /// Both names show theirs.
    Written,
    /// One comes of another script: its vowels are somebody's choice.
    Chosen,
    /// One comes of a script that leaves vowels out.
    Omitted,
}

impl Vowels {
    const fn gap(self) -> u32 {
        match self {
            Self::Written => 70,
            Self::Chosen => 35,
            Self::Omitted => 15,
        }
    }

    const fn swap(self, cost: u32) -> u32 {
        match self {
            Self::Written => cost,
            Self::Chosen | Self::Omitted => cost / 2,
        }
    }
}

/// Damerau's distance (optimal string alignment) of two spelled words: additions, losses, changes and swaps of neighbours, each one edit. A digit
/// in place of the letter it looks like is a tenth.
pub(crate) fn of_letters(left: &[u8], right: &[u8]) -> u32 {
    align(
        left,
        right,
        |_| EDIT,
        |one, other| match one == other {
            true => 0,
            false if look_alike(one, other) => EDIT / 10,
            false => EDIT,
        },
    )
}

/// The same of two words of one script that is not Latin, by what is written: *ш* is one letter, whatever it is transliterated to.
pub(crate) fn of_characters(left: &[char], right: &[char]) -> u32 {
    align(left, right, |_| EDIT, |one, other| if one == other { 0 } else { EDIT })
}

/// Whether one is a digit typed or read in place of the other.
fn look_alike(one: u8, other: u8) -> bool {
    unmask(one) == unmask(other) || matches!((one, other), (b'1', b'l') | (b'l', b'1'))
}

/// The same of two rows of sounds, where what is easily confused is cheap.
pub(crate) fn of_sounds(left: &[u8], right: &[u8], vowels: Vowels) -> u32 {
    align(
        left,
        right,
        |sound| match sound {
            _ if is_vowel(sound) => vowels.gap(),
            b'h' | b'j' => EDIT / 2,
            _ => EDIT,
        },
        |one, other| {
            let cost = substitution(one, other);
            match vowels {
                Vowels::Written => cost,
                // Scripts that know one liquid, and one labial, write both with it.
                _ if matches!((one, other), (b'l', b'r') | (b'r', b'l')) => 40,
                _ if is_vowel(one) && is_vowel(other) => vowels.swap(cost),
                _ => cost,
            }
        },
    )
}

fn align<T: Copy + PartialEq>(left: &[T], right: &[T], gap: impl Fn(T) -> u32, change: impl Fn(T, T) -> u32) -> u32 {
    let shared = left.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (left, right) = (&left[shared..], &right[shared..]);
    let shared = left.iter().rev().zip(right.iter().rev()).take_while(|(one, other)| one == other).count();
    let (left, right) = (&left[..left.len() - shared], &right[..right.len() - shared]);
    let (left, right) = (&left[..left.len().min(LONGEST)], &right[..right.len().min(LONGEST)]);
    // Three rows of the table: two back (for swaps), the last, and the one being filled.
    let mut rows = [[0u32; LONGEST + 1]; 3];
    let [before, last, now] = &mut rows;
    let (mut before, mut last, mut now) = (before, last, now);
    for (column, &letter) in right.iter().enumerate() {
        last[column + 1] = last[column] + gap(letter);
    }
    for (row, &one) in left.iter().enumerate() {
        now[0] = last[0] + gap(one);
        for (column, &other) in right.iter().enumerate() {
            let mut least = last[column] + change(one, other);
            least = least.min(last[column + 1] + gap(one)).min(now[column] + gap(other));
            if row > 0 && column > 0 && one == right[column - 1] && left[row - 1] == other {
                least = least.min(before[column - 1] + EDIT);
            }
            now[column + 1] = least;
        }
        (before, last, now) = (last, now, before);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::{EDIT, Vowels, of_letters, of_sounds};
    use crate::phonemes::encode;

    #[test]
    fn slips_of_the_pen_cost_an_edit_each() {
        for (left, right, distance) in [
            ("petra", "petra", 0),
            ("petra", "perta", EDIT),
            ("petra", "petr", EDIT),
            ("petra", "petrax", EDIT),
            ("petra", "petro", EDIT),
            ("petra", "p3tra", EDIT / 10),
            ("milo", "mi1o", EDIT / 10),
            ("", "ivo", 3 * EDIT),
        ] {
            assert_eq!(of_letters(left.as_bytes(), right.as_bytes()), distance, "{left} {right}");
        }
    }

    #[test]
    fn transliterations_of_one_name_are_nearer_than_another_name() {
        let far = |left: &str, right: &str| of_sounds(&encode(left), &encode(right), Vowels::Written);
        for (one, same, another) in [
            ("wolodymyr", "volodymyr", "vladislav"),
            ("khadija", "hadidja", "khalida"),
            ("dzhokhar", "djohar", "jabbar"),
            ("yevgeniya", "jewgenija", "eugen"),
        ] {
            assert!(far(one, same) < far(one, another) / 2, "{one} {same} {another}");
        }
    }

    #[test]
    fn unwritten_vowels_cost_little() {
        let sounds = |vowels| of_sounds(&encode("mhmd"), &encode("muhammad"), vowels);
        assert!(sounds(Vowels::Omitted) < EDIT / 2 && sounds(Vowels::Written) > EDIT);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn distance_is_symmetric_and_zero_for_equals(left in "[a-z0-9]{0,70}", right in "[a-z0-9]{0,70}") {
            let (one, other) = (left.as_bytes(), right.as_bytes());
            prop_assert_eq!(of_letters(one, other), of_letters(other, one));
            prop_assert_eq!(of_letters(one, one), 0);
            let (one, other) = (encode(&left), encode(&right));
            for vowels in [Vowels::Written, Vowels::Chosen, Vowels::Omitted] {
                prop_assert_eq!(of_sounds(&one, &other, vowels), of_sounds(&other, &one, vowels));
                prop_assert!(of_sounds(&one, &one, vowels) == 0);
            }
        }
    }
}
