//! Files read, mapped and made into rows.

use proptest::prelude::*;
use straznica_types::CivilDate;

use super::*;
use crate::domain::person::{Birth, Fact};

const OLD: &str = r#"
id = "pobyt-v1-persons"
source = "pobyt-v1"
rows = "persons"
dates = ["DD.MM.YYYY", "YYYYMMDD"]
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
RU = "RUS"

[changed.nationality]
SU = "XXX"
"#;

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn old() -> Mapping {
    Mappings::parse([("old.toml", OLD)]).unwrap().get("pobyt-v1-persons").unwrap().clone()
}

fn rows(mapping: &Mapping, file: &[u8], format: Format, encoding: Encoding) -> Vec<Result<Row, Problem>> {
    let table = read(file, format, encoding).unwrap();
    mapping.check_columns(&table.columns).unwrap();
    let row = |line: Line| Row::read(mapping, &line.cells?, day("2026-05-04"));
    table.lines.into_iter().map(row).collect()
}

fn facts(row: &Row) -> Vec<String> {
    row.stated.iter().map(|stated| serde_json::to_value(&stated.fact).unwrap().to_string()).collect()
}

#[test]
fn a_file_of_our_own_columns_needs_no_mapping() {
    let file = "row_id,surname,given_names,original_surname,birth_date,sex,nationality,document_kind,document_number,document_issuer\n\
                1,Shevchenko,Taras,Шевченко,1990-05,M,UKR;XXA,passport,FE123456,UKR\n";
    let mapping = Mapping::own("centre.debak", Kind::Persons);
    let all = rows(&mapping, file.as_bytes(), Format::Csv, Encoding::Utf8);
    let row = all[0].as_ref().unwrap();
    assert_eq!((row.id.as_str(), row.stated.len(), row.changed), ("1", 6, false));
    assert_eq!(row.stated[0].source, "centre.debak");
    let lines = "{\"row_id\":\"1\",\"surname\":\"Shevchenko\",\"given_names\":\"Taras\",\"original_surname\":\"Шевченко\",\
                 \"birth_date\":\"1990-05\",\"sex\":\"M\",\"nationality\":\"UKR XXA\",\"document_kind\":\"passport\",\
                 \"document_number\":\"FE123456\",\"document_issuer\":\"UKR\",\"address\":null}\n\n";
    let same = rows(&mapping, lines.as_bytes(), Format::JsonLines, Encoding::Utf8);
    assert_eq!(facts(same[0].as_ref().unwrap()), facts(row));
}

