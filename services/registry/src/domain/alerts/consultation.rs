//! What was recorded with the state that entered an alert, before a decision (Regulation (EU) 2018/1861 art. 27, 2018/1860 art. 9).

use std::fmt;

use serde::{Deserialize, Serialize};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use crate::domain::calendar::warsaw;
use crate::domain::person::{Country, words};
use crate::domain::{AlertConsultationId, CaseId, PersonId};

words! {
    /// What is owed to that state.
    Owed {
        /// It has a say.
        Ask = "ask",
        /// It is told.
        Inform = "inform",
    }
}

/// What it answered.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerAnswer {
    /// Whether it objects. Its reasons are weighed; they bind nobody.
    pub objects: bool,
    /// When it answered.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: OfficerId,
    /// Its reasons, as far as they may be kept.
    pub note: String,
}

/// A consultation as it is kept. Prints without what was answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Consultation {
    /// Its id.
    pub id: AlertConsultationId,
    /// The case it is for.
    pub case: CaseId,
    /// Whom the alert is on.
    pub person: PersonId,
    /// The alert, as a pseudonym.
    pub alert: String,
    /// The state that entered it.
    pub issuing_state: Country,
    /// What was owed.
    pub owed: Owed,
    /// When it was asked or told.
    pub asked_at: Timestamp,
    /// Who recorded that.
    pub asked_by: OfficerId,
    /// The last day to answer; `None` where it was only told.
    pub last_day: Option<CivilDate>,
    /// What it answered.
    pub answer: Option<IssuerAnswer>,
}

/// Where a consultation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is still time to answer.
    Awaited {
        /// The last day.
        until: CivilDate,
    },
    /// It does not object.
    NoObjection,
    /// It does, in time.
    Objection,
    /// The last day is over: it is taken not to object, whatever it says later.
    Silence,
    /// It was told.
    Told,
}

impl Consultation {
    /// Where it is at a moment.
    #[must_use]
    pub fn progress(&self, now: Timestamp) -> Progress {
        let Some(last_day) = self.last_day else { return Progress::Told };
        let in_time = |at: Timestamp| at <= warsaw::end_of(last_day);
        match &self.answer {
            Some(answer) if !in_time(answer.at) => Progress::Silence,
            Some(answer) if answer.objects => Progress::Objection,
            Some(_) => Progress::NoObjection,
            None if in_time(now) => Progress::Awaited { until: last_day },
            None => Progress::Silence,
        }
    }
}

impl fmt::Debug for Consultation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consultation").field("id", &self.id).field("last_day", &self.last_day).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_no_objection_once_the_last_day_is_over() {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let asked = Consultation {
            id: AlertConsultationId::generate_at(moment("2026-04-20T08:00:00Z")),
            case: CaseId::generate_at(moment("2026-04-20T08:00:00Z")),
            person: PersonId::generate_at(moment("2026-04-20T08:00:00Z")),
            alert: "a".to_owned(),
            issuing_state: Country::parse("DEU", "/").unwrap(),
            owed: Owed::Ask,
            asked_at: moment("2026-04-20T08:00:00Z"),
            asked_by: OfficerId::parse("first").unwrap(),
            last_day: Some("2026-04-30".parse().unwrap()),
            answer: None,
        };
        let answered = |objects, at: &str| Consultation {
            answer: Some(IssuerAnswer {
                objects,
                at: moment(at),
                by: OfficerId::parse("first").unwrap(),
                note: String::new(),
            }),
            ..asked.clone()
        };
        // The last day ends in Warsaw, at 22:00 UTC in summer.
        let awaited = Progress::Awaited { until: "2026-04-30".parse().unwrap() };
        let (before, after) = (moment("2026-04-30T21:59:59Z"), moment("2026-04-30T22:00:00Z"));
        for (consultation, now, expected) in [
            (asked.clone(), before, awaited),
            (asked.clone(), after, Progress::Silence),
            (answered(true, "2026-04-30T21:59:59Z"), after, Progress::Objection),
            (answered(false, "2026-04-22T10:00:00Z"), before, Progress::NoObjection),
            (answered(true, "2026-04-30T22:00:00Z"), after, Progress::Silence),
            (Consultation { owed: Owed::Inform, last_day: None, ..asked.clone() }, before, Progress::Told),
        ] {
            assert_eq!(consultation.progress(now), expected, "{consultation:?} at {now}");
        }
    }
}
