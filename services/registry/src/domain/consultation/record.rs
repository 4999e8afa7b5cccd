//! What can be written down in a consultation, beyond what its rule set lets happen.

use straznica_types::{CivilDate, Timestamp};

use super::{Grounds, QuestionState, consequences, decisions, events, standing};
use crate::domain::Refusal;
use crate::domain::calendar::Calendar;
use crate::domain::clock::{Deadline, Happened, Step, deadlines};
use crate::domain::course::{self, NotNow};
use crate::domain::rules::{CaseType, Party};

/// Something to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMove {
    /// An event of the rule set.
    pub event: String,
    /// Which body or state it is about.
    pub of: Option<String>,
    /// What was said.
    pub decision: Option<String>,
    /// On which grounds.
    pub grounds: Option<Grounds>,
    /// A day it names.
    pub until: Option<CivilDate>,
    /// When it happened, where that was before it is written down.
    pub at: Option<Timestamp>,
    /// What whoever does it calls it, or why it is done.
    pub remark: String,
}

impl NewMove {
    /// An event that says no more than that it happened.
    #[must_use]
    pub fn of(event: &str, of: Option<&str>) -> Self {
        Self {
            event: event.to_owned(),
            of: of.map(ToOwned::to_owned),
            decision: None,
            grounds: None,
            until: None,
            at: None,
            remark: String::new(),
        }
    }

    /// As it stands in the story.
    #[must_use]
    pub fn numbered(&self, number: u32, at: Timestamp) -> Happened {
        Happened {
            number,
            event: self.event.clone(),
            at,
            decision: self.decision.clone(),
            of: self.of.clone(),
            posted_on: None,
            until: self.until,
        }
    }
}

/// That this can be written down now: the rule set lets it happen, who replies was asked and has not replied, a term that is made longer runs and can be, and nobody consents for
/// bodies that still have time or against what one of them said without saying why. Tells it as it stands in the story, with what follows from time before it.
///
/// # Errors
/// [`Refusal`].
pub fn admit(
    law: &CaseType,
    happened: &[Happened],
    new: &NewMove,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(Vec<Happened>, Happened), Refusal> {
    let follows = consequences(law, happened, calendar, now)?;
    let all: Vec<Happened> = happened.iter().chain(&follows).cloned().collect();
    let number = all.iter().map(|happened| happened.number).max().unwrap_or(0).saturating_add(1);
    let event = new.numbered(number, new.at.unwrap_or(now));
    if event.at > now {
        return Err(Refusal::Future);
    }
    let known = standing(law, &all, calendar, now)?;
    let question = || new.of.as_deref().and_then(|of| known.question(of)).ok_or(Refusal::NotAsked);
    if new.at.is_some() && event.at < question()?.asked_at {
        return Err(Refusal::Invalid { member: "/at_ms", expected: "a moment since they were asked" });
    }
    course::admit(law, &all, &event, calendar, now)?;
    match new.event.as_str() {
        events::ASKED if new.of.as_deref().is_none_or(|of| known.question(of).is_some()) => {
            return Err(Refusal::Invalid { member: "/of", expected: "somebody who was not asked yet" });
        }
        events::REPLIED => {
            let replied = matches!(
                question()?.state,
                QuestionState::Replied { .. } | QuestionState::Silent { late: Some(_), .. }
            );
            if replied {
                return Err(Refusal::Replied);
            }
            // Other states do not say on which grounds.
            if law.event(&new.event).and_then(|event| event.about_decision_of) == Some(Party::ConsultedBody) {
                check_grounds(new, decisions::OBJECTION)?;
            }
        }
        // A second delivery would begin the term anew, one after the reply a term nobody has to keep.
        events::DELIVERED => {
            let question = question()?;
            let delivered = all.iter().any(|other| other.event == events::DELIVERED && other.of == new.of);
            if delivered || question.state != QuestionState::Open {
                return Err(Refusal::OnRecord);
            }
        }
        events::EXTENDED => {
            question()?;
            holds(law, &all, &event, calendar, now)?;
        }
        events::PROLONGED => holds(law, &all, &event, calendar, now)?,
        events::ANSWERED => {
            let consents = new.decision.as_deref() == Some(decisions::HEAD_NO_OBJECTION);
            if consents && known.waits() {
                let waits_for = |deadline: &Deadline<'_>| deadline.rule.id.clone();
                let open = known.questions.iter().find(|question| question.state == QuestionState::Open);
                let deadline = open.and_then(|question| question.deadline.as_ref()).map(waits_for);
                let deadline = deadline.unwrap_or_else(|| events::DELIVERED.to_owned());
                return Err(NotNow::Blocked { event: new.event.clone(), deadline }.into());
            }
            let against = known.questions.iter().any(super::Question::objects);
            if consents && against && new.remark.trim().is_empty() {
                return Err(Refusal::Missing { member: "/remark" });
            }
            check_grounds(new, decisions::HEAD_OBJECTION)?;
        }
        events::SILENT | events::COMPLETED => return Err(Refusal::ByItself),
        event if law.deadlines.iter().any(|deadline| deadline.silence.as_deref() == Some(event)) => {
            return Err(Refusal::ByItself);
        }
        _ => {}
    }
    Ok((follows, event))
}

/// An objection has grounds, and nothing else has.
fn check_grounds(new: &NewMove, objection: &str) -> Result<(), Refusal> {
    match (new.decision.as_deref() == Some(objection), new.grounds) {
        (true, None) => Err(Refusal::Missing { member: "/grounds" }),
        (false, Some(_)) => Err(Refusal::Invalid { member: "/grounds", expected: "none without an objection" }),
        _ => Ok(()),
    }
}

/// That the extension makes something longer.
fn holds(
    law: &CaseType,
    all: &[Happened],
    event: &Happened,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(), Refusal> {
    let with: Vec<Happened> = all.iter().chain([event]).cloned().collect();
    let longer = |deadline: &Deadline<'_>| {
        let by_this = |step: &Step<'_>| matches!(step, Step::Extended { by, .. } if by.happened.number == event.number);
        deadline.of == event.of && deadline.why.iter().any(by_this)
    };
    if deadlines(law, &with, calendar, now).iter().any(longer) { Ok(()) } else { Err(Refusal::NotLonger) }
}
