//! What ends, begins or falls due, and how much it matters.

use std::collections::{BTreeMap, BTreeSet};

use straznica_types::Timestamp;

use super::lineage::lineage_in_use;
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
    /// The period of use of a partner's root begins.
    PartnerRootBegins,
    /// Officers have to compare something before it counts.
    AwaitsOfficers,
    /// The certificate by which a partner's SPOC was last let in ends.
    PartnerCertificateExpires,
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
    /// After an end without a successor, for which it is held to be missed. After that it was given up.
    pub missed_days: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

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

    const fn is_missed(self, ends: Timestamp, now: Timestamp) -> bool {
        now.millis() - ends.millis() < self.missed_days * DAY_MS
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
    let mut lines: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let counted = records.iter().filter(|record| record.state == State::Active);
    let entry = |record: &CertificateRecord, line: &BTreeSet<String>| {
        of_certificate(records, record, line, country, lead(record.cvca_country()), now)
    };
    counted
        .filter_map(|record| {
            entry(record, lines.entry(&record.cvca).or_insert_with(|| lineage_in_use(records, &record.cvca)))
        })
        .collect()
}

/// `line`: the names of its CVCA, which links lead to.
fn of_certificate(
    records: &[CertificateRecord],
    record: &CertificateRecord,
    line: &BTreeSet<String>,
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
            && line.contains(&other.cvca)
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
        is_open: !has_successor && lead.is_missed(ends, now),
    })
}

/// Certificates of partners' CVCAs that count for nothing until officers have compared them: from the day they are for.
#[must_use]
pub fn of_waiting_certificates(records: &[CertificateRecord], now: Timestamp) -> Vec<Entry> {
    let waiting = records.iter().filter(|record| record.state == State::AwaitingConfirmation);
    let entry = |record: &CertificateRecord| {
        let detail = "two officers compare its fingerprint, then documents that trust it open";
        awaits_officers(
            record.cvca_country(),
            &record.chr,
            detail,
            Timestamp::from_millis(record.effective.midnight()),
            0,
            now,
        )
    };
    waiting.filter(|record| end_of(record.expires) > now).map(entry).collect()
}

/// Something that officers have to compare by `at`; `urgent_days` before it somebody is told to do so.
fn awaits_officers(
    country: &str,
    subject: &str,
    detail: &str,
    at: Timestamp,
    urgent_days: i64,
    now: Timestamp,
) -> Entry {
    Entry {
        kind: Kind::AwaitsOfficers,
        severity: Lead::severity(at, now, i64::MAX / DAY_MS, urgent_days),
        at,
        until: None,
        country: country.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
        is_open: true,
    }
}

