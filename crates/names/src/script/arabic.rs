//! Arabic letters, with those of Persian, Urdu and Pashto: read aloud for comparison, and ICAO's reversible codes put back into letters.

use super::push;

/// The article, which is written as part of the word it belongs to.
pub(crate) const ARTICLE: &str = "ال";

/// An Arabic word as it may be spoken: short vowels, being unwritten, stay missing.
pub(crate) fn read_aloud(word: &str) -> String {
    let letters: Vec<char> =
        word.chars().filter(|letter| !matches!(letter, '\u{640}' | '\u{651}' | '\u{652}')).collect();
    let mut spelled = String::with_capacity(word.len());
    for (at, &letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1).copied();
        push(sound(letter, at == 0, next).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut spelled);
    }
    spelled
}

fn sound(letter: char, initial: bool, next: Option<char>) -> Option<&'static str> {
    Some(match letter {
        'ا' | 'أ' | 'آ' | 'ٱ' | 'ى' | 'ة' | '\u{64e}' | '\u{64b}' | '\u{670}' => "a",
        'إ' | 'ئ' | '\u{650}' | '\u{64d}' => "i",
        'ؤ' | '\u{64f}' | '\u{64c}' => "u",
        'ء' => "",
        'ع' if initial => "a",
        'ع' => "",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' | 'ٹ' | 'ټ' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' | 'ہ' | 'ۂ' | 'ھ' | 'ۀ' | 'ۃ' => "h",
        'خ' | 'ځ' => "kh",
        'د' | 'ض' | 'ڈ' | 'ډ' => "d",
        'ذ' => "dh",
        'ر' | 'ڑ' | 'ړ' => "r",
        'ز' | 'ظ' => "z",
        'ژ' | 'ږ' => "zh",
        'س' | 'ص' => "s",
        'ش' | 'ښ' => "sh",
        'څ' => "ts",
        'غ' => "gh",
        'ف' => "f",
        'ق' => "q",
        'ك' | 'ک' => "k",
        'گ' | 'ګ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' | 'ڼ' => "n",
        'و' if initial || next.is_some_and(|next| matches!(next, 'ا' | 'ي' | 'ی')) => "w",
        'و' => "u",
        'ي' | 'ی' if initial => "y",
        'ي' | 'ی' | 'ې' | 'ۍ' => "i",
        'ے' | 'ۓ' => "e",
        '\u{200c}' | '\u{200d}' => "",
        _ => return None,
    })
}

/// ICAO Doc 9303-3 section 6.C: letters and their codes in the machine-readable zone. Longer codes first, so that the first that fits is the one.
const CODES: &[(&str, char)] = &[
    ("XAA", 'آ'),
    ("XAE", 'أ'),
    ("XAY", 'ى'),
    ("XTA", 'ة'),
    ("XAH", 'ة'),
    ("XTH", 'ث'),
    ("XKH", 'خ'),
    ("XDH", 'ذ'),
    ("XSH", 'ش'),
    ("XSS", 'ص'),
    ("XDZ", 'ض'),
    ("XTT", 'ط'),
    ("XZZ", 'ظ'),
    ("XXA", 'ٱ'),
    ("XXT", 'ٹ'),
    ("XRT", 'ټ'),
    ("XKE", 'ځ'),
    ("XXH", 'څ'),
    ("XXD", 'ڈ'),
    ("XDR", 'ډ'),
    ("XXR", 'ڑ'),
    ("XRR", 'ړ'),
    ("XRX", 'ږ'),
    ("XXS", 'ښ'),
    ("XKK", 'ک'),
    ("XXK", 'ګ'),
    ("XNG", 'ڭ'),
    ("XGG", 'گ'),
    ("XNN", 'ں'),
    ("XXN", 'ڼ'),
    ("XDO", 'ھ'),
    ("XYH", 'ۀ'),
    ("XXG", 'ہ'),
    ("XGE", 'ۂ'),
    ("XTG", 'ۃ'),
    ("XYA", 'ی'),
    ("XXY", 'ۍ'),
    ("XYB", 'ے'),
    ("XBE", 'ۓ'),
    ("XE", 'ء'),
    ("XI", 'ئ'),
    ("XH", 'ح'),
    ("XC", 'چ'),
    ("XJ", 'ژ'),
    ("A", 'ا'),
    ("B", 'ب'),
    ("D", 'د'),
    ("E", 'ع'),
    ("F", 'ف'),
    ("G", 'غ'),
    ("H", 'ه'),
    ("I", 'إ'),
    ("J", 'ج'),
    ("K", 'ك'),
    ("L", 'ل'),
    ("M", 'م'),
    ("N", 'ن'),
    ("P", 'پ'),
    ("Q", 'ق'),
    ("R", 'ر'),
    ("S", 'س'),
    ("T", 'ت'),
    ("U", 'ؤ'),
    ("W", 'و'),
    ("Y", 'ي'),
    ("Z", 'ز'),
];

