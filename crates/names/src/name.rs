//! A name as it is compared: its words, each in Latin letters and in sounds.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::distance::LONGEST;
use crate::kin::{self, Families};
use crate::phonemes;
use crate::script::{self, Script, arabic};
use crate::words::{Kind, kind_of};

/// Characters of a name that are read; what follows is not. A passport's field has room for 39, the longest name on record has 747.
pub const MAX_CHARACTERS: usize = 256;
/// Words of a name that are compared.
pub const MAX_WORDS: usize = 20;

/// A name of one person, made ready for comparison.
#[derive(Clone, Debug)]
pub struct Name {
    pub(crate) words: Vec<Word>,
}

/// One word of a name.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// Latin letters and digits, lower case.
    pub(crate) letters: String,
    /// What [`phonemes::encode`] makes of it.
    pub(crate) sounds: Vec<u8>,
    /// What was written, in lower case, unless that is Latin.
    pub(crate) written: Vec<char>,
    /// What it was written in.
    pub(crate) script: Script,
    /// Its part in the name.
    pub(crate) kind: Kind,
    /// The given names it is a form of.
    pub(crate) families: Families,
}

impl Name {
    /// Reads a name in any script, order and case. What is neither letter nor mark of one separates words; apostrophes do not. A name in capitals that looks
    /// like Arabic coded by ICAO Doc 9303-3 section 6.C is decoded first.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut words = Vec::with_capacity(6);
        let shortened = shortened(text);
        let shouted = !shortened.chars().any(char::is_lowercase);
        if let Some(arabic) = from_icao_codes(shortened).filter(|_| shouted) {
            split(&arabic, false, &mut words);
        } else if shortened.is_ascii() {
            split(shortened, shouted, &mut words);
        } else {
            split(&shortened.nfkc().collect::<String>(), shouted, &mut words);
        }
        // A name of nothing but particles and titles is somebody's all the same.
        if !words.iter().any(|word| word.kind == Kind::Name) {
            for word in words.iter_mut().filter(|word| word.kind != Kind::Initial) {
                word.kind = Kind::Name;
            }
        }
        words.truncate(MAX_WORDS);
        Self { words }
    }

    /// Whether there is nothing to compare: no letter in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The name in Latin letters as it is compared: lower case, words separated by spaces, without diacritics.
    #[must_use]
    pub fn latin(&self) -> String {
        self.letters().collect::<Vec<_>>().join(" ")
    }

    /// The letters of its words.
    pub(crate) fn letters(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.letters.as_str())
    }

    /// The words and the part each plays.
    pub fn words(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.words.iter().map(|word| (word.letters.as_str(), word.kind))
    }
}

/// The Arabic letters of a name that looks coded.
fn from_icao_codes(text: &str) -> Option<String> {
    let words = || text.split(is_separator).filter(|word| !word.is_empty());
    if !words().any(arabic::looks_icao_coded) {
        return None;
    }
    words().map(arabic::from_icao_codes).collect::<Option<Vec<_>>>().map(|words| words.join(" "))
}