/// Ends of a partner's registration, beginnings and ends of its roots, and its outages.
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
    for root in partner.roots.iter().filter(|root| root.state == RootState::Proposed) {
        let detail = "a second officer compares its fingerprint, then it may be used";
        let days = lead.root_distributed_days;
        let waiting = awaits_officers(partner.country.as_str(), &root.subject, detail, root.in_use.from(), days, now);
        entries.push(waiting);
    }
    let confirmed = || partner.roots.iter().filter(|root| root.state == RootState::Confirmed);
    for root in confirmed().filter(|root| root.in_use.from() > now) {
        let (from, detail) = (root.in_use.from(), "its period of use begins");
        entries.push(entry(Kind::PartnerRootBegins, Severity::Information, from, None, &root.subject, detail));
    }
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
        entries.push(Entry { is_open: !followed && lead.is_missed(end, now), ..entry });
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
    use straznica_exchange_wire::Binding;
    use straznica_types::Timestamp;

    use super::{Kind, Lead, Severity, end_of, of_certificates, of_partner, of_waiting_certificates, within};
    use crate::domain::exchange::partner::{
        Answers, Bindings, Partner, PartnerRoot, PartnerState, Period, RootState, SpocUrl,
    };
    use crate::domain::records::{CertificateRecord, Day, Role, State};

    const LEAD: Lead = Lead {
        dv_days: 14,
        fallback_days: 3,
        is_days: 2,
        cvca_days: 60,
        root_announced_days: 90,
        root_distributed_days: 10,
        missed_days: 90,
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

    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis(Day::from_midnight(0).plus(day).midnight())
    }

    fn partner() -> Partner {
        Partner {
            country: "UT".parse().unwrap(),
            name: "Utopia".to_owned(),
            binding: Binding::Grpc,
            profile: "icao".to_owned(),
            url: SpocUrl::parse("https://spoc.example.ut/").unwrap(),
            email: "spoc@example.ut".to_owned(),
            contacts: String::new(),
            answers: Answers::Synchronous,
            document_years: 10,
            state: PartnerState::Active,
            in_use: Period::new(day(-100), None).unwrap(),
            roots: Vec::new(),
            cvcas: Vec::new(),
            outages: Vec::new(),
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
    fn what_a_link_to_another_name_leads_on_has_a_successor() {
        let link = CertificateRecord {
            car: "UTCVCA00001".to_owned(),
            ..record(Role::CvcaLink, "UTNEWCA", "UTNEWCA00001", 500)
        };
        let records = [
            record(Role::Cvca, "UTCVCA", "UTCVCA00001", 10),
            record(Role::Cvca, "UTNEWCA", "UTNEWCA00001", 500),
            link,
            record(Role::DvForeign, "UTCVCA", "PLDV00001", 2),
            record(Role::DvForeign, "UTNEWCA", "PLDV00002", 40),
        ];
        let now = Timestamp::from_millis(0);
        let severities = |records: &[CertificateRecord]| {
            let entries = of_certificates(records, "PL", |_| LEAD, now).into_iter();
            let ending = entries.filter(|one| ["UTCVCA00001", "PLDV00001"].contains(&one.subject.as_str()));
            ending.map(|one| (one.severity, one.is_open)).collect::<Vec<_>>()
        };
        assert_eq!(severities(&records), [(Severity::Information, false); 2]);
        // Without the link the other name is another CVCA.
        let unlinked: Vec<_> = records.into_iter().filter(|record| record.role != Role::CvcaLink).collect();
        assert_eq!(severities(&unlinked), [(Severity::Attention, true), (Severity::Urgent, true)]);
    }

    #[test]
    fn what_awaits_officers_is_told_until_they_have_compared_it() {
        let waiting = CertificateRecord {
            state: State::AwaitingConfirmation,
            effective: Day::from_midnight(0).plus(3),
            ..record(Role::Cvca, "UTCVCA", "UTCVCA00002", 500)
        };
        let told = |today: i64| {
            let entries = of_waiting_certificates(std::slice::from_ref(&waiting), day(today));
            entries.into_iter().map(|one| (one.kind, one.severity, one.at, one.is_open)).collect::<Vec<_>>()
        };
        assert_eq!(told(0), [(Kind::AwaitsOfficers, Severity::Attention, day(3), true)]);
        assert_eq!(told(3), [(Kind::AwaitsOfficers, Severity::Urgent, day(3), true)]);
        assert_eq!(told(501), []);
    }

    #[test]
    fn a_partners_roots_are_told_when_they_begin_and_while_nobody_confirmed_them() {
        let root = |subject: &str, state, from| PartnerRoot {
            fingerprint: subject.to_owned(),
            certificate: Vec::new(),
            subject: subject.to_owned(),
            in_use: Period::new(day(from), None).unwrap(),
            linked_to: None,
            bindings: Bindings::Both,
            state,
        };
        let partner = Partner {
            roots: vec![
                root("old", RootState::Confirmed, -100),
                root("next", RootState::Confirmed, 20),
                root("announced", RootState::Proposed, 30),
                root("given up", RootState::Withdrawn, 20),
            ],
            ..partner()
        };
        let told = |today: i64| {
            let entries = of_partner(&partner, LEAD, day(today)).into_iter();
            entries.map(|one| (one.subject, one.kind, one.severity)).collect::<Vec<_>>()
        };
        let announced = |severity| ("announced".to_owned(), Kind::AwaitsOfficers, severity);
        let begins = ("next".to_owned(), Kind::PartnerRootBegins, Severity::Information);
        assert_eq!(told(0), [announced(Severity::Attention), begins]);
        assert_eq!(told(20), [announced(Severity::Urgent)]);
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
        let given_up = Lead { missed_days: 4, ..LEAD };
        let left = within(of_certificates(&records, "PL", |_| given_up, now), now, day(10), now);
        assert_eq!(left, []);
    }
}
