//! Calendars for people's own programs: iCalendar (RFC 5545), the handful of properties a list of expiries needs.

use std::fmt::{self, Display, Write};

use crate::{CivilDate, Timestamp};

/// Octets a line may have without its line break (RFC 5545 §3.1).
const LONGEST_LINE: usize = 75;

/// A calendar; displays as the content of an `.ics` file, `text/calendar; charset=utf-8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What a program shows as the calendar's name (RFC 7986 §5.1).
    pub name: String,
    /// When the list was made: the stamp of each event.
    pub made_at: Timestamp,
    /// In the order they are to be read.
    pub events: Vec<Event>,
}

/// An event nobody has to attend: it shows, but blocks no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same whenever the list is made again, so that a program that subscribes to it does not show the event twice.
    pub uid: String,
    /// When.
    pub when: When,
    /// One line.
    pub summary: String,
    /// More; may be empty.
    pub description: String,
    /// Words a program may filter by.
    pub categories: Vec<String>,
}

/// When an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of a day, wherever one is.
    Day(CivilDate),
    /// From an instant until another, which is no longer part of it.
    Between(Timestamp, Timestamp),
}

impl Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "BEGIN", "VCALENDAR")?;
        line(f, "VERSION", "2.0")?;
        line(f, "PRODID", "-//Straznica//EN")?;
        line(f, "CALSCALE", "GREGORIAN")?;
        line(f, "NAME", &text(&self.name))?;
        for event in &self.events {
            event.write(f, self.made_at)?;
        }
        line(f, "END", "VCALENDAR")
    }
}

impl Event {
    fn write(&self, f: &mut fmt::Formatter<'_>, made_at: Timestamp) -> fmt::Result {
        line(f, "BEGIN", "VEVENT")?;
        line(f, "UID", &text(&self.uid))?;
        line(f, "DTSTAMP", &instant(made_at))?;
        match self.when {
            When::Day(day) => {
                line(f, "DTSTART;VALUE=DATE", &date(day))?;
                line(f, "DTEND;VALUE=DATE", &date(day.plus_days(1)))?;
            }
            When::Between(begins, ends) => {
                line(f, "DTSTART", &instant(begins))?;
                line(f, "DTEND", &instant(ends))?;
            }
        }
        line(f, "SUMMARY", &text(&self.summary))?;
        if !self.description.is_empty() {
            line(f, "DESCRIPTION", &text(&self.description))?;
        }
        if !self.categories.is_empty() {
            let categories: Vec<_> = self.categories.iter().map(|category| text(category)).collect();
            line(f, "CATEGORIES", &categories.join(","))?;
        }
        line(f, "TRANSP", "TRANSPARENT")?;
        line(f, "END", "VEVENT")
    }
}

fn date(day: CivilDate) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// UTC, to the second (RFC 5545 §3.3.5, form 2).
fn instant(at: Timestamp) -> String {
    let rfc_3339 = at.to_string();
    let whole = rfc_3339.split('.').next().unwrap_or_default();
    let digits: String = whole.chars().filter(|character| !matches!(character, '-' | ':')).collect();
    digits + "Z"
}

/// A value of type TEXT (RFC 5545 §3.3.11). Line breaks are written, other control characters left out: no program shows them.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// One content line, folded so that none is longer than [`LONGEST_LINE`] octets and no character is cut.
fn line(f: &mut fmt::Formatter<'_>, property: &str, value: &str) -> fmt::Result {
    let mut octets = 0;
    for character in property.chars().chain([':']).chain(value.chars()) {
        if octets + character.len_utf8() > LONGEST_LINE {
            f.write_str("\r\n ")?;
            octets = 1;
        }
        f.write_char(character)?;
        octets += character.len_utf8();
    }
    f.write_str("\r\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MADE: Timestamp = Timestamp::from_millis(1_779_960_600_250);

    fn event(when: When, summary: &str) -> Event {
        Event {
            uid: "dv-UTDV00007@pl".to_owned(),
            when,
            summary: summary.to_owned(),
            description: String::new(),
            categories: vec!["our_dv".to_owned(), "warning".to_owned()],
        }
    }

    fn calendar(events: Vec<Event>) -> String {
        Calendar { name: "Expiries, PL".to_owned(), made_at: MADE, events }.to_string()
    }

    #[test]
    fn a_day_is_written_as_the_standard_has_it() {
        let day = CivilDate::new(2026, 12, 31).unwrap();
        let written = calendar(vec![event(When::Day(day), "PLDV00007 expires; renew, then tell\nthe lanes")]);
        assert_eq!(
            written,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Straznica//EN\r\nCALSCALE:GREGORIAN\r\nNAME:Expiries\\, PL\r\nBEGIN:VEVENT\r\n\
             UID:dv-UTDV00007@pl\r\nDTSTAMP:20260528T093000Z\r\nDTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n\
             SUMMARY:PLDV00007 expires\\; renew\\, then tell\\nthe lanes\r\nCATEGORIES:our_dv,warning\r\nTRANSP:TRANSPARENT\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
    }

    #[test]
    fn a_span_of_time_is_written_in_utc() {
        let until = Timestamp::from_millis(MADE.millis() + 3_600_000);
        let written = calendar(vec![event(When::Between(MADE, until), "Utopia is away")]);
        assert!(written.contains("DTSTART:20260528T093000Z\r\nDTEND:20260528T103000Z\r\n"), "{written}");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_unfolding_gives_the_text_back(summary in "[a-zA-Zżółw🙂 ;,\\\\]{0,300}") {
            let written = calendar(vec![event(When::Day(MADE.date()), &summary)]);
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= LONGEST_LINE, "{line}");
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let unfolded = written.replace("\r\n ", "");
            let read = unfolded.split("\r\n").find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
            prop_assert_eq!(read.replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\"), summary);
        }
    }
}