#[test]
fn an_old_register_is_read_by_its_mapping() {
    let file = b"ID;NR_OSOBY;NAZWISKO;IMIONA;DATA_UR;PLEC;OBYW;WPIS;UWAGI\n\
        7;0007;\xaf\xf3\xb3kiewicz;Oksana;17.05.1990;K;UA;04.03.2009;zadzwoni\xe6\n\
        8;0008;Iwanow;;00.05.1991;M;SU;20090305;\n\
        9;0009;Iwanow;;00.00.1992;;;20090306;\n";
    let all = rows(&old(), file, Format::Csv, Encoding::Windows1250);
    let first = all[0].as_ref().unwrap();
    assert_eq!((first.number.as_str(), first.changed), ("0007", false));
    assert_eq!(first.stated[0].source, "pobyt-v1, recorded there on 2009-03-04");
    assert!(facts(first)[0].contains("Żółkiewicz"), "{:?}", facts(first));
    let birth = |row: &Row| {
        let mut births = row.stated.iter().filter_map(|stated| match &stated.fact {
            Fact::Birth(Birth { date, .. }) => Some(date.to_string()),
            _ => None,
        });
        births.next().unwrap()
    };
    let births: Vec<String> = all.iter().map(|row| birth(row.as_ref().unwrap())).collect();
    assert_eq!(births, ["1990-05-17", "1991-05", "1992"]);
    // A citizen of the Soviet Union is one of a state nobody can tell: that is told.
    assert!(all[1].as_ref().unwrap().changed);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_column() {
    use ProblemCode as Code;
    for (line, code, column) in [
        (&b"7;0007;Nowak;;31.02.1990;K;UA;04.03.2009;"[..], Code::ImpossibleDate, Some(Column::BirthDate)),
        (b"7;0007;Nowak;;1990-05-17;K;UA;04.03.2009;", Code::ImpossibleDate, Some(Column::BirthDate)),
        (b"7;0007;Nowak;;17.05.2027;K;UA;04.03.2009;", Code::FutureDate, Some(Column::BirthDate)),
        (b"7;0007;Nowak;;17.05.1990;K;UA;05.05.2026;", Code::FutureDate, Some(Column::RecordedOn)),
        (b"7;0007;Nowak;;17.05.1990;F;UA;04.03.2009;", Code::UnknownCode, Some(Column::Sex)),
        (b"7;0007;Nowak;;17.05.1990;K;UKR;04.03.2009;", Code::UnknownCode, Some(Column::Nationality)),
        (b"7;0007;;;17.05.1990;K;UA;04.03.2009;", Code::Missing, Some(Column::Surname)),
        (b";0007;Nowak;;17.05.1990;K;UA;04.03.2009;", Code::Missing, Some(Column::RowId)),
        (b"7;0007;No\x07wak;;17.05.1990;K;UA;04.03.2009;", Code::ControlCharacter, Some(Column::Surname)),
        (b"7;0007;Nowak\x81;;17.05.1990;K;UA;04.03.2009;", Code::Encoding, None),
        (b"7;0007;Nowak", Code::Form, None),
    ] {
        let file = [&b"ID;NR_OSOBY;NAZWISKO;IMIONA;DATA_UR;PLEC;OBYW;WPIS;UWAGI\n"[..], line].concat();
        let all = rows(&old(), &file, Format::Csv, Encoding::Windows1250);
        assert_eq!(all[0].as_ref().unwrap_err(), &Problem { code, column }, "{}", String::from_utf8_lossy(line));
    }
    let own = Mapping::own("source", Kind::Persons);
    for (row, code, column) in [
        (
            "{\"row_id\":\"1\",\"surname\":\"Nowak\",\"nationality\":\"QQQ\"}",
            Code::UnknownCode,
            Some(Column::Nationality),
        ),
        (
            "{\"row_id\":\"1\",\"surname\":\"Nowak\",\"document_number\":\"A1\"}",
            Code::Missing,
            Some(Column::DocumentKind),
        ),
        (
            "{\"row_id\":\"1\",\"surname\":\"Nowak\",\"valid_from\":\"2020-01-02\",\"valid_to\":\"2020-01-02\"}",
            Code::EndsFirst,
            Some(Column::ValidTo),
        ),
        ("{\"row_id\":\"1\",\"surname\":7}", Code::Form, None),
        ("[1]", Code::Form, None),
    ] {
        let all = rows(&own, row.as_bytes(), Format::JsonLines, Encoding::Utf8);
        assert_eq!(all[0].as_ref().unwrap_err(), &Problem { code, column }, "{row}");
    }
    let long = format!("{{\"row_id\":\"1\",\"surname\":\"{}\"}}", "a".repeat(301));
    let all = rows(&own, long.as_bytes(), Format::JsonLines, Encoding::Utf8);
    assert_eq!(all[0].as_ref().unwrap_err(), &Problem::at(Code::TooLong, Column::Surname));
}

#[test]
fn cases_and_consultations_belong_to_somebody_and_are_kept_as_they_were() {
    let file = "row_id,number,belongs_to,type,opened_on,closed_on,outcome,authority\n\
                1,DPU-1/2009,0007 0008,refugee,2009-03-04,2009-09-04,refused,\n\
                2,DPU-2/2009,,refugee,2009-03-04,,,\n\
                3,DPU-3/2009,0007,refugee,2009-03-04,2009-03-03,,\n\
                4,,0007,refugee,2009-03-04,,,\n";
    let all = rows(&Mapping::own("pobyt-v1", Kind::Cases), file.as_bytes(), Format::Csv, Encoding::Utf8);
    let first = all[0].as_ref().unwrap();
    assert_eq!(first.belongs_to, ["0007", "0008"]);
    assert_eq!(first.record.as_ref().unwrap().outcome, "refused");
    let wrong: Vec<Problem> = all[1..].iter().map(|row| *row.as_ref().unwrap_err()).collect();
    assert_eq!(
        wrong,
        [
            Problem::at(ProblemCode::Missing, Column::BelongsTo),
            Problem::at(ProblemCode::EndsFirst, Column::ClosedOn),
            Problem::at(ProblemCode::Missing, Column::Number),
        ]
    );
}

#[test]
fn a_file_that_cannot_be_taken_is_refused_whole() {
    let csv = |file: &[u8], encoding| read(file, Format::Csv, encoding).unwrap_err();
    assert_eq!(csv(b"", Encoding::Utf8), FileProblem::Empty);
    assert_eq!(csv(b"row_id,surname\n", Encoding::Utf8), FileProblem::Empty);
    assert_eq!(csv(b"row_id,row_id\n1,2\n", Encoding::Utf8), FileProblem::Header);
    assert_eq!(csv(b"row_id,\xff\n1,2\n", Encoding::Utf8), FileProblem::Header);
    assert_eq!(csv("row_id\nŻ\n".as_bytes(), Encoding::Windows1250), FileProblem::OtherEncoding);
    let long = format!("row_id,surname\n1,{}\n", "a".repeat(65_536));
    assert_eq!(csv(long.as_bytes(), Encoding::Utf8), FileProblem::TooLarge);
    let many = format!("row_id\n{}", "1\n".repeat(MOST_ROWS + 1));
    assert_eq!(csv(many.as_bytes(), Encoding::Utf8), FileProblem::TooLarge);
    let table = read(b"\xef\xbb\xbfrow_id,nazwisko\n1,2\n", Format::Csv, Encoding::Utf8).unwrap();
    let unknown = Mapping::own("source", Kind::Persons).check_columns(&table.columns);
    assert_eq!(unknown, Err(FileProblem::UnknownColumn("nazwisko".to_owned())));
}

#[test]
fn a_mapping_that_is_wrong_in_any_way_is_refused_whole() {
    for (from, to, member) in [
        ("source = \"pobyt-v1\"", "source = \"pobyt v1\"", "source"),
        ("id = \"pobyt-v1-persons\"", "id = \"\"", "id"),
        ("dates = [\"DD.MM.YYYY\", \"YYYYMMDD\"]", "dates = []", "dates"),
        ("ID = \"row_id\"", "ID = \"outcome\"", "columns.ID"),
        ("IMIONA = \"given_names\"", "IMIONA = \"surname\"", "columns.NAZWISKO"),
        ("ignored = [\"UWAGI\"]", "ignored = [\"ID\"]", "columns.ID"),
        ("ID = \"row_id\"", "", "columns"),
        ("[codes.sex]", "[codes.birth_date]", "codes.birth_date"),
        ("[codes.sex]", "[codes.address]", "codes.address"),
    ] {
        assert!(OLD.contains(from), "{from}");
        match Mappings::parse([("old.toml", OLD.replace(from, to).as_str())]) {
            Err(MappingError::Invalid { member: wrong, .. }) => assert_eq!(wrong, member, "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
    let unknown = OLD.replace("rows = \"persons\"", "rows = \"payments\"");
    assert!(matches!(Mappings::parse([("old.toml", unknown.as_str())]), Err(MappingError::Form { .. })));
    let twice = Mappings::parse([("a.toml", OLD), ("b.toml", OLD)]);
    assert!(matches!(twice, Err(MappingError::Twice { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(file: Vec<u8>, lines: bool, old_encoding: bool) {
        let format = if lines { Format::JsonLines } else { Format::Csv };
        let encoding = if old_encoding { Encoding::Windows1250 } else { Encoding::Utf8 };
        if let Ok(table) = read(&file, format, encoding) {
            for line in table.lines {
                let Ok(cells) = line.cells else { continue };
                let _ = Row::read(&old(), &cells, day("2026-05-04"));
            }
        }
    }

    #[test]
    fn no_text_of_a_column_makes_a_row_panic(texts in proptest::collection::vec(".{0,20}", 9)) {
        let names = ["ID", "NR_OSOBY", "NAZWISKO", "IMIONA", "DATA_UR", "PLEC", "OBYW", "WPIS", "UWAGI"];
        let cells = names.iter().map(|name| (*name).to_owned()).zip(texts).collect();
        let _ = Row::read(&old(), &cells, day("2026-05-04"));
    }
}
