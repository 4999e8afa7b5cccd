//! The machine readable zone: TD1, TD2, TD3 and the visas MRV-A and MRV-B (ICAO Doc 9303 parts 3 to 7).
//!
//! The zone reaches a border check twice: printed, read by a camera, and inside DG1, covered by the security object.
//! Both are parsed here. The parsing itself is done by the `mrz` crate, whose strict entry points are used (its OCR
//! repairs are not: a zone from a chip needs none, and a repaired optical zone must not be mistaken for a read one).
//! What that crate leaves open is decided here: how a format is recognised, which century a two-digit year belongs to
//! at a given day, and that no personal data reach a log: `Debug` prints names and numbers as `***`.

use std::fmt;

use time::{Date, Month};

/// Longest text accepted: the longest zone has 90 characters, the rest is room for line breaks and blanks.
const MAX_TEXT: usize = 256;

/// The five layouts of a machine readable zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Card, three lines of 30 (Doc 9303-5).
    Td1,
    /// Larger card or temporary document, two lines of 36 (Doc 9303-6).
    Td2,
    /// Passport booklet, two lines of 44 (Doc 9303-4).
    Td3,
    /// Visa of passport page size, two lines of 44 (Doc 9303-7).
    MrvA,
    /// Smaller visa, two lines of 36 (Doc 9303-7).
    MrvB,
}

impl Format {
    /// Characters in one line.
    #[must_use]
    pub fn line_length(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }
}

/// Why a text is no machine readable zone. Carries positions, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// The number of characters fits none of the five formats.
    #[error("{0} characters fit none of the formats of a machine readable zone (72, 88 or 90)")]
    Length(usize),
    /// More text than any zone with any line breaks.
    #[error("the text is longer than any machine readable zone")]
    TooLong,
    /// A character outside `A-Z`, `0-9` and `<` (Doc 9303-3 §4.2).
    #[error("character {position} of line {line} is not allowed in a machine readable zone")]
    Character {
        /// Line, counted from one.
        line: usize,
        /// Position in the line, counted from one.
        position: usize,
    },
    /// The document code does not belong to this format (P for TD3; I, A or C for TD1 and TD2; V for visas).
    #[error("the document code does not belong to this format")]
    DocumentCode,
    /// The document number field is empty or begins with a filler.
    #[error("the document number field begins with a filler")]
    DocumentNumber,
    /// The parser refused the zone for another reason.
    #[error("the zone does not have the structure of its format")]
    Structure,
}

/// A date of a machine readable zone, its century decided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MrzDate {
    /// A calendar day.
    Day(Date),
    /// The issuer left all or part of it open with fillers (Doc 9303-3 §4.8).
    Unknown,
    /// Six characters that name no day in either century.
    Invalid,
}

impl MrzDate {
    /// The day, if the zone names one.
    #[must_use]
    pub fn day(self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(day),
            Self::Unknown | Self::Invalid => None,
        }
    }
}

/// The day itself is personal data.
impl fmt::Debug for MrzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day(_) => "Day(***)",
            Self::Unknown => "Unknown",
            Self::Invalid => "Invalid",
        })
    }
}

/// Sex as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `F`
    Female,
    /// `M`
    Male,
    /// `<`
    Unspecified,
    /// Any other character, which the standard does not allow.
    NonConformant,
}

/// Outcome of each printed check digit (Doc 9303-3 §4.9): `None` where the format prints none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckDigits {
    /// Over the document number.
    pub document_number: Option<bool>,
    /// Over the date of birth.
    pub date_of_birth: Option<bool>,
    /// Over the date of expiry.
    pub date_of_expiry: Option<bool>,
    /// Over TD3's personal number or optional data.
    pub personal_number: Option<bool>,
    /// The composite one; visas have none.
    pub composite: Option<bool>,
}

impl CheckDigits {
    /// Every check digit the format prints agrees.
    #[must_use]
    pub fn all_agree(&self) -> bool {
        [self.document_number, self.date_of_birth, self.date_of_expiry, self.personal_number, self.composite]
            .iter()
            .all(|outcome| *outcome != Some(false))
    }
}

