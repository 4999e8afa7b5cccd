//! Silence at the right hour, late replies, extensions, and who may answer for whom.

use proptest::prelude::*;
use straznica_types::Timestamp;

use super::*;
use crate::domain::Refusal;
use crate::domain::course::NotNow;
use crate::domain::rules::CaseType;
use crate::domain::story::{calendar, case_type, moment, story};

fn law(flow: Flow) -> CaseType {
    case_type("consultation-2014", flow.as_str())
}

/// What follows, as people write it.
fn follows(flow: Flow, text: &str, now: &str) -> Vec<String> {
    let told = |happened: &Happened| {
        let of = happened.of.as_ref().map(|of| format!(" {of}")).unwrap_or_default();
        format!("{} {}{of}", happened.at, happened.event)
    };
    consequences(&law(flow), &story(text), &calendar(), moment(now)).unwrap().iter().map(told).collect()
}

fn stands(flow: Flow, text: &str, now: &str) -> (Outcome, Vec<String>) {
    let law = law(flow);
    let standing = standing(&law, &story(text), &calendar(), moment(now)).unwrap();
    let question = |question: &Question<'_>| {
        let state = match &question.state {
            QuestionState::Open => "open".to_owned(),
            QuestionState::Replied { objects, .. } => format!("replied {objects}"),
            QuestionState::Silent { late: None, .. } => "silent".to_owned(),
            QuestionState::Silent { late: Some((_, objects)), .. } => format!("silent, late {objects}"),
            QuestionState::Moot => "moot".to_owned(),
        };
        format!("{}: {state}", question.of)
    };
    (standing.outcome, standing.questions.iter().map(question).collect())
}

fn admits(flow: Flow, text: &str, new: &NewMove, now: &str) -> Result<(), Refusal> {
    admit(&law(flow), &story(text), new, &calendar(), moment(now)).map(|_| ())
}

fn reply(of: &str, decision: &str) -> NewMove {
    let grounds = (decision == decisions::OBJECTION).then_some(Grounds::StateSecurity);
    NewMove { decision: Some(decision.to_owned()), grounds, ..NewMove::of(events::REPLIED, Some(of)) }
}

fn answer(decision: &str, remark: &str) -> NewMove {
    let grounds = (decision == decisions::HEAD_OBJECTION).then_some(Grounds::PublicOrder);
    let remark = remark.to_owned();
    NewMove { decision: Some(decision.to_owned()), grounds, remark, ..NewMove::of(events::ANSWERED, None) }
}

const INCOMING: &str = "2026-03-26T10:00:00+01:00 request_received
    2026-03-26T10:00:00+01:00 asked of=abw
    2026-03-26T10:00:00+01:00 asked of=sg";

#[test]
fn silence_speaks_at_the_midnight_of_warsaw_after_the_last_day_and_not_a_millisecond_before() {
    // Thursday 26 March and five days: Tuesday 31; clocks went forward on Sunday 29. Seven: Thursday 2 April.
    let none: [&str; 0] = [];
    assert_eq!(follows(Flow::Incoming, INCOMING, "2026-03-31T21:59:59.999Z"), none);
    let bodies = ["2026-03-31T22:00:00.000Z silent abw", "2026-03-31T22:00:00.000Z silent sg"];
    assert_eq!(follows(Flow::Incoming, INCOMING, "2026-03-31T22:00:00Z"), bodies);
    assert_eq!(follows(Flow::Incoming, INCOMING, "2026-04-02T21:59:59.999Z"), bodies);
    let all = [bodies[0], bodies[1], "2026-04-02T22:00:00.000Z answer_silent"];
    assert_eq!(follows(Flow::Incoming, INCOMING, "2026-04-02T22:00:00Z"), all);
    assert_eq!(follows(Flow::Incoming, INCOMING, "2026-12-02T22:00:00Z"), all);
    assert_eq!(stands(Flow::Incoming, INCOMING, "2026-04-02T22:00:00Z").0, Outcome::ConsentBySilence);
}

