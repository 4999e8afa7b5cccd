//! Latin letters with diacritics (ICAO Doc 9303-3 section 6.A).

use unicode_normalization::char::decompose_canonical;

use super::{Spelling, push};

/// Spells a Latin word without its diacritics: the base letter, as most states print it.
pub(crate) fn spell(word: &str) -> Spelling {
    if word.is_ascii() {
        let mut letters = String::with_capacity(word.len());
        push(word, &mut letters);
        return Spelling { letters, sounds: None };
    }
    let (mut letters, mut sounds) = (String::with_capacity(word.len()), String::with_capacity(word.len()));
    for letter in word.chars().flat_map(char::to_lowercase) {
        push(base(letter).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut letters);
        push(sound(letter).or_else(|| base(letter)).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut sounds);
    }
    let sounds = (sounds != letters).then_some(sounds);
    Spelling { letters, sounds }
}

/// The other spelling section 6.A names, with the letters of *Ä*, *Å*, *Ö*, *Ø*, *Ü* written out; `None` where the word has none of them.
pub(crate) fn spell_out(word: &str) -> Option<String> {
    let mut letters = String::with_capacity(word.len() + 2);
    let mut differs = false;
    for letter in word.chars().flat_map(char::to_lowercase) {
        let written_out = match letter {
            'ä' => Some("ae"),
            'å' => Some("aa"),
            'ö' | 'ø' => Some("oe"),
            'ü' => Some("ue"),
            'ñ' => Some("nxx"),
            _ => None,
        };
        differs |= written_out.is_some();
        push(written_out.or_else(|| base(letter)).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut letters);
    }
    differs.then_some(letters)
}

/// Letters that no decomposition takes apart, and marks that stand alone.
fn base(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'þ' => "th",
        'ð' | 'đ' => "d",
        'ł' => "l",
        'ı' => "i",
        'ħ' => "h",
        'ŋ' => "n",
        'ə' => "a",
        'ŧ' => "t",
        '\u{300}'..='\u{36f}' => "",
        _ if letter.is_ascii() => return None,
        _ => {
            let mut first = None;
            decompose_canonical(letter, |part| first = first.or(Some(part)));
            return first.filter(char::is_ascii_lowercase).map(|letter| any_ascii::any_ascii_char(letter));
        }
    })
}

/// Letters whose diacritic changes the consonant or the vowel.
fn sound(letter: char) -> Option<&'static str> {
    Some(match letter {
        'š' | 'ş' | 'ș' | 'ś' | 'ŝ' => "sh",
        'ž' | 'ż' | 'ź' | 'ĵ' => "zh",
        'č' | 'ć' | 'ĉ' => "ch",
        'ř' => "rz",
        'đ' => "dj",
        'ñ' => "n",
        'ţ' | 'ț' => "ts",
        'ä' => "ae",
        'ö' | 'ø' | 'ő' => "oe",
        'ü' | 'ű' => "ue",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{spell, spell_out};

    #[test]
    fn diacritics_go_and_the_sound_stays() {
        for (word, letters, sounds) in [
            ("Straße", "strasse", None),
            ("Müller", "muller", Some("mueller")),
            ("Søren", "soren", Some("soeren")),
            ("Łukasz", "lukasz", None),
            ("Šimić", "simic", Some("shimich")),
            ("Þór", "thor", None),
            ("Nguyễn", "nguyen", None),
            ("İnönü", "inonu", Some("inoenue")),
            ("O'Neill", "oneill", None),
        ] {
            let spelling = spell(word);
            assert_eq!((spelling.letters.as_str(), spelling.sounds.as_deref()), (letters, sounds), "{word}");
        }
    }

    #[test]
    fn umlauts_are_written_out_as_icao_allows() {
        assert_eq!(spell_out("Jürgen").as_deref(), Some("juergen"));
        assert_eq!(spell_out("Åse").as_deref(), Some("aase"));
        assert_eq!(spell_out("Jan"), None);
    }
}
