//! The calendar of what ends, begins or falls due.

use straznica_types::Timestamp;
use time::{Date, macros::format_description};

use super::{own_certificates, partner_certificates, subscriptions};
use crate::{
    app::App,
    domain::{
        exchange::{
            calendar::{
                Entry, Kind, Lead, Severity, end_of, of_certificates, of_partner, of_spoc_certificate,
                of_waiting_certificates, within,
            },
            partner::PartnerState,
            policy::Values,
        },
        records::Day,
    },
    error::SpocError,
    store::exchange::dates,
};

/// Days shown when nobody says how many.
const DEFAULT_DAYS: i64 = 90;
/// Most certificates issued to others, and most waiting requests, listed at once.
const LISTED: usize = 1_000;
const MAX_ROWS: u64 = 1_000;

/// Everything between two days (`YYYY-MM-DD`; empty: today, and ninety days later), by time, with what is overdue where the first has come.
///
/// # Errors
/// [`SpocError::Field`] for a day that is none.
pub(crate) async fn entries(app: &App, from: &str, to: &str) -> Result<Vec<Entry>, SpocError> {
    let now = app.clock.now();
    let today = Day::of(now);
    let first = day("from", from)?.unwrap_or(today);
    let last = day("to", to)?.unwrap_or_else(|| first.plus(DEFAULT_DAYS));
    let (from, to) = (Timestamp::from_millis(first.midnight()), end_of(last));
    let state = app.control.at(now);
    let lead_of = |country: &str| lead(app.policy.for_country(country));
    let mut entries = of_certificates(state.records(), &app.config.country, lead_of, now);
    entries.extend(of_waiting_certificates(state.records(), now));
    for partner in app.partners.all() {
        entries.extend(of_partner(&partner, lead(app.policy.for_partner(partner.country)), now));
        if partner.state == PartnerState::Withdrawn {
            continue;
        }
        for shown in partner_certificates::of(app, partner.country).await? {
            let ends = Timestamp::from_millis(shown.not_after);
            let expiry_days = app.policy.for_partner(partner.country).alarms.expiry_days;
            let is_near = ends.millis() < end_of(today.plus(expiry_days.into())).millis();
            entries.push(Entry {
                kind: Kind::PartnerCertificateExpires,
                severity: if is_near { Severity::Attention } else { Severity::Information },
                at: ends,
                until: None,
                country: shown.country,
                subject: shown.fingerprint,
                detail: format!("its SPOC's certificate as {}, as it was last shown", shown.side),
                is_open: false,
            });
        }
    }
    for listed in subscriptions::list(app).await? {
        if let Some(at) = listed.due_at.filter(|_| listed.row.state == "active") {
            let begun = at < now.millis();
            // One that has begun goes on by itself, but for a problem: then documents will not be opened in the end.
            let severity = match (listed.row.problem.is_some(), begun) {
                (true, true) => Severity::Urgent,
                (true, false) | (false, true) => Severity::Attention,
                (false, false) => Severity::Information,
            };
            let words = if begun { "the renewal has begun" } else { "the renewal begins" };
            entries.push(Entry {
                kind: Kind::Renewal,
                severity,
                at: Timestamp::from_millis(at),
                until: None,
                country: listed.row.country,
                subject: listed.row.cvca,
                detail: listed.row.problem.unwrap_or_else(|| words.to_owned()),
                is_open: true,
            });
        }
    }
    let own_lead = lead(app.policy.common());
    for own in own_certificates::in_force(app) {
        let detail = format!("partners know us by it, as {} over {}", own.side, own.binding.as_str());
        let (country, days) = (&app.config.country, app.policy.common().alarms.own_expiry_days.into());
        entries.push(of_spoc_certificate(country, &own.subject, &detail, own.until, days, own_lead, now));
    }
    let db = app.store.reader();
    let issued = dates::issued_that_end(db, first.midnight(), last.midnight(), MAX_ROWS + 1).await?;
    entries
        .extend(cut(&issued, Kind::IssuedExpires, &app.config.country, |row| end_of(Day::from_midnight(row.expires))));
    for issued in issued.into_iter().take(LISTED) {
        entries.push(Entry {
            kind: Kind::IssuedExpires,
            severity: Severity::Information,
            at: end_of(Day::from_midnight(issued.expires)),
            until: None,
            country: issued.country,
            subject: issued.chr,
            detail: "a certificate we issued ends".to_owned(),
            is_open: false,
        });
    }
    let waiting = dates::waiting_requests(db, MAX_ROWS + 1).await?;
    entries.extend(cut(&waiting, Kind::AnswerDue, &app.config.country, |row| Timestamp::from_millis(row.due_at)));
    for waiting in waiting.into_iter().take(LISTED) {
        let at = Timestamp::from_millis(waiting.due_at);
        entries.push(Entry {
            kind: Kind::AnswerDue,
            severity: if at <= now { Severity::Urgent } else { Severity::Attention },
            at,
            until: None,
            country: waiting.caller,
            subject: waiting.chr,
            detail: "a request waits for its answer".to_owned(),
            is_open: true,
        });
    }
    Ok(within(entries, from, to, now))
}

/// A line that says where a list was cut off: what is not listed comes then or later.
fn cut<T>(rows: &[T], kind: Kind, country: &str, at: impl Fn(&T) -> Timestamp) -> Option<Entry> {
    let first_left_out = rows.get(LISTED)?;
    Some(Entry {
        kind,
        severity: Severity::Attention,
        at: at(first_left_out),
        until: None,
        country: country.to_owned(),
        subject: String::new(),
        detail: format!("more follow: {LISTED} are listed at most, ask for fewer days"),
        is_open: true,
    })
}

fn lead(values: &Values) -> Lead {
    Lead {
        dv_days: i64::from(values.renewal.lead_days) + i64::from(values.renewal.fallback_days),
        fallback_days: values.renewal.fallback_days.into(),
        is_days: values.renewal.inspection_system_lead_days.into(),
        cvca_days: values.rollover.cvca_lead_days.into(),
        root_announced_days: values.rollover.root_announced_days.into(),
        root_distributed_days: values.rollover.root_distributed_days.into(),
        missed_days: values.alarms.missed_days.into(),
    }
}

fn day(field: &'static str, text: &str) -> Result<Option<Day>, SpocError> {
    if text.is_empty() {
        return Ok(None);
    }
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| SpocError::field(field, "a day is needed: YYYY-MM-DD"))?;
    Ok(Some(Day::of_date(date)))
}
