//! What ends, begins or falls due, and how much it matters.

use straznica_types::Timestamp;

use super::partner::{Partner, PartnerState, RootState};
use crate::domain::records::{CertificateRecord, Day, Role, State};

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A renewal of ours begins.
    Renewal,
    /// A document verifier's certificate of ours ends.
    DvExpires,
    /// An inspection system's certificate ends.
    IsExpires,
    /// A certificate of the national CVCA ends.
    NationalCvcaExpires,
    /// A certificate of a partner's CVCA ends.
    ForeignCvcaExpires,
    /// A certificate we issued to a foreign document verifier ends.
    IssuedExpires,
    /// The period of use of a partner's root ends.
    PartnerRootEnds,
    /// A partner's announced outage begins.
    PlannedOutage,
    /// A partner's registration ends.
    RegistrationEnds,
    /// The answer to a partner's waiting request is due.
    AnswerDue,
    /// A certificate by which partners know this SPOC ends.
    SpocCertificateExpires,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It goes on by itself.
    Information,
    /// Somebody should look.
    Attention,
    /// Documents cannot be opened, or partners not served, if nobody acts.
    Urgent,
}

/// One line of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// When.
    pub at: Timestamp,
    /// End, of what has one.
    pub until: Option<Timestamp>,
    /// The state it concerns.
    pub country: String,
    /// Holder reference, CVCA, or name of a root.
    pub subject: String,
    /// Words for people.
    pub detail: String,
    /// Still to be seen to when its moment has passed: it stays in the calendar.
    pub is_open: bool,
}

