//! By what a register finds the names that may be the one asked for, before it compares any.
//!
//! Keys are text, the same on every engine and machine, and made of a name alone. A name found by any key it shares with the question is then
//! compared; keys decide nothing. They are stored: whoever changes what [`keys`] or [`words`] gives raises [`KEYS_VERSION`], so that a register knows which
//! of its rows to make anew.

use std::collections::BTreeSet;

use crate::name::{Name, Word};
use crate::phonemes::is_vowel;
use crate::variants::variants;
use crate::words::Kind;

/// Raised with every change of what [`keys`] or [`words`] gives for some name.
pub const KEYS_VERSION: u32 = 1;

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// A word as some document spells it.
    Word,
    /// What is left of its sound without vowels, voice and doubt.
    Sound,
    /// A family of given names it is a form of.
    Form,
    /// Three sounds in a row: finds what is misspelt.
    Gram,
}

impl KeyKind {
    /// As it is stored: one letter.
    #[must_use]
    pub const fn code(self) -> char {
        match self {
            Self::Word => 'w',
            Self::Sound => 's',
            Self::Form => 'f',
            Self::Gram => 'g',
        }
    }
}

/// One key of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is made of.
    pub kind: KeyKind,
    /// Its text: ASCII, at most 64 bytes.
    pub value: String,
}

/// The keys of a name in all its spellings, in order, none twice. Particles and titles have none; an empty name has none.
#[must_use]
pub fn keys(text: &str) -> Vec<Key> {
    let mut found = BTreeSet::new();
    let mut add = |kind, value: String| {
        if !value.is_empty() {
            found.insert(Key { kind, value });
        }
    };
    for (at, spelling) in variants(text).iter().enumerate() {
        // As it was written where that is what the spelling is of: a diacritic may tell its sound.
        let name = if at == 0 { Name::parse(text) } else { Name::parse(spelling) };
        for word in name.words.iter().filter(|word| matches!(word.kind, Kind::Name | Kind::Patronymic)) {
            add(KeyKind::Word, word.letters.clone());
            for skeleton in skeletons(word) {
                add(KeyKind::Sound, skeleton);
            }
            for family in word.families.numbers() {
                add(KeyKind::Form, family.to_string());
            }
            // Of one spelling: the others sound nearly the same, and there are many of these keys.
            for gram in grams(word).into_iter().filter(|_| at == 0) {
                add(KeyKind::Gram, gram);
            }
        }
    }
    found.into_iter().collect()
}

/// What a register that joins words in keys of its own needs of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordKeys {
    /// What is left of its sound, as [`KeyKind::Sound`]; the first spelling's first, none twice. Empty where too many names sound so.
    pub sounds: Vec<String>,
    /// Families of given names it is a form of, as [`KeyKind::Form`].
    pub forms: Vec<u16>,
    /// The classes of sound that may open it, none twice.
    pub openings: Vec<char>,
    /// Whether it is made of the father's name: other states' documents leave it out.
    pub patronymic: bool,
}

/// The words of a name in its own order, each with what it has in any of the name's spellings. Particles and titles are left out.
#[must_use]
pub fn words(text: &str) -> Vec<WordKeys> {
    let bears = |word: &&Word| matches!(word.kind, Kind::Name | Kind::Patronymic);
    let name = Name::parse(text);
    let mut words: Vec<WordKeys> = name.words.iter().filter(bears).map(WordKeys::of).collect();
    for spelling in variants(text).iter().skip(1) {
        let spelled = Name::parse(spelling);
        let others: Vec<WordKeys> = spelled.words.iter().filter(bears).map(WordKeys::of).collect();
        // One that divides the name otherwise tells nothing of which word is which.
        if others.len() == words.len() {
            words.iter_mut().zip(others).for_each(|(word, other)| word.join(other));
        }
    }
    words
}

impl WordKeys {
    fn of(word: &Word) -> Self {
        let mut openings: Vec<char> =
            [false, true].iter().filter_map(|&softly| skeleton(&word.sounds, softly).chars().next()).collect();
        openings.dedup();
        let (sounds, forms) = (skeletons(word), word.families.numbers().collect());
        Self { sounds, forms, openings, patronymic: word.kind == Kind::Patronymic }
    }

    fn join(&mut self, other: Self) {
        fn add<T: PartialEq>(to: &mut Vec<T>, more: Vec<T>) {
            more.into_iter().for_each(|one| {
                if !to.contains(&one) {
                    to.push(one);
                }
            });
        }
        add(&mut self.sounds, other.sounds);
        add(&mut self.forms, other.forms);
        add(&mut self.openings, other.openings);
    }
}

