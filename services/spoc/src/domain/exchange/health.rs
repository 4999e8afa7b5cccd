//! How the exchange with a partner is: what is open, what ends, and what of it needs somebody's attention.

use std::time::Duration;

use exchange::Country;
use straznica_types::Timestamp;

use super::{
    partner::{Outage, Standing},
    policy::Values,
};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// What is known of a partner at a moment.
#[derive(Debug, Clone)]
pub struct Health {
    /// The state.
    pub country: Country,
    /// Whether it is dealt with.
    pub standing: Standing,
    /// What officers decided: `active`, `suspended`, `withdrawn`.
    pub state: &'static str,
    /// When it last answered us.
    pub reached_at: Option<Timestamp>,
    /// When it last sent a message that was let in.
    pub heard_at: Option<Timestamp>,
    /// When it was last refused or not reached.
    pub failed_at: Option<Timestamp>,
    /// Why.
    pub failure: Option<String>,
    /// Its requests that wait here.
    pub waiting_requests: u32,
    /// Until when the first of them has to be answered.
    pub first_due_at: Option<Timestamp>,
    /// Messages to it that are not delivered.
    pub pending_messages: u32,
    /// Certificates it was sent in the last days (those of the policy) and did not take: it says they are malformed, or that it awaits no answer.
    pub refused_deliveries: u32,
    /// How old the oldest is.
    pub oldest_pending_at: Option<Timestamp>,
    /// What the last attempt at it said.
    pub last_error: Option<String>,
    /// Our requests it acknowledged and has not answered.
    pub awaited_answers: u32,
    /// General messages nobody has acknowledged.
    pub unread_messages: u32,
    /// What ends, soonest first.
    pub expiries: Vec<Expiry>,
    /// Revocation lists held of it.
    pub crls: Vec<HeldCrl>,
    /// Outages that are not over.
    pub outages: Vec<Outage>,
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// What it is.
    pub kind: ExpiryKind,
    /// Fingerprint of a root or of a SPOC's certificate, holder reference of a CV certificate.
    pub subject: String,
    /// When.
    pub at: Timestamp,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryKind {
    /// The use of one of its SPOC roots.
    SpocRoot,
    /// The certificate by which its SPOC was last let in, or answered us.
    SpocCertificate,
    /// The newest certificate of one of its CVCAs.
    Cvca,
    /// Our newest DV certificate under one of its CVCAs.
    Dv,
}

impl ExpiryKind {
    /// The kind's name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SpocRoot => "spoc_root",
            Self::SpocCertificate => "spoc_certificate",
            Self::Cvca => "cvca",
            Self::Dv => "dv",
        }
    }
}

/// A revocation list that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCrl {
    /// Where it is from; empty for one that came by hand.
    pub uri: String,
    /// SHA-256 of the certificate of the authority that issued it.
    pub issuer: String,
    /// When it was issued.
    pub this_update: Timestamp,
    /// When the next one is due.
    pub next_update: Option<Timestamp>,
    /// When it was fetched or imported.
    pub fetched_at: Timestamp,
    /// Of one that came by hand.
    pub by_hand: Option<ByHand>,
}

/// What is known of a revocation list that came by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// What people call its issuer.
    pub issuer_name: String,
    /// Who imported it.
    pub officer: String,
}

impl Health {
    /// What needs somebody's attention at `now`, in words, by the policy for the partner.
    #[must_use]
    pub fn concerns(&self, now: Timestamp, values: &Values) -> Vec<String> {
        let mut concerns = Vec::new();
        match self.standing {
            Standing::Served => {}
            Standing::Suspended => concerns.push("suspended".to_owned()),
            Standing::OutOfUse => concerns.push("outside its period of use".to_owned()),
            // Nothing is expected of it.
            Standing::Withdrawn => return concerns,
        }
        let in_outage = self.outages.iter().any(|outage| outage.period.covers(now));
        if in_outage {
            concerns.push("in a planned outage".to_owned());
        } else if let Some(age) = self.silent_days(now, values) {
            concerns.push(format!("no contact for {age} days"));
        }
        if !in_outage
            && self.failed_at.is_some_and(|failed| failed > self.last_contact().unwrap_or(Timestamp::UNIX_EPOCH))
        {
            let failure = self.failure.as_deref().unwrap_or("unknown");
            concerns.push(format!("the last contact failed: {failure}"));
        }
        let alert_days = i64::from(values.answers.alert_days);
        if self.first_due_at.is_some_and(|due| due.millis() - now.millis() < alert_days * DAY_MS) {
            concerns.push(format!("a request of theirs has to be answered within {alert_days} days"));
        }
        let hours = values.alarms.waiting_hours;
        if self.oldest_pending_at.is_some_and(|oldest| now.millis() - oldest.millis() > i64::from(hours) * HOUR_MS) {
            concerns.push(format!("a message has been waiting for more than {hours} hours"));
        }
        if self.refused_deliveries > 0 {
            concerns.push(format!("{} deliveries of certificates it did not take", self.refused_deliveries));
        }
        if self.unread_messages > 0 {
            concerns.push(format!("{} messages nobody has acknowledged", self.unread_messages));
        }
        concerns.extend(self.expiries.iter().filter(|expiry| expiry.is_near(now, values)).map(|expiry| {
            let days = (expiry.at.millis() - now.millis()).div_euclid(DAY_MS);
            format!("{} {} ends in {days} days", expiry.kind.as_str(), expiry.subject)
        }));
        let max_age = values.revocation.crl_max_age();
        concerns.extend(self.crls.iter().filter_map(|crl| match &crl.by_hand {
            None if crl.is_stale(now, max_age) => {
                Some(format!("the revocation list of {} is not fresh any more", crl.uri))
            }
            None => None,
            Some(by_hand) => self.by_hand_concern(crl, by_hand, now, max_age),
        }));
        concerns
    }

