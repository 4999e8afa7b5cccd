//! A spelled word as a row of sounds, one byte each, so that *Schmidt* and *Shmit* are near each other.
//!
//! Nobody says which language a name is spelled in. So the reading is one no language has but few contradict: letters that are pronounced alike in
//! most become one sound, and what remains doubtful (is *ch* the one of *Charles*, *Charlotte* or *Christos*?) is settled by [`substitution`], which
//! makes such confusions cheap.
//!
//! | byte | sound | | byte | sound |
//! |---|---|---|---|---|
//! | `S` | *sh* | | `Z` | *zh* |
//! | `C` | *ch* | | `J` | *j* of *John* |
//! | `X` | *kh* | | `j` | a *j* that may be any of three |
//! | `c` | *ts* | | others | the letter itself |

/// The row of sounds of a word in lower-case Latin letters. Digits are read as the letters they look like.
pub(crate) fn encode(spelled: &str) -> Vec<u8> {
    let letters: Vec<u8> = spelled.bytes().map(unmask).collect();
    let mut sounds = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let (said, taken) = next(&letters[at..], at == 0);
        for &sound in said {
            // A doubled letter, and two letters of one sound, are said once.
            if sounds.last() != Some(&sound) {
                sounds.push(sound);
            }
        }
        at += taken;
    }
    sounds
}

/// The letter a digit is mistaken for in reading by eye or by machine.
pub(crate) const fn unmask(letter: u8) -> u8 {
    match letter {
        b'0' => b'o',
        b'1' => b'i',
        b'3' => b'e',
        b'4' => b'a',
        b'5' => b's',
        b'6' | b'9' => b'g',
        b'7' => b't',
        b'8' => b'b',
        other => other,
    }
}

fn next(rest: &[u8], initial: bool) -> (&'static [u8], usize) {
    match rest {
        [b's', b'h', b'c', b'h', ..] => (b"SC", 4),
        [b't', b's', b'c', b'h', ..] => (b"C", 4),
        [b's', b'z', b'c', b'z', ..] => (b"SC", 4),
        [b't', b'c', b'h', ..] => (b"C", 3),
        [b's', b'c', b'h', ..] => (b"S", 3),
        [b'd', b'z', b'h', ..] => (b"J", 3),
        [b's', b'h', ..] | [b's', b'z', ..] => (b"S", 2),
        [b'h', b's', ..] if initial => (b"S", 2), // Wade-Giles, of Chinese
        [b'c', b'h', ..] | [b'c', b'z', ..] => (b"C", 2),
        [b'z', b'h', ..] | [b'r', b'z', ..] => (b"Z", 2),
        [b'k', b'h', ..] => (b"X", 2),
        [b'g', b'h', ..] => (b"g", 2),
        [b'd', b'j', ..] => (b"J", 2),
        [b'd', b'z', ..] => (b"z", 2),
        [b't', b's', ..] | [b't', b'z', ..] => (b"c", 2),
        [b'p', b'h', ..] => (b"f", 2),
        [b't', b'h', ..] => (b"t", 2),
        [b'd', b'h', ..] => (b"d", 2),
        [b'b', b'h', ..] => (b"b", 2),
        [b'c', b'k', ..] | [b'q', b'u', ..] => (b"k", 2),
        [b'o', b'u', ..] | [b'o', b'o', ..] | [b'u', b'e', ..] => (b"u", 2),
        [b'e', b'e', ..] | [b'i', b'e', ..] => (b"i", 2),
        [b'o', b'e', ..] => (b"o", 2),
        [b'a', b'e', ..] => (b"e", 2),
        [b'c', b'e' | b'i' | b'y', ..] => (b"s", 1),
        [b'x', ..] if initial => (b"S", 1), // Chinese; names in x that sound z or ks are as rare as they are short of others
        [b'x', ..] => (b"ks", 1),
        [b'c' | b'k' | b'q', ..] => (b"k", 1),
        [b'w' | b'v', ..] => (b"v", 1),
        [b'y' | b'i', ..] => (b"i", 1),
        [b'a', ..] => (b"a", 1),
        [b'b', ..] => (b"b", 1),
        [b'd', ..] => (b"d", 1),
        [b'e', ..] => (b"e", 1),
        [b'f', ..] => (b"f", 1),
        [b'g', ..] => (b"g", 1),
        [b'h', ..] => (b"h", 1),
        [b'j', ..] => (b"j", 1),
        [b'l', ..] => (b"l", 1),
        [b'm', ..] => (b"m", 1),
        [b'n', ..] => (b"n", 1),
        [b'o', ..] => (b"o", 1),
        [b'p', ..] => (b"p", 1),
        [b'r', ..] => (b"r", 1),
        [b's', ..] => (b"s", 1),
        [b't', ..] => (b"t", 1),
        [b'u', ..] => (b"u", 1),
        [b'z', ..] => (b"z", 1),
        _ => (b"", 1),
    }
}

