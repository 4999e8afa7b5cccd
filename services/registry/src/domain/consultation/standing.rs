//! Where a consultation stands, and what happened in it without anybody doing anything.

use straznica_types::Timestamp;

use super::{decisions, events};
use crate::domain::Refusal;
use crate::domain::calendar::Calendar;
use crate::domain::clock::{Deadline, Happened, State, deadlines};
use crate::domain::course::course;
use crate::domain::rules::CaseType;

/// How a consultation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It has not.
    Open,
    /// Whoever consulted was told that nobody objects.
    NoObjection,
    /// Nobody answered in time: consent.
    ConsentBySilence,
    /// Whoever consulted was told of an objection.
    Objection,
    /// Everybody who was asked spoke or kept silent, and nobody objected.
    NothingAgainst,
    /// Everybody did, and somebody objected.
    SomethingAgainst,
    /// Nobody wants an answer any more.
    Withdrawn,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::NoObjection,
        Self::ConsentBySilence,
        Self::Objection,
        Self::NothingAgainst,
        Self::SomethingAgainst,
        Self::Withdrawn,
    ];

    /// The name it has in the database and in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::NoObjection => "no_objection",
            Self::ConsentBySilence => "consent_by_silence",
            Self::Objection => "objection",
            Self::NothingAgainst => "nothing_against",
            Self::SomethingAgainst => "something_against",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// How a question to a body or a state stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionState {
    /// It waits for a reply.
    Open,
    /// There is one, in time.
    Replied {
        /// It objects.
        objects: bool,
        /// When.
        at: Timestamp,
    },
    /// Nobody replied in time.
    Silent {
        /// Since when that is its answer.
        at: Timestamp,
        /// A reply that came afterwards, and whether it objects: shown, without effect.
        late: Option<(Timestamp, bool)>,
    },
    /// The consultation ended before.
    Moot,
}

/// A question to a body or a state.
#[derive(Debug, Clone)]
pub struct Question<'r> {
    /// Whom.
    pub of: String,
    /// When.
    pub asked_at: Timestamp,
    /// How it stands.
    pub state: QuestionState,
    /// By when, and why; `None` where the term has not begun: the question is not known to be delivered.
    pub deadline: Option<Deadline<'r>>,
}

impl Question<'_> {
    /// Whether what counts is an objection.
    #[must_use]
    pub const fn objects(&self) -> bool {
        matches!(self.state, QuestionState::Replied { objects: true, .. })
    }
}

/// Where a consultation stands.
#[derive(Debug, Clone)]
pub struct Standing<'r> {
    /// Its stage.
    pub stage: String,
    /// It has ended.
    pub closed: bool,
    /// How.
    pub outcome: Outcome,
    /// Who was asked, in the order of asking.
    pub questions: Vec<Question<'r>>,
    /// Every deadline, those of the questions too.
    pub deadlines: Vec<Deadline<'r>>,
    /// When silence will say something; `None`: nothing waits for that.
    pub next_silence: Option<Timestamp>,
}

impl Standing<'_> {
    /// The question to this body or state.
    #[must_use]
    pub fn question(&self, of: &str) -> Option<&Question<'_>> {
        self.questions.iter().find(|question| question.of == of)
    }

    /// Whether somebody who was asked still has time.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.questions.iter().any(|question| question.state == QuestionState::Open)
    }
}

