//! Made-up people: their names are syllables put together by chance, frequent and rare ones as in a real register, in the scripts and by the romanisations
//! that documents have; and the questions somebody asks who heard or misread such a name.

use straznica_registry::domain::finding::{Findable, KnownFact};
use straznica_registry::domain::person::{Birth, BirthDate, Fact, Name, NameKind};
use straznica_types::{CivilDate, Timestamp};

/// SplitMix64: the same people in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn in_a_hundred(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// The first are the frequent ones: a rank is about as likely as one over it.
    fn rank(&mut self, ranks: usize) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "ranks are few"
        )]
        let rank = (ranks as f64).powf((self.next() >> 11) as f64 / (1_u64 << 53) as f64) as usize;
        rank.min(ranks) - 1
    }
}

/// Sounds of one language: how its script writes each, and how documents of several states do.
struct Language {
    onsets: &'static [Sound],
    vowels: &'static [Sound],
    surnames: &'static [Sound],
    given: &'static [Sound],
}

/// In the original script (empty: Latin is it), and in Latin by several romanisations, the passport's first.
struct Sound(&'static str, [&'static str; 3]);

const CYRILLIC: Language = Language {
    onsets: &[
        Sound("б", ["b"; 3]),
        Sound("в", ["v", "w", "v"]),
        Sound("г", ["h", "h", "g"]),
        Sound("д", ["d"; 3]),
        Sound("ж", ["zh", "ż", "j"]),
        Sound("з", ["z"; 3]),
        Sound("к", ["k"; 3]),
        Sound("л", ["l"; 3]),
        Sound("м", ["m"; 3]),
        Sound("н", ["n"; 3]),
        Sound("п", ["p"; 3]),
        Sound("р", ["r"; 3]),
        Sound("с", ["s"; 3]),
        Sound("т", ["t"; 3]),
        Sound("х", ["kh", "ch", "kh"]),
        Sound("ц", ["ts", "c", "ts"]),
        Sound("ч", ["ch", "cz", "tch"]),
        Sound("ш", ["sh", "sz", "ch"]),
        Sound("щ", ["shch", "szcz", "chtch"]),
        Sound("бр", ["br"; 3]),
        Sound("вл", ["vl", "wl", "vl"]),
        Sound("гр", ["hr", "hr", "gr"]),
        Sound("кр", ["kr"; 3]),
        Sound("ст", ["st"; 3]),
    ],
    vowels: &[
        Sound("а", ["a"; 3]),
        Sound("е", ["e"; 3]),
        Sound("и", ["y", "y", "i"]),
        Sound("і", ["i"; 3]),
        Sound("о", ["o"; 3]),
        Sound("у", ["u", "u", "ou"]),
        Sound("я", ["ia", "ja", "ya"]),
        Sound("ю", ["iu", "ju", "you"]),
    ],
    surnames: &[
        Sound("ренко", ["renko"; 3]),
        Sound("чук", ["chuk", "czuk", "tchouk"]),
        Sound("ський", ["skyi", "skyj", "sky"]),
        Sound("ков", ["kov", "kow", "kov"]),
        Sound("вець", ["vets", "weć", "vets"]),
        Sound("няк", ["niak", "niak", "nyak"]),
        Sound("шин", ["shyn", "szyn", "chine"]),
        Sound("ла", ["la"; 3]),
    ],
    given: &[
        Sound("рій", ["rii", "rij", "ri"]),
        Sound("на", ["na"; 3]),
        Sound("слав", ["slav", "sław", "slav"]),
        Sound("ла", ["la"; 3]),
        Sound("н", ["n"; 3]),
        Sound("дія", ["diia", "dija", "diya"]),
    ],
};

const ARABIC: Language = Language {
    onsets: &[
        Sound("ب", ["b"; 3]),
        Sound("ج", ["j", "dj", "g"]),
        Sound("ح", ["h"; 3]),
        Sound("خ", ["kh", "kh", "ch"]),
        Sound("د", ["d"; 3]),
        Sound("ر", ["r"; 3]),
        Sound("ز", ["z"; 3]),
        Sound("س", ["s", "ss", "s"]),
        Sound("ش", ["sh", "ch", "sch"]),
        Sound("ف", ["f"; 3]),
        Sound("ق", ["q", "k", "gh"]),
        Sound("ك", ["k"; 3]),
        Sound("ل", ["l"; 3]),
        Sound("م", ["m", "mm", "m"]),
        Sound("ن", ["n"; 3]),
        Sound("ي", ["y", "y", "j"]),
        Sound("و", ["w", "ou", "v"]),
        Sound("ت", ["t"; 3]),
    ],
    vowels: &[
        Sound("", ["a", "a", "e"]),
        Sound("ا", ["a"; 3]),
        Sound("ي", ["i", "i", "ee"]),
        Sound("و", ["u", "ou", "o"]),
    ],
    surnames: &[
        Sound("ري", ["ri", "ry", "ree"]),
        Sound("ان", ["an"; 3]),
        Sound("د", ["d"; 3]),
        Sound("ل", ["l"; 3]),
        Sound("م", ["m"; 3]),
        Sound("وي", ["wi", "oui", "awi"]),
    ],
    given: &[
        Sound("د", ["d"; 3]),
        Sound("م", ["m"; 3]),
        Sound("ن", ["n"; 3]),
        Sound("ة", ["a", "ah", "eh"]),
        Sound("ر", ["r"; 3]),
    ],
};