/// A parsed machine readable zone. Its personal data are never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mrz {
    format: Format,
    zone: mrz::MrzData,
    date_of_birth: MrzDate,
    date_of_expiry: MrzDate,
}

impl Mrz {
    /// Parses a zone. `text` may be one run of characters, as in DG1, or lines with breaks and blanks, as a reader
    /// delivers them. `at` is the day of the check: it decides the centuries, see [`Mrz::date_of_birth`] and
    /// [`Mrz::date_of_expiry`].
    ///
    /// # Errors
    /// [`MrzError`] when the text has not the structure of a zone. A check digit that disagrees is no error: see
    /// [`Mrz::check_digits`].
    pub fn parse(text: &str, at: Date) -> Result<Self, MrzError> {
        let characters = normalised(text)?;
        let format = recognise(&characters)?;
        if let Some(position) = characters.bytes().position(|b| !is_zone_character(b)) {
            let length = format.line_length();
            return Err(MrzError::Character { line: position / length + 1, position: position % length + 1 });
        }
        let (first, rest) = characters.split_at(format.line_length());
        let zone = match format {
            Format::Td1 => {
                let (second, third) = rest.split_at(format.line_length());
                mrz::parse_td1(first, second, third)
            }
            Format::Td2 => mrz::parse_td2(first, rest),
            Format::Td3 => mrz::parse_td3(first, rest),
            Format::MrvA => mrz::parse_mrv_a(first, rest),
            Format::MrvB => mrz::parse_mrv_b(first, rest),
        }
        .map_err(structure_error)?;
        let date_of_birth = resolve(zone.date_of_birth, |candidates| latest_not_after(candidates, at));
        let date_of_expiry = resolve(zone.date_of_expiry, |candidates| nearest_to(candidates, at));
        Ok(Self { format, zone, date_of_birth, date_of_expiry })
    }

    /// The layout.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The document code, fillers removed: `P`, `PD`, `I`, `AR`, `V`… It is compared with the documentType list of the
    /// document signer's certificate (Doc 9303-12).
    #[must_use]
    pub fn document_code(&self) -> &str {
        &self.zone.document_type
    }

    /// The issuing state or organisation as its ICAO code, fillers removed: `POL`, `D`, `EUE`.
    #[must_use]
    pub fn issuing_state(&self) -> &str {
        &self.zone.issuing_country
    }

    /// The nationality as an ICAO code, fillers removed.
    #[must_use]
    pub fn nationality(&self) -> &str {
        &self.zone.nationality
    }

    /// The document number, put together again where a card spreads a long one into its optional data (Doc 9303-5
    /// §4.2.2, note j).
    #[must_use]
    pub fn document_number(&self) -> &str {
        self.zone.full_document_number()
    }

    /// Document number field and check digit as Basic Access Control and Terminal Authentication use them
    /// (Doc 9303-11 §4.3, TR-03110-3 §B.3): the printed field with its fillers, or the whole long number, and the digit.
    #[must_use]
    pub fn document_number_with_check_digit(&self) -> String {
        let mut number = format!("{:<<9}", self.document_number());
        if let Ok(digit) = mrz::check_digit(&number) {
            number.push_str(&digit.to_string());
        }
        number
    }

    /// Primary identifier (surname), component separators as blanks; may be truncated by the issuer.
    #[must_use]
    pub fn primary_identifier(&self) -> &str {
        &self.zone.surname
    }

    /// Secondary identifier (given names), component separators as blanks; may be truncated or empty.
    #[must_use]
    pub fn secondary_identifier(&self) -> &str {
        &self.zone.given_names
    }

    /// Optional data, first and second element (only TD1 has a second one).
    #[must_use]
    pub fn optional_data(&self) -> (Option<&str>, Option<&str>) {
        (self.zone.optional_data_1.as_deref(), self.zone.optional_data_2.as_deref())
    }

    /// Sex as printed.
    #[must_use]
    pub fn sex(&self) -> Sex {
        match self.zone.sex.zone_char() {
            'F' => Sex::Female,
            'M' => Sex::Male,
            '<' => Sex::Unspecified,
            _ => Sex::NonConformant,
        }
    }