#[test]
fn what_is_written_down_follows_no_more() {
    let written = format!(
        "{INCOMING}
         2026-04-01T00:00:00+02:00 silent of=abw
         2026-04-01T00:00:00+02:00 silent of=sg
         2026-04-03T00:00:00+02:00 answer_silent"
    );
    assert!(follows(Flow::Incoming, &written, "2026-12-02T22:00:00Z").is_empty());
}

#[test]
fn a_late_reply_is_shown_and_changes_nothing() {
    let late = format!("{INCOMING}\n2026-04-01T09:00:00+02:00 replied of=abw decision=objection");
    let (outcome, questions) = stands(Flow::Incoming, &late, "2026-04-02T12:00:00+02:00");
    assert_eq!(
        (outcome, questions),
        (Outcome::Open, vec!["abw: silent, late true".to_owned(), "sg: silent".to_owned()])
    );
    // Even one that comes after everything is over.
    let all_over = reply("sg", decisions::OBJECTION);
    assert_eq!(admits(Flow::Incoming, &late, &all_over, "2026-05-02T12:00:00+02:00"), Ok(()));
    assert_eq!(
        admits(Flow::Incoming, &late, &reply("abw", decisions::NO_OBJECTION), "2026-04-02T12:00:00+02:00"),
        Err(Refusal::Replied)
    );
}

#[test]
fn a_reply_in_the_last_millisecond_is_in_time() {
    let just = format!("{INCOMING}\n2026-03-31T23:59:59.999+02:00 replied of=abw decision=objection");
    let (_, questions) = stands(Flow::Incoming, &just, "2026-04-02T12:00:00+02:00");
    assert_eq!(questions, ["abw: replied true", "sg: silent"]);
}

#[test]
fn nobody_consents_while_a_body_has_time_or_against_one_without_saying_why() {
    let consent = answer(decisions::HEAD_NO_OBJECTION, "");
    let blocked = NotNow::Blocked { event: "answered".to_owned(), deadline: "body_answer".to_owned() };
    let at = "2026-03-27T12:00:00+01:00";
    assert_eq!(admits(Flow::Incoming, INCOMING, &consent, at), Err(blocked.into()));
    assert_eq!(admits(Flow::Incoming, INCOMING, &answer(decisions::HEAD_OBJECTION, ""), at), Ok(()));
    assert_eq!(admits(Flow::Incoming, INCOMING, &consent, "2026-04-01T12:00:00+02:00"), Ok(()));
    let against = format!("{INCOMING}\n2026-03-27T09:00:00+01:00 replied of=abw decision=objection");
    let after = "2026-04-01T12:00:00+02:00";
    assert_eq!(admits(Flow::Incoming, &against, &consent, after), Err(Refusal::Missing { member: "/remark" }));
    let reasoned = answer(decisions::HEAD_NO_OBJECTION, "the grounds fell away");
    assert_eq!(admits(Flow::Incoming, &against, &reasoned, after), Ok(()));
}

#[test]
fn an_objection_says_on_which_grounds_and_nothing_else_does() {
    let at = "2026-03-27T12:00:00+01:00";
    let groundless = NewMove { grounds: None, ..reply("abw", decisions::OBJECTION) };
    assert_eq!(admits(Flow::Incoming, INCOMING, &groundless, at), Err(Refusal::Missing { member: "/grounds" }));
    let odd = NewMove { grounds: Some(Grounds::Alert), ..reply("abw", decisions::NO_OBJECTION) };
    let expected = Refusal::Invalid { member: "/grounds", expected: "none without an objection" };
    assert_eq!(admits(Flow::Incoming, INCOMING, &odd, at), Err(expected));
}

#[test]
fn only_who_was_asked_replies_and_nobody_is_asked_twice() {
    let at = "2026-03-27T12:00:00+01:00";
    assert_eq!(admits(Flow::Incoming, INCOMING, &reply("aw", decisions::NO_OBJECTION), at), Err(Refusal::NotAsked));
    assert_eq!(admits(Flow::Incoming, INCOMING, &NewMove::of(events::ASKED, Some("aw")), at), Ok(()));
    assert!(admits(Flow::Incoming, INCOMING, &NewMove::of(events::ASKED, Some("sg")), at).is_err());
    for itself in ["silent", "answer_silent"] {
        let refused = admits(Flow::Incoming, INCOMING, &NewMove::of(itself, Some("sg")), at);
        assert_eq!(refused, Err(Refusal::ByItself), "{itself}");
    }
}

