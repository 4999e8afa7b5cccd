//! Writing systems, and how a word of each is spelled in Latin letters.
//!
//! Two spellings come of every word: `letters`, the one documents print (ICAO Doc 9303-3 section 6 where it has a table, the national standard
//! where it has none), and `sounds`, the one to be read aloud, from which [`crate::phonemes`] makes symbols. They differ where a diacritic changes
//! the sound but documents drop it: *Š* is S in a passport and *sh* in a mouth.

pub(crate) mod arabic;
pub(crate) mod caucasian;
pub(crate) mod cyrillic;
pub(crate) mod greek;
pub(crate) mod hebrew;
pub(crate) mod latin;

/// A writing system, as far as comparison treats it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Script {
    /// Latin, with any diacritics.
    Latin,
    /// Cyrillic of any language.
    Cyrillic,
    /// Greek.
    Greek,
    /// Georgian (Mkhedruli, and its capitals).
    Georgian,
    /// Armenian.
    Armenian,
    /// Arabic, with the letters of Persian, Urdu and Pashto. Short vowels are not written.
    Arabic,
    /// Hebrew. Vowels are hardly written.
    Hebrew,
    /// Chinese characters. Words are not separated.
    Han,
    /// Japanese syllables.
    Kana,
    /// Korean syllables. Given names and surname are usually not separated.
    Hangul,
    /// Any other: read character by character with tables made for all of Unicode.
    Other,
}

impl Script {
    /// The writing system of a letter.
    pub(crate) fn of(letter: char) -> Self {
        match letter {
            '\0'..='\u{24f}' | '\u{250}'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{a720}'..='\u{a7ff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Self::Cyrillic,
            '\u{530}'..='\u{58f}' => Self::Armenian,
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' => Self::Arabic,
            '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' => Self::Georgian,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => Self::Kana,
            '\u{3005}'..='\u{3007}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2fa1f}' => Self::Han,
            _ => Self::Other,
        }
    }

    /// How many letters' difference a character makes: one of Chinese is a word, one of Korean a syllable of two or three letters.
    pub(crate) const fn letters_a_character(self) -> u32 {
        match self {
            Self::Han => 3,
            Self::Hangul => 2,
            _ => 1,
        }
    }

    /// Whether a vowel of the spoken name may be missing in it.
    pub(crate) const fn omits_vowels(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew | Self::Other)
    }
}

/// A word spelled in Latin letters: lower case, `a` to `z` and digits alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// As documents print it.
    pub(crate) letters: String,
    /// As it is read aloud; `None` where that is the same.
    pub(crate) sounds: Option<String>,
}

impl Spelling {
    fn plain(letters: String) -> Self {
        Self { letters, sounds: None }
    }
}

/// Spells a word of one writing system in Latin letters. `word` is in form NFKC.
pub(crate) fn spell(word: &str, script: Script) -> Spelling {
    match script {
        Script::Latin => latin::spell(word),
        Script::Cyrillic => Spelling::plain(cyrillic::spell(word, cyrillic::Convention::Icao)),
        Script::Greek => Spelling::plain(greek::spell(word)),
        Script::Georgian | Script::Armenian => Spelling::plain(caucasian::spell(word)),
        Script::Arabic => Spelling::plain(arabic::read_aloud(word)),
        Script::Hebrew => Spelling::plain(hebrew::read_aloud(word)),
        Script::Han | Script::Kana | Script::Hangul | Script::Other => Spelling::plain(by_character(word)),
    }
}

/// Character by character, by the tables of `any_ascii`.
fn by_character(word: &str) -> String {
    let mut spelled = String::with_capacity(word.len());
    for letter in word.chars() {
        push(any_ascii::any_ascii_char(letter), &mut spelled);
    }
    spelled
}

/// Appends what is a letter or digit, in lower case.
fn push(text: &str, to: &mut String) {
    to.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()));
}
