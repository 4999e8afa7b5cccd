//! PESEL: the number of the Polish population register.

use straznica_types::{CivilDate, Secret};

use crate::InvalidIdentifier;
use crate::secret::confidential;

const LENGTH: usize = 11;
const WEIGHTS: [u32; LENGTH - 1] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

/// A PESEL (Act of 24 September 2010 on the Population Register, Article 15): YYMMDD of the birth with the century in the month, four digits of
/// which the last is even for women, the check digit.
#[derive(Clone)]
pub struct Pesel(Secret<String>);

confidential!(Pesel);

/// Sex as the register holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// The tenth digit is even.
    Female,
    /// The tenth digit is odd.
    Male,
}

/// A number, or a birth, that may be a living person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMadeUp {
    /// It is no PESEL at all.
    #[error(transparent)]
    Invalid(#[from] InvalidIdentifier),
    /// The birth is neither in the 1800s nor in the future.
    #[error("this may be a living person's: only births of the 1800s or of the future are made up")]
    MaybeLiving,
    /// The register has no numbers for that century, or for a serial above 999.
    #[error("births of 1800 to 2299 and serials up to 999 have numbers")]
    NoNumber,
}

impl Pesel {
    /// Eleven digits, nothing else: a number that decides about a person's data is not guessed at.
    ///
    /// # Errors
    /// [`InvalidIdentifier`]: form, check digit, a day the calendar does not have (eleven zeros pass the check digit), or a birth after `today`.
    pub fn parse(text: &str, today: CivilDate) -> Result<Self, InvalidIdentifier> {
        let pesel = Self::well_formed(text)?;
        if pesel.birth()? > today {
            return Err(InvalidIdentifier::Future);
        }
        Ok(pesel)
    }

    /// A made-up person's number, for tests, training and demonstrations: births of the 1800s and, unlike [`Self::parse`], after `today`.
    ///
    /// # Errors
    /// [`NotMadeUp`].
    pub fn parse_made_up(text: &str, today: CivilDate) -> Result<Self, NotMadeUp> {
        let pesel = Self::well_formed(text)?;
        let birth = pesel.birth()?;
        if nobody_living(birth, today) { Ok(pesel) } else { Err(NotMadeUp::MaybeLiving) }
    }

    /// Makes the number of a made-up person: `serial`, 0 to 999, tells those of the same day and sex apart.
    ///
    /// # Errors
    /// [`NotMadeUp`]: a birth that a living person may have, or one without numbers.
    pub fn made_up(birth: CivilDate, serial: u16, sex: Sex, today: CivilDate) -> Result<Self, NotMadeUp> {
        if !nobody_living(birth, today) {
            return Err(NotMadeUp::MaybeLiving);
        }
        let offset = match birth.year() / 100 {
            18 => 80,
            19 => 0,
            20 => 20,
            21 => 40,
            22 => 60,
            _ => return Err(NotMadeUp::NoNumber),
        };
        if serial > 999 {
            return Err(NotMadeUp::NoNumber);
        }
        let tenth = match sex {
            Sex::Female => 0,
            Sex::Male => 1,
        };
        let (year, month, day) = (birth.year() % 100, birth.month() + offset, birth.day());
        let mut text = format!("{year:02}{month:02}{day:02}{serial:03}{tenth}");
        let check = check_digit(&text);
        text.push(char::from(check));
        Ok(Self(Secret::new(text)))
    }

    /// The day of birth.
    #[must_use]
    #[expect(clippy::expect_used, reason = "no value is made without looking at its day")]
    pub fn born_on(&self) -> CivilDate {
        self.birth().expect("a PESEL names a day of the calendar")
    }

    /// The sex.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.expose().as_bytes()[9].is_multiple_of(2) { Sex::Female } else { Sex::Male }
    }

    fn birth(&self) -> Result<CivilDate, InvalidIdentifier> {
        let digits = self.expose().as_bytes();
        let two = |at: usize| (digits[at] - b'0') * 10 + (digits[at + 1] - b'0');
        let (century, offset) = match two(2) / 20 {
            0 => (1900, 0),
            1 => (2000, 20),
            2 => (2100, 40),
            3 => (2200, 60),
            _ => (1800, 80),
        };
        CivilDate::new(century + i64::from(two(0)), two(2) - offset, two(4)).ok_or(InvalidIdentifier::Date)
    }

    /// Length, digits and check digit, not yet the date.
    fn well_formed(text: &str) -> Result<Self, InvalidIdentifier> {
        if text.len() != LENGTH || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidIdentifier::Form);
        }
        if text.as_bytes()[LENGTH - 1] != check_digit(text) {
            return Err(InvalidIdentifier::CheckDigit);
        }
        Ok(Self(Secret::new(text.to_owned())))
    }
}

