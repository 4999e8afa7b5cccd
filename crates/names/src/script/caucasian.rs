//! Georgian letters (national system of 2002) and Armenian ones (the simplified form of BGN/PCGN 1981 that passports follow).

use super::push;

/// Spells a Georgian or Armenian word in Latin letters.
pub(crate) fn spell(word: &str) -> String {
    let mut spelled = String::with_capacity(word.len());
    let mut letters = word.chars().flat_map(char::to_lowercase).peekable();
    let mut initial = true;
    while let Some(letter) = letters.next() {
        let latin = match letter {
            // ու is one vowel
            'ո' if letters.next_if_eq(&'ւ').is_some() => Some("u"),
            'ո' if initial => Some("vo"),
            'ե' if initial => Some("ye"),
            _ => georgian(letter).or_else(|| armenian(letter)),
        };
        push(latin.unwrap_or_else(|| any_ascii::any_ascii_char(letter)), &mut spelled);
        initial = false;
    }
    spelled
}

fn georgian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ა' => "a",
        'ბ' => "b",
        'გ' => "g",
        'დ' => "d",
        'ე' => "e",
        'ვ' => "v",
        'ზ' => "z",
        'თ' | 'ტ' => "t",
        'ი' => "i",
        'კ' | 'ქ' => "k",
        'ლ' => "l",
        'მ' => "m",
        'ნ' => "n",
        'ო' => "o",
        'პ' | 'ფ' => "p",
        'ჟ' => "zh",
        'რ' => "r",
        'ს' => "s",
        'უ' => "u",
        'ღ' => "gh",
        'ყ' => "q",
        'შ' => "sh",
        'ჩ' | 'ჭ' => "ch",
        'ც' | 'წ' => "ts",
        'ძ' => "dz",
        'ხ' => "kh",
        'ჯ' => "j",
        'ჰ' => "h",
        _ => return None,
    })
}

fn armenian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ա' => "a",
        'բ' => "b",
        'գ' => "g",
        'դ' => "d",
        'ե' | 'է' => "e",
        'զ' => "z",
        'ը' => "y",
        'թ' | 'տ' => "t",
        'ժ' => "zh",
        'ի' => "i",
        'լ' => "l",
        'խ' => "kh",
        'ծ' | 'ց' => "ts",
        'կ' | 'ք' => "k",
        'հ' => "h",
        'ձ' => "dz",
        'ղ' => "gh",
        'ճ' | 'չ' => "ch",
        'մ' => "m",
        'յ' => "y",
        'ն' => "n",
        'շ' => "sh",
        'ո' | 'օ' => "o",
        'պ' | 'փ' => "p",
        'ջ' => "j",
        'ռ' | 'ր' => "r",
        'ս' => "s",
        'վ' | 'ւ' => "v",
        'ֆ' => "f",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn georgian_and_armenian_are_spelled_as_in_the_passport() {
        for (word, latin) in [
            ("ქეთევან", "ketevan"),
            ("ჭავჭავაძე", "chavchavadze"),
            ("Հովհաննես", "hovhannes"),
            ("Ումրշատյան", "umrshatyan"),
            ("Ոսկանյան", "voskanyan"),
            ("Երեմյան", "yeremyan"),
        ] {
            assert_eq!(super::spell(word), latin, "{word}");
        }
    }
}
