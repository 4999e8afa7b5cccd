//! What holds whatever happens in a case.

use proptest::prelude::*;
use straznica_types::{CivilDate, Timestamp};

use crate::domain::calendar::{Calendar, warsaw};
use crate::domain::clock::{Deadline, Due, Happened, State, deadlines};
use crate::domain::rules::CaseType;
use crate::domain::story::{calendar, case_type};

const HOUR: i64 = 3_600_000;

fn happened(number: u32, event: &str, hours: i64) -> Happened {
    // From 1 January 2024.
    let at = Timestamp::from_millis(1_704_063_600_000 + hours * HOUR);
    Happened { number, event: event.to_owned(), at, decision: None, of: None, posted_on: None, until: None }
}

fn last<'r>(case: &'r CaseType, id: &str, happened: &[Happened], now: Timestamp, calendar: &Calendar) -> Deadline<'r> {
    deadlines(case, happened, calendar, now).into_iter().rfind(|deadline| deadline.rule.id == id).unwrap()
}

fn years_later(start: Timestamp) -> Timestamp {
    Timestamp::from_millis(start.millis() + 4 * 365 * 24 * HOUR)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_suspension_never_brings_a_deadline_forward(start in 0_i64..8_000, from in 1_i64..3_000, length in 0_i64..3_000) {
        let (case, calendar) = (case_type("residence-2022", "residence_temporary"), calendar());
        let complete = happened(0, "application_complete", start);
        let without = last(&case, "decision", std::slice::from_ref(&complete), complete.at, &calendar);
        let with = [
            complete.clone(),
            happened(1, "proceedings_suspended", start + from),
            happened(2, "proceedings_resumed", start + from + length),
        ];
        let with = last(&case, "decision", &with, years_later(complete.at), &calendar);
        prop_assert!(with.due.instant() >= without.due.instant());
        // And by no more than it lasted, and the days off at its end.
        let days = |due: Due| match due { Due::Day(day) => day.days_since_epoch(), Due::Instant(_) => 0 };
        prop_assert!(days(with.due) - days(without.due) <= length / 24 + 1 + 6);
    }

    #[test]
    fn a_suspension_that_goes_on_keeps_a_deadline_from_passing(start in 0_i64..8_000, from in 1_i64..1_000, look in 0_i64..20_000) {
        let (case, calendar) = (case_type("residence-2022", "residence_temporary"), calendar());
        let story = [happened(0, "application_complete", start), happened(1, "proceedings_suspended", start + from)];
        let now = Timestamp::from_millis(story[1].at.millis() + look * HOUR);
        let deadline = last(&case, "decision", &story, now, &calendar);
        prop_assert!(matches!(deadline.state, State::Suspended { .. }), "{:?}", deadline.state);
        prop_assert!(!deadline.due.has_passed(now));
    }

    #[test]
    fn an_extension_never_brings_a_deadline_forward(start in 0_i64..8_000, asked in 0_i64..8_000, days in 0_i64..600) {
        let (case, calendar) = (case_type("protection-2015", "protection"), calendar());
        let registered = happened(0, "application_registered", start);
        let mut extended = happened(1, "examination_extended", start + asked);
        extended.until = Some(warsaw::date(registered.at).plus_days(days));
        let now = years_later(registered.at);
        let without = last(&case, "merits", std::slice::from_ref(&registered), now, &calendar);
        let with = last(&case, "merits", &[registered, extended], now, &calendar);
        prop_assert!(with.due.instant() >= without.due.instant());
    }

    #[test]
    fn no_term_that_rolls_over_ends_on_a_day_off(start in 0_i64..20_000) {
        let (case, calendar) = (case_type("protection-2015", "protection"), calendar());
        let registered = happened(0, "application_registered", start);
        for deadline in deadlines(&case, std::slice::from_ref(&registered), &calendar, registered.at) {
            if let Due::Day(day) = deadline.due {
                prop_assert!(!deadline.rule.rolls_over || calendar.is_working(day), "{} {day}", deadline.rule.id);
            }
        }
    }

    #[test]
    fn a_later_start_never_ends_earlier(start in 0_i64..20_000, later in 0_i64..200) {
        let (case, calendar) = (case_type("protection-2015", "protection"), calendar());
        let due_of = |hours: i64, id: &str| {
            let registered = happened(0, "application_registered", hours);
            last(&case, id, std::slice::from_ref(&registered), registered.at, &calendar).due.instant()
        };
        for id in ["merits", "tztc", "forwarding", "work_certificate"] {
            prop_assert!(due_of(start, id) <= due_of(start + later, id), "{id}");
        }
    }

    #[test]
    fn whatever_happens_in_whatever_order_is_counted_without_a_panic_and_the_same_each_time(
        picks in proptest::collection::vec((any::<proptest::sample::Index>(), 0_i64..30_000, any::<proptest::sample::Index>()), 0..40),
        look in 0_i64..40_000,
    ) {
        let (case, calendar) = (case_type("protection-2015", "protection"), calendar());
        let mut story: Vec<Happened> = picks.iter().zip(0..).map(|((event, hours, decision), number)| {
            let event = &case.events[event.index(case.events.len())];
            let mut happened = happened(number, &event.id, *hours);
            happened.decision = event.about_decision_of.map(|_| case.decisions[decision.index(case.decisions.len())].id.clone());
            happened
        }).collect();
        let now = happened(0, "", look).at;
        let told = |story: &[Happened]| {
            let found = deadlines(&case, story, &calendar, now);
            found.iter().map(|deadline| (deadline.rule.id.clone(), deadline.due, format!("{:?}", deadline.state))).collect::<Vec<_>>()
        };
        let first = told(&story);
        // The order in which they were written down does not matter: the number and the moment do.
        story.reverse();
        prop_assert_eq!(first, told(&story));
    }
}

#[test]
fn days_of_the_far_future_are_counted() {
    let (case, calendar) = (case_type("protection-2015", "protection"), calendar());
    let mut registered = happened(0, "application_registered", 0);
    registered.at = Timestamp::start_of(CivilDate::new(9999, 12, 31).unwrap());
    assert!(!deadlines(&case, &[registered.clone()], &calendar, registered.at).is_empty());
}
