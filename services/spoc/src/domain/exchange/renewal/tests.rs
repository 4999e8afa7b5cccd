//! Single decisions, and a simulated year.

use std::time::Duration;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use straznica_types::Timestamp;

use super::{
    Action, Asked, AskedState, Authority, CaQuery, Cause, Kind, Problem, Terms, Troubles, Verifier, View, decide,
};
use crate::domain::{exchange::partner::Period, records::Day};

const DAY: Duration = Duration::from_secs(86_400);
const TERMS: Terms = Terms { lead_days: 14, fallback_days: 3, overdue_days: 8, failing_days: 1 };

/// Noon of the `day`th day of 1970.
fn noon(day: i64) -> Timestamp {
    midnight(day) + DAY / 2
}

fn midnight(day: i64) -> Timestamp {
    Timestamp::from_millis(Day::from_midnight(0).plus(day).midnight())
}

fn day(number: i64) -> Day {
    Day::from_midnight(0).plus(number)
}

fn generation(number: usize) -> String {
    format!("UTCVCA{number:05}")
}

/// Six weeks from day 0 under the first key of a CVCA that is valid for years.
fn quiet(now: Timestamp) -> View<'static> {
    View {
        now,
        terms: TERMS,
        verifier: Some(Verifier { generation: generation(1), effective: day(0), expires: day(42) }),
        authority: Some(Authority { generation: generation(1), expires: day(1000) }),
        requests: &[],
        ca_query: CaQuery::default(),
        outages: &[],
        narrowed: false,
        troubles: Troubles::default(),
    }
}

fn asked(kind: Kind, made_at: Timestamp, state: AskedState) -> Asked {
    Asked { kind, generation: generation(1), made_at, signer_usable: true, state }
}

fn closed(kind: Kind, at: Timestamp, cause: Cause) -> Asked {
    asked(kind, at, AskedState::Closed { cause, at })
}

fn outage(from: i64, until: i64) -> Period {
    Period::new(midnight(from), Some(midnight(until))).unwrap()
}

fn wait(until: Timestamp) -> Action {
    Action::Wait { until: Some(until) }
}

#[test]
fn a_renewal_begins_fourteen_days_before_expiry_with_a_successive_request() {
    assert_eq!(decide(&quiet(noon(27))).action, wait(midnight(28)));
    assert_eq!(decide(&quiet(midnight(28))).action, Action::Request(Kind::Successive));
    assert_eq!(decide(&quiet(noon(30))).problems, []);
}

#[test]
fn it_begins_earlier_by_the_days_the_partner_announced_to_be_away() {
    // Two of the three lie in the window, or in what it grows to; they overlap by a day.
    let outages = [outage(30, 33), outage(32, 35), outage(1, 3)];
    let view = View { outages: &outages, ..quiet(noon(10)) };
    assert_eq!(decide(&view).action, wait(midnight(23)));
    // A month away: a third of the validity has to pass all the same.
    let long = [outage(5, 42)];
    let view = View { outages: &long, ..quiet(noon(1)) };
    let third = 43 * 86_400_000 / 3;
    assert_eq!(decide(&view).action, wait(Timestamp::from_millis(third)));
}

#[test]
fn nothing_is_asked_while_the_partner_is_away_and_an_outage_that_outlasts_the_certificate_is_a_problem() {
    let outages = [outage(28, 40), outage(39, 50)];
    let decision = decide(&View { outages: &outages, ..quiet(noon(29)) });
    assert_eq!(decision.action, wait(midnight(50)));
    assert_eq!(decision.problems, [Problem::Outage(midnight(50))]);
}

#[test]
fn a_short_certificate_is_not_renewed_the_day_it_comes() {
    let verifier = Some(Verifier { generation: generation(1), effective: day(0), expires: day(13) });
    let view = View { verifier, ..quiet(noon(0)) };
    assert_eq!(decide(&view).action, wait(Timestamp::from_millis(14 * 86_400_000 / 3)));
    let last_day = Some(Verifier { generation: generation(1), effective: day(0), expires: day(0) });
    assert_eq!(decide(&View { verifier: last_day, ..quiet(noon(0)) }).action, wait(midnight(1)));
}

