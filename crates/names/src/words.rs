//! What kinds of words names are made of, beside the names themselves.

/// What part a word plays in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A given name or a surname.
    Name,
    /// The first letter of one.
    Initial,
    /// A name made of the father's, as East Slavic languages do: documents of other states leave it out.
    Patronymic,
    /// *Abd*, *Abu*, *Umm*: opens a name of two words, and is written together with the second as often as apart.
    Opening,
    /// *bin*, *al*, *von*, *de la*: carries little of who somebody is, and is written in several ways or left out.
    Particle,
    /// *Dr*, *Sheikh*, *Haji*: not a part of the name, however often it is written with it.
    Title,
}

impl Kind {
    /// How much of a person's name is lost where such a word is left out, in hundredths of a given name.
    pub(crate) const fn lost(self) -> u32 {
        match self {
            Self::Name => 100,
            Self::Opening => 50,
            Self::Patronymic | Self::Initial => 35,
            Self::Particle => 20,
            Self::Title => 10,
        }
    }

    /// How much it says where another stands in its place: an initial or a father's name then speaks as a name does.
    pub(crate) const fn said(self) -> u32 {
        match self {
            Self::Patronymic | Self::Initial => Self::Name.lost(),
            _ => self.lost(),
        }
    }
}

/// The part a word plays, by how it is spelled. A word alone is a name whatever it looks like: that is for the caller to know.
pub(crate) fn kind_of(letters: &str) -> Kind {
    if matches!(letters, "abu" | "abou" | "abi" | "umm" | "abd" | "abdul" | "abdel" | "abdal") {
        Kind::Opening
    } else if is_particle(letters) {
        Kind::Particle
    } else if is_title(letters) {
        Kind::Title
    } else if is_patronymic(letters) {
        Kind::Patronymic
    } else {
        Kind::Name
    }
}

fn is_particle(letters: &str) -> bool {
    matches!(
        letters,
        // Arabic, Hebrew, Turkish, Persian
        "al" | "el" | "ul" | "ud" | "ad" | "as" | "ar" | "az" | "ash" | "an" | "at" | "us" | "ur" | "bin" | "ibn" | "ben" | "bn"
        | "bint" | "binti" | "binte" | "bt" | "bar" | "bat"
        | "ould" | "oglu" | "ogly" | "oghlu" | "kyzy" | "qizi" | "zade"
        // Romance
        | "de" | "da" | "do" | "dos" | "das" | "di" | "du" | "des" | "del" | "della" | "dei" | "degli" | "la" | "le" | "les" | "lo" | "los"
        | "las" | "e" | "y" | "i" | "d" | "l"
        // Germanic
        | "van" | "von" | "vom" | "zu" | "zum" | "zur" | "den" | "der" | "ter" | "ten" | "te" | "af" | "av" | "und" | "het" | "t"
        // Celtic, South African, other
        | "ap" | "ab" | "ni" | "nic" | "na" | "so" | "wa"
    )
}

fn is_title(letters: &str) -> bool {
    matches!(
        letters,
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "dr"
            | "prof"
            | "professor"
            | "doctor"
            | "sir"
            | "dame"
            | "lady"
            | "rev"
            | "fr"
            | "hon"
            | "jr"
            | "sr"
            | "jnr"
            | "snr"
            | "ii"
            | "iii"
            | "iv"
            | "phd"
            | "md"
            | "esq"
            | "gen"
            | "general"
            | "col"
            | "colonel"
            | "maj"
            | "major"
            | "capt"
            | "captain"
            | "lt"
            | "sgt"
            | "president"
            | "prasident"
            | "presidente"
            | "minister"
            | "herr"
            | "frau"
            | "mme"
            | "mlle"
            | "monsieur"
            | "madame"
            | "senor"
            | "senora"
            | "sra"
            | "dona"
            | "pan"
            | "pani"
            | "ing"
            | "mgr"
            | "inz"
            | "hab"
            | "dipl"
            | "sheikh"
            | "shaikh"
            | "sheik"
            | "shaykh"
            | "cheikh"
            | "sheykh"
            | "haji"
            | "hajji"
            | "hadji"
            | "haj"
            | "hajj"
            | "alhaji"
            | "mullah"
            | "molla"
            | "mulla"
            | "maulana"
            | "mawlana"
            | "maulvi"
            | "maulavi"
            | "mawlawi"
            | "qari"
            | "hafiz"
            | "ustad"
            | "ustaz"
            | "ayatollah"
            | "hojatoleslam"
            | "syed"
            | "sayyid"
            | "sayyed"
            | "sayed"
            | "sahib"
            | "saheb"
            | "emir"
            | "begum"
            | "khanum"
            | "bey"
            | "hanim"
            | "effendi"
            | "pasha"
            | "shri"
            | "smt"
            | "tuan"
            | "datuk"
            | "tengku"
    )
}

fn is_patronymic(letters: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["ovich", "evich", "ovych", "evych", "ovna", "evna", "ivna", "yivna", "owicz", "ewicz", "ovitch", "evitch"];
    letters.len() > 7 && ENDINGS.iter().any(|ending| letters.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind_of};

    #[test]
    fn the_part_a_word_plays_is_seen_in_its_spelling() {
        for (letters, kind) in [
            ("nikolaevich", Kind::Patronymic),
            ("petrovna", Kind::Patronymic),
            ("bin", Kind::Particle),
            ("abu", Kind::Opening),
            ("von", Kind::Particle),
            ("sheikh", Kind::Title),
            ("petrov", Kind::Name),
            ("rich", Kind::Name),
        ] {
            assert_eq!(kind_of(letters), kind, "{letters}");
        }
    }
}
