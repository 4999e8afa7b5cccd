//! Where a case is, and what can happen next.
//!
//! The stage of a case is not stored either: it follows from what happened, by the moves of its rule set. What cannot have happened where the case was is refused
//! when it is recorded, whether it happened now or is told late.

use straznica_types::Timestamp;

use super::calendar::Calendar;
use super::clock::{Fact, Happened, State, deadlines, facts};
use super::rules::{CaseType, EventRule, Stage};

/// Where a case is.
#[derive(Debug, Clone)]
pub struct Course<'r> {
    /// Its type.
    pub case: &'r CaseType,
    /// Its stage.
    pub stage: &'r Stage,
    /// The last thing that moved it there.
    pub since: Fact<'r>,
}

/// Why something cannot have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The rule set has no such event.
    #[error("the rules of this case know no event \"{event}\"")]
    Unknown {
        /// Its name.
        event: String,
    },
    /// The case does not begin with something that opens one.
    #[error("\"{event}\" does not open a case")]
    OpensNothing {
        /// Its name.
        event: String,
    },
    /// Not at this stage.
    #[error("\"{event}\" does not happen at stage \"{stage}\"")]
    Stage {
        /// Its name.
        event: String,
        /// Where the case was.
        stage: String,
    },
    /// It has to say which decision it is about, of whom the rules say; or must not.
    #[error("\"{event}\" names no decision it can be about")]
    Decision {
        /// Its name.
        event: String,
    },
    /// It waits for a deadline.
    #[error("\"{event}\" waits for \"{deadline}\"")]
    Blocked {
        /// Its name.
        event: String,
        /// The deadline that is open.
        deadline: String,
    },
    /// The decision it is about was not issued.
    #[error("\"{event}\" is about a decision that was not issued")]
    NotIssued {
        /// Its name.
        event: String,
    },
    /// It counts as having happened, whether anybody does it or not.
    #[error("\"{event}\" counts as having happened already")]
    Deemed {
        /// Its name.
        event: String,
    },
    /// It can happen only where a deadline was met in time.
    #[error("\"{event}\" needs \"{deadline}\" to be met in time")]
    NotMet {
        /// Its name.
        event: String,
        /// The deadline that was not.
        deadline: String,
    },
}

/// Where a case is at a moment, from everything recorded in it; `None` before it was opened.
///
/// # Errors
/// [`NotNow`]: something recorded cannot have happened where the case was.
pub fn course<'r>(
    case: &'r CaseType,
    happened: &[Happened],
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Option<Course<'r>>, NotNow> {
    let mut course: Option<Course<'r>> = None;
    for fact in facts(case, happened, calendar, now) {
        let event = known(case, &fact.happened)?;
        let stage = match &course {
            None => opening(case, event)?,
            // What is deemed to happen where it cannot does not happen: somebody was faster.
            Some(course) => match leads_to(course, event, &fact.happened) {
                Err(_) if fact.deemed.is_some() => continue,
                led => led?,
            },
        };
        let stays = course.as_ref().is_some_and(|course| course.stage.id == stage.id);
        if !stays {
            course = Some(Course { case, stage, since: fact });
        }
    }
    Ok(course)
}

