//! Cases and deadlines → answers.

use straznica_contracts::registry::v1 as proto;
use straznica_types::OfficerId;

use super::alert_answer;
use crate::app::{ShownCase, WorkItem};
use crate::domain::calendar::DayOff;
use crate::domain::clock::{Deadline, Due, Fact, NotExtended, State, Step};
use crate::domain::file::{Decision, DecisionState, Recorded};
use crate::domain::rules::{Basis, Party, Passing, Text, Verified};

pub(super) fn case(shown: ShownCase<'_>) -> proto::GetCaseResponse {
    let ShownCase { case, rule_set, stage, deadlines, alerts } = shown;
    proto::GetCaseResponse {
        case_id: case.file.id.to_string(),
        number: case.file.number,
        case_type: case.file.case_type,
        rule_set: rule_set.to_owned(),
        version: case.file.version,
        stage,
        person_ids: case.persons.iter().map(ToString::to_string).collect(),
        events: case.events.into_iter().map(event).collect(),
        deadlines: deadlines.iter().map(deadline).collect(),
        decisions: case.decisions.iter().map(decision).collect(),
        taken_by: officer(case.file.taken_by.as_ref()),
        alert_checks: alerts.iter().map(alert_answer::of_case).collect(),
    }
}

pub(super) fn work_item(item: WorkItem<'_>) -> proto::WorkItem {
    proto::WorkItem {
        late: item.work.is_late(),
        case_id: item.file.id.to_string(),
        number: item.file.number,
        case_type: item.file.case_type,
        stage: item.work.standing.stage,
        opened_at_ms: item.file.opened_at.millis(),
        next: item.work.next.as_ref().map(deadline),
        blocked_by: item.work.blocked_by,
        taken_by: officer(item.file.taken_by.as_ref()),
    }
}

fn officer(officer: Option<&OfficerId>) -> String {
    officer.map(ToString::to_string).unwrap_or_default()
}

fn event(recorded: Recorded) -> proto::RecordedEvent {
    let happened = recorded.happened;
    let day = |day: Option<straznica_types::CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::RecordedEvent {
        number: happened.number,
        event: Some(proto::CaseEvent {
            at_ms: happened.at.millis(),
            posted_on: day(happened.posted_on),
            until: day(happened.until),
            event: happened.event,
            decision: happened.decision.unwrap_or_default(),
            of: happened.of.unwrap_or_default(),
        }),
        recorded_at_ms: recorded.recorded_at.millis(),
        recorded_by: recorded.recorded_by.to_string(),
    }
}

pub(super) fn decision(decision: &Decision) -> proto::Decision {
    let mut answer = proto::Decision {
        decision_id: decision.id.to_string(),
        decision: decision.decision.clone(),
        drafted_by: decision.drafted_by.to_string(),
        approved_by: officer(decision.approved.as_ref().map(|(by, _)| by)),
        drafted_at_ms: decision.drafted_at.millis(),
        approved_at_ms: decision.approved.as_ref().map(|(_, at)| at.millis()),
        issued_at_ms: decision.issued_at.map(straznica_types::Timestamp::millis),
        ..proto::Decision::default()
    };
    answer.set_state(match decision.state() {
        DecisionState::Drafted => proto::DecisionState::Drafted,
        DecisionState::Approved => proto::DecisionState::Approved,
        DecisionState::Issued => proto::DecisionState::Issued,
    });
    answer
}

pub(super) fn deadline(deadline: &Deadline<'_>) -> proto::Deadline {
    let rule = deadline.rule;
    let (state, passing) = match &deadline.state {
        State::Running => (proto::DeadlineState::Running, ""),
        State::Suspended { .. } => (proto::DeadlineState::Suspended, ""),
        State::Met { late: false, .. } => (proto::DeadlineState::Met, ""),
        State::Met { late: true, .. } => (proto::DeadlineState::MetLate, ""),
        State::Late => (proto::DeadlineState::Late, ""),
        State::Passed(passing) => (proto::DeadlineState::Passed, passing_name(*passing)),
        State::Moot(_) => (proto::DeadlineState::Moot, ""),
    };
    let mut answer = proto::Deadline {
        rule: rule.id.clone(),
        title: Some(text(&rule.title)),
        of: deadline.of.clone().unwrap_or_default(),
        owed_by: party_name(rule.owed_by).to_owned(),
        last_day: match deadline.due {
            Due::Day(day) => day.to_string(),
            Due::Instant(_) => String::new(),
        },
        due_at_ms: deadline.due.instant().millis(),
        passing: passing.to_owned(),
        basis: Some(basis(&rule.basis)),
        says: Some(text(&rule.says)),
        why: deadline.why.iter().map(step).collect(),
        ..proto::Deadline::default()
    };
    answer.set_state(state);
    answer
}

