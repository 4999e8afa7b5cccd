//! Validity periods of the common certificate policy (TR-03139 4.7), as data.

use time::{Date, Duration, Month};

use crate::certificate::Certificate;
use crate::chat::Role;
use crate::finding::{Code, Finding};

/// A span of the calendar: months first, then days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Calendar months.
    pub months: u16,
    /// Days.
    pub days: u16,
}

impl Period {
    const fn months(months: u16) -> Self {
        Self { months, days: 0 }
    }

    const fn days(days: u16) -> Self {
        Self { months: 0, days }
    }

    /// The day that lies this span after `start`; the last day of the month where the month is too short.
    pub fn after(self, start: Date) -> Option<Date> {
        let months = i32::from(u8::from(start.month())) - 1 + i32::from(self.months);
        let year = start.year() + months.div_euclid(12);
        let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
        let day = start.day().min(month.length(year));
        Date::from_calendar_date(year, month, day).ok()?.checked_add(Duration::days(i64::from(self.days)))
    }
}

/// Shortest and longest validity of one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The shortest.
    pub shortest: Period,
    /// The longest.
    pub longest: Period,
}

/// Validity periods a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidityPolicy {
    /// What the policy is called on the command line.
    pub name: &'static str,
    /// CVCA and link certificates.
    pub cvca: Limits,
    /// Document verifiers.
    pub dv: Limits,
    /// Terminals.
    pub terminal: Limits,
}

/// TR-03139 4.7: CVCA 6 months to 3 years, DV 2 weeks to 3 months, IS 1 day to 1 month.
pub const TR_03139: ValidityPolicy = ValidityPolicy {
    name: "tr-03139",
    cvca: Limits { shortest: Period::months(6), longest: Period::months(36) },
    dv: Limits { shortest: Period::days(14), longest: Period::months(3) },
    terminal: Limits { shortest: Period::days(1), longest: Period::months(1) },
};

impl ValidityPolicy {
    /// The policy of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        (name == TR_03139.name).then_some(&TR_03139)
    }

    /// The limits of a role.
    pub const fn limits(&self, role: Role) -> &Limits {
        match role {
            Role::Cvca => &self.cvca,
            Role::DvDomestic | Role::DvForeign => &self.dv,
            Role::Terminal => &self.terminal,
        }
    }

    /// Holds the dates of a certificate against the limits of its role. Whether the last day counts is read both ways
    /// in practice, so a validity is too long only beyond the same day of the month, and too short only when even with
    /// its last day counted it does not reach the least.
    pub fn check<B: AsRef<[u8]>>(&self, certificate: &Certificate<B>) -> Option<Finding> {
        let limits = self.limits(certificate.chat().role());
        let (effective, expires) = (certificate.effective(), certificate.expires());
        let dates = format!("valid {effective} to {expires}");
        if limits.longest.after(effective).is_some_and(|last| expires > last) {
            return Some(Finding::new(Code::ValidityTooLong, certificate.chr(), dates));
        }
        if limits.shortest.after(effective).is_some_and(|last| expires.next_day().is_some_and(|end| end < last)) {
            return Some(Finding::new(Code::ValidityTooShort, certificate.chr(), dates));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Period;
    use time::macros::date;

    #[test]
    fn months_end_on_the_same_day_or_the_last_of_a_shorter_month() {
        for (start, months, end) in [
            (date!(2024 - 01 - 31), 1, date!(2024 - 02 - 29)),
            (date!(2024 - 11 - 30), 3, date!(2025 - 02 - 28)),
            (date!(2024 - 12 - 15), 36, date!(2027 - 12 - 15)),
        ] {
            assert_eq!(Period::months(months).after(start), Some(end));
        }
        assert_eq!(Period::days(14).after(date!(2024 - 02 - 20)), Some(date!(2024 - 03 - 05)));
    }
}
