//! All rule sets together.

use std::collections::{BTreeMap, BTreeSet};

use straznica_types::CivilDate;

use super::{CaseType, EventRule, OpenCases, RuleError, RuleSet, check};

/// The files built into the program: what they are called, and their text.
const BUILT_IN: [(&str, &str); 5] = [
    ("consultation-2014.toml", include_str!("../../../rules/consultation-2014.toml")),
    ("protection-2015.toml", include_str!("../../../rules/protection-2015.toml")),
    ("protection-2026.toml", include_str!("../../../rules/protection-2026.toml")),
    ("residence-2022.toml", include_str!("../../../rules/residence-2022.toml")),
    ("return-2014.toml", include_str!("../../../rules/return-2014.toml")),
];

/// Every rule set, each family in the order of its days.
#[derive(Debug, Clone)]
pub struct RuleBook {
    sets: Vec<RuleSet>,
}

impl RuleBook {
    /// Reads files, each a name and a text.
    ///
    /// # Errors
    /// [`RuleError`]: the first thing that is wrong with one of them, or with all of them together.
    pub fn parse<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, RuleError> {
        let read: Result<Vec<RuleSet>, RuleError> =
            files.into_iter().map(|(file, text)| check::parse(file, text)).collect();
        let mut sets = read?;
        sets.sort_by(|a, b| (&a.family, a.from).cmp(&(&b.family, b.from)));
        let book = Self { sets };
        book.check_names()?;
        book.check_succession()?;
        Ok(book)
    }

    /// The rule sets built into the program.
    ///
    /// # Errors
    /// None that its tests would let through.
    pub fn built_in() -> Result<Self, RuleError> {
        Self::parse(BUILT_IN)
    }

    /// Every set.
    #[must_use]
    pub fn sets(&self) -> &[RuleSet] {
        &self.sets
    }

    /// The set of this name.
    #[must_use]
    pub fn set(&self, id: &str) -> Option<&RuleSet> {
        self.sets.iter().find(|set| set.id == id)
    }

    /// The rules of a case of this type that was opened on one day, as they are on another, with what happened in it: those of the day it was opened, unless a later law has
    /// taken it over by then. `None` where no law for such cases held.
    #[must_use]
    pub fn governing<'e>(
        &self,
        case: &str,
        opened_on: CivilDate,
        on: CivilDate,
        happened: impl Iterator<Item = (CivilDate, &'e str)> + Clone,
    ) -> Option<(&RuleSet, &CaseType)> {
        let mut of_type = self.sets.iter().filter(|set| set.case(case).is_some());
        let first = of_type.find(|set| set.holds_on(opened_on))?;
        // Sets are in the order of their days, so what is left comes later.
        let took_over = of_type.rfind(|set| set.from <= on && set.open_cases.take_over(set.from, happened.clone()));
        let set = took_over.unwrap_or(first);
        Some((set, set.case(case)?))
    }

    fn check_names(&self) -> Result<(), RuleError> {
        let mut ids = BTreeMap::new();
        let mut families: BTreeMap<&str, &str> = BTreeMap::new();
        for set in &self.sets {
            if ids.insert(set.id.as_str(), ()).is_some() {
                return Err(RuleError::Twice { place: set.place.clone(), what: "rule set", id: set.id.clone() });
            }
            for case in &set.cases {
                let family = *families.entry(&case.id).or_insert(&set.family);
                if family != set.family {
                    let (place, case, family) = (set.place.clone(), case.id.clone(), family.to_owned());
                    return Err(RuleError::OtherFamily { place, case, family });
                }
            }
        }
        Ok(())
    }

    fn check_succession(&self) -> Result<(), RuleError> {
        for (earlier, later) in self.sets.iter().zip(self.sets.iter().skip(1)) {
            if earlier.family != later.family {
                continue;
            }
            if earlier.to.is_none_or(|to| later.from < to) {
                let (first, second) = (earlier.id.clone(), later.id.clone());
                return Err(RuleError::Overlap { place: later.place.clone(), first, second });
            }
            match &later.open_cases {
                OpenCases::Keep => {}
                OpenCases::TakeOver => knows_what_it_takes_over(earlier, later, &[])?,
                OpenCases::KeepAfter(events) => {
                    for event in events {
                        if !earlier.cases.iter().any(|case| case.event(event).is_some()) {
                            let (place, what, id) = (later.place.clone(), "event", event.clone());
                            return Err(RuleError::Dangling { place, what, id });
                        }
                    }
                    knows_what_it_takes_over(earlier, later, events)?;
                }
            }
        }
        Ok(())
    }
}

/// A case that changes laws keeps its stage, its events and what was decided: all of them that there can be in a case in which none of `kept` has happened.
fn knows_what_it_takes_over(earlier: &RuleSet, later: &RuleSet, kept: &[String]) -> Result<(), RuleError> {
    let left = |what, id: &str| {
        let (place, id, from) = (later.place.clone(), id.to_owned(), earlier.id.clone());
        Err(RuleError::LeftBehind { place, what, id, from })
    };
    for case in &earlier.cases {
        let Some(taken) = later.case(&case.id) else { return left("case", &case.id) };
        let (stages, events) = before(case, kept);
        if let Some(stage) = stages.iter().find(|stage| taken.stage(stage).is_none()) {
            return left("stage", stage);
        }
        if let Some(event) = events.iter().find(|event| taken.event(&event.id).is_none()) {
            return left("event", &event.id);
        }
        if !events.iter().any(|event| event.issues) {
            continue;
        }
        if let Some(decision) = case.decisions.iter().find(|decision| taken.decision(&decision.id).is_none()) {
            return left("decision", &decision.id);
        }
    }
    Ok(())
}

/// Where a case can be, and what can happen in it, while none of these events has.
fn before<'r>(case: &'r CaseType, kept: &[String]) -> (BTreeSet<&'r str>, Vec<&'r EventRule>) {
    let possible = || case.events.iter().filter(|event| !kept.contains(&event.id));
    let mut stages: BTreeSet<&str> = possible().filter_map(|event| event.opens.as_deref()).collect();
    let from_there = |event: &&EventRule, stages: &BTreeSet<&str>| {
        event.moves.iter().any(|step| step.from.iter().any(|from| stages.contains(from.as_str())))
    };
    loop {
        let moves = possible().flat_map(|event| &event.moves);
        let led = moves.filter(|step| step.from.iter().any(|from| stages.contains(from.as_str())));
        let reached: BTreeSet<&str> = led.filter_map(|step| step.to.as_deref()).collect();
        let known = stages.len();
        stages.extend(reached);
        if stages.len() == known {
            break;
        }
    }
    let events = possible().filter(|event| event.anywhere || event.opens.is_some() || from_there(event, &stages));
    let events = events.collect();
    (stages, events)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_rules_in_the_tree_is_built_in() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let in_tree: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml") && name != "holidays.toml")
            .collect();
        let built_in: BTreeSet<String> = super::BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(in_tree, built_in);
    }
}