/// The check digit, as a character, of the first ten digits.
fn check_digit(digits: &str) -> u8 {
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    b'0' + u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn nobody_living(birth: CivilDate, today: CivilDate) -> bool {
    birth.year() < 1900 || birth > today
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TODAY: CivilDate = CivilDate::new(2026, 11, 22).unwrap();

    #[test]
    fn the_centuries_are_told_by_the_month() {
        for (text, born, sex) in [
            ("44051401359", "1944-05-14", Sex::Male),
            ("02070803628", "1902-07-08", Sex::Female),
            ("00810100005", "1800-01-01", Sex::Female),
            ("99923100010", "1899-12-31", Sex::Male),
            ("00222900004", "2000-02-29", Sex::Female),
        ] {
            let text = with_check_digit(&text[..10]);
            let pesel = Pesel::parse(&text, TODAY).unwrap();
            assert_eq!((pesel.born_on().to_string().as_str(), pesel.sex()), (born, sex), "{text}");
        }
        assert!(Pesel::parse("44051401359", TODAY).is_ok(), "an example published with its check digit");
        assert!(Pesel::parse("02070803628", TODAY).is_ok(), "another one");
    }

    #[test]
    fn each_reason_for_refusal_is_told_apart() {
        for (text, expected) in [
            ("00000000000", InvalidIdentifier::Date),
            ("44051401358", InvalidIdentifier::CheckDigit),
            ("44051401395", InvalidIdentifier::CheckDigit),
            ("4405140135", InvalidIdentifier::Form),
            ("440514013590", InvalidIdentifier::Form),
            ("4405140135a", InvalidIdentifier::Form),
            (" 4405140135", InvalidIdentifier::Form),
            ("４４０５１４０１３５９", InvalidIdentifier::Form),
            (&with_check_digit("0002290000"), InvalidIdentifier::Date),
            (&with_check_digit("0013010000"), InvalidIdentifier::Date),
            (&with_check_digit("2631230000"), InvalidIdentifier::Future),
            (&with_check_digit("0041010000"), InvalidIdentifier::Future),
        ] {
            assert_eq!(Pesel::parse(text, TODAY), Err(expected), "{text}");
        }
        assert!(Pesel::parse(&with_check_digit("2631220000"), TODAY).is_ok(), "born today");
    }

    #[test]
    fn a_living_persons_number_cannot_be_made_and_is_no_test_data() {
        for birth in ["1900-01-01", "1944-05-14", "2026-11-22"] {
            let birth = birth.parse().unwrap();
            assert_eq!(Pesel::made_up(birth, 0, Sex::Male, TODAY), Err(NotMadeUp::MaybeLiving));
        }
        assert_eq!(Pesel::parse_made_up("44051401359", TODAY), Err(NotMadeUp::MaybeLiving));
        for (birth, serial) in [("2300-01-01", 0), ("1799-01-01", 0), ("1850-01-01", 1_000)] {
            assert_eq!(Pesel::made_up(birth.parse().unwrap(), serial, Sex::Male, TODAY), Err(NotMadeUp::NoNumber));
        }
    }

    #[test]
    fn a_number_shows_itself_in_no_printout() {
        assert_eq!(format!("{0} {0:?}", Pesel::parse("44051401359", TODAY).unwrap()), "*** ***");
    }

    fn with_check_digit(ten: &str) -> String {
        format!("{ten}{}", char::from(check_digit(ten)))
    }

    proptest! {
        #[test]
        fn what_is_made_up_says_what_it_was_made_of(days in -62_091_i64..120_000, serial in 0_u16..1_000, male: bool) {
            let birth = CivilDate::from_days_since_epoch(days);
            prop_assume!(nobody_living(birth, TODAY));
            let sex = if male { Sex::Male } else { Sex::Female };
            let made = Pesel::made_up(birth, serial, sex, TODAY).unwrap();
            let read = Pesel::parse_made_up(made.expose(), TODAY).unwrap();
            prop_assert_eq!((read.born_on(), read.sex()), (birth, sex));
            prop_assert_eq!(Pesel::parse(made.expose(), TODAY).is_ok(), birth < TODAY);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = Pesel::parse(&text, TODAY);
        }

        #[test]
        fn one_wrong_digit_is_always_seen(days in -62_091_i64..-25_568, at in 0_usize..11, other in 1_u8..10) {
            let made = Pesel::made_up(CivilDate::from_days_since_epoch(days), 7, Sex::Male, TODAY).unwrap();
            let mut digits = made.expose().as_bytes().to_vec();
            digits[at] = b'0' + (digits[at] - b'0' + other) % 10;
            let wrong = String::from_utf8(digits).unwrap();
            prop_assert_eq!(Pesel::parse(&wrong, TODAY), Err(InvalidIdentifier::CheckDigit));
        }
    }
}
