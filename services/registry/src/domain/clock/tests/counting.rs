//! How deadlines are told: the steps, and what does not move them.

use crate::domain::calendar::DayOff;
use crate::domain::clock::{Deadline, Due, NotExtended, State, Step, deadlines};
use crate::domain::rules::CaseType;
use crate::domain::story::{calendar, case_type, due, moment, state, story};

fn protection() -> CaseType {
    case_type("protection-2015", "protection")
}

fn of<'d, 'r>(found: &'d [Deadline<'r>], id: &str) -> Vec<&'d Deadline<'r>> {
    found.iter().filter(|deadline| deadline.rule.id == id).collect()
}

#[test]
fn a_deadline_tells_its_term_its_suspension_its_days_off_and_the_law() {
    let case = case_type("residence-2022", "residence_temporary");
    let happened = story(
        "2025-03-03T10:00:00+01:00 application_complete
         2025-03-10T10:00:00+01:00 proceedings_suspended
         2025-03-11T10:00:00+01:00 proceedings_resumed",
    );
    let found = deadlines(&case, &happened, &calendar(), moment("2025-04-01T12:00:00+02:00"));
    let [deadline] = of(&found, "decision")[..] else { panic!("{found:?}") };
    // One day of suspension moves Friday 2 May to Saturday 3 May, a holiday besides; Sunday 4; Monday 5.
    assert_eq!(due(deadline), "2025-05-05");
    let [Step::Counted { from, reaches, .. }, Step::Suspended { rule, reaches: moved, .. }, Step::Shifted { over, .. }] =
        &deadline.why[..]
    else {
        panic!("{:?}", deadline.why)
    };
    assert_eq!((from.happened.event.as_str(), from.day.to_string().as_str()), ("application_complete", "2025-03-03"));
    assert_eq!((*reaches, *moved), (day("2025-05-02"), day("2025-05-03")));
    assert_eq!(rule.basis.article, "art. 103");
    let over: Vec<DayOff> = over.iter().map(|(_, off)| off.clone()).collect();
    assert_eq!(over, [DayOff::Holiday("constitution_day".to_owned()), DayOff::Sunday]);
    assert!(deadline.rule.basis.act.journal.starts_with("Dz.U."));
}

#[test]
fn deemed_service_is_told_by_the_event_it_follows_from() {
    let case = protection();
    let happened = story("2025-04-07T10:00:00+02:00 notice_displayed decision=refusal");
    let before = deadlines(&case, &happened, &calendar(), moment("2025-04-14T23:59:59+02:00"));
    assert!(of(&before, "appeal").is_empty());
    let after = deadlines(&case, &happened, &calendar(), moment("2025-04-15T00:00:00+02:00"));
    let [Step::Counted { start, .. }, ..] = &of(&after, "appeal")[0].why[..] else { panic!("{after:?}") };
    let rule = start.deemed.unwrap();
    assert_eq!((rule.after.as_str(), start.day.to_string().as_str()), ("notice_displayed", "2025-04-14"));
}

#[test]
fn each_consulted_body_has_its_own_term() {
    let case = protection();
    let happened = story(
        "2025-12-01T10:00:00+01:00 security_opinion_requested of=abw
         2025-12-03T10:00:00+01:00 security_opinion_requested of=police
         2025-12-10T10:00:00+01:00 security_opinion_received of=police
         2025-12-11T10:00:00+01:00 security_opinion_extended of=abw",
    );
    let found = deadlines(&case, &happened, &calendar(), moment("2026-01-10T12:00:00+01:00"));
    let told: Vec<_> = of(&found, "security_opinion")
        .iter()
        .map(|deadline| (deadline.of.clone().unwrap(), due(deadline), state(deadline)))
        .collect();
    let row = |body: &str, day: &str, state: &str| (body.to_owned(), day.to_owned(), state.to_owned());
    // 1 December and three months; 3 December and thirty days is Friday 2 January.
    assert_eq!(told, [row("abw", "2026-03-02", "running"), row("police", "2026-01-02", "met")]);
}

