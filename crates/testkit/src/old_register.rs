//! A made-up old register, exported in four files as such systems do it: Windows-1250, semicolons, Polish dates, codes of its own, and every fault they have.

use std::collections::BTreeMap;

/// What its columns mean, as an operator would write it.
pub const MAPPINGS: [(&str, &str); 4] = [
    (
        "persons.toml",
        r#"
id = "pobyt-v1-persons"
source = "pobyt-v1"
rows = "persons"
dates = ["DD.MM.YYYY"]
ignored = ["UWAGI"]
[columns]
ID = "row_id"
NR_OSOBY = "number"
NAZWISKO = "surname"
IMIONA = "given_names"
DATA_UR = "birth_date"
PLEC = "sex"
OBYW = "nationality"
WPIS = "recorded_on"
[codes.sex]
K = "F"
M = "M"
[codes.nationality]
UA = "UKR"
BY = "BLR"
RU = "RUS"
[changed.nationality]
SU = "XXX"
"#,
    ),
    (
        "addresses.toml",
        r#"
id = "pobyt-v1-addresses"
source = "pobyt-v1"
rows = "facts"
dates = ["DD.MM.YYYY"]
[columns]
ID = "row_id"
NR_OSOBY = "belongs_to"
ADRES = "address"
OD = "valid_from"
DO = "valid_to"
WPIS = "recorded_on"
"#,
    ),
    (
        "cases.toml",
        r#"
id = "pobyt-v1-cases"
source = "pobyt-v1"
rows = "cases"
dates = ["DD.MM.YYYY"]
[columns]
ID = "row_id"
NR_SPRAWY = "number"
OSOBY = "belongs_to"
RODZAJ = "type"
WSZCZETO = "opened_on"
ZAKONCZONO = "closed_on"
WYNIK = "outcome"
"#,
    ),
    (
        "consultations.toml",
        r#"
id = "ksk-v1-consultations"
source = "pobyt-v1"
rows = "consultations"
dates = ["DD.MM.YYYY"]
[columns]
ID = "row_id"
NR = "number"
NR_SPRAWY = "belongs_to"
ORGAN = "authority"
RODZAJ = "type"
PYTANO = "opened_on"
ODPOWIEDZ = "closed_on"
WYNIK = "outcome"
"#,
    ),
];

/// Rows refused by reason and column.
pub type ByCode = BTreeMap<(String, String), u64>;

/// Counts them.
pub fn by_code<'a>(refused: impl Iterator<Item = (&'a str, &'a str)>) -> ByCode {
    let mut counted = ByCode::new();
    for (code, column) in refused {
        *counted.entry((code.to_owned(), column.to_owned())).or_default() += 1;
    }
    counted
}

/// What has to become of a file.
#[derive(Debug, Clone)]
pub struct Expected {
    /// All its rows.
    pub rows: u64,
    /// Those that are taken in.
    pub accepted: u64,
    /// Those that are not.
    pub refused: ByCode,
}

/// The old register.
#[derive(Debug)]
pub struct Old {
    files: Vec<(&'static str, Vec<u8>, Expected)>,
    /// Persons of whom something means something else now.
    pub changed: u64,
    /// Cases whose year and type can be read.
    pub readable_cases: u64,
    /// Of somebody with an address, a case and a consultation.
    pub person_number: String,
    /// Of that case.
    pub case_number: String,
}

/// A file as it grows.
struct File {
    text: Vec<u8>,
    rows: u64,
    refused: ByCode,
}

impl File {
    fn with(header: &str) -> Self {
        Self { text: [header.as_bytes(), b"\r\n"].concat(), rows: 0, refused: ByCode::new() }
    }

    fn row(&mut self, row: &str, wrong: Option<(&str, &str)>) {
        self.text.extend(row.chars().map(byte));
        self.text.extend(b"\r\n");
        self.rows += 1;
        if let Some((code, column)) = wrong {
            *self.refused.entry((code.to_owned(), column.to_owned())).or_default() += 1;
        }
    }

