//! From a file as it is written to a rule set that holds together.

use std::collections::{BTreeMap, BTreeSet};

use straznica_types::check_name;
use toml::Spanned;

use super::raw::{RawCase, RawDeadline, RawDecision, RawDeemed, RawDocument, RawEvent, RawExtension, RawMove, RawSet};
use super::raw::{RawStage, RawSuspension};
use super::{
    Act, CaseType, DeadlineRule, DecisionRule, DeemedRule, DocumentRule, EventRule, ExtensionRule, Move, Passing,
    Reach, RuleError, RuleSet, Source, Stage, SuspensionRule, Term,
};

type Names = BTreeSet<String>;

/// Reads one file.
pub(super) fn parse(file: &str, text: &str) -> Result<RuleSet, RuleError> {
    let source = Source::new(file, text);
    let raw: RawSet = source.read()?;
    let place = source.place(&raw.id);
    let id = raw.id.into_inner();
    if raw.effective_to.is_some_and(|to| to <= raw.effective_from) {
        return Err(RuleError::EndsBeforeItBegins { place, id });
    }
    names("case", raw.case.iter().map(|case| &case.id), &source)?;
    let mut cases = Vec::with_capacity(raw.case.len());
    for case in raw.case {
        cases.push(case_type(case, &raw.acts, &source)?);
    }
    Ok(RuleSet {
        family: raw.family,
        title: raw.title,
        from: raw.effective_from,
        to: raw.effective_to,
        open_cases: raw.open_cases,
        transition: raw.transition.check(&raw.acts, &source)?,
        cases,
        id,
        place,
    })
}

fn case_type(raw: RawCase, acts: &BTreeMap<String, Act>, source: &Source<'_>) -> Result<CaseType, RuleError> {
    let known = Known {
        stages: names("stage", raw.stage.iter().map(|stage| &stage.id), source)?,
        events: names("event", raw.event.iter().map(|event| &event.id), source)?,
        deadlines: names("deadline", raw.deadline.iter().map(|deadline| &deadline.id), source)?,
        decisions: names("decision", raw.decision.iter().map(|decision| &decision.id), source)?,
        deemed: raw.deemed.iter().map(|deemed| deemed.event.get_ref().clone()).collect(),
        acts,
        source,
    };
    names("document", raw.document.iter().map(|document| &document.id), source)?;
    if !raw.event.iter().any(|event| event.opens.is_some()) {
        return Err(RuleError::NeverOpened { place: source.place(&raw.id), case: raw.id.into_inner() });
    }
    // Said after references to nothing: a misspelt stage is not one that nobody reaches.
    let way = known.way_through(&raw.stage, &raw.event);
    let case = CaseType {
        id: raw.id.into_inner(),
        title: raw.title,
        basis: raw.basis.check(acts, source)?,
        stages: raw.stage.into_iter().map(stage).collect(),
        events: each(raw.event, |event| known.event(event))?,
        deemed: each(raw.deemed, |deemed| known.deemed(deemed))?,
        deadlines: each(raw.deadline, |deadline| known.deadline(deadline))?,
        decisions: each(raw.decision, |decision| known.decision(decision))?,
        documents: each(raw.document, |document| known.document(document))?,
    };
    way.map(|()| case)
}

fn stage(raw: RawStage) -> Stage {
    Stage { id: raw.id.into_inner(), title: raw.title, closed: raw.closed }
}

fn each<R, T>(raw: Vec<R>, check: impl FnMut(R) -> Result<T, RuleError>) -> Result<Vec<T>, RuleError> {
    raw.into_iter().map(check).collect()
}

/// The names of things of one kind; none stands twice.
fn names<'r>(
    what: &'static str,
    ids: impl Iterator<Item = &'r Spanned<String>>,
    source: &Source<'_>,
) -> Result<Names, RuleError> {
    let mut names = Names::new();
    for id in ids {
        if !names.insert(id.get_ref().clone()) {
            return Err(RuleError::Twice { place: source.place(id), what, id: id.get_ref().clone() });
        }
    }
    Ok(names)
}

/// What references in a case type can mean.
struct Known<'r> {
    stages: Names,
    events: Names,
    deadlines: Names,
    decisions: Names,
    deemed: Names,
    acts: &'r BTreeMap<String, Act>,
    source: &'r Source<'r>,
}

