//! Other spellings of a name in Latin letters, as documents of different states and years print it: all of them are indexed, so that any of them finds it.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::name::{self, Name};
use crate::script::cyrillic::{self, Convention};
use crate::script::{Script, arabic, latin};

/// Spellings of a name in Latin letters: lower case, words separated by spaces. The first is [`Name::latin`]; the others follow in alphabetical order, none twice.
///
/// - Cyrillic is printed by every [`Convention`];
/// - *Ä*, *Å*, *Ö*, *Ø*, *Ü* are written out as well (ICAO Doc 9303-3 section 6.A);
/// - a name that looks like ICAO's coding of Arabic letters (section 6.C) is decoded and read, and kept as it was coded.
#[must_use]
pub fn variants(text: &str) -> Vec<String> {
    let plain = Name::parse(text).latin();
    let normal: String = name::shortened(text).nfkc().collect();
    let mut others = BTreeSet::new();
    if normal.chars().any(|letter| Script::of(letter) == Script::Cyrillic) {
        others.extend(Convention::ALL.map(|convention| transliterate(text, convention)));
    }
    others.insert(each_word(&normal, latin::spell_out));
    // A name that was decoded may have been stored as it was printed.
    if normal.is_ascii() {
        others.insert(each_word(&normal, |word| Some(latin::spell(word).letters)));
    }
    others.remove(&plain);
    others.remove("");
    std::iter::once(plain).chain(others).collect()
}

/// A name as a convention for Cyrillic prints it; words of other scripts as [`Name::latin`] does.
#[must_use]
pub fn transliterate(text: &str, convention: Convention) -> String {
    let normal: String = name::shortened(text).nfkc().collect();
    each_word(&normal, |word| (name::script_of(word) == Script::Cyrillic).then(|| cyrillic::spell(word, convention)))
}

/// Spells every word another way, or as it is compared where there is none.
fn each_word(text: &str, other_way: impl Fn(&str) -> Option<String>) -> String {
    let spell = |word: &str| {
        let spelled = other_way(word).filter(|spelled| !spelled.is_empty());
        spelled.unwrap_or_else(|| Name::parse(word).latin())
    };
    let words = text.split(name::is_separator).filter(|word| !word.is_empty()).take(name::MAX_WORDS);
    words.map(spell).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A name in the machine-readable zone that is coded letter by letter from Arabic (ICAO Doc 9303-3 section 6.C), in Arabic letters again: *MXHMD* is
/// محمد. `None` when it is not such a coding. A doubled letter comes back as two.
#[must_use]
pub fn decode_icao_arabic(text: &str) -> Option<String> {
    let words: Option<Vec<String>> = name::shortened(text)
        .split(name::is_separator)
        .filter(|word| !word.is_empty())
        .map(arabic::from_icao_codes)
        .collect();
    words.filter(|words| !words.is_empty()).map(|words| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{Convention, decode_icao_arabic, transliterate, variants};

    #[test]
    fn a_name_is_indexed_as_every_passport_spells_it() {
        for (name, spelled) in [
            ("Юлія Жук", &["iuliia zhuk", "yuliia zhuk", "iouliia jouk", "yuliya zhuk", "julija zuk"][..]),
            ("Георгий Щербин", &["georgii shcherbin", "heorhyi shcherbyn", "georgii chtcherbine", "georgij szczerbin"]),
            ("Åke Müller", &["ake muller", "aake mueller"]),
            ("MXHMD ALRAZY", &["mhmd al razi", "mxhmd alrazy"]),
            ("Jan Nowak", &["jan nowak"]),
        ] {
            let found = variants(name);
            assert_eq!(found[0], spelled[0]);
            for spelling in spelled {
                assert!(found.iter().any(|found| found == spelling), "{name}: {spelling} not in {found:?}");
            }
        }
        assert_eq!(transliterate("Юрий Smith", Convention::Polish), "jurij smith");
        assert_eq!(variants("Jan Nowak").len(), 1);
        assert_eq!(variants("…"), [""]);
    }

    #[test]
    fn coded_arabic_comes_back_in_arabic() {
        assert_eq!(
            decode_icao_arabic("ABW<BKR<MXHMD<BN<ZKRYA<ALRAZY").as_deref(),
            Some("ابو بكر محمد بن زكريا الرازي")
        );
        assert_eq!(decode_icao_arabic("OLGA"), None);
        assert_eq!(decode_icao_arabic("<<"), None);
    }
}