    fn done(self) -> (Vec<u8>, Expected) {
        let accepted = self.rows - self.refused.values().sum::<u64>();
        (self.text, Expected { rows: self.rows, accepted, refused: self.refused })
    }
}

/// Windows-1250, as far as the names here need it; U+0081 stands for a byte that means nothing there.
fn byte(letter: char) -> u8 {
    match letter {
        'Ż' => 0xaf,
        'ó' => 0xf3,
        'ł' => 0xb3,
        'Ś' => 0x8c,
        'ę' => 0xea,
        'ź' => 0x9f,
        other => u8::try_from(u32::from(other)).unwrap_or(b'?'),
    }
}

impl Old {
    /// Some twenties of persons, each twenty with every fault.
    #[must_use]
    pub fn of(twenties: u32) -> Self {
        let persons = twenties * 20;
        let (mut people, mut addresses, mut cases, mut consultations) = (
            File::with("ID;NR_OSOBY;NAZWISKO;IMIONA;DATA_UR;PLEC;OBYW;WPIS;UWAGI"),
            File::with("ID;NR_OSOBY;ADRES;OD;DO;WPIS"),
            File::with("ID;NR_SPRAWY;OSOBY;RODZAJ;WSZCZETO;ZAKONCZONO;WYNIK"),
            File::with("ID;NR;NR_SPRAWY;ORGAN;RODZAJ;PYTANO;ODPOWIEDZ;WYNIK"),
        );
        let (mut changed, mut readable_cases) = (0, 0);
        for i in 0..persons {
            let (year, day) = (1950 + i % 50, 1 + i % 28);
            let born = format!("{day:02}.05.{year}");
            let country = match i % 3 {
                0 => "UA",
                1 => "BY",
                _ => "RU",
            };
            let person = |id: u32, number: u32, surname: &str, born: &str, country: &str| {
                format!("{id};{number:07};{surname};Oksana;{born};K;{country};04.03.2009;zadzwonic")
            };
            let plain = person(i, i, "Żółkiewicz", &born, country);
            let (row, wrong) = match i % 20 {
                3 => (person(i, i, "Nowak", "31.02.1980", country), Some(("impossible_date", "birth_date"))),
                5 => (person(i, i, "Nowak", &born, "ZZ"), Some(("unknown_code", "nationality"))),
                7 => (person(i, i, "Now\u{81}k", &born, country), Some(("encoding", ""))),
                9 => (plain.replace("Żółkiewicz;Oksana", ";"), Some(("missing", "surname"))),
                11 => (person(i - 1, i, "Nowak", &born, country), Some(("repeated_row", "row_id"))),
                13 => (person(i, i, "Śledź", &born, "SU"), None),
                15 => (format!("{i};{i:07};Nowak"), Some(("form", ""))),
                17 => (person(i, i, "Nowak", "01.01.2190", country), Some(("future_date", "birth_date"))),
                // Two people under one number: nothing can belong to it.
                19 => (person(i, i - 1, "Nowak", &born, country), None),
                _ => (plain, None),
            };
            changed += u64::from(i % 20 == 13);
            people.row(&row, wrong);

            let nobody = wrong.is_some() || matches!(i % 20, 18 | 19);
            let no_parent = nobody.then_some(("no_parent", "belongs_to"));
            let (from, to, wrong) = match i % 20 {
                2 => ("01.01.2010", "01.01.2010", Some(("ends_first", "valid_to"))),
                4 => ("30.02.2010", "", Some(("impossible_date", "valid_from"))),
                _ => ("01.01.2010", "01.01.2012", no_parent),
            };
            addresses.row(&format!("{i};{i:07};ul. Taborowa 33, Warszawa;{from};{to};15.01.2010"), wrong);

            let opened = 2005 + i % 15;
            let kind = if i % 2 == 1 { "UCHODZCA" } else { "POBYT" };
            let number = format!("DPU-{i}/{opened}");
            let (of, closed, wrong) = match i % 20 {
                6 => ("9999999".to_owned(), "", Some(("no_parent", "belongs_to"))),
                8 => (format!("{i:07}"), "01.01.2001", Some(("ends_first", "closed_on"))),
                0 | 10 => (format!("{i:07} {:07}", i + 2), "", no_parent),
                _ => (format!("{i:07}"), "", no_parent),
            };
            readable_cases += u64::from(i % 20 != 8);
            cases.row(&format!("{i};{number};{of};{kind};04.03.{opened};{closed};ODMOWA"), wrong);

            let wrong = wrong.map(|_| ("no_parent", "belongs_to"));
            consultations
                .row(&format!("{i};KSK-{i};{number};ABW;KRAJOWA;05.03.{opened};20.03.{opened};BRAK SPRZECIWU"), wrong);
        }
        let names = ["pobyt-v1-persons", "pobyt-v1-addresses", "pobyt-v1-cases", "ksk-v1-consultations"];
        let files = names.into_iter().zip([people, addresses, cases, consultations]).map(|(name, file)| {
            let (text, expected) = file.done();
            (name, text, expected)
        });
        Self {
            files: files.collect(),
            changed,
            readable_cases,
            person_number: "0000001".to_owned(),
            case_number: "DPU-1/2006".to_owned(),
        }
    }

    /// Its files in the order they are brought over, each with its mapping and what has to become of it.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>, Expected)> {
        self.files.clone()
    }
}