const LATIN: Language = Language {
    onsets: &[
        Sound("", ["b"; 3]),
        Sound("", ["d"; 3]),
        Sound("", ["g"; 3]),
        Sound("", ["k", "k", "c"]),
        Sound("", ["l"; 3]),
        Sound("", ["m"; 3]),
        Sound("", ["n", "n", "nh"]),
        Sound("", ["r"; 3]),
        Sound("", ["s", "s", "ss"]),
        Sound("", ["t", "t", "th"]),
        Sound("", ["ph", "f", "ph"]),
        Sound("", ["c", "tch", "c"]),
        Sound("", ["y", "y", "j"]),
    ],
    vowels: &[
        Sound("", ["a"; 3]),
        Sound("", ["e"; 3]),
        Sound("", ["i", "i", "y"]),
        Sound("", ["o"; 3]),
        Sound("", ["u", "u", "ou"]),
        Sound("", ["o", "ö", "oe"]),
    ],
    surnames: &[
        Sound("", ["man", "mann", "man"]),
        Sound("", ["oglu", "oğlu", "oglou"]),
        Sound("", ["ez", "es", "ez"]),
        Sound("", ["son", "sson", "son"]),
        Sound("", ["lar"; 3]),
        Sound("", ["ng", "ngh", "ng"]),
    ],
    given: &[Sound("", ["a"; 3]), Sound("", ["n"; 3]), Sound("", ["ra"; 3]), Sound("", ["l"; 3]), Sound("", ["t"; 3])],
};

const LANGUAGES: [&Language; 3] = [&CYRILLIC, &ARABIC, &LATIN];
/// Different surnames and given names of a language.
const SURNAMES: usize = 40_000;
const GIVEN: usize = 2_000;

/// Somebody, and the same name by the other romanisations.
pub(crate) struct Somebody {
    original: [String; 2],
    latin: [[String; 2]; 3],
    born: CivilDate,
}

fn word(language: &Language, seed: u64, ends: &'static [Sound], longest: usize) -> [String; 4] {
    let mut chance = Chance(seed);
    let mut word = [const { String::new() }; 4];
    let mut put = |sound: &Sound| {
        word[0].push_str(sound.0);
        for (written, said) in word[1..].iter_mut().zip(sound.1) {
            written.push_str(said);
        }
    };
    for _ in 0..1 + chance.below(longest) {
        put(chance.of(language.onsets));
        put(chance.of(language.vowels));
    }
    put(chance.of(ends));
    word
}

impl Somebody {
    pub(crate) fn number(number: u64) -> Self {
        let mut chance = Chance(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let at = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2][chance.below(10)];
        let language = LANGUAGES[at];
        let seed = |kind: u64, rank: usize| (at as u64) << 60 | kind << 50 | rank as u64;
        let surname = word(language, seed(1, chance.rank(SURNAMES)), language.surnames, 3);
        let given = word(language, seed(2, chance.rank(GIVEN)), language.given, 2);
        let born = CivilDate::from_days_since_epoch(-9_000 + i64::try_from(chance.below(26_000)).unwrap());
        let [original_surname, latin_surname @ ..] = surname;
        let [original_given, latin_given @ ..] = given;
        let mut latin = [const { [const { String::new() }; 2] }; 3];
        for ((both, surname), given) in latin.iter_mut().zip(latin_surname).zip(latin_given) {
            *both = [given, surname];
        }
        Self { original: [original_given, original_surname], latin, born }
    }

    /// As a register knows them: half with the name in its own script as well.
    pub(crate) fn findable(&self, number: u64) -> Findable {
        let (mut original_given, mut original_surname) = (String::new(), String::new());
        if number.is_multiple_of(2) && !self.original[1].is_empty() {
            [original_given, original_surname] = self.original.clone();
        }
        let [latin_given, latin_surname] = self.latin[0].clone();
        let name = Name { kind: NameKind::Main, original_surname, original_given, latin_surname, latin_given };
        let birth = Birth { date: BirthDate::Day(self.born), place: String::new() };
        let known = |fact| KnownFact {
            fact,
            since: Timestamp::from_seconds(1_700_000_000).millis(),
            replaced: None,
            ended: None,
        };
        Findable { facts: vec![known(Fact::Name(name)), known(Fact::Birth(birth))] }
    }

    /// As a table of names in clear has it.
    pub(crate) fn plain(&self) -> (String, CivilDate) {
        (self.latin[0].join(" "), self.born)
    }

    /// As somebody asks for them who misread or misheard one or two letters; the surname first now and then.
    pub(crate) fn misspelt(&self, chance: &mut Chance) -> Asked {
        let mut parts = self.latin[0].clone();
        for _ in 0..1 + chance.below(2) {
            let part = &mut parts[chance.below(2)];
            let mut letters: Vec<char> = part.chars().collect();
            let at = chance.below(letters.len());
            let letter = char::from(b'a' + u8::try_from(chance.below(26)).unwrap());
            match chance.below(4) {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                2 if letters.len() > 3 => drop(letters.remove(at)),
                _ => {
                    let next = (at + 1).min(letters.len() - 1);
                    letters.swap(at, next);
                }
            }
            *part = letters.into_iter().collect();
        }
        self.asked(parts, chance)
    }

    /// As another state's document has them.
    pub(crate) fn written_otherwise(&self, chance: &mut Chance) -> Asked {
        let parts = self.latin[1 + chance.below(2)].clone();
        self.asked(parts, chance)
    }

    fn asked(&self, parts: [String; 2], chance: &mut Chance) -> Asked {
        let [given, surname] = parts;
        let name = if chance.in_a_hundred(20) { format!("{surname} {given}") } else { format!("{given} {surname}") };
        let born = self.born.to_string();
        let born = if chance.in_a_hundred(15) { born[..4].to_owned() } else { born };
        Asked { name, born }
    }
}

/// What is asked.
pub(crate) struct Asked {
    pub(crate) name: String,
    /// The day, or the year alone.
    pub(crate) born: String,
}
