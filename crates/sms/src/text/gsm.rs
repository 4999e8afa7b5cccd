//! The default alphabet and its extension table (3GPP TS 23.038 §6.2.1 and §6.2.1.1), one septet to an octet, as SMPP carries them.

/// Leads to the extension table.
const ESCAPE: u8 = 0x1B;

/// The default alphabet in order; the place of the escape is held by U+001B, which is no character of it.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω',
    'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+',
    ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B',
    'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p',
    'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// What follows an escape.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Where a character stands.
#[derive(Clone, Copy)]
enum Place {
    Basic(u8),
    Extension(u8),
}

fn place(character: char) -> Option<Place> {
    // Letters, digits and most signs stand where ASCII has them: no search for those.
    let same_as_ascii = matches!(character, ' '..='#' | '%'..='?' | 'A'..='Z' | 'a'..='z' | '\n' | '\r');
    if same_as_ascii {
        return u8::try_from(character).ok().map(Place::Basic);
    }
    if character == '\u{1B}' {
        return None;
    }
    if let Some(at) = BASIC.iter().position(|known| *known == character) {
        return u8::try_from(at).ok().map(Place::Basic);
    }
    EXTENSION.iter().find(|(_, known)| *known == character).map(|(code, _)| Place::Extension(*code))
}

/// How many septets a character takes: 1, 2 (extension table), or `None` outside the alphabet.
pub fn septets(character: char) -> Option<usize> {
    place(character).map(|place| match place {
        Place::Basic(_) => 1,
        Place::Extension(_) => 2,
    })
}

/// One septet to an octet; `None` when a character is outside the alphabet.
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for character in text.chars() {
        match place(character)? {
            Place::Basic(code) => octets.push(code),
            Place::Extension(code) => octets.extend([ESCAPE, code]),
        }
    }
    Some(octets)
}

/// The text of septets. An escape the table does not know shows as a space and the character that follows it, as §6.2.1.1 asks of a handset; an
/// octet above 0x7F, which is no septet, as U+FFFD.
pub fn decode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        if octet != ESCAPE {
            text.push(basic(octet));
            continue;
        }
        let Some(code) = octets.next() else {
            text.push(' ');
            break;
        };
        match EXTENSION.iter().find(|(known, _)| *known == code) {
            Some((_, character)) => text.push(*character),
            None if code == ESCAPE => text.push(' '),
            None => text.extend([' ', basic(code)]),
        }
    }
    text
}

fn basic(octet: u8) -> char {
    BASIC.get(usize::from(octet)).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_have_the_codes_of_the_standard() {
        for (character, octets) in [
            ('@', "00"),
            ('$', "02"),
            ('Ç', "09"),
            ('\n', "0a"),
            ('Δ', "10"),
            ('_', "11"),
            ('Ξ', "1a"),
            ('É', "1f"),
            (' ', "20"),
            ('¤', "24"),
            ('A', "41"),
            ('¡', "40"),
            ('Ä', "5b"),
            ('§', "5f"),
            ('¿', "60"),
            ('z', "7a"),
            ('à', "7f"),
            ('\u{0C}', "1b0a"),
            ('^', "1b14"),
            ('{', "1b28"),
            ('}', "1b29"),
            ('\\', "1b2f"),
            ('[', "1b3c"),
            ('~', "1b3d"),
            (']', "1b3e"),
            ('|', "1b40"),
            ('€', "1b65"),
        ] {
            let encoded = encode(&character.to_string()).unwrap();
            assert_eq!(hex::encode(&encoded), octets, "{character:?}");
            assert_eq!(decode(&encoded), character.to_string());
            assert_eq!(septets(character), Some(encoded.len()));
        }
    }

    #[test]
    fn no_polish_diacritic_and_no_typographic_sign_is_in_the_alphabet() {
        for character in "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”–—…`\u{A0}\u{1B}\t№ёї".chars() {
            assert_eq!(septets(character), None, "{character:?}");
            assert_eq!(encode(&character.to_string()), None);
        }
    }

    #[test]
    fn what_is_no_septet_or_no_known_escape_is_shown_as_such() {
        assert_eq!(decode(&[0x41, 0x80, 0x42]), "A\u{FFFD}B");
        assert_eq!(decode(&[0x1B, 0x41]), " A");
        assert_eq!(decode(&[0x1B, 0x1B]), " ");
        assert_eq!(decode(&[0x1B]), " ");
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_reads_back(indices in proptest::collection::vec(0_usize..137, 0..200)) {
            let all: Vec<char> =
                BASIC.iter().copied().filter(|c| *c != '\u{1B}').chain(EXTENSION.iter().map(|(_, c)| *c)).collect();
            let text: String = indices.iter().map(|index| all[*index]).collect();
            let encoded = encode(&text).unwrap();
            prop_assert_eq!(decode(&encoded), text);
        }

        #[test]
        fn no_octets_make_the_decoder_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&octets);
        }
    }
}
