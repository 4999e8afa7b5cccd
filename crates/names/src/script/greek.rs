//! Greek letters (ELOT 743, the Greek passport's rules; ICAO Doc 9303 has no Greek table).

use unicode_normalization::char::decompose_canonical;

use super::push;

/// Spells a Greek word in Latin letters.
pub(crate) fn spell(word: &str) -> String {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).map(without_accent).collect();
    let mut spelled = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let (latin, taken) = digraph(letter, next, letters.get(at + 2).copied(), at == 0)
            .map_or((single(letter), 1), |latin| (Some(latin), 2));
        push(latin.unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut spelled);
        at += taken;
    }
    spelled
}

fn without_accent(letter: char) -> char {
    let mut first = None;
    // A diaeresis keeps two vowels apart: such a letter stays as it is and makes no digraph.
    let mut apart = false;
    decompose_canonical(letter, |part| {
        apart |= part == '\u{308}';
        first = first.or(Some(part));
    });
    if apart { letter } else { first.unwrap_or(letter) }
}

fn digraph(letter: char, next: Option<char>, after: Option<char>, initial: bool) -> Option<&'static str> {
    let voiced = after.is_some_and(|letter| "αεηιουωβγδζλμνρ".contains(letter));
    Some(match (letter, next?) {
        ('ο', 'υ') => "ou",
        ('α', 'υ') => {
            if voiced {
                "av"
            } else {
                "af"
            }
        }
        ('ε', 'υ') => {
            if voiced {
                "ev"
            } else {
                "ef"
            }
        }
        ('γ', 'γ') => "ng",
        ('γ', 'ξ') => "nx",
        ('γ', 'χ') => "nch",
        ('μ', 'π') if initial => "b",
        _ => return None,
    })
}

fn single(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' | 'ϊ' | 'ΐ' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' | 'ϋ' | 'ΰ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn greek_is_spelled_as_in_the_passport() {
        for (word, latin) in [
            ("Παπαδόπουλος", "papadopoulos"),
            ("Ευάγγελος", "evangelos"),
            ("Μπουμπούλης", "boumpoulis"),
            ("Χρήστος", "christos"),
            ("Ξανθή", "xanthi"),
            ("Αϊδίνης", "aidinis"),
        ] {
            assert_eq!(super::spell(word), latin, "{word}");
        }
    }
}
