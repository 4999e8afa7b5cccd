//! Cyrillic letters: ICAO Doc 9303-3 section 6.B with its national exceptions, and the conventions older passports were printed by.

use super::push;

/// By which rules a Cyrillic word is printed in Latin letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Convention {
    /// ICAO Doc 9303-3 without an exception: Russian passports since 2014, and what a reader knowing no more assumes.
    Icao,
    /// ICAO's Ukrainian column, which is resolution 55 of the Cabinet of Ministers of 2010.
    Ukrainian,
    /// ICAO's Belarusian column.
    Belarusian,
    /// The Bulgarian Transliteration Act of 2009.
    Bulgarian,
    /// ICAO's Serbian column: Serbian Latin without diacritics.
    Serbian,
    /// ICAO's Macedonian column.
    Macedonian,
    /// Russian passports of 1997 to 2010 (order 310 of the Ministry of the Interior): й, ю, я with Y.
    Russian1997,
    /// Soviet and early Russian passports, spelled after French.
    RussianFrench,
    /// Polish spelling, as registry offices wrote it.
    Polish,
}

impl Convention {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Icao,
        Self::Ukrainian,
        Self::Belarusian,
        Self::Bulgarian,
        Self::Serbian,
        Self::Macedonian,
        Self::Russian1997,
        Self::RussianFrench,
        Self::Polish,
    ];
}

/// Spells a Cyrillic word in Latin letters.
pub(crate) fn spell(word: &str, convention: Convention) -> String {
    let mut spelled = String::with_capacity(word.len());
    let mut previous = None;
    for letter in word.chars().flat_map(char::to_lowercase) {
        let national = match convention {
            Convention::Icao => None,
            Convention::Ukrainian => ukrainian(letter, previous),
            Convention::Belarusian => belarusian(letter),
            Convention::Bulgarian => bulgarian(letter),
            Convention::Serbian => serbian(letter),
            Convention::Macedonian => macedonian(letter),
            Convention::Russian1997 => russian_1997(letter, previous),
            Convention::RussianFrench => russian_french(letter),
            Convention::Polish => polish(letter),
        };
        push(national.or_else(|| icao(letter)).unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut spelled);
        previous = Some(letter);
    }
    if convention == Convention::RussianFrench && spelled.ends_with("in") {
        spelled.push('e'); // -ine, or a French reader would swallow the n
    }
    spelled
}

fn icao(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'й' | 'і' | 'ї' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' | 'ѫ' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'є' => "ie",
        'ы' | 'ѵ' => "y",
        'ь' => "",
        'ю' => "iu",
        'я' => "ia",
        'ђ' => "d",
        'ѓ' => "g",
        'ѕ' => "dz",
        'ј' => "j",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' => "c",
        'ќ' => "k",
        'џ' => "dz",
        // beyond ICAO: Kazakh, Kyrgyz, Mongolian, Tatar, Bashkir, Tajik
        'ә' => "a",
        'ғ' => "g",
        'қ' => "k",
        'ң' => "n",
        'ө' => "o",
        'ұ' | 'ү' => "u",
        'һ' | 'ҳ' => "h",
        'ҷ' => "j",
        'ӣ' => "i",
        'ӯ' => "u",
        'ѐ' => "e",
        'ѝ' => "i",
        '\u{300}'..='\u{36f}' => "",
        _ => return None,
    })
}

fn ukrainian(letter: char, previous: Option<char>) -> Option<&'static str> {
    Some(match (letter, previous) {
        ('г', Some('з')) => "gh",
        ('г', _) => "h",
        ('и', _) => "y",
        ('є', None) => "ye",
        ('ї', None) => "yi",
        ('й', None) => "y",
        ('ю', None) => "yu",
        ('я', None) => "ya",
        _ => return None,
    })
}

fn belarusian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'г' => "h",
        'ё' => "io",
        _ => return None,
    })
}

fn bulgarian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'щ' => "sht",
        'ъ' => "a",
        'ь' | 'й' => "y",
        'х' => "h",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

fn serbian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ж' => "z",
        'х' => "h",
        'ц' | 'ч' | 'ћ' => "c",
        'ш' => "s",
        'ђ' => "dj",
        'џ' => "dz",
        _ => return None,
    })
}

fn macedonian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'х' => "h",
        'ц' => "c",
        'ѓ' => "gj",
        'ќ' => "kj",
        'џ' => "dj",
        _ => return None,
    })
}

fn russian_1997(letter: char, previous: Option<char>) -> Option<&'static str> {
    let after_vowel = previous.is_none_or(|letter| "аеёиоуыэюяъь".contains(letter));
    Some(match letter {
        'е' if after_vowel => "ye",
        'ё' => "ye",
        'й' => "y",
        'ъ' => "",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

fn russian_french(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ж' => "j",
        'у' => "ou",
        'ч' => "tch",
        'ш' => "ch",
        'щ' => "chtch",
        'ъ' => "",
        'ю' => "iou",
        _ => return None,
    })
}

fn polish(letter: char) -> Option<&'static str> {
    Some(match letter {
        'в' => "w",
        'ж' => "z",
        'й' => "j",
        'х' => "ch",
        'ц' => "c",
        'ч' => "cz",
        'ш' => "sz",
        'щ' => "szcz",
        'ъ' => "",
        'ю' => "ju",
        'я' => "ja",
        'є' => "je",
        'ї' => "ji",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Convention, spell};

    #[test]
    fn each_convention_prints_its_own_letters() {
        for (word, convention, printed) in [
            ("Щукин", Convention::Icao, "shchukin"),
            ("Юрьев", Convention::Icao, "iurev"),
            ("Юлия", Convention::Russian1997, "yuliya"),
            ("Андреев", Convention::Russian1997, "andreyev"),
            ("Шукшин", Convention::RussianFrench, "choukchine"),
            ("Згурський", Convention::Ukrainian, "zghurskyi"),
            ("Яна", Convention::Ukrainian, "yana"),
            ("Григорій", Convention::Ukrainian, "hryhorii"),
            ("Гомель", Convention::Belarusian, "homel"),
            ("Ангел Щерев", Convention::Bulgarian, "angelshterev"),
            ("Живковић", Convention::Serbian, "zivkovic"),
            ("Ќосе", Convention::Macedonian, "kjose"),
            ("Шевченко", Convention::Polish, "szewczenko"),
            ("Өмүрбек", Convention::Icao, "omurbek"),
        ] {
            assert_eq!(spell(word, convention), printed, "{word} {convention:?}");
        }
    }
}
