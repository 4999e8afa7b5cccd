//! Series and numbers, as they are printed on blanks.

use std::fmt;

use crate::domain::Refusal;

/// Most blanks dealt with at once.
pub const LONGEST_RANGE: u32 = 5_000;
/// Digits of a number.
const DIGITS: usize = 7;
/// The number after the last.
const END: u32 = 10_000_000;

/// The letters before the number: 1 to 4 capitals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series(String);

impl Series {
    /// From its text.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() || text.len() > 4 || !text.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(Refusal::Invalid { member: "/series", expected: "1 to 4 capital letters" });
        }
        Ok(Self(text.to_owned()))
    }

    /// Its letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Series and number of one blank. Displays as it is printed: `TZ0000017`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlankNumber {
    /// The letters.
    pub series: Series,
    /// The number.
    pub number: u32,
}

impl BlankNumber {
    /// From its text.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::Invalid { member: "/blank", expected: "1 to 4 capital letters and 7 digits" };
        let (letters, digits) = text.split_at_checked(text.len().saturating_sub(DIGITS)).ok_or_else(wrong)?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong());
        }
        let number = digits.parse().map_err(|_| wrong())?;
        Ok(Self { series: Series::parse(letters).map_err(|_| wrong())?, number })
    }
}

impl fmt::Display for BlankNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:07}", self.series.0, self.number)
    }
}

/// Blanks of consecutive numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub first: u32,
    /// How many: 1 to [`LONGEST_RANGE`].
    pub count: u32,
}

impl Range {
    /// That it has so many numbers of seven digits.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn new(first: u32, count: u32) -> Result<Self, Refusal> {
        if count == 0 || count > LONGEST_RANGE || first.saturating_add(count) > END {
            let expected = "1 to 5000 consecutive numbers of at most 7 digits";
            return Err(Refusal::Invalid { member: "/range", expected });
        }
        Ok(Self { first, count })
    }

    /// Its numbers.
    pub fn numbers(self) -> impl Iterator<Item = u32> {
        self.first..self.first.saturating_add(self.count)
    }
}

/// The numbers of several ranges, in order, each once.
///
/// # Errors
/// [`Refusal::Invalid`] where they overlap or are too many.
pub fn numbers_of(ranges: &[Range]) -> Result<Vec<u32>, Refusal> {
    let wrong = Refusal::Invalid { member: "/found", expected: "up to 5000 numbers, each once" };
    let total: u64 = ranges.iter().map(|range| u64::from(range.count)).sum();
    if total > u64::from(LONGEST_RANGE) {
        return Err(wrong);
    }
    let mut numbers: Vec<u32> = ranges.iter().flat_map(|range| range.numbers()).collect();
    numbers.sort_unstable();
    let before = numbers.len();
    numbers.dedup();
    if numbers.len() == before { Ok(numbers) } else { Err(wrong) }
}

/// Numbers in order as the fewest ranges.
#[must_use]
pub fn ranges_of(numbers: &[u32]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if last.first.saturating_add(last.count) == *number => last.count += 1,
            _ => ranges.push(Range { first: *number, count: 1 }),
        }
    }
    ranges
}