#[test]
fn without_a_certificate_the_request_is_initial() {
    let decision = decide(&View { verifier: None, ..quiet(noon(5)) });
    assert_eq!(decision.action, Action::Request(Kind::Initial));
    assert_eq!(decision.problems, [Problem::NoCertificate]);
}

#[test]
fn a_newer_key_of_the_cvca_is_asked_for_at_once_after_its_certificates_were_fetched() {
    let authority = Some(Authority { generation: generation(2), expires: day(1000) });
    let rolled_over = View { authority, ..quiet(noon(5)) };
    assert_eq!(decide(&rolled_over).action, Action::AskForCaCertificates);
    let open = CaQuery { open_since: Some(noon(5)), ..CaQuery::default() };
    assert_eq!(decide(&View { ca_query: open, ..rolled_over.clone() }).action, wait(noon(6)));
    let settled = CaQuery::settled(noon(5));
    assert_eq!(decide(&View { ca_query: settled, ..rolled_over.clone() }).action, Action::Request(Kind::Successive));
    // A question nobody answers holds a renewal up for a day at most.
    assert_eq!(decide(&View { now: noon(6), ca_query: open, ..rolled_over }).action, Action::Request(Kind::Successive));
}

#[test]
fn without_a_certificate_of_the_cvca_its_certificates_are_asked_for_once_a_day() {
    let blind = View { authority: None, verifier: None, ..quiet(noon(5)) };
    let decision = decide(&blind);
    assert_eq!(decision.action, Action::AskForCaCertificates);
    assert_eq!(decision.problems, [Problem::NoAuthority, Problem::NoCertificate]);
    let settled = CaQuery::settled(noon(5));
    assert_eq!(decide(&View { ca_query: settled, ..blind.clone() }).action, wait(noon(6)));
    assert_eq!(decide(&View { now: noon(6), ca_query: settled, ..blind }).action, Action::AskForCaCertificates);
}

#[test]
fn what_follows_from_each_answer() {
    use Action::{AskForCaCertificates, Request};
    use Kind::{Initial, Successive};
    let later = |hours: u32| wait(noon(28) + Duration::from_secs(3600) * hours);
    // Cause, then what follows a successive and an initial request before and after the CVCA's certificates were fetched.
    let table = [
        (Cause::InnerSignature, [later(96), later(96), later(96), later(96)]),
        (Cause::Syntax, [later(96), later(96), later(96), later(96)]),
        (Cause::OuterSignature, [Request(Initial), Request(Initial), later(24), later(24)]),
        (Cause::Expired, [Request(Initial), Request(Initial), later(24), later(24)]),
        (Cause::DomainParameters, [AskForCaCertificates, later(24), AskForCaCertificates, later(24)]),
        (Cause::NotAccepted, [AskForCaCertificates, later(24), AskForCaCertificates, later(24)]),
        (Cause::Certificate, [AskForCaCertificates, Request(Initial), AskForCaCertificates, later(24)]),
        (Cause::InternalError, [later(1), later(1), later(1), later(1)]),
        (Cause::AnswerRefused, [AskForCaCertificates, later(24), AskForCaCertificates, later(24)]),
        (Cause::Cancelled, [later(24), later(24), later(24), later(24)]),
    ];
    assert_eq!(table.len(), Cause::ALL.len());
    for (cause, expected) in table {
        let now = noon(28) + Duration::from_secs(60);
        let fetched = CaQuery::settled(now);
        let after = |kind, ca_query| {
            let requests = [closed(kind, noon(28), cause)];
            let decision = decide(&View { requests: &requests, ca_query, ..quiet(now) });
            assert_eq!(decision.problems, [Problem::Declined(cause)]);
            decision.action
        };
        let found = [
            after(Successive, CaQuery::default()),
            after(Successive, fetched),
            after(Initial, CaQuery::default()),
            after(Initial, fetched),
        ];
        assert_eq!(found, expected, "{cause:?}");
    }
}

