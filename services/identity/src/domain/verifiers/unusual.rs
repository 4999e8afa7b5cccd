//! When the use of a privilege is unusual, and what a review may find.

use straznica_types::{OfficerId, Timestamp, typed_id};

use super::Change;
use crate::domain::verification::VerificationId;

typed_id! {
    /// One alert.
    pub struct AlertId;
}

/// What makes a use unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertRule {
    /// More uses on a day than anybody's work asks for.
    Many,
    /// Far more than this official's own median.
    MoreThanUsual,
    /// The same person again and again: somebody may be followed rather than checked.
    SamePerson,
}

impl AlertRule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Many, Self::MoreThanUsual, Self::SamePerson];

    /// As the database and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Many => "many",
            Self::MoreThanUsual => "more_than_usual",
            Self::SamePerson => "same_person",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }
}

/// How many uses are quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertLimits {
    /// A day, of anybody.
    pub daily: i64,
    /// So many times one's own median.
    pub times_median: i64,
    /// But never fewer than these a day are called more than usual.
    pub least: i64,
    /// Of one person by one official within 30 days.
    pub same_person: i64,
}

/// The uses of one official, the one under way included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uses {
    /// Today.
    pub today: i64,
    /// On each of the earlier days of the last 28 on which there were any, in any order.
    pub days_before: Vec<i64>,
    /// Of this person within 30 days.
    pub of_person: i64,
}

/// Days without which an official has no habit yet.
const HABIT: usize = 5;

impl AlertLimits {
    /// The rules these uses break, with what was counted and how many would have been quiet.
    #[must_use]
    pub fn broken_by(&self, uses: &Uses) -> Vec<(AlertRule, i64, i64)> {
        let mut broken = Vec::new();
        if uses.today > self.daily {
            broken.push((AlertRule::Many, uses.today, self.daily));
        }
        if uses.days_before.len() >= HABIT {
            let quiet = self.least.max(self.times_median.saturating_mul(median(&uses.days_before)));
            if uses.today > quiet {
                broken.push((AlertRule::MoreThanUsual, uses.today, quiet));
            }
        }
        if uses.of_person > self.same_person {
            broken.push((AlertRule::SamePerson, uses.of_person, self.same_person));
        }
        broken
    }
}

/// The upper median; 0 of nothing.
fn median(counts: &[i64]) -> i64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// What a review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewOutcome {
    /// The case called for it.
    InOrder,
    /// It did not.
    NotInOrder,
    /// The file does not tell.
    Unclear,
}

impl ReviewOutcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::InOrder, Self::NotInOrder, Self::Unclear];

    /// As the database names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InOrder => "in_order",
            Self::NotInOrder => "not_in_order",
            Self::Unclear => "unclear",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// A use drawn for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The use.
    pub verification: VerificationId,
    /// Whose.
    pub officer: OfficerId,
    /// What was found, by whom.
    pub outcome: Option<(ReviewOutcome, Change)>,
}

/// An unusual use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What was unusual.
    pub rule: AlertRule,
    /// Whose use.
    pub officer: OfficerId,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// The uses counted then.
    pub counted: i64,
    /// How many would have been quiet.
    pub threshold: i64,
    /// Who looked into it, and what they found.
    pub acknowledged: Option<Change>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AlertLimits = AlertLimits { daily: 20, times_median: 3, least: 5, same_person: 3 };

    fn rules(today: i64, days_before: &[i64], of_person: i64) -> Vec<AlertRule> {
        let uses = Uses { today, days_before: days_before.to_vec(), of_person };
        LIMITS.broken_by(&uses).into_iter().map(|(rule, ..)| rule).collect()
    }

    #[test]
    fn unusual_is_more_than_anybodys_day_than_ones_own_habit_or_than_one_person_needs() {
        use AlertRule::{Many, MoreThanUsual, SamePerson};
        for (today, before, person, expected) in [
            (20, &[][..], 3, &[][..]),
            (21, &[], 1, &[Many]),
            (1, &[], 4, &[SamePerson]),
            (13, &[4, 4, 4, 4, 4], 1, &[MoreThanUsual]),
            (12, &[4, 4, 4, 4, 4], 1, &[]),
            // No habit yet.
            (13, &[4, 4, 4, 4], 1, &[]),
            // Few are never many.
            (5, &[1, 1, 1, 1, 1], 1, &[]),
            (6, &[1, 1, 1, 1, 1], 1, &[MoreThanUsual]),
            // One wild day does not make a habit.
            (7, &[1, 2, 2, 2, 400], 1, &[MoreThanUsual]),
            (30, &[4, 4, 4, 4, 4], 9, &[Many, MoreThanUsual, SamePerson]),
        ] {
            assert_eq!(rules(today, before, person), expected, "{today} {before:?} {person}");
        }
    }

    #[test]
    fn what_was_counted_and_what_is_quiet_is_told() {
        let uses = Uses { today: 13, days_before: vec![4; 5], of_person: 1 };
        assert_eq!(LIMITS.broken_by(&uses), [(AlertRule::MoreThanUsual, 13, 12)]);
    }
}