fn step(step: &Step<'_>) -> proto::CountingStep {
    use proto::CountingKind as Kind;
    let (kind, mut answer) = match step {
        Step::Counted { from, reaches, .. } => {
            let deemed = from.deemed.map(|rule| (&rule.basis, &rule.says));
            (Kind::Counted, told(Some(from), Some(*reaches), deemed))
        }
        Step::SetByDecision { day } => (Kind::SetByDecision, told(None, Some(Due::Day(*day)), None)),
        Step::Extended { by, rule, reaches } => {
            (Kind::Extended, told(Some(by), Some(*reaches), Some((&rule.basis, &rule.says))))
        }
        Step::NotExtended { by, rule, because } => {
            let kind = match because {
                NotExtended::Passed => Kind::NotExtendedPassed,
                NotExtended::TooOften => Kind::NotExtendedTooOften,
                NotExtended::NoFurther => Kind::NotExtendedNoFurther,
            };
            (kind, told(Some(by), None, Some((&rule.basis, &rule.says))))
        }
        Step::Suspended { from, rule, reaches, .. } => {
            (Kind::Suspended, told(Some(from), Some(*reaches), Some((&rule.basis, &rule.says))))
        }
        Step::Shifted { over, reaches } => {
            let mut answer = told(None, Some(*reaches), None);
            answer.over = over.iter().map(|(day, off)| format!("{day} {}", day_off(off))).collect();
            (Kind::Shifted, answer)
        }
        Step::Posted { what, on } => (Kind::Posted, told(Some(what), Some(Due::Day(*on)), None)),
        Step::TooLate { what } => (Kind::TooLate, told(Some(what), None, None)),
    };
    answer.set_kind(kind);
    answer
}

fn told(fact: Option<&Fact<'_>>, reaches: Option<Due>, law: Option<(&Basis, &Text)>) -> proto::CountingStep {
    proto::CountingStep {
        event: fact.map(|fact| fact.happened.event.clone()).unwrap_or_default(),
        number: fact.map(|fact| fact.happened.number).unwrap_or_default(),
        day: fact.map(|fact| fact.day.to_string()).unwrap_or_default(),
        deemed: fact.is_some_and(|fact| fact.deemed.is_some()),
        reaches: reaches.map(reached).unwrap_or_default(),
        basis: law.map(|(law, _)| basis(law)),
        says: law.map(|(_, says)| text(says)),
        ..proto::CountingStep::default()
    }
}

fn reached(due: Due) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::Instant(at) => at.to_string(),
    }
}

fn day_off(off: &DayOff) -> &str {
    match off {
        DayOff::Saturday => "saturday",
        DayOff::Sunday => "sunday",
        DayOff::Holiday(id) => id,
    }
}

pub(super) fn text(text: &Text) -> proto::Text {
    proto::Text { pl: text.pl.clone(), en: text.en.clone() }
}

pub(super) fn basis(basis: &Basis) -> proto::LegalBasis {
    let verified = match basis.verified {
        Verified::No => "no",
        Verified::Rule => "rule",
        Verified::Place => "place",
    };
    proto::LegalBasis {
        act: Some(text(&basis.act.title)),
        journal: basis.act.journal.clone(),
        article: basis.article.clone(),
        verified: verified.to_owned(),
    }
}

const fn party_name(party: Party) -> &'static str {
    match party {
        Party::Applicant => "applicant",
        Party::BorderGuard => "border_guard",
        Party::Head => "head",
        Party::Board => "board",
        Party::Court => "court",
        Party::Voivode => "voivode",
        Party::ConsultedBody => "consulted_body",
        Party::ForeignState => "foreign_state",
    }
}

const fn passing_name(passing: Passing) -> &'static str {
    match passing {
        Passing::Late => "late",
        Passing::Consent => "consent",
        Passing::RequirementMet => "requirement_met",
        Passing::RightArises => "right_arises",
        Passing::RightLapses => "right_lapses",
        Passing::ImplicitWithdrawal => "implicit_withdrawal",
        Passing::ResponsibilityPasses => "responsibility_passes",
    }
}