/// The Arabic word an ICAO-coded one of a machine-readable zone stands for. `None` when a letter of it is no code.
///
/// The doubling a *shadda* marks is coded as the letter twice and comes back as two letters: reading is not changed by it.
pub(crate) fn from_icao_codes(word: &str) -> Option<String> {
    let mut arabic = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let (code, letter) = CODES.iter().find(|(code, _)| rest.starts_with(code))?;
        arabic.push(*letter);
        rest = &rest[code.len()..];
    }
    Some(arabic)
}

/// Whether a word of capitals looks coded: it has one of the escapes, and its consonants stand as in no language that spells its vowels.
pub(crate) fn looks_icao_coded(word: &str) -> bool {
    let escapes = || CODES.iter().filter(|(code, _)| code.len() > 1);
    let has_escape = || word.match_indices('X').any(|(at, _)| escapes().any(|(code, _)| word[at..].starts_with(code)));
    let consonants = || word.split(['A', 'E', 'I', 'O', 'U', 'Y']).map(str::len).max().unwrap_or(0);
    let vowels = || word.contains(['A', 'E', 'I', 'O', 'U']);
    word.bytes().all(|letter| letter.is_ascii_uppercase())
        && has_escape()
        && (consonants() >= 4 || consonants() == 3 && !vowels())
        && !word.contains('O')
}

#[cfg(test)]
mod tests {
    use super::{CODES, from_icao_codes, looks_icao_coded, read_aloud};

    #[test]
    fn the_example_of_icao_doc_9303_is_decoded_and_read() {
        let words = [("ABW", "ابو", "abu"), ("BKR", "بكر", "bkr"), ("MXHMD", "محمد", "mhmd"), ("BN", "بن", "bn")];
        let words = words.into_iter().chain([("ZKRYA", "زكريا", "zkria"), ("ALRAZY", "الرازي", "alrazi")]);
        for (coded, arabic, spoken) in words {
            assert_eq!(from_icao_codes(coded).as_deref(), Some(arabic), "{coded}");
            assert_eq!(read_aloud(arabic), spoken, "{arabic}");
        }
    }

    #[test]
    fn coded_words_are_told_from_names_with_an_x() {
        assert!(looks_icao_coded("MXHMD"));
        assert!(looks_icao_coded("XSHRYF") && looks_icao_coded("ALRXHMN"));
        for plain in ["XHEVAT", "XHEMSHITI", "MAXIM", "XAVIER", "ALEXANDER", "Mxhmd", "XOCHITL"] {
            assert!(!looks_icao_coded(plain), "{plain}");
        }
    }

    #[test]
    fn no_code_hides_behind_a_shorter_one() {
        for (at, (code, _)) in CODES.iter().enumerate() {
            let first = CODES.iter().position(|(other, _)| code.starts_with(other));
            assert_eq!(first, Some(at), "{code}");
        }
    }
}