#[test]
fn after_a_refusal_for_its_signer_requests_stay_initial_until_one_is_fulfilled() {
    let mut requests = vec![
        closed(Kind::Initial, noon(29), Cause::NotAccepted),
        closed(Kind::Successive, noon(28), Cause::OuterSignature),
    ];
    let fetched = CaQuery::settled(noon(29) + DAY / 24);
    let later = noon(32);
    assert_eq!(
        decide(&View { requests: &requests, ca_query: fetched, ..quiet(later) }).action,
        Action::Request(Kind::Initial)
    );
    requests.insert(0, asked(Kind::Initial, noon(30), AskedState::Fulfilled));
    assert_eq!(decide(&View { requests: &requests, ..quiet(later) }).action, Action::Request(Kind::Successive));
}

#[test]
fn a_newer_key_found_after_a_refusal_is_asked_at_once() {
    let requests = [closed(Kind::Successive, noon(28), Cause::DomainParameters)];
    let view = View {
        authority: Some(Authority { generation: generation(2), expires: day(1000) }),
        requests: &requests,
        ca_query: CaQuery::settled(noon(29)),
        ..quiet(noon(29))
    };
    assert_eq!(decide(&view).action, Action::Request(Kind::Successive));
}

#[test]
fn people_are_told_what_went_wrong_and_nothing_is_decided_by_it() {
    let told = |asked: Asked, authority: bool| {
        let troubles = Troubles { request: Some("a reason"), ca_certificates: Some("another") };
        let requests = [asked];
        let view = View { requests: &requests, troubles, ..quiet(noon(28)) };
        let view = View { authority: view.authority.clone().filter(|_| authority), ..view };
        let silent = decide(&View { troubles: Troubles::default(), ..view.clone() });
        let decision = decide(&view);
        assert_eq!(decision.action, silent.action);
        decision.problems
    };
    let refused = closed(Kind::Initial, noon(28), Cause::AnswerRefused);
    assert_eq!(told(refused.clone(), true), [Problem::Refused("a reason".to_owned())]);
    let declined = closed(Kind::Initial, noon(28), Cause::NotAccepted);
    assert_eq!(told(declined, true), [Problem::Declined(Cause::NotAccepted)]);
    let pending = asked(Kind::Initial, noon(28), AskedState::Pending);
    assert_eq!(told(pending, true), [Problem::Unanswered("a reason".to_owned())]);
    let without = told(refused, false);
    assert!(without.contains(&Problem::NoCaCertificates("another".to_owned())), "{without:?}");
}

#[test]
fn pauses_between_refused_requests_grow_to_four_days() {
    let mut requests: Vec<Asked> = Vec::new();
    let mut pauses = Vec::new();
    let fetched = CaQuery::settled(noon(28));
    for _ in 0..5 {
        requests.insert(0, closed(Kind::Initial, noon(28), Cause::AnswerRefused));
        let view = View { requests: &requests, ca_query: fetched, ..quiet(noon(28)) };
        let Action::Wait { until: Some(until) } = decide(&view).action else { panic!("no pause") };
        pauses.push(until.saturating_since(noon(28)).as_secs() / 86_400);
    }
    assert_eq!(pauses, [1, 2, 4, 4, 4]);
}

#[test]
fn a_request_under_way_is_waited_for_until_its_signer_expires_or_the_answer_is_overdue() {
    let pending = [asked(Kind::Successive, noon(28), AskedState::Pending)];
    assert_eq!(decide(&View { requests: &pending, ..quiet(noon(41)) }).action, wait(midnight(43)));
    let late = [Asked { signer_usable: false, ..pending[0].clone() }];
    let expired = View { verifier: None, requests: &late, ..quiet(noon(43)) };
    assert_eq!(decide(&expired).action, Action::Request(Kind::Initial));

    let acknowledged = [asked(Kind::Successive, noon(28), AskedState::Acknowledged { at: noon(28) })];
    let overdue = View { requests: &acknowledged, ..quiet(noon(36)) };
    assert_eq!(decide(&View { now: noon(35), ..overdue.clone() }).action, wait(noon(36)));
    assert_eq!(decide(&overdue).action, wait(midnight(37)));
    assert_eq!(decide(&overdue).problems, [Problem::Overdue(noon(36))]);
    let close = decide(&View { now: noon(39), ..overdue });
    assert_eq!(close.action, Action::Request(Kind::Successive));
    assert_eq!(close.problems, [Problem::Overdue(noon(36)), Problem::ExpiresSoon(day(42))]);
}