/// The part of a text that is read.
pub(crate) fn shortened(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

fn split(text: &str, shouted: bool, words: &mut Vec<Word>) {
    for word in text.split(is_separator).filter(|word| !word.is_empty()) {
        if words.len() >= MAX_WORDS {
            return;
        }
        let script = script_of(word);
        // The Arabic article is written together with its word, in Latin letters mostly apart.
        if script == Script::Arabic
            && let Some(rest) = word.strip_prefix(arabic::ARTICLE)
            && rest.chars().count() >= 3
        {
            words.push(Word::new(arabic::ARTICLE, "al".into(), None, script, Kind::Particle));
            push_word(rest, script, shouted, words);
        } else {
            push_word(word, script, shouted, words);
        }
    }
}

pub(crate) fn is_separator(letter: char) -> bool {
    let inside = letter.is_alphanumeric()
        || is_combining_mark(letter)
        || matches!(letter, '\'' | '`' | '\u{b4}' | '\u{2018}' | '\u{2019}' | '\u{200c}' | '\u{200d}' | '\u{640}');
    !inside
}

/// The script of the first letter that tells one.
pub(crate) fn script_of(word: &str) -> Script {
    word.chars().find(|letter| letter.is_alphabetic()).map_or(Script::Latin, Script::of)
}

fn push_word(word: &str, script: Script, shouted: bool, words: &mut Vec<Word>) {
    if let Some(initials) = initials(word, script, shouted) {
        for letter in initials.chars() {
            let mut bytes = [0; 4];
            let letter = letter.encode_utf8(&mut bytes);
            words.push(Word::new(letter, script::spell(letter, script).letters, None, script, Kind::Initial));
        }
        return;
    }
    let script::Spelling { mut letters, sounds } = script::spell(word, script);
    letters.truncate(LONGEST); // ASCII
    if letters.is_empty() {
        return;
    }
    let kind = kind_of(&letters);
    words.push(Word::new(word, letters, sounds, script, kind));
}

/// The initials a word is made of: one letter alone, or, in a name not written in capitals throughout, two or three capitals nobody can pronounce.
fn initials(word: &str, script: Script, shouted: bool) -> Option<&str> {
    let alphabetic =
        matches!(script, Script::Latin | Script::Cyrillic | Script::Greek | Script::Georgian | Script::Armenian);
    let length = word.chars().count();
    if !alphabetic || length > 3 || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let unpronounceable = || {
        !shouted
            && script == Script::Latin
            && word.bytes().all(|letter| letter.is_ascii_uppercase() && !b"AEIOUY".contains(&letter))
            && kind_of(&word.to_ascii_lowercase()) == Kind::Name
    };
    (length == 1 || unpronounceable()).then_some(word)
}

impl Word {
    fn new(written: &str, letters: String, sounds: Option<String>, script: Script, kind: Kind) -> Self {
        let written = match script {
            Script::Latin => Vec::new(),
            _ => written
                .chars()
                .flat_map(char::to_lowercase)
                .filter(|letter| letter.is_alphanumeric())
                .take(LONGEST)
                .collect(),
        };
        let encoded = phonemes::encode(sounds.as_deref().unwrap_or(&letters));
        let families = kin::families(&letters);
        Self { letters, sounds: encoded, written, script, kind, families }
    }

    /// Words that another writer may have joined to one.
    pub(crate) fn joined(words: &[Self]) -> Self {
        let mut letters: String = words.iter().map(|word| word.letters.as_str()).collect();
        letters.truncate(LONGEST); // ASCII
        let mut sounds: Vec<u8> = words.iter().flat_map(|word| word.sounds.iter().copied()).collect();
        sounds.dedup();
        let written = words.iter().flat_map(|word| word.written.iter().copied()).take(LONGEST).collect();
        let script = words.first().map_or(Script::Latin, |word| word.script);
        Self { letters, sounds, written, script, kind: Kind::Name, families: Families::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, MAX_WORDS, Name};

    fn parsed(text: &str) -> Vec<(String, Kind)> {
        Name::parse(text).words().map(|(letters, kind)| (letters.to_owned(), kind)).collect()
    }

    #[test]
    fn words_are_separated_spelled_and_told_apart() {
        use Kind::{Initial, Name as N, Particle, Patronymic, Title};
        let cases: &[(&str, &[(&str, Kind)])] = &[
            ("D'Arcy-Smith, Ann", &[("darcy", N), ("smith", N), ("ann", N)]),
            ("J. van der Berg", &[("j", Initial), ("van", Particle), ("der", Particle), ("berg", N)]),
            ("PM Kowalska", &[("p", Initial), ("m", Initial), ("kowalska", N)]),
            ("PM KOWALSKA", &[("pm", N), ("kowalska", N)]),
            ("Dr. Анна Петровна Жук", &[("dr", Title), ("anna", N), ("petrovna", Patronymic), ("zhuk", N)]),
            ("عمر الخطيب", &[("amr", N), ("al", Particle), ("khtib", N)]),
            ("Dr. Bin", &[("dr", N), ("bin", N)]),
            ("ABD<ALRXHMN", &[("abd", Kind::Opening), ("al", Particle), ("rhmn", N)]),
            ("ＡＮＮＡ　Ｋ", &[("anna", N), ("k", Initial)]),
            ("–", &[]),
        ];
        for (text, words) in cases {
            let words: Vec<_> = words.iter().map(|(letters, kind)| ((*letters).to_owned(), *kind)).collect();
            assert_eq!(parsed(text), words, "{text}");
        }
    }

    #[test]
    fn no_name_is_too_long() {
        assert!(parsed(&"Ab ".repeat(10_000)).len() <= MAX_WORDS);
        assert!(parsed(&"x".repeat(100_000))[0].0.len() <= 64);
    }
}