/// What follows from what was written down, and was not written down itself: silence at the first instant after a term, and the end of a consultation in which
/// everybody has spoken. In the order in which it follows.
///
/// # Errors
/// [`Refusal`] where what is written down does not hold together.
pub fn consequences(
    law: &CaseType,
    happened: &[Happened],
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Vec<Happened>, Refusal> {
    let mut all = happened.to_vec();
    loop {
        let counted = deadlines(law, &all, calendar, now);
        let silence = counted.iter().filter_map(|deadline| silence(deadline, &all)).min_by_key(|silence| silence.at);
        let Some(mut follows) = silence.or_else(|| completion(law, &all)) else { break };
        follows.number = all.iter().map(|happened| happened.number).max().unwrap_or(0).saturating_add(1);
        all.push(follows);
    }
    // What follows holds together with what was written down.
    course(law, &all, calendar, now)?;
    Ok(all.split_off(happened.len()))
}

/// The silence a deadline has passed with, unless it is written down.
fn silence(deadline: &Deadline<'_>, all: &[Happened]) -> Option<Happened> {
    let event = deadline.rule.silence.as_ref()?;
    let written = all.iter().any(|happened| happened.event == *event && happened.of == deadline.of);
    let passed = matches!(deadline.state, State::Passed(_));
    (passed && !written).then(|| happening(event, deadline.due.instant().millis().saturating_add(1), &deadline.of))
}

/// The end of a consultation that only wants everybody's word.
fn completion(law: &CaseType, all: &[Happened]) -> Option<Happened> {
    let ended = |happened: &Happened| matches!(happened.event.as_str(), events::COMPLETED | events::WITHDRAWN);
    if law.event(events::COMPLETED).is_none() || all.iter().any(ended) {
        return None;
    }
    let spoke = |of: &Option<String>| {
        let word =
            |other: &&Happened| matches!(other.event.as_str(), events::REPLIED | events::SILENT) && other.of == *of;
        all.iter().filter(word).map(|other| other.at).min()
    };
    let asked = all.iter().filter(|happened| happened.event == events::ASKED);
    let words: Option<Vec<Timestamp>> = asked.map(|asked| spoke(&asked.of)).collect();
    let last = words?.into_iter().max()?;
    Some(happening(events::COMPLETED, last.millis(), &None))
}

fn happening(event: &str, at: i64, of: &Option<String>) -> Happened {
    Happened {
        number: 0,
        event: event.to_owned(),
        at: Timestamp::from_millis(at),
        decision: None,
        of: of.clone(),
        posted_on: None,
        until: None,
    }
}

/// Where a consultation stands at a moment, whether or not what follows is written down yet.
///
/// # Errors
/// [`Refusal`] where what is written down does not hold together, or nothing is.
pub fn standing<'r>(
    law: &'r CaseType,
    happened: &[Happened],
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Standing<'r>, Refusal> {
    let mut all: Vec<Happened> = happened.iter().filter(|happened| happened.at <= now).cloned().collect();
    let follows = consequences(law, &all, calendar, now)?;
    all.extend(follows);
    let course = course(law, &all, calendar, now)?.ok_or(Refusal::NoConsultation)?;
    let deadlines = deadlines(law, &all, calendar, now);
    let closed = course.stage.closed;
    let asked = all.iter().filter(|happened| happened.event == events::ASKED);
    let questions: Vec<Question<'r>> = asked.filter_map(|asked| question(asked, &all, &deadlines, closed)).collect();
    let running =
        deadlines.iter().filter(|deadline| deadline.rule.silence.is_some() && deadline.state == State::Running);
    let next_silence = running.map(|deadline| deadline.due.instant().millis().saturating_add(1)).min();
    Ok(Standing {
        stage: course.stage.id.clone(),
        closed,
        outcome: outcome(&all, &questions, closed),
        questions,
        next_silence: next_silence.map(Timestamp::from_millis),
        deadlines,
    })
}

fn question<'r>(asked: &Happened, all: &[Happened], deadlines: &[Deadline<'r>], closed: bool) -> Option<Question<'r>> {
    let of = asked.of.clone()?;
    let first = |event: &str| {
        let about = all.iter().filter(|happened| happened.event == event && happened.of == asked.of);
        about.min_by_key(|happened| (happened.at, happened.number))
    };
    let objects = |reply: &Happened| reply.decision.as_deref() == Some(decisions::OBJECTION);
    let state = match (first(events::REPLIED), first(events::SILENT)) {
        (Some(reply), None) => QuestionState::Replied { objects: objects(reply), at: reply.at },
        (Some(reply), Some(silence)) if reply.at < silence.at => {
            QuestionState::Replied { objects: objects(reply), at: reply.at }
        }
        (reply, Some(silence)) => {
            QuestionState::Silent { at: silence.at, late: reply.map(|reply| (reply.at, objects(reply))) }
        }
        (None, None) if closed => QuestionState::Moot,
        (None, None) => QuestionState::Open,
    };
    let by_it = |deadline: &&Deadline<'r>| {
        deadline.of == asked.of && deadline.rule.met_by.iter().any(|event| event == events::REPLIED)
    };
    let deadline = deadlines.iter().find(by_it).cloned();
    Some(Question { of, asked_at: asked.at, state, deadline })
}

fn outcome(all: &[Happened], questions: &[Question<'_>], closed: bool) -> Outcome {
    let of = |event: &str| all.iter().find(|happened| happened.event == event);
    if !closed {
        return Outcome::Open;
    }
    if of(events::WITHDRAWN).is_some() {
        return Outcome::Withdrawn;
    }
    match of(events::ANSWERED).and_then(|answer| answer.decision.as_deref()) {
        Some(decisions::HEAD_OBJECTION) => Outcome::Objection,
        Some(_) => Outcome::NoObjection,
        None if of(events::COMPLETED).is_none() => Outcome::ConsentBySilence,
        None if questions.iter().any(Question::objects) => Outcome::SomethingAgainst,
        None => Outcome::NothingAgainst,
    }
}