#[test]
fn a_request_the_partner_fails_at_is_given_up_after_a_day_or_when_time_runs_out() {
    let failing = |since| [asked(Kind::Successive, since, AskedState::Failing { since })];
    let hour = DAY / 24;
    let at = |since, now| {
        let decision = decide(&View { requests: &failing(since), ..quiet(now) });
        (decision.action, decision.problems)
    };
    let told = vec![Problem::Failing(noon(28))];
    assert_eq!(at(noon(28), noon(28) + hour / 2), (wait(noon(29)), vec![]), "it may pass");
    assert_eq!(at(noon(28), noon(28) + hour), (wait(noon(29)), told.clone()));
    assert_eq!(at(noon(28), noon(29)), (Action::GiveUp, told));
    // Three days before the end there is no day to lose.
    assert_eq!(at(noon(39), noon(39)), (Action::GiveUp, vec![Problem::ExpiresSoon(day(42))]));
    // The first request of all has time.
    let first = View { verifier: None, requests: &failing(noon(28)), ..quiet(noon(28) + hour) };
    assert_eq!(decide(&first).action, wait(noon(29)));
}

#[test]
fn a_question_that_reached_the_partner_is_waited_for_a_day() {
    let asked = noon(5);
    let waits = |reached, now| CaQuery::under_way(asked, reached, now).open_since == Some(asked);
    assert!(waits(None, noon(50)), "it is still being delivered");
    assert!(waits(Some(noon(7)), noon(8) - Duration::from_millis(1)));
    let given_up = CaQuery::under_way(asked, Some(noon(7)), noon(9));
    assert_eq!(given_up, CaQuery { open_since: None, settled_at: Some(noon(8)), unanswered_since: Some(noon(7)) });

    let rolled_over = Some(Authority { generation: generation(2), expires: day(1000) });
    let view = View { authority: rolled_over, ca_query: given_up, ..quiet(noon(8)) };
    let decision = decide(&view);
    assert_eq!(decision.action, Action::Request(Kind::Successive), "the renewal goes on");
    assert_eq!(decision.problems, [Problem::CaUnanswered(noon(7))]);
    // Nothing hangs on it: nobody has to know.
    assert_eq!(decide(&View { ca_query: given_up, ..quiet(noon(8)) }).problems, []);
    // Without any certificate of the CVCA it is asked again, a day after it was given up.
    let blind = View { authority: None, verifier: None, ca_query: given_up, ..quiet(noon(8)) };
    assert_eq!(decide(&blind).action, wait(noon(9)));
    assert_eq!(decide(&View { now: noon(9), ..blind }).action, Action::AskForCaCertificates);
}

#[test]
fn the_end_of_a_certificate_is_told_at_once_though_another_was_asked_for_and_the_wait_for_the_first_after_a_day() {
    let first = [asked(Kind::Initial, noon(0), AskedState::Pending)];
    let problems = |now, requests| decide(&View { verifier: None, requests, ..quiet(now) }).problems;
    assert_eq!(problems(noon(0), &first), []);
    assert_eq!(problems(noon(1), &first), [Problem::NoCertificate]);

    // the partner is not reached, and what was to sign the renewal has expired meanwhile
    let renewals = [
        asked(Kind::Initial, midnight(43), AskedState::Pending),
        Asked { signer_usable: false, ..asked(Kind::Successive, noon(28), AskedState::Pending) },
        asked(Kind::Initial, noon(0), AskedState::Fulfilled),
    ];
    assert_eq!(problems(midnight(43), &renewals), [Problem::NoCertificate]);
    assert_eq!(problems(midnight(43), &renewals[..2]), [Problem::NoCertificate]);
}

#[test]
fn causes_read_back_from_their_names() {
    assert!(Cause::ALL.iter().all(|cause| Cause::from_name(cause.as_str()) == Some(*cause)));
    assert_eq!(Cause::from_name("failure_request_syntax"), Some(Cause::Syntax));
    assert_eq!(Cause::from_name("ok_cert_available"), None);
}

/// What the partner does with a request that reaches it.
#[derive(Debug, Clone, Copy)]
enum Reply {
    AtOnce,
    After(u8),
    Refuse(Cause),
    RefuseAfter(u8, Cause),
    /// It fails, and says so for ever.
    Stick,
    Silence,
}

