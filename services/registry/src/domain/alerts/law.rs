//! The law of alerts, as data: what alerts there are and what is to be done, before which decisions everybody is checked, what is owed to the state that entered an
//! alert, how long what was found is kept.
//!
//! Reading is strict, as that of rule sets: every category and action is described, once; decisions that are named exist.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use serde::Deserialize;
use straznica_types::CivilDate;
use toml::Spanned;

use super::{Action, Category, Finding, Owed};
use crate::domain::calendar::Calendar;
use crate::domain::rules::{Act, Basis, Place, RawBasis, RuleBook, RuleError, Source, Term, Text};

/// The law of alerts.
#[derive(Debug, Clone)]
pub struct AlertLaw {
    categories: BTreeMap<Category, CategoryRule>,
    actions: BTreeMap<Action, ActionRule>,
    checks: Vec<CheckRule>,
    consultations: Vec<ConsultationRule>,
    /// How long what was found is kept.
    pub retention: Retention,
}

/// What an alert is for.
#[derive(Debug, Clone)]
pub struct CategoryRule {
    /// What it is called.
    pub title: Text,
    /// Where the law has it.
    pub basis: Basis,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct ActionRule {
    /// In words.
    pub says: Text,
    /// Nobody tells the person.
    pub discreet: bool,
}

/// The days on which a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    from: CivilDate,
    to: Option<CivilDate>,
}

