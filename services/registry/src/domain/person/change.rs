//! Changes of what is stated, and the statements they make.

use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::{Fact, FactKind, NameKind, Statement, Validity, known};
use crate::domain::{Refusal, StatementId};

/// Most changes at once.
const MOST_CHANGES: usize = 64;
/// Longest source or reason, in characters.
const LONGEST_TEXT: usize = 500;

/// Something to be stated.
#[derive(Debug, Clone)]
pub struct New {
    /// What.
    pub fact: Fact,
    /// When it holds.
    pub validity: Validity,
    /// Where it comes from.
    pub source: String,
    /// Why.
    pub reason: String,
}

/// A change of what is stated.
#[derive(Debug, Clone)]
pub enum Change {
    /// Something more is known.
    Add(New),
    /// What was stated was wrong.
    Correct(StatementId, New),
    /// What was stated was right, and is over from this day on.
    End {
        /// Which.
        statement: StatementId,
        /// The first day on which it does not hold any more.
        to: CivilDate,
        /// Where that comes from.
        source: String,
        /// Why.
        reason: String,
    },
    /// What was stated never was.
    Withdraw {
        /// Which.
        statement: StatementId,
        /// Where that comes from.
        source: String,
        /// Why.
        reason: String,
    },
}

/// The statements some changes make, all at one moment. Each refers to what was known before; the person keeps a main name.
///
/// # Errors
/// [`Refusal`]: one of the changes cannot be made, so none is.
pub fn plan(
    existing: &[Statement],
    changes: Vec<Change>,
    vulnerabilities: bool,
    by: &OfficerId,
    at: Timestamp,
) -> Result<Vec<Statement>, Refusal> {
    if changes.is_empty() || changes.len() > MOST_CHANGES {
        return Err(Refusal::Invalid { member: "/changes", expected: "1 to 64 changes" });
    }
    let current: Vec<&Statement> = known(existing, Timestamp::from_millis(i64::MAX)).collect();
    let mut made: Vec<Statement> = Vec::with_capacity(changes.len());
    for change in changes {
        let statement = state(&current, change, by, at)?;
        let twice = statement.replaces.is_some() && made.iter().any(|other| other.replaces == statement.replaces);
        if twice {
            return Err(Refusal::NoStatement);
        }
        if statement.kind == FactKind::Vulnerability && !vulnerabilities {
            return Err(Refusal::Vulnerabilities);
        }
        made.push(statement);
    }
    let after: Vec<Statement> = existing.iter().chain(&made).cloned().collect();
    if named(&after) { Ok(made) } else { Err(Refusal::NoName) }
}

/// Whether somebody has a main name.
pub(crate) fn named(statements: &[Statement]) -> bool {
    let is_main =
        |statement: &Statement| matches!(&statement.fact, Some(Fact::Name(name)) if name.kind == NameKind::Main);
    known(statements, Timestamp::from_millis(i64::MAX)).any(is_main)
}

fn state(current: &[&Statement], change: Change, by: &OfficerId, at: Timestamp) -> Result<Statement, Refusal> {
    let find =
        |id: StatementId| current.iter().copied().find(|statement| statement.id == id).ok_or(Refusal::NoStatement);
    let (kind, fact, validity, source, reason, replaces) = match change {
        Change::Add(New { fact, validity, source, reason }) => {
            (fact.kind(), Some(fact), validity, source, reason, None)
        }
        Change::Correct(id, New { fact, validity, source, reason }) => {
            if find(id)?.kind != fact.kind() {
                return Err(Refusal::OtherKind);
            }
            (fact.kind(), Some(fact), validity, source, reason, Some(id))
        }
        Change::End { statement: id, to, source, reason } => {
            let ended = find(id)?;
            let validity = Validity::new(ended.validity.from, Some(to))?;
            (ended.kind, ended.fact.clone(), validity, source, reason, Some(id))
        }
        Change::Withdraw { statement: id, source, reason } => {
            let withdrawn = find(id)?;
            (withdrawn.kind, None, withdrawn.validity, source, reason, Some(id))
        }
    };
    let (source, reason) = (text(source, "/source")?, text(reason, "/reason")?);
    let id = StatementId::generate_at(at);
    Ok(Statement { id, kind, fact, validity, source, reason, recorded_at: at, recorded_by: by.clone(), replaces })
}

