//! What alerts stand in the way of a decision.

use std::time::Duration;

use straznica_types::{CivilDate, Timestamp};

use super::consultation::Progress;
use super::{Finding, Outcome, Standing};

/// The last check of a person, as it stands today.
#[derive(Debug)]
pub struct LastCheck {
    /// When it was made.
    pub checked_at: Timestamp,
    /// What it came to.
    pub outcome: Outcome,
    /// What it found: the alert's pseudonym, what it is, what it counts for.
    pub findings: Vec<(String, Finding, Standing)>,
}

/// Why a decision has to wait. Says nothing of which alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// Somebody in the case was not checked, or too long ago.
    #[error("everybody in the case has to be checked against alerts, not more than {hours} hours before")]
    NotChecked {
        /// How old a check may be.
        hours: u64,
    },
    /// The last check of somebody came to nothing.
    #[error("alerts on somebody in the case could not be checked")]
    Unavailable,
    /// A possible hit nobody has resolved.
    #[error("a possible hit has to be resolved by two officers")]
    Unresolved,
    /// The state that entered an alert was not asked, or told.
    #[error("the state that entered an alert has to be consulted")]
    NotConsulted,
    /// It has not answered, and may until the end of that day.
    #[error("the state that entered an alert may answer until {until}")]
    Awaited {
        /// The last day.
        until: CivilDate,
    },
}

/// What of one person stands in the way of a decision that wants a check. `owed` says whether something is owed to the state that entered an alert, `consulted`
/// where that is.
#[must_use]
pub fn hindrance(
    last: Option<&LastCheck>,
    fresh: Duration,
    now: Timestamp,
    owed: impl Fn(&Finding) -> bool,
    consulted: impl Fn(&str) -> Option<Progress>,
) -> Option<Hindrance> {
    let too_old = |check: &&LastCheck| now.saturating_since(check.checked_at) > fresh;
    let Some(check) = last.filter(|check| !too_old(check)) else {
        return Some(Hindrance::NotChecked { hours: fresh.as_secs() / 3_600 });
    };
    match check.outcome {
        Outcome::Unavailable(_) => return Some(Hindrance::Unavailable),
        Outcome::Possible => return Some(Hindrance::Unresolved),
        Outcome::NoHit | Outcome::Hit => {}
    }
    // A possible hit beside a certain one is no less possible.
    if check.findings.iter().any(|(_, _, standing)| *standing == Standing::Possible) {
        return Some(Hindrance::Unresolved);
    }
    let hits = check.findings.iter().filter(|(_, finding, standing)| standing.is_hit() && owed(finding));
    hits.map(|(alert, _, _)| consulted(alert)).find_map(|progress| match progress {
        None => Some(Hindrance::NotConsulted),
        Some(Progress::Awaited { until }) => Some(Hindrance::Awaited { until }),
        Some(Progress::NoObjection | Progress::Objection | Progress::Silence | Progress::Told) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alerts::{Action, Category, Unavailable};
    use crate::domain::person::Country;

    const FRESH: Duration = Duration::from_secs(72 * 3_600);

    fn finding(category: Category) -> Finding {
        Finding {
            category,
            action: Action::RefuseEntry,
            issuing_state: Country::parse("DEU", "/").unwrap(),
            entry_ban: None,
            likeness: None,
        }
    }

    #[test]
    fn a_decision_waits_for_checks_for_people_and_for_the_state_that_entered_an_alert() {
        let now: Timestamp = "2026-04-20T08:00:00Z".parse().unwrap();
        let until: CivilDate = "2026-04-30".parse().unwrap();
        let check = |hours: u64, outcome, findings: &[(Category, Standing)]| LastCheck {
            checked_at: now - Duration::from_secs(hours * 3_600),
            outcome,
            findings: findings
                .iter()
                .map(|(category, standing)| ("alert".to_owned(), finding(*category), *standing))
                .collect(),
        };
        let refusal = Category::RefusalOfEntry;
        let not_checked = Some(Hindrance::NotChecked { hours: 72 });
        let unavailable = Outcome::Unavailable(Unavailable::TimedOut);
        for (last, progress, expected) in [
            (None, None, not_checked),
            (Some(check(73, Outcome::NoHit, &[])), None, not_checked),
            (Some(check(72, Outcome::NoHit, &[])), None, None),
            (Some(check(0, unavailable, &[])), None, Some(Hindrance::Unavailable)),
            (Some(check(0, Outcome::Possible, &[(refusal, Standing::Possible)])), None, Some(Hindrance::Unresolved)),
            (
                Some(check(0, Outcome::Hit, &[(Category::Arrest, Standing::Exact), (refusal, Standing::Possible)])),
                None,
                Some(Hindrance::Unresolved),
            ),
            (Some(check(0, Outcome::NoHit, &[(refusal, Standing::Cleared)])), None, None),
            (Some(check(0, Outcome::Hit, &[(Category::Arrest, Standing::Exact)])), None, None),
            (Some(check(0, Outcome::Hit, &[(refusal, Standing::Exact)])), None, Some(Hindrance::NotConsulted)),
            (Some(check(0, Outcome::Hit, &[(refusal, Standing::Confirmed)])), None, Some(Hindrance::NotConsulted)),
            (
                Some(check(0, Outcome::Hit, &[(refusal, Standing::Exact)])),
                Some(Progress::Awaited { until }),
                Some(Hindrance::Awaited { until }),
            ),
            (Some(check(0, Outcome::Hit, &[(refusal, Standing::Exact)])), Some(Progress::Silence), None),
            (Some(check(0, Outcome::Hit, &[(refusal, Standing::Exact)])), Some(Progress::Objection), None),
            (Some(check(0, Outcome::Hit, &[(refusal, Standing::Exact)])), Some(Progress::Told), None),
        ] {
            let owed = |finding: &Finding| finding.category == Category::RefusalOfEntry;
            let found = hindrance(last.as_ref(), FRESH, now, owed, |_| progress);
            assert_eq!(found, expected, "{last:?} {progress:?}");
        }
    }
}