    /// A list by hand is told of as long as no fetched one has taken its place: nobody renews it by itself.
    fn by_hand_concern(&self, crl: &HeldCrl, by_hand: &ByHand, now: Timestamp, max_age: Duration) -> Option<String> {
        let replaces = |other: &HeldCrl| {
            let newer = other.this_update >= crl.this_update && other.this_update <= now;
            other.by_hand.is_none() && other.issuer == crl.issuer && newer && !other.is_stale(now, max_age)
        };
        if self.crls.iter().any(replaces) {
            return None;
        }
        let (name, officer, until) = (&by_hand.issuer_name, &by_hand.officer, crl.counts_until(max_age));
        let counts = if until < now { "counted" } else { "counts" };
        Some(format!("the revocation list of {name} came by hand, from {officer}, and {counts} until {until}"))
    }

    fn last_contact(&self) -> Option<Timestamp> {
        self.reached_at.max(self.heard_at)
    }

    /// Days since the last contact, when they are too many. A partner never heard of is new, not silent.
    fn silent_days(&self, now: Timestamp, values: &Values) -> Option<i64> {
        let days = (now.millis() - self.last_contact()?.millis()).div_euclid(DAY_MS);
        (days > i64::from(values.alarms.silent_days)).then_some(days)
    }
}

impl Expiry {
    fn is_near(&self, now: Timestamp, values: &Values) -> bool {
        let days = match self.kind {
            ExpiryKind::SpocRoot | ExpiryKind::SpocCertificate | ExpiryKind::Cvca => values.alarms.expiry_days,
            // It lives for weeks: its end is told when its renewal should be through the line.
            ExpiryKind::Dv => values.renewal.lead_days,
        };
        self.at.millis() - now.millis() < i64::from(days) * DAY_MS
    }
}

impl HeldCrl {
    fn is_stale(&self, now: Timestamp, max_age: Duration) -> bool {
        self.counts_until(max_age) < now
    }

    /// Its last moment: when the next one is due, or when it is too old, whichever comes first.
    #[must_use]
    pub fn counts_until(&self, max_age: Duration) -> Timestamp {
        let oldest = self.this_update + max_age;
        self.next_update.map_or(oldest, |next| next.min(oldest))
    }
}