fn text(text: String, member: &'static str) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Missing { member });
    }
    if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member, expected: "1 to 500 characters" });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::person::{Country, Name, Vulnerability, valid_on};

    fn officer() -> OfficerId {
        OfficerId::parse("udsc.1234").unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + second)
    }

    fn day(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    fn new(fact: Fact, from: Option<&str>, to: Option<&str>) -> New {
        let validity = Validity::new(from.map(day), to.map(day)).unwrap();
        New { fact, validity, source: "passport".to_owned(), reason: "intake".to_owned() }
    }

    fn name(latin: &str) -> Fact {
        Fact::Name(Name {
            kind: NameKind::Main,
            original_surname: String::new(),
            original_given: String::new(),
            latin_surname: latin.to_owned(),
            latin_given: String::new(),
        })
    }

    fn country(code: &str) -> Fact {
        Fact::Nationality(Country::parse(code, "/").unwrap())
    }

    fn codes(statements: &[Statement], at: Timestamp, on: &str) -> Vec<String> {
        valid_on(statements, at, day(on))
            .filter_map(|statement| match &statement.fact {
                Some(Fact::Nationality(country)) => Some(country.as_str().to_owned()),
                _ => None,
            })
            .collect()
    }

    /// A person whose nationality was stated at second 1, corrected at 2, ended at 3 and the end withdrawn at 4.
    fn changed() -> Vec<Statement> {
        let nationality = new(country("RUS"), Some("2000-01-01"), None);
        let first = vec![Change::Add(named("Ivanov")), Change::Add(nationality)];
        let mut all = plan(&[], first, false, &officer(), at(1)).unwrap();
        let correct = Change::Correct(all[1].id, new(country("UKR"), Some("2000-01-01"), None));
        all.extend(plan(&all, vec![correct], false, &officer(), at(2)).unwrap());
        let end = Change::End {
            statement: all[2].id,
            to: day("2020-01-01"),
            source: "decree".to_owned(),
            reason: "lost it".to_owned(),
        };
        all.extend(plan(&all, vec![end], false, &officer(), at(3)).unwrap());
        let withdraw = Change::Withdraw {
            statement: all[3].id,
            source: "embassy".to_owned(),
            reason: "mistaken identity".to_owned(),
        };
        all.extend(plan(&all, vec![withdraw], false, &officer(), at(4)).unwrap());
        all
    }

    #[test]
    fn what_was_known_at_any_moment_of_any_day_can_be_asked_for_ever() {
        let all = changed();
        for (second, on, expected) in [
            (0, "2010-01-01", &[][..]),
            (1, "2010-01-01", &["RUS"]),
            (1, "1999-12-31", &[]),
            (2, "2010-01-01", &["UKR"]),
            (2, "2021-01-01", &["UKR"]),
            (3, "2019-12-31", &["UKR"]),
            (3, "2020-01-01", &[]),
            (4, "2010-01-01", &[]),
        ] {
            assert_eq!(codes(&all, at(second), on), expected, "second {second}, {on}");
        }
    }

    #[test]
    fn a_change_that_cannot_be_made_makes_none() {
        let all = changed();
        let refused = |changes: Vec<Change>| plan(&all, changes, false, &officer(), at(5)).unwrap_err();
        let main = all[0].id;
        let withdraw = |id| Change::Withdraw { statement: id, source: "s".to_owned(), reason: "r".to_owned() };
        let minor = Fact::Vulnerability(Vulnerability { kind: "minor".to_owned(), note: String::new() });
        assert_eq!(refused(vec![withdraw(all[1].id)]), Refusal::NoStatement);
        assert_eq!(refused(vec![withdraw(all[4].id)]), Refusal::NoStatement);
        assert_eq!(refused(vec![withdraw(main)]), Refusal::NoName);
        assert_eq!(refused(vec![Change::Correct(main, new(country("UKR"), None, None))]), Refusal::OtherKind);
        assert_eq!(refused(vec![Change::Add(new(minor, None, None))]), Refusal::Vulnerabilities);
        let corrected = || Change::Correct(main, named("Petrov"));
        assert_eq!(refused(vec![corrected(), corrected()]), Refusal::NoStatement);
        let silent = New { source: " ".to_owned(), ..named("Petrov") };
        assert_eq!(refused(vec![Change::Add(silent)]), Refusal::Missing { member: "/source" });
        assert_eq!(refused(Vec::new()), Refusal::Invalid { member: "/changes", expected: "1 to 64 changes" });
        assert!(Validity::new(Some(day("2020-01-01")), Some(day("2020-01-01"))).is_err());
    }

    fn named(latin: &str) -> New {
        new(name(latin), None, None)
    }

    proptest! {
        #[test]
        fn nothing_recorded_later_changes_what_was_known(seconds in proptest::collection::vec(0_usize..8, 1..20)) {
            let mut all = plan(&[], vec![Change::Add(named("Ivanov"))], false, &officer(), at(0)).unwrap();
            for (number, pick) in seconds.iter().enumerate() {
                let moment = at(i64::try_from(number).unwrap() + 1);
                let before = all.clone();
                let target = all[pick % all.len()].id;
                let change = if pick % 2 == 0 { Change::Correct(target, named("Petrov")) } else { Change::Add(named("Sidorov")) };
                let Ok(made) = plan(&all, vec![change], false, &officer(), moment) else { continue };
                all.extend(made);
                for earlier in 0..=i64::try_from(number).unwrap() {
                    let then: Vec<_> = known(&before, at(earlier)).collect();
                    let now: Vec<_> = known(&all, at(earlier)).collect();
                    prop_assert_eq!(then, now);
                }
            }
        }
    }
}