/// Whether a sound is a vowel.
pub(crate) const fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Pairs of sounds that languages, transliterations and clerks take for one another, and what that costs in hundredths of an edit.
const CONFUSIONS: &[(u8, u8, u8)] = &[
    // vowels
    (b'e', b'i', 35),
    (b'o', b'u', 35),
    (b'a', b'e', 50),
    (b'a', b'o', 60),
    // y and j, and the j of other languages
    (b'i', b'j', 20),
    (b'J', b'j', 20),
    (b'Z', b'j', 30),
    (b'J', b'Z', 20),
    (b'h', b'j', 50),
    (b'X', b'j', 50),
    (b'J', b'g', 35),
    (b'g', b'j', 50),
    (b'C', b'J', 30),
    (b'C', b'j', 40),
    (b'J', b'i', 40),
    // sibilants
    (b'C', b'S', 40),
    (b'S', b's', 35),
    (b'Z', b'z', 30),
    (b'Z', b'S', 40),
    (b's', b'z', 30),
    (b'c', b'z', 30),
    (b'c', b's', 30),
    (b'C', b'c', 40),
    (b'C', b's', 50),
    (b'C', b'Z', 40),
    (b'J', b'z', 40),
    (b'c', b'k', 60),
    // the back of the mouth
    (b'X', b'h', 20),
    (b'X', b'k', 30),
    (b'X', b'C', 30),
    (b'C', b'k', 50),
    (b'g', b'h', 35),
    (b'X', b'g', 40),
    (b'g', b'k', 40),
    // voiced and voiceless, and their neighbours
    (b'd', b't', 40),
    (b'b', b'p', 40),
    (b'f', b'v', 30),
    (b'b', b'v', 40),
    (b'f', b'p', 60),
    (b'd', b'z', 45),
    (b't', b's', 60),
    (b'u', b'v', 40),
    (b'm', b'n', 70),
    (b'l', b'r', 80),
];

const TABLE: [[u8; 64]; 64] = table();

const fn table() -> [[u8; 64]; 64] {
    let mut table = [[100; 64]; 64];
    let mut at = 0;
    while at < 64 {
        table[at][at] = 0;
        at += 1;
    }
    let vowels = b"aeiou";
    let (mut left, mut right) = (0, 0);
    while left < vowels.len() {
        while right < vowels.len() {
            if left != right {
                table[slot(vowels[left])][slot(vowels[right])] = 70;
            }
            right += 1;
        }
        left += 1;
        right = 0;
    }
    let mut at = 0;
    while at < CONFUSIONS.len() {
        let (left, right, cost) = CONFUSIONS[at];
        table[slot(left)][slot(right)] = cost;
        table[slot(right)][slot(left)] = cost;
        at += 1;
    }
    table
}

const fn slot(sound: u8) -> usize {
    (sound & 63) as usize
}

/// What it costs to take one sound for another, in hundredths of an edit.
pub(crate) const fn substitution(left: u8, right: u8) -> u32 {
    TABLE[slot(left)][slot(right)] as u32
}

#[cfg(test)]
mod tests {
    use super::{encode, substitution};

    #[test]
    fn spellings_of_one_sound_become_one_row() {
        for (one, other) in [
            ("schmidt", "shmidt"),
            ("filipp", "philip"),
            ("khalid", "khalid"),
            ("nooruddin", "nurudin"),
            ("yusuf", "yousouf"),
            ("wanda", "vanda"),
            ("szymon", "shimon"),
            ("mueller", "muller"),
            ("3va", "eva"),
        ] {
            assert_eq!(encode(one), encode(other), "{one} {other}");
        }
        assert_ne!(encode("anna"), encode("ana x"));
    }

    #[test]
    fn confusion_is_symmetric_and_no_two_sounds_share_a_place() {
        let sounds = b"abcdefghijklmnoprstuvzSCXZJ";
        for &left in sounds {
            for &right in sounds {
                assert_eq!(substitution(left, right), substitution(right, left));
                assert_eq!(substitution(left, right) == 0, left == right, "{} {}", left as char, right as char);
            }
        }
    }
}
