//! Tables for people: columns as wide as they have to be, a line each row.

use std::fmt;

/// A table with a heading.
#[derive(Debug)]
pub(super) struct Table<const COLUMNS: usize> {
    heading: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(super) fn new(heading: [&'static str; COLUMNS], rows: impl IntoIterator<Item = [String; COLUMNS]>) -> Self {
        let visible = |row: [String; COLUMNS]| row.map(|cell| one_line(&cell));
        Self { heading, rows: rows.into_iter().map(visible).collect() }
    }

    /// The table, or what is said when it has no row.
    pub(super) fn or(&self, nothing: &str) -> String {
        if self.rows.is_empty() { nothing.to_owned() } else { self.to_string() }
    }
}

/// The word to go on with, under a page of a list.
pub(super) fn paged(page: String, next: &str) -> String {
    if next.is_empty() { page } else { format!("{page}more: --after {next}") }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = self.heading.map(str::to_owned);
        let lines = || std::iter::once(&heading).chain(&self.rows);
        let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        for line in lines() {
            let padded: Vec<_> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(f, "{}", padded.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// What another state wrote, on one line: control characters could move the cursor or recolour the screen, and those that turn the direction of writing, or
/// are not seen, show something else than is there.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|character| if is_shown(character) { character } else { ' ' }).collect()
}

/// No control character, line or paragraph separator, mark of direction (Unicode UAX #9 §2) or character without width.
fn is_shown(character: char) -> bool {
    const UNSEEN: [std::ops::RangeInclusive<char>; 5] = [
        '\u{61C}'..='\u{61C}',
        '\u{200B}'..='\u{200F}',
        '\u{2028}'..='\u{202E}',
        '\u{2060}'..='\u{2069}',
        '\u{FEFF}'..='\u{FEFF}',
    ];
    !character.is_control() && !UNSEEN.iter().any(|range| range.contains(&character))
}

/// The same, with its line breaks.
pub(super) fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_nothing_trails() {
        let rows = [["UT", "Utopia", ""], ["QX", "Żółw", "suspended"]].map(|row| row.map(str::to_owned));
        let table = Table::new(["", "NAME", "STATE"], rows);
        assert_eq!(table.to_string(), "    NAME    STATE\nUT  Utopia\nQX  Żółw    suspended\n");
        assert_eq!(Table::new(["NAME"], []).or("nobody"), "nobody");
    }

    #[test]
    fn what_another_state_wrote_cannot_drive_the_terminal() {
        let table = Table::new(["NAME"], [["\u{1b}[2JUtopia\nX".to_owned()]]);
        assert_eq!(table.to_string(), "NAME\n [2JUtopia X\n");
        assert_eq!(lines("one\r\ntwo\u{7}"), "one\ntwo ");
        // right to left, an isolate, no width, a line of its own
        assert_eq!(one_line("id\u{202e}1\u{2066}2\u{200b}3\u{2028}4"), "id 1 2 3 4");
    }
}