/// That this can be recorded beside what is: that the case still holds together with it, that nothing blocks it, and that what has to be met was. What would
/// begin before its own opening is refused too.
///
/// # Errors
/// [`NotNow`].
pub fn admit(
    case: &CaseType,
    recorded: &[Happened],
    new: &Happened,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(), NotNow> {
    let rule = known(case, new)?;
    let event = || new.event.clone();
    let counted = deadlines(case, recorded, calendar, new.at);
    let blocking = counted.iter().find(|deadline| deadline.is_open() && deadline.rule.blocks.contains(&new.event));
    if let Some(blocking) = blocking {
        return Err(NotNow::Blocked { event: event(), deadline: blocking.rule.id.clone() });
    }
    if let Some(needed) = &rule.only_if_met {
        let last = counted.iter().rfind(|deadline| deadline.rule.id == *needed);
        if !last.is_some_and(|deadline| matches!(deadline.state, State::Met { late: false, .. })) {
            return Err(NotNow::NotMet { event: event(), deadline: needed.clone() });
        }
    }
    if !rule.issues && is_issued_here(case, rule) && !recorded.iter().any(|earlier| issues(case, earlier, new)) {
        return Err(NotNow::NotIssued { event: event() });
    }
    let with: Vec<Happened> = recorded.iter().chain([new]).cloned().collect();
    course(case, &with, calendar, now.max(new.at))?;
    if is_deemed_already(case, recorded, new, calendar) {
        return Err(NotNow::Deemed { event: event() });
    }
    Ok(())
}

/// Whether the law deems it to have happened by then, and nothing happened since that it could follow from anew.
fn is_deemed_already(case: &CaseType, recorded: &[Happened], new: &Happened, calendar: &Calendar) -> bool {
    let facts = facts(case, recorded, calendar, new.at);
    let same = |fact: &&Fact<'_>| fact.happened.of == new.of && fact.happened.decision == new.decision;
    let last = facts.iter().filter(same).rfind(|fact| fact.happened.event == new.event);
    let Some((deemed, rule)) = last.and_then(|fact| Some((fact, fact.deemed?))) else { return false };
    !facts.iter().any(|fact| fact.happened.event == rule.after && fact.happened.at > deemed.happened.at)
}

/// Whether decisions of that party are issued in such cases: a court's are not.
fn is_issued_here(case: &CaseType, rule: &EventRule) -> bool {
    let party = rule.about_decision_of;
    party.is_some() && case.events.iter().any(|event| event.issues && event.about_decision_of == party)
}

fn issues(case: &CaseType, earlier: &Happened, new: &Happened) -> bool {
    let issues = case.event(&earlier.event).is_some_and(|event| event.issues);
    issues && earlier.decision == new.decision && (earlier.at, earlier.number) < (new.at, new.number)
}

fn known<'r>(case: &'r CaseType, happened: &Happened) -> Result<&'r EventRule, NotNow> {
    let event = || happened.event.clone();
    let rule = case.event(&happened.event).ok_or_else(|| NotNow::Unknown { event: event() })?;
    let decided_by = match &happened.decision {
        None => None,
        Some(id) => {
            let decision = case.decision(id).ok_or_else(|| NotNow::Decision { event: event() })?;
            Some(decision.by)
        }
    };
    if rule.about_decision_of != decided_by {
        return Err(NotNow::Decision { event: event() });
    }
    Ok(rule)
}

fn opening<'r>(case: &'r CaseType, event: &EventRule) -> Result<&'r Stage, NotNow> {
    let stage = event.opens.as_ref().and_then(|stage| case.stage(stage));
    stage.ok_or_else(|| NotNow::OpensNothing { event: event.id.clone() })
}