/// Days that make an end matter.
#[derive(Debug, Clone, Copy)]
pub struct Lead {
    /// Of a renewal.
    pub dv_days: i64,
    /// Left for the fallback by e-mail.
    pub fallback_days: i64,
    /// Of the renewal of an inspection system.
    pub is_days: i64,
    /// Of a successor of the national CVCA.
    pub cvca_days: i64,
    /// Of the announcement of a root.
    pub root_announced_days: i64,
    /// Of the distribution of a root.
    pub root_distributed_days: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Days for which what ended without a successor is held to be missed. After that it was given up.
const MISSED_DAYS: i64 = 90;

impl Lead {
    fn severity(ends: Timestamp, now: Timestamp, attention_days: i64, urgent_days: i64) -> Severity {
        let left = ends.millis() - now.millis();
        if left <= urgent_days * DAY_MS {
            Severity::Urgent
        } else if left <= attention_days * DAY_MS {
            Severity::Attention
        } else {
            Severity::Information
        }
    }
}

/// Ends of the certificates held. Only the last of its kind matters: what has a successor goes on by itself. `lead` is asked by the country of the CVCA.
#[must_use]
pub fn of_certificates(
    records: &[CertificateRecord],
    country: &str,
    lead: impl Fn(&str) -> Lead,
    now: Timestamp,
) -> Vec<Entry> {
    let counted = records.iter().filter(|record| record.state == State::Active);
    counted.filter_map(|record| of_certificate(records, record, country, lead(record.cvca_country()), now)).collect()
}

fn of_certificate(
    records: &[CertificateRecord],
    record: &CertificateRecord,
    country: &str,
    lead: Lead,
    now: Timestamp,
) -> Option<Entry> {
    let ours = record.cvca.starts_with(country);
    let (kind, attention, urgent) = match record.role {
        Role::Cvca if ours => (Kind::NationalCvcaExpires, lead.cvca_days, lead.dv_days),
        Role::Cvca => (Kind::ForeignCvcaExpires, lead.dv_days, lead.fallback_days),
        // It ends with the self-signed certificate of its key.
        Role::CvcaLink => return None,
        Role::DvDomestic | Role::DvForeign => (Kind::DvExpires, lead.dv_days, lead.fallback_days),
        Role::InspectionSystem => (Kind::IsExpires, lead.is_days, lead.is_days / 2),
    };
    let ends = end_of(record.expires);
    let has_successor = records.iter().any(|other| {
        other.role == record.role
            && other.cvca == record.cvca
            && other.state == State::Active
            && other.expires > record.expires
    });
    let severity = if has_successor { Severity::Information } else { Lead::severity(ends, now, attention, urgent) };
    let detail = if has_successor { "it has a successor" } else { "it has no successor yet" };
    Some(Entry {
        kind,
        severity,
        at: ends,
        until: None,
        country: record.cvca_country().to_owned(),
        subject: record.chr.clone(),
        detail: detail.to_owned(),
        is_open: !has_successor && is_missed(ends, now),
    })
}

/// Ends of a partner's registration and roots, and its outages.
#[must_use]
pub fn of_partner(partner: &Partner, lead: Lead, now: Timestamp) -> Vec<Entry> {
    if partner.state == PartnerState::Withdrawn {
        return Vec::new();
    }
    let entry = |kind, severity, at, until, subject: &str, detail: &str| Entry {
        is_open: false,
        kind,
        severity,
        at,
        until,
        country: partner.country.to_string(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    let mut entries = Vec::new();
    if let Some(end) = partner.in_use.until() {
        let severity = Lead::severity(end, now, lead.root_announced_days, lead.root_distributed_days);
        entries.push(entry(Kind::RegistrationEnds, severity, end, None, &partner.name, "its period of use ends"));
    }
    let confirmed = || partner.roots.iter().filter(|root| root.state == RootState::Confirmed);
    for root in confirmed() {
        let Some(end) = root.in_use.until() else { continue };
        let followed = confirmed().any(|other| {
            other.fingerprint != root.fingerprint
                && other.in_use.covers(end)
                && other.in_use.until().is_none_or(|later| later > end)
        });
        let severity = if followed {
            Severity::Information
        } else {
            Lead::severity(end, now, lead.root_announced_days, lead.root_distributed_days)
        };
        let detail = if followed { "another root follows" } else { "no other root follows" };
        let entry = entry(Kind::PartnerRootEnds, severity, end, None, &root.subject, detail);
        entries.push(Entry { is_open: !followed && is_missed(end, now), ..entry });
    }
    for outage in &partner.outages {
        let (from, until) = (outage.period.from(), outage.period.until());
        entries.push(entry(Kind::PlannedOutage, Severity::Information, from, until, &partner.name, &outage.reason));
    }
    entries
}

/// The end of a certificate by which partners know this SPOC. `attention_days` before it people are told.
#[must_use]
pub fn of_spoc_certificate(
    country: &str,
    subject: &str,
    detail: &str,
    ends: Timestamp,
    attention_days: i64,
    lead: Lead,
    now: Timestamp,
) -> Entry {
    Entry {
        kind: Kind::SpocCertificateExpires,
        severity: Lead::severity(ends, now, attention_days, lead.root_distributed_days),
        at: ends,
        until: None,
        country: country.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
        is_open: true,
    }
}

const fn is_missed(ends: Timestamp, now: Timestamp) -> bool {
    now.millis() - ends.millis() < MISSED_DAYS * DAY_MS
}

/// The last moment of a day.
#[must_use]
pub const fn end_of(day: Day) -> Timestamp {
    Timestamp::from_millis(day.plus(1).midnight() - 1)
}

/// Those that lie in a time or reach into it, by time and then by how much they matter; with what is overdue where the time has begun.
#[must_use]
pub fn within(mut entries: Vec<Entry>, from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<Entry> {
    entries.retain(|entry| {
        let is_overdue = entry.is_open && entry.at < now;
        entry.at <= to && (entry.until.unwrap_or(entry.at) >= from || (is_overdue && from <= now))
    });
    entries.sort_by(|one, two| {
        let key = |entry: &Entry| (entry.at, std::cmp::Reverse(entry.severity), entry.kind);
        key(one).cmp(&key(two)).then_with(|| one.subject.cmp(&two.subject))
    });
    entries
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cvc::{algorithm::Algorithm, chat::Rights};
    use straznica_types::Timestamp;

    use super::{Kind, Lead, Severity, end_of, of_certificates, within};
    use crate::domain::records::{CertificateRecord, Day, Role, State};

    const LEAD: Lead = Lead {
        dv_days: 14,
        fallback_days: 3,
        is_days: 2,
        cvca_days: 60,
        root_announced_days: 90,
        root_distributed_days: 10,
    };

    fn record(role: Role, cvca: &str, chr: &str, expires: i64) -> CertificateRecord {
        CertificateRecord {
            car: format!("{cvca}00001"),
            chr: chr.to_owned(),
            role,
            cvca: cvca.to_owned(),
            state: State::Active,
            effective: Day::from_midnight(0),
            expires: Day::from_midnight(0).plus(expires),
            rights: Rights::inspection(true, true),
            algorithm: Algorithm::EcdsaSha256,
            key: None,
            der: Arc::from([]),
        }
    }

    #[test]
    fn only_what_has_no_successor_needs_attention() {
        let records = [
            record(Role::DvForeign, "UTCVCA", "PLDV00001", 10),
            record(Role::DvForeign, "UTCVCA", "PLDV00002", 50),
            record(Role::DvForeign, "XACVCA", "PLDV00003", 12),
            record(Role::DvForeign, "XBCVCA", "PLDV00004", 2),
            record(Role::Cvca, "PLCVCA", "PLCVCA00001", 50),
            record(Role::CvcaLink, "PLCVCA", "PLCVCA00001", 50),
            record(Role::Cvca, "UTCVCA", "UTCVCA00001", 50),
        ];
        let now = Timestamp::from_millis(0);
        let until = end_of(Day::from_midnight(0).plus(50));
        let found = within(of_certificates(&records, "PL", |_| LEAD, now), now, until, now);
        let found: Vec<_> = found.iter().map(|one| (one.subject.as_str(), one.kind, one.severity)).collect();
        assert_eq!(
            found,
            [
                ("PLDV00004", Kind::DvExpires, Severity::Urgent),
                ("PLDV00001", Kind::DvExpires, Severity::Information),
                ("PLDV00003", Kind::DvExpires, Severity::Attention),
                ("PLCVCA00001", Kind::NationalCvcaExpires, Severity::Attention),
                ("PLDV00002", Kind::DvExpires, Severity::Information),
                ("UTCVCA00001", Kind::ForeignCvcaExpires, Severity::Information),
            ]
        );
        assert_eq!(within(of_certificates(&records, "PL", |_| LEAD, now), now, now, now), []);
    }

    #[test]
    fn how_much_an_end_matters_follows_from_the_policy_for_its_state() {
        let records = [
            record(Role::DvForeign, "UTCVCA", "PLDV00001", 18),
            record(Role::DvForeign, "XACVCA", "PLDV00002", 18),
            record(Role::InspectionSystem, "UTCVCA", "PLIS00001", 5),
            record(Role::InspectionSystem, "XACVCA", "PLIS00002", 5),
        ];
        let lead = |country: &str| match country {
            "UT" => Lead { dv_days: 30, is_days: 6, ..LEAD },
            _ => LEAD,
        };
        let found = of_certificates(&records, "PL", lead, Timestamp::from_millis(0));
        let found: Vec<_> = found.iter().map(|one| one.severity).collect();
        let (attention, information) = (Severity::Attention, Severity::Information);
        assert_eq!(found, [attention, information, attention, information]);
    }

    #[test]
    fn what_ended_without_a_successor_stays_until_it_was_given_up() {
        let records = [
            record(Role::DvForeign, "UTCVCA", "PLDV00001", -20),
            record(Role::DvForeign, "UTCVCA", "PLDV00002", -5),
            record(Role::DvForeign, "XACVCA", "PLDV00003", -100),
            record(Role::DvForeign, "XBCVCA", "PLDV00004", -10),
            record(Role::DvForeign, "XBCVCA", "PLDV00005", 30),
        ];
        let now = Timestamp::from_millis(0);
        let day = |days| end_of(Day::from_midnight(0).plus(days));
        let found = |from, to| -> Vec<(String, Severity)> {
            let found = within(of_certificates(&records, "PL", |_| LEAD, now), from, to, now);
            found.into_iter().map(|one| (one.subject, one.severity)).collect()
        };
        let missed = ("PLDV00002".to_owned(), Severity::Urgent);
        assert_eq!(found(now, day(60)), [missed.clone(), ("PLDV00005".to_owned(), Severity::Information)]);
        assert_eq!(found(now, day(10)), [missed]);
        // A time still to come has its own matters.
        assert_eq!(found(day(20), day(25)), []);
    }
}
