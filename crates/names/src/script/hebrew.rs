//! Hebrew letters, read as far as they tell the vowels.

use super::push;

/// A Hebrew word as it may be spoken: what vowels it is written without stay missing.
pub(crate) fn read_aloud(word: &str) -> String {
    let letters: Vec<char> = word.chars().filter(|letter| !matches!(letter, '\u{591}'..='\u{5c7}')).collect();
    let mut spelled = String::with_capacity(word.len());
    for (at, &letter) in letters.iter().enumerate() {
        let (initial, last) = (at == 0, at + 1 == letters.len());
        push(sound(letter, initial, last).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut spelled);
    }
    spelled
}

fn sound(letter: char, initial: bool, last: bool) -> Option<&'static str> {
    Some(match letter {
        'א' | 'ע' => "a",
        'ב' => "b",
        'ג' => "g",
        'ד' => "d",
        'ה' if last => "a",
        'ה' => "h",
        'ו' if initial => "v",
        'ו' => "o",
        'ז' => "z",
        'ח' => "h",
        'ט' | 'ת' => "t",
        'י' => "i",
        'כ' if initial => "k",
        'כ' | 'ך' => "kh",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'פ' if initial => "p",
        'פ' | 'ף' => "f",
        'צ' | 'ץ' => "ts",
        'ק' => "k",
        'ר' => "r",
        'ש' => "sh",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn hebrew_is_read_with_the_vowels_it_shows() {
        for (word, latin) in [("דוד", "dod"), ("שרה", "shra"), ("יצחק", "itshk"), ("פרץ", "prts")] {
            assert_eq!(super::read_aloud(word), latin, "{word}");
        }
    }
}