#[test]
fn extensions_that_do_not_hold_are_told() {
    let case = protection();
    let start = "2025-02-28T10:00:00+01:00 application_registered";
    for (then, because) in [
        ("2025-08-29T00:00:00+02:00 examination_extended", NotExtended::Passed),
        ("2025-08-01T10:00:00+02:00 examination_extended until=2025-08-28", NotExtended::NoFurther),
        (
            "2025-06-01T10:00:00+02:00 examination_extended until=2025-09-30
             2025-09-30T10:00:00+02:00 examination_extended until=2025-12-30",
            NotExtended::TooOften,
        ),
    ] {
        let happened = story(&format!("{start}\n{then}"));
        let found = deadlines(&case, &happened, &calendar(), moment("2025-09-30T12:00:00+02:00"));
        let told = |step: &Step<'_>| matches!(step, Step::NotExtended { because: told, .. } if *told == because);
        assert!(of(&found, "merits")[0].why.iter().any(told), "{because:?}");
    }
}

#[test]
fn reopening_begins_the_examination_anew() {
    let case = protection();
    let happened = story(
        "2024-09-02T10:00:00+02:00 application_registered
         2024-10-02T10:00:00+02:00 reopened",
    );
    let found = deadlines(&case, &happened, &calendar(), moment("2024-10-03T12:00:00+02:00"));
    let states: Vec<_> = of(&found, "merits").iter().map(|deadline| state(deadline)).collect();
    assert_eq!(states, ["begun anew", "running"]);
}

#[test]
fn what_passed_with_a_meaning_stays_passed_whatever_comes_after() {
    let case = protection();
    let happened = story(
        "2025-03-03T10:00:00+01:00 left_centre
         2025-03-20T10:00:00+01:00 returned_to_centre
         2025-04-01T10:00:00+02:00 left_centre",
    );
    let found = deadlines(&case, &happened, &calendar(), moment("2025-04-02T12:00:00+02:00"));
    let states: Vec<_> = of(&found, "absence").iter().map(|deadline| state(deadline)).collect();
    assert_eq!(states, ["ImplicitWithdrawal", "running"]);
    assert!(of(&found, "absence")[0].why.iter().any(|step| matches!(step, Step::TooLate { .. })));
}

#[test]
fn what_happens_later_does_not_change_what_one_saw() {
    let case = protection();
    let happened = story(
        "2025-02-28T10:00:00+01:00 application_registered
         2025-08-28T18:00:00+02:00 examination_extended
         2026-05-28T18:00:00+02:00 decision_issued decision=refusal",
    );
    for (now, day, stands) in [
        ("2025-08-28T17:59:00+02:00", "2025-08-28", "running"),
        ("2025-08-28T18:00:00+02:00", "2026-05-28", "running"),
        ("2026-05-28T18:00:00+02:00", "2026-05-28", "met"),
        ("2030-05-28T18:00:00+02:00", "2026-05-28", "met"),
    ] {
        let found = deadlines(&case, &happened, &calendar(), moment(now));
        let [merits] = of(&found, "merits")[..] else { panic!("{now}") };
        assert_eq!((due(merits), state(merits)), (day.to_owned(), stands.to_owned()), "{now}");
    }
}

#[test]
fn only_what_still_has_to_be_done_is_open() {
    let case = protection();
    let happened = story(
        "2025-04-29T10:00:00+02:00 intention_declared
         2025-04-30T10:00:00+02:00 application_registered",
    );
    let found = deadlines(&case, &happened, &calendar(), moment("2025-04-30T12:00:00+02:00"));
    let open: Vec<&str> = found.iter().filter(|found| found.is_open()).map(|found| found.rule.id.as_str()).collect();
    assert_eq!(open, ["forwarding", "tztc", "merits", "work_certificate"]);
    assert!(matches!(of(&found, "registration")[0].state, State::Met { late: false, .. }));
}

fn day(text: &str) -> Due {
    Due::Day(text.parse().unwrap())
}