    /// Date of birth. Doc 9303-3 prints two digits of the year: the latest such day that is not after the day of the
    /// check is taken, since nobody is born in the future.
    #[must_use]
    pub fn date_of_birth(&self) -> MrzDate {
        self.date_of_birth
    }

    /// Date of expiry. Of the days the two digits can mean the one nearest to the day of the check is taken: no travel
    /// document is valid for fifty years, so a document that expired in the last decade of a century is not read as
    /// one of the next.
    #[must_use]
    pub fn date_of_expiry(&self) -> MrzDate {
        self.date_of_expiry
    }

    /// Outcome of each check digit. A long document number in an encoding Doc 9303 does not know counts as disagreeing.
    #[must_use]
    pub fn check_digits(&self) -> CheckDigits {
        let checks = &self.zone.checks;
        CheckDigits {
            document_number: checks.document_number.map(|agrees| agrees && !self.zone.document_number_legacy_encoding),
            date_of_birth: checks.date_of_birth,
            date_of_expiry: checks.date_of_expiry,
            personal_number: checks.personal_number,
            composite: checks.composite,
        }
    }

    /// All characters of the zone in one run, without line breaks: the content of DG1's 5F1F.
    #[must_use]
    pub fn characters(&self) -> String {
        self.zone.mrz_lines.chars().filter(|c| *c != '\n').collect()
    }

    /// Whether an optically read zone says the same as this one, character by character; line breaks and blanks of the
    /// reader are tolerated, nothing else.
    #[must_use]
    pub fn agrees_with_optical(&self, optical: &str) -> bool {
        normalised(optical).is_ok_and(|read| read == self.characters())
    }
}

/// Prints what a log may hold: layout, document code, states and the outcome of the check digits.
impl fmt::Debug for Mrz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mrz")
            .field("format", &self.format)
            .field("document_code", &self.document_code())
            .field("issuing_state", &self.issuing_state())
            .field("check_digits", &self.check_digits())
            .field("holder", &"***")
            .field("document_number", &"***")
            .finish_non_exhaustive()
    }
}

fn is_zone_character(byte: u8) -> bool {
    byte == b'<' || byte.is_ascii_digit() || byte.is_ascii_uppercase()
}

/// Removes line breaks and blanks and keeps every other character, also one that has no place in a zone.
fn normalised(text: &str) -> Result<String, MrzError> {
    if text.len() > MAX_TEXT {
        return Err(MrzError::TooLong);
    }
    Ok(text.chars().filter(|c| !c.is_whitespace()).collect())
}

/// The format follows from the number of characters and, where a visa shares it, from the document code `V`.
fn recognise(characters: &str) -> Result<Format, MrzError> {
    if !characters.is_ascii() {
        return Err(MrzError::Length(characters.chars().count()));
    }
    let visa = characters.starts_with('V');
    match (characters.len(), visa) {
        (90, _) => Ok(Format::Td1),
        (72, false) => Ok(Format::Td2),
        (72, true) => Ok(Format::MrvB),
        (88, false) => Ok(Format::Td3),
        (88, true) => Ok(Format::MrvA),
        (length, _) => Err(MrzError::Length(length)),
    }
}

fn structure_error(error: mrz::MrzError) -> MrzError {
    match error {
        mrz::MrzError::BadDocumentCode(_) => MrzError::DocumentCode,
        mrz::MrzError::LeadingFiller { .. } => MrzError::DocumentNumber,
        mrz::MrzError::BadLength { got, .. } => MrzError::Length(got),
        mrz::MrzError::BadCharacter { line, position, .. } => {
            MrzError::Character { line: line.unwrap_or(0) + 1, position: position + 1 }
        }
        _ => MrzError::Structure,
    }
}