fn leads_to<'r>(course: &Course<'r>, event: &EventRule, happened: &Happened) -> Result<&'r Stage, NotNow> {
    let from = course.stage;
    match event.move_from(&from.id, happened.decision.as_deref()) {
        Some(step) => Ok(step.to.as_ref().and_then(|to| course.case.stage(to)).unwrap_or(from)),
        None if event.anywhere && !from.closed => Ok(from),
        None => Err(NotNow::Stage { event: event.id.clone(), stage: from.id.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotNow, admit, course};
    use crate::domain::clock::Happened;
    use crate::domain::rules::CaseType;
    use crate::domain::story::{calendar, case_type, moment, story};

    fn protection() -> CaseType {
        case_type("protection-2015", "protection")
    }

    fn stage(case: &CaseType, text: &str, now: &str) -> Result<String, NotNow> {
        let course = course(case, &story(text), &calendar(), moment(now))?;
        Ok(course.map_or_else(|| "none".to_owned(), |course| course.stage.id.clone()))
    }

    /// Tells whether the last line can be recorded beside the others.
    fn admits(case: &CaseType, text: &str) -> Result<(), NotNow> {
        let mut recorded: Vec<Happened> = story(text);
        let new = recorded.pop().unwrap();
        admit(case, &recorded, &new, &calendar(), new.at)
    }

    const TO_A_DECISION: &str = "2025-03-03T10:00:00+01:00 intention_declared
        2025-03-04T10:00:00+01:00 application_registered
        2025-03-05T10:00:00+01:00 application_forwarded
        2025-03-10T10:00:00+01:00 merits_opened
        2025-07-01T10:00:00+02:00 decision_issued decision=refusal";

    #[test]
    fn an_application_goes_from_the_border_to_a_judgment() {
        let case = protection();
        for (until, expected) in [
            ("2025-03-03T00:00:00+01:00", "none"),
            ("2025-03-03T12:00:00+01:00", "declared"),
            ("2025-03-06T12:00:00+01:00", "assessment"),
            ("2025-07-02T00:00:00+02:00", "decided"),
            ("2025-07-03T12:00:00+02:00", "served"),
            ("2025-07-11T12:00:00+02:00", "board"),
            ("2025-11-03T12:00:00+01:00", "board_served"),
            ("2025-12-01T12:00:00+01:00", "court"),
            ("2026-05-02T12:00:00+02:00", "closed"),
        ] {
            let all = format!(
                "{TO_A_DECISION}
                 2025-07-03T10:00:00+02:00 decision_served decision=refusal
                 2025-07-11T10:00:00+02:00 appeal_filed
                 2025-11-01T10:00:00+01:00 board_decision_issued decision=board_upheld
                 2025-11-03T10:00:00+01:00 board_decision_served decision=board_upheld
                 2025-12-01T10:00:00+01:00 complaint_filed
                 2026-03-02T10:00:00+01:00 judgment_served decision=complaint_dismissed
                 2026-05-02T10:00:00+02:00 judgment_final decision=complaint_dismissed"
            );
            assert_eq!(stage(&case, &all, until).as_deref(), Ok(expected), "{until}");
        }
    }

    #[test]
    fn a_notice_on_the_board_serves_a_decision_by_itself() {
        let case = protection();
        let all = format!("{TO_A_DECISION}\n2025-07-02T10:00:00+02:00 notice_displayed decision=refusal");
        assert_eq!(stage(&case, &all, "2025-07-09T23:59:00+02:00").as_deref(), Ok("decided"));
        assert_eq!(stage(&case, &all, "2025-07-10T00:00:00+02:00").as_deref(), Ok("served"));
        // Who takes it afterwards was served before.
        let late = format!("{all}\n2025-07-11T10:00:00+02:00 decision_served decision=refusal");
        let refused = NotNow::Stage { event: "decision_served".to_owned(), stage: "served".to_owned() };
        assert_eq!(admits(&case, &late), Err(refused));
    }

    #[test]
    fn a_decision_waits_for_the_bodies_that_were_asked_until_their_silence_is_an_answer() {
        let case = protection();
        let asked = "2025-03-04T10:00:00+01:00 application_registered
            2025-03-05T10:00:00+01:00 application_forwarded
            2025-03-10T10:00:00+01:00 security_opinion_requested of=abw
            2025-03-10T10:00:00+01:00 merits_opened";
        // Thirty days from 10 March: 9 April.
        let on = |day: &str| format!("{asked}\n{day}T10:00:00+02:00 decision_issued decision=refugee_status");
        let blocked = NotNow::Blocked { event: "decision_issued".to_owned(), deadline: "security_opinion".to_owned() };
        assert_eq!(admits(&case, &on("2025-04-09")), Err(blocked));
        assert_eq!(admits(&case, &on("2025-04-10")), Ok(()));
    }

    #[test]
    fn what_was_discontinued_is_reopened_once_and_only_on_a_request_in_time() {
        let case = protection();
        let discontinued = "2025-03-04T10:00:00+01:00 application_registered
            2025-03-05T10:00:00+01:00 application_forwarded
            2025-03-20T10:00:00+01:00 decision_issued decision=discontinued_implicit
            2025-03-24T10:00:00+01:00 decision_served decision=discontinued_implicit
            2025-04-10T10:00:00+02:00 decision_final decision=discontinued_implicit";
        // Nine months from 20 March: Saturday 20 December, so Monday 22.
        let in_time = format!("{discontinued}\n2025-12-22T10:00:00+01:00 reopening_requested");
        let late = format!("{discontinued}\n2025-12-23T10:00:00+01:00 reopening_requested");
        let reopened = "2026-01-07T10:00:00+01:00 reopened";
        let needs = NotNow::NotMet { event: "reopened".to_owned(), deadline: "reopening".to_owned() };
        assert_eq!(admits(&case, &format!("{late}\n{reopened}")), Err(needs.clone()));
        let again = format!("{in_time}\n{reopened}");
        assert_eq!(admits(&case, &again), Ok(()));
        let twice = format!(
            "{again}
             2026-02-02T10:00:00+01:00 decision_issued decision=discontinued_explicit
             2026-02-03T10:00:00+01:00 decision_served decision=discontinued_explicit
             2026-02-04T10:00:00+01:00 reopening_requested
             2026-02-05T10:00:00+01:00 reopened"
        );
        assert_eq!(admits(&case, &twice), Err(needs));
    }

    #[test]
    fn what_cannot_happen_is_refused_with_the_reason() {
        let case = protection();
        let refused = |line: &str| admits(&case, &format!("{TO_A_DECISION}\n{line}")).unwrap_err().to_string();
        for (line, expected) in [
            ("2025-08-01T10:00:00+02:00 danced", "know no event \"danced\""),
            ("2025-08-01T10:00:00+02:00 appeal_filed", "does not happen at stage \"decided\""),
            ("2025-08-01T10:00:00+02:00 decision_served", "names no decision"),
            ("2025-08-01T10:00:00+02:00 decision_served decision=board_upheld", "names no decision"),
            ("2025-08-01T10:00:00+02:00 decision_served decision=refugee_status", "was not issued"),
            ("2025-08-01T10:00:00+02:00 interview_held decision=refusal", "names no decision"),
            ("2025-03-02T10:00:00+01:00 interview_held", "does not open a case"),
            // Told late, it would have happened before what it needs.
            ("2025-03-04T09:00:00+01:00 application_forwarded", "does not happen at stage \"declared\""),
        ] {
            let told = refused(line);
            assert!(told.contains(expected), "{line}: {told}");
        }
    }
}
