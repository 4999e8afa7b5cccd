//! Where a case stands: its stage, what is due next, what it waits for.

use straznica_types::Timestamp;

use crate::domain::Refusal;
use crate::domain::calendar::Calendar;
use crate::domain::clock::{Deadline, Happened, State, deadlines};
use crate::domain::course::course;
use crate::domain::rules::{CaseType, Party};

/// What stands for a case in which nothing is due: it comes after all others.
pub const NO_DUE: Timestamp = Timestamp::from_millis(i64::MAX);

/// Where a case stands, as the worklist is ordered by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its stage.
    pub stage: String,
    /// Nothing is waited for any more.
    pub closed: bool,
    /// When what an authority has to do next is due; [`NO_DUE`]: nothing is.
    pub next_due: Timestamp,
}

/// What there is to do in a case.
#[derive(Debug, Clone)]
pub struct Work<'r> {
    /// Where it stands.
    pub standing: Standing,
    /// What an authority has to do next.
    pub next: Option<Deadline<'r>>,
    /// What others have to do, or let pass, before it can go on: the rule, and of which of several.
    pub blocked_by: Vec<String>,
}

impl Work<'_> {
    /// Whether what is due next is late.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.state == State::Late)
    }
}

/// Where a case stands at a moment, and what there is to do.
///
/// # Errors
/// [`Refusal`] where what is recorded does not hold together, or nothing is.
pub fn work<'r>(
    case: &'r CaseType,
    happened: &[Happened],
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Work<'r>, Refusal> {
    let course = course(case, happened, calendar, now)?.ok_or(Refusal::NoCase)?;
    let open: Vec<Deadline<'r>> =
        deadlines(case, happened, calendar, now).into_iter().filter(Deadline::is_open).collect();
    let blocked_by = open.iter().filter(|deadline| !deadline.rule.blocks.is_empty()).map(named).collect();
    let next = open
        .into_iter()
        .filter(|deadline| by_authority(deadline.rule.owed_by) && !course.stage.closed)
        .min_by_key(|deadline| deadline.due.instant());
    let standing = Standing {
        stage: course.stage.id.clone(),
        closed: course.stage.closed,
        next_due: next.as_ref().map_or(NO_DUE, |next| next.due.instant()),
    };
    Ok(Work { standing, next, blocked_by })
}

fn named(deadline: &Deadline<'_>) -> String {
    let rule = &deadline.rule.id;
    deadline.of.as_ref().map_or_else(|| rule.clone(), |of| format!("{rule} ({of})"))
}

/// Whether the work of the authorities that keep the register: not that of aliens, courts, consulted bodies or other states.
const fn by_authority(party: Party) -> bool {
    match party {
        Party::BorderGuard | Party::Head | Party::Board | Party::Voivode => true,
        Party::Applicant | Party::Court | Party::ConsultedBody | Party::ForeignState => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::{calendar, case_type, moment, story};

    #[test]
    fn what_an_authority_has_to_do_first_comes_next_and_what_blocks_is_told() {
        let case = case_type("protection-2015", "protection");
        let happened = story(
            "2025-03-03T10:00:00+01:00 application_registered
             2025-03-03T12:00:00+01:00 directed_to_centre
             2025-03-03T13:00:00+01:00 security_opinion_requested of=abw",
        );
        let on = |now: &str| work(&case, &happened, &calendar(), moment(now)).unwrap();
        let first = on("2025-03-04T10:00:00+01:00");
        // Forwarding within 48 hours; the applicant's two days end on the same day, but are not the authority's.
        assert_eq!(first.next.as_ref().unwrap().rule.id, "forwarding");
        assert_eq!(first.standing.next_due, moment("2025-03-05T10:00:00+01:00"));
        assert_eq!((first.blocked_by.as_slice(), first.is_late()), (&["security_opinion (abw)".to_owned()][..], false));
        let later = on("2025-05-05T10:00:00+02:00");
        assert!(later.is_late() && later.blocked_by.is_empty());
    }

    #[test]
    fn a_closed_case_waits_for_nothing() {
        let case = case_type("residence-2022", "residence_temporary");
        let happened = story(
            "2025-03-03T10:00:00+01:00 application_filed
             2025-03-04T10:00:00+01:00 left_unexamined",
        );
        let work = work(&case, &happened, &calendar(), moment("2025-03-05T10:00:00+01:00")).unwrap();
        assert_eq!(work.standing, Standing { stage: "closed".to_owned(), closed: true, next_due: NO_DUE });
    }
}
