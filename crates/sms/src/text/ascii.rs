//! The form of Polish that fits one part: letters without their diacritics and plain signs, each replacement on a list. A character the list does
//! not have is an error, so that no reader is left with a `?` where something mattered.

use super::gsm;
use super::header::ReferenceWidth;
use super::parts::{Encoding, parts};

/// A character that has no accepted form in ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character U+{:04X} at {at} has no ASCII form", u32::from(*character))]
pub struct NoAsciiForm {
    /// The character.
    pub character: char,
    /// Where it stands, counted in characters from 0.
    pub at: usize,
}

/// Why a text cannot be that of a code message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeTextError {
    /// A character would be lost.
    #[error(transparent)]
    Character(#[from] NoAsciiForm),
    /// There is nothing to send.
    #[error("the text is empty")]
    Empty,
    /// It does not fit one part.
    #[error("the text takes {septets} septets, more than the {} of one part", Encoding::Gsm7.single())]
    TooLong {
        /// What it takes.
        septets: usize,
    },
}

/// The ASCII form of a Polish text, within the default alphabet: `ą` becomes `a`, `„` becomes `"`, `–` becomes `-`, a no-break space a space.
/// Letters typed as base and combining mark are taken as the letter they make.
///
/// # Errors
/// At the first character without a form on the list.
pub fn ascii_form(text: &str) -> Result<String, NoAsciiForm> {
    let mut form = String::with_capacity(text.len());
    let mut before = None;
    for (at, character) in text.chars().enumerate() {
        if !completes(before, character) {
            form.push_str(plain(character).ok_or(NoAsciiForm { character, at })?.as_str());
        }
        before = Some(character);
    }
    Ok(form)
}

/// The text of a code message: the ASCII form, which has to fit one part.
///
/// # Errors
/// When a character has no form, or the text is empty or too long.
pub fn code_text(text: &str) -> Result<String, CodeTextError> {
    let form = ascii_form(text)?;
    let measured = parts(&form, ReferenceWidth::Eight).map_err(|_| match form.is_empty() {
        true => CodeTextError::Empty,
        false => CodeTextError::TooLong { septets: form.chars().filter_map(gsm::septets).sum() },
    })?;
    if measured.count() > 1 {
        return Err(CodeTextError::TooLong { septets: measured.units() });
    }
    Ok(form)
}

/// Whether a combining mark completes the letter before it to a Polish one; the letter is already written.
fn completes(before: Option<char>, mark: char) -> bool {
    let Some(letter) = before else { return false };
    match mark {
        '\u{301}' => "cnoszCNOSZ".contains(letter), // acute
        '\u{307}' => "zZ".contains(letter),         // dot above
        '\u{328}' => "aeAE".contains(letter),       // ogonek
        _ => false,
    }
}

/// What is written for one character: itself, one other or three dots.
enum Plain {
    One([u8; 1]),
    Dots,
}

impl Plain {
    fn as_str(&self) -> &str {
        match self {
            // One ASCII octet is one character.
            Self::One(octet) => std::str::from_utf8(octet).unwrap_or_default(),
            Self::Dots => "...",
        }
    }
}

fn plain(character: char) -> Option<Plain> {
    let one = match character {
        'ą' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        'Ą' => 'A',
        'Ć' => 'C',
        'Ę' => 'E',
        'Ł' => 'L',
        'Ń' => 'N',
        'Ó' => 'O',
        'Ś' => 'S',
        'Ź' | 'Ż' => 'Z',
        '„' | '”' | '“' | '«' | '»' => '"',
        '‚' | '’' | '‘' | '`' => '\'',
        '‐' | '‑' | '–' | '—' | '−' => '-',
        '\u{A0}' | '\u{202F}' | '\u{2009}' => ' ',
        '…' => return Some(Plain::Dots),
        // The rest of ASCII as far as the default alphabet has it: no control characters but line ends.
        plain if plain.is_ascii() && gsm::septets(plain).is_some() && plain != '\u{0C}' => plain,
        _ => return None,
    };
    u8::try_from(one).ok().map(|octet| Plain::One([octet]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn polish_has_an_ascii_form_that_loses_no_letter() {
        for (text, form) in [
            ("zażółć gęślą jaźń", "zazolc gesla jazn"),
            ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "ZAZOLC GESLA JAZN"),
            ("„Urząd” – pokój 5…", "\"Urzad\" - pokoj 5..."),
            ("10\u{A0}000\u{202F}zł’", "10 000 zl'"),
            ("z\u{307}o\u{301}łc\u{301} ge\u{328}s\u{301}la\u{328}", "zolc gesla"),
            ("a@b.pl {1} [2] ~\n", "a@b.pl {1} [2] ~\n"),
        ] {
            assert_eq!(ascii_form(text).as_deref(), Ok(form));
        }
    }

    #[test]
    fn a_character_without_a_form_is_an_error_and_never_a_question_mark() {
        for (text, character, at) in [
            ("kod ю", 'ю', 4),
            ("naïve", 'ï', 2),
            ("§ 5", '§', 0),
            ("5 €", '€', 2),
            ("tab\t", '\t', 3),
            ("zero\u{200B}", '\u{200B}', 4),
            ("x\u{301}", '\u{301}', 1),
            ("\u{301}", '\u{301}', 0),
            ("😀", '😀', 0),
        ] {
            assert_eq!(ascii_form(text), Err(NoAsciiForm { character, at }), "{text}");
        }
    }

    #[test]
    fn a_code_message_fits_one_part_or_is_refused() {
        assert_eq!(code_text(&"ż".repeat(160)).unwrap(), "z".repeat(160));
        assert_eq!(code_text(&"ż".repeat(161)), Err(CodeTextError::TooLong { septets: 161 }));
        assert_eq!(code_text(&"[".repeat(81)), Err(CodeTextError::TooLong { septets: 162 }));
        assert_eq!(code_text(&"a".repeat(50_000)), Err(CodeTextError::TooLong { septets: 50_000 }));
        assert_eq!(code_text(""), Err(CodeTextError::Empty));
    }

    proptest! {
        #[test]
        fn a_form_is_ascii_of_the_default_alphabet(text in "[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”–…a-zA-Z0-9 .,:@$_]{0,80}|\\PC{0,20}") {
            if let Ok(form) = ascii_form(&text) {
                prop_assert!(form.is_ascii());
                prop_assert!(gsm::encode(&form).is_some());
                prop_assert_eq!(text.matches('?').count(), form.matches('?').count());
                prop_assert_eq!(ascii_form(&form), Ok(form));
            }
        }
    }
}