#[test]
fn a_term_is_made_longer_while_it_runs_and_once() {
    let asked = "2026-04-22T10:00:00+02:00 consul_asked
        2026-04-22T10:00:00+02:00 asked of=aw";
    let longer = NewMove::of(events::EXTENDED, Some("aw"));
    let outcome = |text: &str, new: &NewMove, now: &str| admits(Flow::National, text, new, now);
    assert_eq!(outcome(asked, &longer, "2026-04-27T23:59:59+02:00"), Ok(()));
    assert_eq!(outcome(asked, &longer, "2026-04-28T00:00:00+02:00"), Err(Refusal::NotLonger));
    let once = format!("{asked}\n2026-04-24T10:00:00+02:00 extended of=aw");
    assert_eq!(outcome(&once, &longer, "2026-04-25T10:00:00+02:00"), Err(Refusal::NotLonger));
    let prolonged = NewMove::of(events::PROLONGED, None);
    assert_eq!(outcome(asked, &prolonged, "2026-05-04T12:00:00+02:00"), Ok(()));
    // The Head has thirty days already, because the body has longer.
    assert_eq!(outcome(&once, &prolonged, "2026-05-04T12:00:00+02:00"), Err(Refusal::NotLonger));
    // No body has longer in a consultation of another state: seven days are seven days.
    assert!(matches!(
        admits(Flow::Incoming, INCOMING, &NewMove::of(events::EXTENDED, Some("sg")), "2026-03-27T12:00:00+01:00"),
        Err(Refusal::NotNow(NotNow::Unknown { .. }))
    ));
}

#[test]
fn another_state_is_silent_only_after_it_was_reached() {
    let sent = "2026-04-20T10:00:00+02:00 consul_asked
        2026-04-20T10:00:00+02:00 asked of=FRA";
    let none: [&str; 0] = [];
    assert_eq!(follows(Flow::Outgoing, sent, "2026-06-20T10:00:00+02:00"), none);
    let consent = answer(decisions::HEAD_NO_OBJECTION, "");
    let waits = NotNow::Blocked { event: "answered".to_owned(), deadline: "delivered".to_owned() };
    assert_eq!(admits(Flow::Outgoing, sent, &consent, "2026-06-20T10:00:00+02:00"), Err(waits.into()));
    let delivered = format!("{sent}\n2026-04-23T10:00:00+02:00 delivered of=FRA");
    assert_eq!(
        follows(Flow::Outgoing, &delivered, "2026-06-20T10:00:00+02:00"),
        ["2026-04-30T22:00:00.000Z silent FRA"]
    );
    assert_eq!(admits(Flow::Outgoing, &delivered, &consent, "2026-05-01T00:00:00+02:00"), Ok(()));
}

#[test]
fn an_opinion_ends_by_itself_when_everybody_has_spoken() {
    let asked = "2025-03-10T10:00:00+01:00 opinions_wanted
        2025-03-10T10:00:00+01:00 asked of=abw
        2025-03-10T10:00:00+01:00 asked of=police";
    let (outcome, _) = stands(Flow::ProtectionOpinion, asked, "2025-04-09T12:00:00+02:00");
    assert_eq!(outcome, Outcome::Open);
    assert_eq!(stands(Flow::ProtectionOpinion, asked, "2025-04-10T00:00:00+02:00").0, Outcome::NothingAgainst);
    let spoke = format!(
        "{asked}
         2025-03-20T10:00:00+01:00 replied of=abw decision=objection
         2025-03-21T10:00:00+01:00 replied of=police decision=no_objection"
    );
    assert_eq!(
        follows(Flow::ProtectionOpinion, &spoke, "2025-03-21T10:00:00+01:00"),
        ["2025-03-21T09:00:00.000Z completed"]
    );
    assert_eq!(stands(Flow::ProtectionOpinion, &spoke, "2025-03-21T10:00:00+01:00").0, Outcome::SomethingAgainst);
}

