//! The calendar of the exchange as iCalendar (RFC 5545), for people's own programs: over REST, and as `straznica spoc certificates calendar --ics`
//! writes it.

use straznica_contracts::spoc::v1::{CalendarEntry, CalendarKind};
use straznica_types::{
    Timestamp,
    icalendar::{Calendar, Event, When},
};

/// The media type.
pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// The calendar of `entries`, as it stands at `made_at`.
#[must_use]
pub fn of(entries: Vec<CalendarEntry>, made_at: Timestamp) -> Calendar {
    let events = entries.into_iter().map(event).collect();
    Calendar { name: "Exchange of certificates".to_owned(), made_at, events }
}

fn event(entry: CalendarEntry) -> Event {
    let kind = entry.kind().as_str_name().trim_start_matches("CALENDAR_KIND_").to_ascii_lowercase();
    let severity = entry.severity().as_str_name().trim_start_matches("CALENDAR_SEVERITY_").to_ascii_lowercase();
    let summary = summary(&entry);
    let at = Timestamp::from_millis(entry.at_ms);
    // What ends is told by its day; an outage takes a while.
    let when = match entry.until_ms {
        0 => When::Day(at.date()),
        until => When::Between(at, Timestamp::from_millis(until)),
    };
    let CalendarEntry { country, subject, detail, at_ms, .. } = entry;
    // The same matter on another day is another event: a renewal that was done and falls due again.
    let uid = format!("{kind}-{country}-{subject}-{at_ms}@spoc");
    Event { uid, when, summary, description: detail, categories: vec![kind, severity] }
}

fn summary(entry: &CalendarEntry) -> String {
    let CalendarEntry { country, subject, detail, .. } = entry;
    match entry.kind() {
        CalendarKind::Unspecified => format!("{country} {subject}: {detail}"),
        CalendarKind::Renewal => format!("Renewal of {subject} begins"),
        CalendarKind::DvExpires => format!("DV certificate {subject} expires"),
        CalendarKind::IsExpires => format!("IS certificate {subject} expires"),
        CalendarKind::NationalCvcaExpires => format!("National CVCA certificate {subject} expires"),
        CalendarKind::ForeignCvcaExpires => format!("CVCA certificate {subject} of {country} expires"),
        CalendarKind::IssuedExpires => format!("Certificate {subject} issued to {country} expires"),
        CalendarKind::PartnerRootEnds => format!("SPOC root of {country} is used no more: {subject}"),
        CalendarKind::PlannedOutage => format!("{country} cannot be reached"),
        CalendarKind::RegistrationEnds => format!("Registration of {country} ends"),
        CalendarKind::AnswerDue => format!("Answer to {country} is due: {subject}"),
        CalendarKind::SpocCertificateExpires => format!("Our SPOC certificate {subject} expires"),
        CalendarKind::PartnerRootBegins => format!("SPOC root of {country} is used from now on: {subject}"),
        CalendarKind::PartnerCertificateExpires => format!("SPOC certificate of {country} expires: {subject}"),
        CalendarKind::AwaitsOfficers => format!("Officers have to compare {subject} of {country}"),
    }
}

#[cfg(test)]
mod tests {
    use straznica_contracts::spoc::v1::CalendarSeverity;

    use super::*;

    #[test]
    fn an_expiry_is_a_day_and_an_outage_a_span() {
        let made = Timestamp::from_millis(1_779_960_600_000);
        let entry = |kind: CalendarKind, until_ms| CalendarEntry {
            kind: kind.into(),
            severity: CalendarSeverity::Urgent.into(),
            at_ms: 1_779_960_600_000,
            until_ms,
            country: "UT".to_owned(),
            subject: "PLDV00007".to_owned(),
            detail: "no renewal is under way".to_owned(),
        };
        let entries = vec![entry(CalendarKind::DvExpires, 0), entry(CalendarKind::PlannedOutage, 1_779_964_200_000)];
        let written = of(entries, made).to_string();
        for line in [
            "UID:dv_expires-UT-PLDV00007-1779960600000@spoc",
            "DTSTART;VALUE=DATE:20260528",
            "SUMMARY:DV certificate PLDV00007 expires",
            "DESCRIPTION:no renewal is under way",
            "CATEGORIES:dv_expires,urgent",
            "DTSTART:20260528T093000Z",
            "DTEND:20260528T103000Z",
            "SUMMARY:UT cannot be reached",
        ] {
            assert!(written.split("\r\n").any(|written| written == line), "{line}\n{written}");
        }
    }
}