/// What goes on at the partner in a year.
#[derive(Debug, Clone)]
struct Year {
    replies: Vec<Reply>,
    /// First day, length, and whether it was announced.
    outages: Vec<(i64, i64, bool)>,
    rollovers: Vec<i64>,
}

/// Quarters of a day.
const STEP: Duration = Duration::from_secs(6 * 60 * 60);
const STEPS: i64 = 4 * 365;

#[derive(Debug, Default)]
struct Record {
    days_without: Vec<i64>,
    requests: u32,
    without_cause: u32,
    ca_questions: u32,
}

/// Plays a year against [`decide`].
fn play(year: &Year) -> Record {
    let mut record = Record::default();
    let mut verifiers: Vec<Verifier> = Vec::new();
    // Newest first, each with its reply and when it is to come.
    let mut requests: Vec<Asked> = Vec::new();
    let mut replies: Vec<Option<(Timestamp, Reply)>> = Vec::new();
    let mut ca_query = CaQuery::default();
    let announced: Vec<(i64, Period)> =
        year.outages.iter().filter(|one| one.2).map(|one| (one.0 - 20, outage(one.0, one.0 + one.1))).collect();
    let mut next_reply = year.replies.iter().cycle();
    for step in 0..STEPS {
        let now = Timestamp::from_millis(0) + STEP * u32::try_from(step).unwrap();
        let today = step / 4;
        let away = year.outages.iter().any(|(from, length, _)| (*from..from + length).contains(&today));
        let keys = 1 + year.rollovers.iter().filter(|day| **day <= today).count();
        let outages: Vec<Period> = announced.iter().filter(|(known, _)| *known <= today).map(|one| one.1).collect();

        // The partner's answers come in, and messages get there, unless the line is down.
        for at in 0..requests.len() {
            if away {
                break;
            }
            if requests[at].state == AskedState::Pending && replies[at].is_none() {
                let reply = *next_reply.next().unwrap();
                let later = |days: u8| now + DAY * u32::from(days);
                replies[at] = match reply {
                    Reply::AtOnce | Reply::Refuse(_) => Some((now, reply)),
                    Reply::After(days) | Reply::RefuseAfter(days, _) => Some((later(days), reply)),
                    Reply::Silence | Reply::Stick => Some((later(255), reply)),
                };
                match reply {
                    Reply::AtOnce | Reply::Refuse(_) => {}
                    Reply::Stick => requests[at].state = AskedState::Failing { since: now },
                    _ => requests[at].state = AskedState::Acknowledged { at: now },
                }
            }
            let open = matches!(requests[at].state, AskedState::Pending | AskedState::Acknowledged { .. });
            let Some((_, reply)) = replies[at].filter(|(due, _)| open && *due <= now) else { continue };
            requests[at].state = match reply {
                Reply::Refuse(cause) | Reply::RefuseAfter(_, cause) => AskedState::Closed { cause, at: now },
                _ if !requests[at].signer_usable => AskedState::Closed { cause: Cause::Expired, at: now },
                _ => {
                    let expires = day(today + 42);
                    verifiers.push(Verifier { generation: generation(keys), effective: day(today), expires });
                    AskedState::Fulfilled
                }
            };
        }
        if let Some(_asked) = ca_query.open_since.filter(|_| !away) {
            ca_query = CaQuery::settled(now);
        }

        let verifier = verifiers
            .iter()
            .filter(|one| one.expires >= day(today))
            .max_by_key(|one| (one.generation.clone(), one.expires));
        for asked in &mut requests {
            asked.signer_usable = asked.kind == Kind::Initial || verifier.is_some();
        }
        let view = View {
            now,
            terms: TERMS,
            verifier: verifier.cloned(),
            authority: Some(Authority { generation: generation(keys), expires: day(3000) }),
            requests: &requests,
            ca_query,
            outages: &outages,
            narrowed: false,
            troubles: Troubles::default(),
        };
        match decide(&view).action {
            Action::Wait { .. } => {}
            Action::GiveUp => requests[0].state = AskedState::Closed { cause: Cause::InternalError, at: now },
            Action::AskForCaCertificates => {
                record.ca_questions += 1;
                ca_query = CaQuery { open_since: Some(now), ..CaQuery::default() };
            }
            Action::Request(kind) => {
                record.requests += 1;
                let in_the_way = requests.first().filter(|asked| asked.is_in_flight());
                let has_cause = |asked: &Asked| match asked.state {
                    AskedState::Acknowledged { at } => !asked.signer_usable || now >= at + DAY * 8,
                    _ => !asked.signer_usable,
                };
                record.without_cause += u32::from(!in_the_way.is_none_or(has_cause));
                assert!(kind == Kind::Initial || verifier.is_some(), "nothing to sign a successive request with");
                requests.insert(0, asked_under(kind, now, keys));
                replies.insert(0, None);
            }
        }
        let has_had_one = !verifiers.is_empty();
        if has_had_one && verifier.is_none() && record.days_without.last() != Some(&today) {
            record.days_without.push(today);
        }
    }
    record
}