#[cfg(test)]
mod tests {
    use super::{ByHand, Expiry, ExpiryKind, Health, HeldCrl};
    use crate::domain::exchange::{
        partner::{Outage, Period, Standing},
        policy::{Policy, Renewal, Values},
    };
    use straznica_types::Timestamp;
    use uuid::Uuid;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis(day * 86_400_000)
    }

    fn healthy() -> Health {
        Health {
            country: "CZ".parse().unwrap(),
            standing: Standing::Served,
            state: "active",
            reached_at: Some(day(99)),
            heard_at: None,
            failed_at: None,
            failure: None,
            waiting_requests: 0,
            first_due_at: None,
            pending_messages: 0,
            refused_deliveries: 0,
            oldest_pending_at: None,
            last_error: None,
            awaited_answers: 0,
            unread_messages: 0,
            expiries: vec![Expiry { kind: ExpiryKind::Dv, subject: "PLDV00001".to_owned(), at: day(112) }],
            crls: Vec::new(),
            outages: Vec::new(),
        }
    }

    fn concerns(health: &Health) -> Vec<String> {
        health.concerns(day(100), Policy::embedded().common())
    }

    #[test]
    fn the_end_of_a_dv_certificate_is_near_by_the_policy_for_its_state() {
        let policy = Policy::embedded();
        let common = policy.common();
        let longer = Values { renewal: Renewal { lead_days: 13, ..common.renewal }, ..common.clone() };
        assert_eq!(healthy().concerns(day(100), &longer), ["dv PLDV00001 ends in 12 days"]);
    }

    #[test]
    fn a_healthy_partner_raises_no_concern() {
        assert_eq!(concerns(&healthy()), Vec::<String>::new());
    }

    #[test]
    fn each_fault_raises_its_own_concern() {
        let crl = |this_update, next_update| HeldCrl {
            uri: "http://crl.example.cz".to_owned(),
            issuer: "00".to_owned(),
            this_update: day(this_update),
            next_update,
            fetched_at: day(99),
            by_hand: None,
        };
        let cases = [
            ("suspended", Health { standing: Standing::Suspended, ..healthy() }),
            ("outside its period", Health { standing: Standing::OutOfUse, ..healthy() }),
            ("no contact for 31 days", Health { reached_at: Some(day(69)), ..healthy() }),
            (
                "the last contact failed: revoked",
                Health { failed_at: Some(day(100)), failure: Some("revoked".to_owned()), ..healthy() },
            ),
            ("within 2 days", Health { first_due_at: Some(day(101)), ..healthy() }),
            ("more than 24 hours", Health { oldest_pending_at: Some(day(98)), ..healthy() }),
            ("3 messages", Health { unread_messages: 3, ..healthy() }),
            (
                "dv PLDV00001 ends in 9 days",
                Health { expiries: vec![Expiry { at: day(109), ..healthy().expiries.remove(0) }], ..healthy() },
            ),
            ("not fresh", Health { crls: vec![crl(9, None)], ..healthy() }),
            ("not fresh", Health { crls: vec![crl(98, Some(day(99)))], ..healthy() }),
        ];
        for (expected, health) in cases {
            let concerns = concerns(&health);
            assert!(concerns.len() == 1 && concerns[0].contains(expected), "{expected}: {concerns:?}");
        }
    }

    #[test]
    fn a_list_by_hand_is_told_until_a_fetched_one_takes_its_place() {
        let by_hand = HeldCrl {
            uri: String::new(),
            issuer: "00".to_owned(),
            this_update: day(95),
            next_update: Some(day(104)),
            fetched_at: day(99),
            by_hand: Some(ByHand { issuer_name: "CN=root".to_owned(), officer: "OP-07".to_owned() }),
        };
        let fetched = |issuer: &str, this_update, next| HeldCrl {
            uri: "http://crl.example.cz".to_owned(),
            issuer: issuer.to_owned(),
            this_update: day(this_update),
            next_update: Some(day(next)),
            by_hand: None,
            ..by_hand.clone()
        };
        let with = |crls: &[HeldCrl]| concerns(&Health { crls: crls.to_vec(), ..healthy() });
        let told = format!("the revocation list of CN=root came by hand, from OP-07, and counts until {}", day(104));
        assert_eq!(with(std::slice::from_ref(&by_hand)), std::slice::from_ref(&told));
        // Older, of another authority, from the future: none of them has taken its place.
        for other in [fetched("00", 94, 120), fetched("01", 99, 120), fetched("00", 101, 120)] {
            assert_eq!(with(&[other.clone(), by_hand.clone()]), std::slice::from_ref(&told), "{other:?}");
        }
        assert_eq!(with(&[fetched("00", 96, 120), by_hand.clone()]), Vec::<String>::new());
        let ended = HeldCrl { next_update: Some(day(99)), ..by_hand };
        assert_eq!(
            with(&[ended]),
            [format!("the revocation list of CN=root came by hand, from OP-07, and counted until {}", day(99))]
        );
    }

    #[test]
    fn silence_in_an_announced_outage_is_no_concern_of_its_own() {
        let outage = Outage {
            id: Uuid::nil(),
            period: Period::new(day(60), Some(day(120))).unwrap(),
            reason: "works".to_owned(),
        };
        let health = Health { reached_at: Some(day(59)), outages: vec![outage], ..healthy() };
        assert_eq!(concerns(&health), ["in a planned outage"]);
    }

    #[test]
    fn nothing_is_expected_of_a_partner_withdrawn() {
        let health = Health { standing: Standing::Withdrawn, unread_messages: 1, ..healthy() };
        assert!(concerns(&health).is_empty());
    }
}