/// The days two digits of a year can mean, in both centuries, and a rule that picks one of them.
fn resolve(field: mrz::MrzDate, pick: impl Fn(&[Date]) -> Option<Date>) -> MrzDate {
    let read = match field {
        mrz::MrzDate::Calendar(date) | mrz::MrzDate::OutOfCalendar(date) => date,
        mrz::MrzDate::PartiallyUnknown(_) | mrz::MrzDate::Unknown => return MrzDate::Unknown,
        _ => return MrzDate::Invalid,
    };
    let in_century = |century: i32| -> Option<Date> {
        let month = Month::try_from(u8::try_from(read.month).ok()?).ok()?;
        Date::from_calendar_date(century + read.year.rem_euclid(100), month, u8::try_from(read.day).ok()?).ok()
    };
    let candidates: Vec<Date> = [1900, 2000, 2100].into_iter().filter_map(in_century).collect();
    pick(&candidates).map_or(MrzDate::Invalid, MrzDate::Day)
}

fn latest_not_after(candidates: &[Date], at: Date) -> Option<Date> {
    candidates.iter().copied().filter(|day| *day <= at).max()
}

fn nearest_to(candidates: &[Date], at: Date) -> Option<Date> {
    candidates.iter().copied().min_by_key(|day| (*day - at).whole_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    const AT: Date = date!(2026 - 11 - 22);
    /// The specimens of Doc 9303 parts 4 to 7.
    const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
    const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
    const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    const MRV_A: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C<3UTO6908061F9406236ZE184226B<<<<<<<";
    const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL898902C<3UTO6908061F9406236ZE184226";

    #[test]
    fn the_specimens_of_the_standard_are_read_in_every_format() {
        for (text, format, code, number) in [
            (TD3, Format::Td3, "P", "L898902C3"),
            (TD2, Format::Td2, "I", "D23145890"),
            (TD1, Format::Td1, "I", "D23145890"),
            (MRV_A, Format::MrvA, "V", "L898902C"),
            (MRV_B, Format::MrvB, "V", "L898902C"),
        ] {
            let zone = Mrz::parse(text, AT).unwrap();
            assert_eq!(zone.format(), format);
            assert_eq!(zone.document_code(), code);
            assert_eq!(zone.issuing_state(), "UTO");
            assert_eq!(zone.nationality(), "UTO");
            assert_eq!(zone.document_number(), number);
            assert_eq!((zone.primary_identifier(), zone.secondary_identifier()), ("ERIKSSON", "ANNA MARIA"));
            assert_eq!(zone.sex(), Sex::Female);
            assert!(zone.check_digits().all_agree(), "{format:?}");
        }
    }

    #[test]
    fn dates_of_the_specimen_fall_into_the_right_century() {
        let zone = Mrz::parse(TD3, AT).unwrap();
        assert_eq!(zone.date_of_birth().day(), Some(date!(1974 - 08 - 12)));
        assert_eq!(zone.date_of_expiry().day(), Some(date!(2012 - 04 - 15)));
        let visa = Mrz::parse(MRV_A, AT).unwrap();
        assert_eq!(visa.date_of_expiry().day(), Some(date!(1994 - 06 - 23)), "expired in the last century");
    }

    #[test]
    fn a_birth_is_never_in_the_future_and_an_expiry_is_the_nearest_day() {
        let field = |text: &str, role| {
            mrz::MrzDate::from_field(mrz::RawDateField::try_from(text).unwrap(), role, mrz::CURRENT_YY)
        };
        let birth = |text| resolve(field(text, mrz::DateRole::Birth), |c| latest_not_after(c, AT));
        let expiry = |text| resolve(field(text, mrz::DateRole::Expiry), |c| nearest_to(c, AT));
        assert_eq!(birth("261122").day(), Some(date!(2026 - 11 - 22)), "born today");
        assert_eq!(birth("261123").day(), Some(date!(1926 - 11 - 23)), "tomorrow is a hundred years ago");
        assert_eq!(birth("000229").day(), Some(date!(2000 - 02 - 29)), "only 2000 was a leap year");
        assert_eq!(birth("74<<<<"), MrzDate::Unknown);
        assert_eq!(birth("<<<<<<"), MrzDate::Unknown);
        assert_eq!(birth("741399"), MrzDate::Invalid);
        assert_eq!(birth("7408OO"), MrzDate::Invalid);
        assert_eq!(expiry("991231").day(), Some(date!(1999 - 12 - 31)));
        assert_eq!(expiry("361231").day(), Some(date!(2036 - 12 - 31)));
        assert_eq!(expiry("751231").day(), Some(date!(2075 - 12 - 31)));
    }

    #[test]
    fn a_wrong_check_digit_is_told_apart_by_field() {
        let wrong_number = TD3.replace("L898902C36", "L898902C46");
        let digits = Mrz::parse(&wrong_number, AT).unwrap().check_digits();
        assert_eq!((digits.document_number, digits.date_of_birth), (Some(false), Some(true)));
        assert_eq!(digits.composite, Some(false));
        assert!(!digits.all_agree());
        assert_eq!(Mrz::parse(MRV_B, AT).unwrap().check_digits().composite, None, "visas print none");
    }

    #[test]
    fn a_long_document_number_of_a_card_is_put_together_again() {
        // Doc 9303-5 note j: nine characters, a filler in place of the check digit, the rest in the optional data.
        let card = mrz::format_td1(&mrz::Td1Fields {
            document_code: "I".into(),
            issuing_country: "UTO".into(),
            document_number: "D23145890734".into(),
            surname: "ERIKSSON".into(),
            nationality: "UTO".into(),
            ..Default::default()
        });
        let zone = Mrz::parse(&card, AT).unwrap();
        assert_eq!(zone.document_number(), "D23145890734");
        assert_eq!(zone.document_number_with_check_digit().len(), 13);
        assert!(zone.check_digits().all_agree());
    }

    #[test]
    fn a_short_document_number_keeps_its_fillers_before_the_check_digit() {
        assert_eq!(Mrz::parse(MRV_A, AT).unwrap().document_number_with_check_digit(), "L898902C<3");
        assert_eq!(Mrz::parse(TD3, AT).unwrap().document_number_with_check_digit(), "L898902C36");
    }

    #[test]
    fn the_optical_zone_may_differ_from_dg1_in_blanks_and_line_breaks_only() {
        let chip = Mrz::parse(&TD3.replace('\n', ""), AT).unwrap();
        for same in [TD3.to_owned(), TD3.replace('\n', "\r\n"), format!(" {TD3}\n"), TD3.replace('\n', " \n\t")] {
            assert!(chip.agrees_with_optical(&same));
        }
        for other in [TD3.replace("ANNA", "ANNE"), TD3.replace("<<<10", "<<<1"), TD3.to_lowercase(), String::new()] {
            assert!(!chip.agrees_with_optical(&other));
        }
    }

    #[test]
    fn what_is_no_zone_is_refused_with_its_reason() {
        for (text, reason) in [
            (String::new(), MrzError::Length(0)),
            (TD3[..60].to_owned(), MrzError::Length(59)),
            ("<".repeat(1000), MrzError::TooLong),
            (TD3.replace('P', "X"), MrzError::DocumentCode),
            (TD3.replace("ANNA", "anna"), MrzError::Character { line: 1, position: 16 }),
            (TD3.replace("UTO7408122", "UTO-408122"), MrzError::Character { line: 2, position: 14 }),
            (TD3.replace("L898902C3", "<<<<<<<<<"), MrzError::DocumentNumber),
        ] {
            assert_eq!(Mrz::parse(&text, AT).unwrap_err(), reason);
        }
    }

    #[test]
    fn debug_output_holds_no_personal_data() {
        let printed = format!("{:?}", Mrz::parse(TD3, AT).unwrap());
        for secret in ["ERIKSSON", "ANNA", "L898902C3", "ZE184226B", "1974", "740812", "2012"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("***"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,120}") {
            let _ = Mrz::parse(&text, AT);
        }

        #[test]
        fn no_run_of_zone_characters_makes_the_parser_panic(text in "[PIACV][A-Z0-9<]{71}|[PV][A-Z0-9<]{87}|[IAC][A-Z0-9<]{89}") {
            if let Ok(zone) = Mrz::parse(&text, AT) {
                prop_assert_eq!(zone.characters(), text);
            }
        }
    }
}