fn asked_under(kind: Kind, made_at: Timestamp, keys: usize) -> Asked {
    Asked { generation: generation(keys), ..asked(kind, made_at, AskedState::Pending) }
}

/// Outages of at most `longest` days that leave the line open for two weeks in between.
fn outages(longest: i64) -> impl Strategy<Value = Vec<(i64, i64, bool)>> {
    prop::collection::vec((14..60i64, 1..=longest, any::<bool>()), 0..8).prop_map(|gaps| {
        let mut from = 0;
        gaps.into_iter()
            .map(|(gap, length, announced)| {
                let outage = (from + gap, length, announced);
                from += gap + length;
                outage
            })
            .collect()
    })
}

fn any_cause() -> impl Strategy<Value = Cause> {
    prop::sample::select(Cause::ALL.to_vec())
}

#[test]
fn a_partner_that_fails_for_ever_at_every_other_request_costs_no_day() {
    let year = |replies: &[Reply]| Year { replies: replies.to_vec(), outages: Vec::new(), rollovers: Vec::new() };
    let record = play(&year(&[Reply::AtOnce, Reply::Stick]));
    assert_eq!((record.days_without, record.without_cause), (Vec::new(), 0));
    assert!((20..30).contains(&record.requests), "{}", record.requests);
    // Four times in a row: the pauses grow, and there is still time.
    let record = play(&year(&[Reply::AtOnce, Reply::Stick, Reply::Stick, Reply::Stick, Reply::Stick]));
    assert_eq!(record.days_without, Vec::<i64>::new());
}

proptest! {
    #[test]
    fn no_day_is_without_a_certificate_when_the_partner_answers_within_the_window(
        delays in prop::collection::vec(prop_oneof![unit().prop_map(|()| Reply::AtOnce), (0..4u8).prop_map(Reply::After)], 1..12),
        outages in outages(9),
        rollovers in prop::collection::vec(20..360i64, 0..3),
    ) {
        let record = play(&Year { replies: delays, outages, rollovers });
        prop_assert_eq!(record.days_without, Vec::<i64>::new());
        prop_assert_eq!(record.without_cause, 0);
        // A year has nine renewals; more only for outages and new keys.
        prop_assert!(record.requests <= 40, "{}", record.requests);
    }

    #[test]
    fn whatever_the_partner_does_nothing_is_asked_twice_without_cause_and_nobody_is_hammered(
        replies in prop::collection::vec(prop_oneof![
            2 => unit().prop_map(|()| Reply::AtOnce),
            2 => (0..30u8).prop_map(Reply::After),
            2 => any_cause().prop_map(Reply::Refuse),
            2 => (0..30u8, any_cause()).prop_map(|(days, cause)| Reply::RefuseAfter(days, cause)),
            1 => unit().prop_map(|()| Reply::Stick),
            1 => unit().prop_map(|()| Reply::Silence),
        ], 1..20),
        outages in outages(40),
        rollovers in prop::collection::vec(20..360i64, 0..6),
    ) {
        let record = play(&Year { replies, outages, rollovers });
        prop_assert_eq!(record.without_cause, 0);
        prop_assert!(record.requests <= 365, "{}", record.requests);
        prop_assert!(record.ca_questions <= 365, "{}", record.ca_questions);
    }
}

fn unit() -> proptest::strategy::Just<()> {
    proptest::strategy::Just(())
}