#[test]
fn who_did_something_is_read_as_it_was_written() {
    for text in ["officer/k.nowak", "consulted/abw/j.1", "state/FRA", "clock"] {
        assert_eq!(text.parse::<By>().unwrap().to_string(), text);
    }
    for text in ["", "clock/x", "officer/", "consulted/abw", "state/", "officer/a/b c", "nobody/x"] {
        assert!(text.parse::<By>().is_err(), "{text}");
    }
}

#[test]
fn every_flow_has_its_rules_and_no_rules_are_without_a_flow() {
    let book = crate::domain::rules::RuleBook::built_in().unwrap();
    let set = book.set("consultation-2014").unwrap();
    assert_eq!(set.family, FAMILY);
    let types: Vec<&str> = set.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(types, Flow::ALL.map(Flow::as_str));
    for flow in Flow::ALL {
        assert_eq!(law(flow).event(flow.opened_by()).unwrap().opens.as_deref(), Some("open"), "{flow:?}");
    }
}

const HOUR: i64 = 3_600_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn looking_often_or_once_tells_the_same_and_each_silence_once(
        flow in 0_usize..6,
        start in 0_i64..9_000,
        replies in proptest::collection::vec((0_usize..3, 0_i64..1_500, any::<bool>()), 0..3),
        looks in proptest::collection::vec(0_i64..2_500, 1..6),
    ) {
        let flow = Flow::ALL[flow];
        let (law, calendar) = (law(flow), calendar());
        let opened = 1_767_225_600_000 + start * HOUR;
        let at = |hours: i64| Timestamp::from_millis(opened + hours * HOUR);
        let mut story = vec![NewMove::of(flow.opened_by(), None).numbered(1, at(0))];
        for (of, number) in ["abw", "sg", "FRA"].into_iter().zip(2..) {
            story.push(NewMove::of(events::ASKED, Some(of)).numbered(number, at(0)));
        }
        if flow.asks_states() {
            for (of, number) in ["abw", "sg", "FRA"].into_iter().zip(5..) {
                story.push(NewMove::of(events::DELIVERED, Some(of)).numbered(number, at(1)));
            }
        }
        let mut todo: Vec<(i64, Option<(usize, bool)>)> = looks.iter().map(|hour| (*hour, None)).collect();
        todo.extend(replies.iter().map(|(who, hour, objects)| (*hour, Some((*who, *objects)))));
        todo.sort_by_key(|(hour, _)| *hour);
        let (mut often, mut once) = (story.clone(), story);
        for (hour, what) in todo {
            if let Some((who, objects)) = what {
                let decision = if objects { decisions::OBJECTION } else { decisions::NO_OBJECTION };
                let new = reply(["abw", "sg", "FRA"][who], decision);
                let first = admit(&law, &often, &new, &calendar, at(hour));
                let second = admit(&law, &once, &new, &calendar, at(hour));
                prop_assert_eq!(first.is_ok(), second.is_ok());
                if let (Ok((follows, event)), Ok((_, alone))) = (first, second) {
                    often.extend(follows);
                    often.push(event);
                    once.push(Happened { number: once.len() as u32 + 1, ..alone });
                }
            } else {
                let follows = consequences(&law, &often, &calendar, at(hour)).unwrap();
                often.extend(follows);
            }
        }
        let end = at(4_000);
        often.extend(consequences(&law, &often, &calendar, end).unwrap());
        once.extend(consequences(&law, &once, &calendar, end).unwrap());
        let told = |story: &[Happened]| {
            let mut told: Vec<_> = story.iter().map(|happened| (happened.at, happened.event.clone(), happened.of.clone())).collect();
            told.sort();
            told
        };
        prop_assert_eq!(told(&often), told(&once));
        let mut silences: Vec<_> = often.iter().filter(|happened| happened.event.contains("silent")).map(|happened| (&happened.event, &happened.of)).collect();
        let before = silences.len();
        silences.sort();
        silences.dedup();
        prop_assert_eq!(before, silences.len());
        prop_assert!(standing(&law, &often, &calendar, end).unwrap().next_silence.is_none());
    }
}