/// The consonants of a word, those that are confused as one, and whether a vowel or breath opens it. A *j* may be a consonant or a vowel, a *kh* a *k* or a
/// breath: then there are two readings, the second with all of them taken the softer way.
pub(crate) fn skeletons(word: &Word) -> Vec<String> {
    let doubtful = word.sounds.iter().any(|sound| matches!(sound, b'j' | b'X'));
    let readings: &[bool] = if doubtful { &[false, true] } else { &[false] };
    let mut skeletons: Vec<String> = readings.iter().map(|&softly| skeleton(&word.sounds, softly)).collect();
    if word.sounds.contains(&b'j') && word.sounds.contains(&b'X') {
        let breathed: Vec<u8> = word.sounds.iter().map(|&sound| if sound == b'X' { b'h' } else { sound }).collect();
        skeletons.push(skeleton(&breathed, false));
    }
    // A name of one consonant is shared by too many to find anybody by.
    skeletons.retain(|skeleton| skeleton.len() > 1 || word.sounds.len() <= 2);
    skeletons
}

fn skeleton(sounds: &[u8], softly: bool) -> String {
    let mut said = String::with_capacity(sounds.len());
    for (at, &sound) in sounds.iter().enumerate() {
        let class = match sound {
            b'h' => None,
            b'j' | b'X' if softly => None,
            _ if is_vowel(sound) => None,
            b'b' | b'p' | b'f' | b'v' => Some('p'),
            b'd' | b't' => Some('t'),
            b'g' | b'k' | b'X' => Some('k'),
            b's' | b'z' | b'c' | b'S' | b'Z' | b'C' | b'J' | b'j' => Some('s'),
            consonant => Some(char::from(consonant)),
        };
        // Whatever opens a word without a consonant: one sign for it.
        let class = class.or((at == 0).then_some('a'));
        said.extend(class.filter(|class| !said.ends_with(*class)));
    }
    said
}

/// Three sounds in a row, the edges of the word among them.
fn grams(word: &Word) -> Vec<String> {
    let sounds = [b"^", word.sounds.as_slice(), b"$"].concat();
    sounds.windows(3).map(|three| three.iter().map(|&sound| char::from(sound)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

    use super::{KEYS_VERSION, Key, KeyKind, keys, words};

    fn of(kind: KeyKind, text: &str) -> Vec<String> {
        keys(text).into_iter().filter(|key| key.kind == kind).map(|key| key.value).collect()
    }

    fn share(kind: KeyKind, one: &str, other: &str) -> bool {
        let others = of(kind, other);
        of(kind, one).iter().any(|key| others.contains(key))
    }

    #[test]
    fn spellings_of_one_name_meet_in_a_key() {
        for (kind, one, other) in [
            (KeyKind::Word, "Юлия", "Yuliya"),
            (KeyKind::Word, "Müller", "Mueller"),
            (KeyKind::Sound, "Szewczenko", "Шевченко"),
            (KeyKind::Sound, "Khadija", "Hadidża"),
            (KeyKind::Sound, "Jusuf", "Yusuf"),
            (KeyKind::Sound, "محمود", "Mahmoud"),
            (KeyKind::Form, "Ivan", "John"),
            (KeyKind::Gram, "Kowalska", "Kowlaska"),
        ] {
            assert!(share(kind, one, other), "{one} {other}: {:?} {:?}", of(kind, one), of(kind, other));
        }
        assert!(!share(KeyKind::Sound, "Nowak", "Kowalski"));
    }

    #[test]
    fn particles_and_titles_find_nobody() {
        assert_eq!(of(KeyKind::Word, "Dr. Maria van der Berg"), ["berg", "maria"]);
        assert_eq!(keys("…"), []);
    }

    #[test]
    fn words_of_two_spellings_meet_word_by_word() {
        for (one, other) in [
            ("Олександр Шевченко", "Szewczenko Aleksandr"),
            ("Ivan Petrov", "Petrov John"),
            ("Юлия Жук", "Zhuk Iuliia"),
        ] {
            let meet = |one: &str, other: &str| {
                let (one, other) = (words(one), words(other));
                assert_eq!((one.len(), other.len()), (2, 2));
                let like = |left: usize, right: usize| {
                    let (left, right) = (&one[left], &other[right]);
                    left.sounds.iter().any(|sound| right.sounds.contains(sound))
                        || left.forms.iter().any(|form| right.forms.contains(form))
                };
                like(0, 1) && like(1, 0) && !like(0, 0)
            };
            assert!(meet(one, other), "{one} {other}: {:?} {:?}", words(one), words(other));
        }
        let patronymic: Vec<bool> = words("Анна Петровна Жук").iter().map(|word| word.patronymic).collect();
        assert_eq!(patronymic, [false, true, false]);
        assert_eq!(words("…"), []);
    }

    #[test]
    fn the_keys_of_this_version_are_these() {
        let all: Vec<String> = ["Жанна Юрьева", "Jörg O'Hara", "سلمى"]
            .iter()
            .flat_map(|name| keys(name))
            .map(|Key { kind, value }| format!("{}{value}", kind.code()))
            .collect();
        let digest = all
            .join(" ")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(
            (KEYS_VERSION, digest),
            (1, 9_959_860_433_656_119_869),
            "what keys gives has changed: raise KEYS_VERSION"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn keys_fit_their_column(text in any::<String>()) {
            for key in keys(&text) {
                prop_assert!(key.value.is_ascii() && (1..=64).contains(&key.value.len()));
            }
        }
    }
}