impl Known<'_> {
    /// That every stage is led to, every stage but the closed ones led out of, and every event can happen, to one effect.
    fn way_through(&self, stages: &[RawStage], events: &[RawEvent]) -> Result<(), RuleError> {
        let mut reached = Names::new();
        let mut left = Names::new();
        for event in events {
            self.event_leads_somewhere(event)?;
            reached.extend(event.opens.iter().map(|stage| stage.get_ref().clone()));
        }
        // As far as one gets from what is reached already.
        loop {
            let before = reached.len();
            for step in events.iter().flat_map(|event| &event.moves) {
                let from_reached = step.from.iter().any(|from| reached.contains(from.get_ref()));
                let Some(to) = step.to.as_ref().filter(|_| from_reached) else { continue };
                reached.insert(to.get_ref().clone());
                left.extend(step.from.iter().filter(|from| *from.get_ref() != *to.get_ref()).map(name));
            }
            if reached.len() == before {
                break;
            }
        }
        let place_of = |stage: &RawStage| (self.source.place(&stage.id), stage.id.get_ref().clone());
        if let Some(lost) = stages.iter().find(|stage| !reached.contains(stage.id.get_ref())) {
            let (place, stage) = place_of(lost);
            return Err(RuleError::Unreachable { place, stage });
        }
        if let Some(stuck) = stages.iter().find(|stage| !stage.closed && !left.contains(stage.id.get_ref())) {
            let (place, stage) = place_of(stuck);
            return Err(RuleError::DeadEnd { place, stage });
        }
        Ok(())
    }

    fn event_leads_somewhere(&self, event: &RawEvent) -> Result<(), RuleError> {
        let place = || self.source.place(&event.id);
        if event.opens.is_none() && event.moves.is_empty() && !event.anywhere {
            return Err(RuleError::Nowhere { place: place(), event: event.id.get_ref().clone() });
        }
        let mut seen = BTreeSet::new();
        for step in &event.moves {
            for from in &step.from {
                let decisions: Vec<Option<&str>> = match step.decisions.as_slice() {
                    [] => vec![None],
                    decisions => decisions.iter().map(|decision| Some(decision.get_ref().as_str())).collect(),
                };
                for decision in decisions {
                    if !seen.insert((from.get_ref().as_str(), decision)) {
                        let (event, stage) = (event.id.get_ref().clone(), from.get_ref().clone());
                        return Err(RuleError::Ambiguous { place: place(), event, stage });
                    }
                }
            }
        }
        Ok(())
    }

    fn event(&self, raw: RawEvent) -> Result<EventRule, RuleError> {
        Ok(EventRule {
            opens: raw.opens.map(|stage| self.stage(stage)).transpose()?,
            only_if_met: raw.only_if_met.map(|id| self.one("deadline", &self.deadlines, id)).transpose()?,
            moves: each(raw.moves, |step| self.step(step))?,
            id: raw.id.into_inner(),
            title: raw.title,
            anywhere: raw.anywhere,
            about_decision_of: raw.about_decision_of,
            issues: raw.issues,
            joins: raw.joins,
            service: raw.service,
            in_case: raw.in_case,
        })
    }

    fn step(&self, raw: RawMove) -> Result<Move, RuleError> {
        Ok(Move {
            from: each(raw.from, |stage| self.stage(stage))?,
            to: raw.to.map(|stage| self.stage(stage)).transpose()?,
            decisions: self.decisions(raw.decisions)?,
        })
    }

    fn deemed(&self, raw: RawDeemed) -> Result<DeemedRule, RuleError> {
        if self.deemed.contains(raw.after.get_ref()) {
            let place = self.source.place(&raw.after);
            return Err(RuleError::DeemedFromDeemed { place, event: raw.after.into_inner() });
        }
        Ok(DeemedRule {
            event: self.happening(raw.event)?,
            after: self.happening(raw.after)?,
            term: raw.term,
            unless: self.happenings(raw.unless)?,
            says: raw.says,
            basis: raw.basis.check(self.acts, self.source)?,
        })
    }

    fn deadline(&self, raw: RawDeadline) -> Result<DeadlineRule, RuleError> {
        let hours_roll = raw.term.in_hours() && (raw.rolls_over.is_some() || raw.posting_keeps.is_some());
        if hours_roll {
            return Err(RuleError::HoursDoNotRoll { place: self.source.place(&raw.id), id: raw.id.into_inner() });
        }
        Ok(DeadlineRule {
            starts: self.happenings(raw.starts)?,
            decisions: self.decisions(raw.decisions)?,
            counted_from: raw.counted_from.map(|event| self.happening(event)).transpose()?,
            met_by: self.happenings(raw.met_by)?,
            moot_by: self.happenings(raw.moot_by)?,
            extensions: each(raw.extensions, |extension| self.extension(extension, raw.term))?,
            suspensions: each(raw.suspensions, |suspension| self.suspension(suspension))?,
            blocks: self.happenings(raw.blocks)?,
            basis: raw.basis.check(self.acts, self.source)?,
            id: raw.id.into_inner(),
            title: raw.title,
            says: raw.says,
            owed_by: raw.owed_by,
            term: raw.term,
            by_decision: raw.by_decision,
            passing: raw.passing,
            silence: raw.silence.map(|event| self.silence(event, raw.passing)).transpose()?,
            rolls_over: raw.rolls_over.unwrap_or(!raw.term.in_hours()),
            posting_keeps: raw.posting_keeps.unwrap_or(false),
            times: raw.times,
        })
    }

    fn silence(&self, event: Spanned<String>, passing: Passing) -> Result<String, RuleError> {
        if passing == Passing::Late {
            return Err(RuleError::SilenceMeansNothing { place: self.source.place(&event), event: event.into_inner() });
        }
        self.happening(event)
    }

    fn extension(&self, raw: RawExtension, term: Term) -> Result<ExtensionRule, RuleError> {
        let (place, event) = (self.source.place(&raw.event), raw.event.get_ref().clone());
        let reach = match (raw.to, raw.by) {
            (Some(to), None) if to.longer_than(term) == Some(true) => Reach::To(to),
            (None, Some(by)) if by.in_hours() == term.in_hours() => Reach::By(by),
            (Some(_), None) | (None, Some(_)) => return Err(RuleError::ExtendsNothing { place, event }),
            (Some(_), Some(_)) | (None, None) => return Err(RuleError::OneOf { place, id: event, members: "to, by" }),
        };
        Ok(ExtensionRule {
            event: self.happening(raw.event)?,
            reach,
            times: raw.times,
            asked_before_expiry: raw.asked_before_expiry,
            says: raw.says,
            basis: raw.basis.check(self.acts, self.source)?,
        })
    }

    fn suspension(&self, raw: RawSuspension) -> Result<SuspensionRule, RuleError> {
        Ok(SuspensionRule {
            from: self.happenings(raw.from)?,
            until: self.happenings(raw.until)?,
            says: raw.says,
            basis: raw.basis.check(self.acts, self.source)?,
        })
    }

    fn decision(&self, raw: RawDecision) -> Result<DecisionRule, RuleError> {
        let even = |panel: &&Spanned<u16>| panel.get_ref().is_multiple_of(2);
        if let Some(panel) = raw.panel.as_ref().filter(even) {
            let place = self.source.place(panel);
            return Err(RuleError::EvenPanel { place, decision: raw.id.into_inner() });
        }
        let panel = raw.panel.map(Spanned::into_inner);
        Ok(DecisionRule {
            basis: raw.basis.check(self.acts, self.source)?,
            id: raw.id.into_inner(),
            title: raw.title,
            by: raw.by,
            order: raw.order,
            panel,
        })
    }

    fn document(&self, raw: RawDocument) -> Result<DocumentRule, RuleError> {
        if check_name(raw.blank.get_ref()).is_err() || (raw.prolonged && raw.renewal.is_none()) {
            return Err(RuleError::Document { place: self.source.place(&raw.blank), document: raw.id.into_inner() });
        }
        Ok(DocumentRule {
            basis: raw.basis.check(self.acts, self.source)?,
            decisions: self.decisions(raw.decisions)?,
            id: raw.id.into_inner(),
            title: raw.title,
            blank: raw.blank.into_inner(),
            validity: raw.validity,
            renewal: raw.renewal,
            prolonged: raw.prolonged,
            event: raw.event.map(|event| self.happening(event)).transpose()?,
        })
    }

    fn stage(&self, id: Spanned<String>) -> Result<String, RuleError> {
        self.one("stage", &self.stages, id)
    }

    fn happening(&self, id: Spanned<String>) -> Result<String, RuleError> {
        self.one("event", &self.events, id)
    }

    fn happenings(&self, ids: Vec<Spanned<String>>) -> Result<Vec<String>, RuleError> {
        each(ids, |id| self.happening(id))
    }

    fn decisions(&self, ids: Vec<Spanned<String>>) -> Result<Vec<String>, RuleError> {
        each(ids, |id| self.one("decision", &self.decisions, id))
    }

    fn one(&self, what: &'static str, known: &Names, id: Spanned<String>) -> Result<String, RuleError> {
        if known.contains(id.get_ref()) {
            return Ok(id.into_inner());
        }
        Err(RuleError::Dangling { place: self.source.place(&id), what, id: id.into_inner() })
    }
}

fn name(id: &Spanned<String>) -> String {
    id.get_ref().clone()
}