impl Held {
    fn on(self, day: CivilDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// Decisions before which everybody in the case is checked.
#[derive(Debug, Clone)]
pub struct CheckRule {
    case: String,
    decisions: Vec<String>,
    /// How old a check may be.
    pub fresh: Duration,
    held: Held,
    /// In words.
    pub says: Text,
    /// Where the law has it.
    pub basis: Basis,
}

/// What is owed to the state that entered an alert.
#[derive(Debug, Clone)]
pub struct ConsultationRule {
    category: Category,
    entry_ban: Option<bool>,
    /// Whether it has a say.
    pub owed: Owed,
    term: Option<Term>,
    rolls_over: bool,
    held: Held,
    /// In words.
    pub says: Text,
    /// Where the law has it.
    pub basis: Basis,
}

impl ConsultationRule {
    /// The last day to answer a question of this day; `None` where no answer is waited for.
    #[must_use]
    pub fn last_day(&self, asked: CivilDate, calendar: &Calendar) -> Option<CivilDate> {
        let last = self.term?.last_day(asked, calendar);
        Some(if self.rolls_over { calendar.working_from(last) } else { last })
    }
}

/// How long what was found is kept.
#[derive(Debug, Clone)]
pub struct Retention {
    /// What an alert said.
    pub findings: Duration,
    /// That a check was made, and what it came to.
    pub checks: Duration,
    /// What two officers said of a possible hit.
    pub resolutions: Duration,
    /// In words.
    pub says: Text,
    /// Where the law has it.
    pub basis: Basis,
}

impl AlertLaw {
    /// Reads the file; `file` is what errors call it, `rules` are the cases and decisions it may name.
    ///
    /// # Errors
    /// [`RuleError`], naming file and line.
    pub fn parse(file: &str, text: &str, rules: &RuleBook) -> Result<Self, RuleError> {
        let source = Source::new(file, text);
        let RawLaw { acts, category, action, check, consultation, terms, retention } = source.read()?;
        let mut categories = BTreeMap::new();
        for RawCategory { id, title, basis } in category {
            let rule = CategoryRule { title, basis: basis.check(&acts, &source)? };
            once(&mut categories, id, Category::as_str, rule, "category", &source)?;
        }
        let mut actions = BTreeMap::new();
        for RawAction { id, says, discreet } in action {
            once(&mut actions, id, Action::as_str, ActionRule { says, discreet }, "action", &source)?;
        }
        let absent = |what, id: &str| RuleError::Dangling {
            place: Place { file: file.to_owned(), line: 1 },
            what,
            id: id.to_owned(),
        };
        if let Some(absentee) = Category::ALL.iter().find(|category| !categories.contains_key(category)) {
            return Err(absent("category", absentee.as_str()));
        }
        if let Some(absentee) = Action::ALL.iter().find(|action| !actions.contains_key(action)) {
            return Err(absent("action", absentee.as_str()));
        }
        let checks: Vec<CheckRule> =
            check.into_iter().map(|raw| raw.check(&acts, rules, &source)).collect::<Result<_, _>>()?;
        // What it rests on is looked at like everything else, though only the rule is used.
        terms.basis.check(&acts, &source)?;
        let rolls_over = terms.rolls_over;
        let consultations =
            consultation.into_iter().map(|raw| raw.check(&acts, rolls_over, &source)).collect::<Result<_, _>>()?;
        // A decision that waits for what was found has to find it.
        let findings_days = source.place(&retention.findings_days);
        let kept = days(*retention.findings_days.get_ref());
        if checks.iter().any(|check| check.fresh > kept) {
            let (id, needed) = ("findings_days", "fresh_hours");
            return Err(RuleError::KeptTooShort { place: findings_days, id, needed });
        }
        let retention = Retention {
            findings: kept,
            checks: days(retention.checks_days),
            resolutions: days(retention.resolutions_days),
            says: retention.says,
            basis: retention.basis.check(&acts, &source)?,
        };
        Ok(Self { categories, actions, checks, consultations, retention })
    }

    /// The law built into the program: of the cases that are built in, whichever the node has.
    ///
    /// # Errors
    /// None that its tests would let through.
    pub fn built_in() -> Result<Self, RuleError> {
        Self::parse("sis-2023.toml", include_str!("../../../rules/alerts/sis-2023.toml"), &RuleBook::built_in()?)
    }

    /// What an alert of a category is for.
    #[must_use]
    pub fn category(&self, category: Category) -> Option<&CategoryRule> {
        self.categories.get(&category)
    }

    /// What an action is.
    #[must_use]
    pub fn action(&self, action: Action) -> Option<&ActionRule> {
        self.actions.get(&action)
    }

    /// Whether such a decision wants a check that day.
    #[must_use]
    pub fn check_before(&self, case: &str, decision: &str, on: CivilDate) -> Option<&CheckRule> {
        let names = |rule: &&CheckRule| rule.case == case && rule.decisions.iter().any(|named| named == decision);
        self.checks.iter().filter(names).find(|rule| rule.held.on(on))
    }

    /// What is owed that day to the state that entered an alert.
    #[must_use]
    pub fn owed(&self, finding: &Finding, on: CivilDate) -> Option<&ConsultationRule> {
        let meant = |rule: &&ConsultationRule| {
            rule.category == finding.category
                // Of an alert on return that does not say, the stricter rule holds.
                && rule.entry_ban.is_none_or(|ban| ban == finding.entry_ban.unwrap_or(true))
        };
        self.consultations.iter().filter(meant).find(|rule| rule.held.on(on))
    }
}

/// One entry of a name.
fn once<K: Copy + Ord, V>(
    map: &mut BTreeMap<K, V>,
    id: Spanned<K>,
    name: fn(K) -> &'static str,
    rule: V,
    what: &'static str,
    source: &Source<'_>,
) -> Result<(), RuleError> {
    let place = source.place(&id);
    let id = id.into_inner();
    if map.insert(id, rule).is_some() {
        return Err(RuleError::Twice { place, what, id: name(id).to_owned() });
    }
    Ok(())
}

fn days(days: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(days.get()) * 86_400)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLaw {
    acts: BTreeMap<String, Act>,
    category: Vec<RawCategory>,
    action: Vec<RawAction>,
    check: Vec<RawCheck>,
    consultation: Vec<RawConsultation>,
    terms: RawTerms,
    retention: RawRetention,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    id: Spanned<Category>,
    title: Text,
    basis: RawBasis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAction {
    id: Spanned<Action>,
    says: Text,
    #[serde(default)]
    discreet: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    case: Spanned<String>,
    decisions: Vec<Spanned<String>>,
    fresh_hours: NonZeroU16,
    from: CivilDate,
    to: Option<CivilDate>,
    says: Text,
    basis: RawBasis,
}

impl RawCheck {
    fn check(
        self,
        acts: &BTreeMap<String, Act>,
        rules: &RuleBook,
        source: &Source<'_>,
    ) -> Result<CheckRule, RuleError> {
        let dangling = |what, name: &Spanned<String>| RuleError::Dangling {
            place: source.place(name),
            what,
            id: name.get_ref().clone(),
        };
        let cases = || rules.sets().iter().filter_map(|set| set.case(self.case.get_ref()));
        if cases().next().is_none() {
            return Err(dangling("case", &self.case));
        }
        let unknown = |decision: &&Spanned<String>| cases().all(|case| case.decision(decision.get_ref()).is_none());
        if let Some(decision) = self.decisions.iter().find(unknown) {
            return Err(dangling("decision", decision));
        }
        Ok(CheckRule {
            held: held(self.from, self.to, &self.case, source)?,
            case: self.case.into_inner(),
            decisions: self.decisions.into_iter().map(Spanned::into_inner).collect(),
            fresh: Duration::from_secs(u64::from(self.fresh_hours.get()) * 3_600),
            says: self.says,
            basis: self.basis.check(acts, source)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConsultation {
    category: Spanned<Category>,
    entry_ban: Option<bool>,
    kind: Owed,
    term: Option<Term>,
    from: CivilDate,
    to: Option<CivilDate>,
    says: Text,
    basis: RawBasis,
}

impl RawConsultation {
    fn check(
        self,
        acts: &BTreeMap<String, Act>,
        rolls_over: bool,
        source: &Source<'_>,
    ) -> Result<ConsultationRule, RuleError> {
        let category = *self.category.get_ref();
        if (self.kind == Owed::Ask) != self.term.is_some() {
            let (place, id) = (source.place(&self.category), category.as_str().to_owned());
            return Err(RuleError::OneOf { place, id, members: "kind = \"inform\", term" });
        }
        Ok(ConsultationRule {
            held: held(self.from, self.to, &self.category, source)?,
            category,
            entry_ban: self.entry_ban,
            owed: self.kind,
            term: self.term,
            rolls_over,
            says: self.says,
            basis: self.basis.check(acts, source)?,
        })
    }
}

fn held<T: std::fmt::Debug>(
    from: CivilDate,
    to: Option<CivilDate>,
    of: &Spanned<T>,
    source: &Source<'_>,
) -> Result<Held, RuleError> {
    if to.is_some_and(|to| to <= from) {
        return Err(RuleError::EndsBeforeItBegins { place: source.place(of), id: format!("{:?}", of.get_ref()) });
    }
    Ok(Held { from, to })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerms {
    rolls_over: bool,
    #[expect(dead_code, reason = "read so that the file has to say it")]
    says: Text,
    basis: RawBasis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRetention {
    findings_days: Spanned<NonZeroU32>,
    checks_days: NonZeroU32,
    resolutions_days: NonZeroU32,
    says: Text,
    basis: RawBasis,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Country;

    const FILE: &str = include_str!("../../../rules/alerts/sis-2023.toml");

    fn rules() -> RuleBook {
        RuleBook::built_in().unwrap()
    }

    fn finding(category: Category, entry_ban: Option<bool>) -> Finding {
        Finding {
            category,
            action: Action::RefuseEntry,
            issuing_state: Country::parse("DEU", "/").unwrap(),
            entry_ban,
            likeness: None,
        }
    }

    fn day(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_law_says_what_is_owed_for_which_alert() {
        let law = AlertLaw::built_in().unwrap();
        let owed = |category, ban, on: &str| law.owed(&finding(category, ban), day(on)).map(|rule| rule.owed);
        for (category, ban, expected) in [
            (Category::RefusalOfEntry, None, Some(Owed::Ask)),
            (Category::Return, Some(true), Some(Owed::Ask)),
            (Category::Return, Some(false), Some(Owed::Inform)),
            (Category::Return, None, Some(Owed::Ask)),
            (Category::Arrest, None, None),
            (Category::Object, None, None),
        ] {
            assert_eq!(owed(category, ban, "2026-04-20"), expected, "{category:?} {ban:?}");
            assert_eq!(owed(category, ban, "2023-03-06"), None, "before it held");
        }
    }

    #[test]
    fn the_issuing_state_has_ten_days_and_to_the_next_working_day() {
        let (law, calendar) = (AlertLaw::built_in().unwrap(), Calendar::built_in().unwrap());
        let refusal = finding(Category::RefusalOfEntry, None);
        for (asked, last) in [
            // Monday 20 April: Thursday 30.
            ("2026-04-20", "2026-04-30"),
            // Tuesday 21 April: Friday 1 May is a day off, Sunday 3 May too; Monday 4.
            ("2026-04-21", "2026-05-04"),
            // Wednesday 3 June: Saturday 13; Monday 15.
            ("2026-06-03", "2026-06-15"),
        ] {
            let rule = law.owed(&refusal, day(asked)).unwrap();
            assert_eq!(rule.last_day(day(asked), &calendar), Some(day(last)), "{asked}");
        }
        let told = law.owed(&finding(Category::Return, Some(false)), day("2026-04-20")).unwrap();
        assert_eq!(told.last_day(day("2026-04-20"), &calendar), None);
    }

    #[test]
    fn what_grants_a_stay_wants_a_check_and_what_refuses_one_does_not() {
        let law = AlertLaw::built_in().unwrap();
        let wants = |case: &str, decision: &str| law.check_before(case, decision, day("2026-04-20")).is_some();
        for (case, decision) in [
            ("protection", "refugee_status"),
            ("protection", "subsidiary_protection"),
            ("residence_temporary", "granted"),
            ("residence_permanent", "granted"),
            ("residence_eu_long_term", "granted"),
            ("return", "humanitarian_stay"),
            ("return", "tolerated_stay"),
        ] {
            assert!(wants(case, decision), "{case} {decision}");
        }
        for (case, decision) in
            [("protection", "refusal"), ("residence_temporary", "refused"), ("return", "return_forced")]
        {
            assert!(!wants(case, decision), "{case} {decision}");
        }
        assert!(law.check_before("protection", "refugee_status", day("2023-03-06")).is_none());
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_with_line_and_reason() {
        for (from, to, told) in [
            ("id = \"object\"", "id = \"objects\"", "unknown variant"),
            ("id = \"object\"", "id = \"check\"", "category \"check\" stands twice"),
            ("id = \"seize\"", "id = \"search\"", "action \"search\" stands twice"),
            ("\"humanitarian_stay\", ", "\"stay\", ", "there is no decision \"stay\""),
            ("case = \"return\"", "case = \"returns\"", "there is no case \"returns\""),
            ("act = \"terms\"", "act = \"term\"", "there is no act \"term\""),
            ("term = { days = 10 }\nfrom", "from", "exactly one of"),
            ("kind = \"inform\"", "kind = \"inform\"\nterm = { days = 1 }", "exactly one of"),
            ("findings_days = 30", "findings_days = 0", "nonzero"),
            ("findings_days = 30", "findings_days = 2", "shorter than the fresh_hours"),
            ("fresh_hours = 72", "fresh_hours = 72\nto = \"2023-03-07\"", "ends before it begins"),
            ("discreet = true", "quiet = true", "unknown field"),
        ] {
            assert!(FILE.contains(from), "{from}");
            let error = AlertLaw::parse("law.toml", &FILE.replacen(from, to, 1), &rules()).unwrap_err().to_string();
            assert!(error.contains(told) && error.starts_with("law.toml:"), "{from} → {to}: {error}");
        }
        let without = FILE.replacen("[[category]]\nid = \"object\"", "[[skipped]]\nid = \"object\"", 1);
        assert!(AlertLaw::parse("law.toml", &without, &rules()).is_err());
    }

    #[test]
    fn every_category_and_action_has_to_be_described() {
        let start = FILE.find("[[action]]\nid = \"seize\"").unwrap();
        let end = start + FILE[start..].find("# Decisions before").unwrap();
        let error = AlertLaw::parse("law.toml", &format!("{}{}", &FILE[..start], &FILE[end..]), &rules()).unwrap_err();
        assert_eq!(error.to_string(), "law.toml:1: there is no action \"seize\"");
    }
}
