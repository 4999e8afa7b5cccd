//! Several links: shares, failover, and what is never moved to another link.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use sms::life::Failure;
use sms::smpp::{Class, Link, LinkConfig, LinkName, Pool, Verdict};
use straznica_types::{Clock, SystemClock};

use crate::smsc::{Keeper, Session, Smsc, config, message, outcome, soon};

fn link(smsc: &Smsc, name: &str, change: impl FnOnce(&mut LinkConfig)) -> Link {
    let mut config = config(smsc.port);
    config.name = LinkName::new(name).unwrap();
    change(&mut config);
    Link::start(config, SystemClock::shared(), Keeper::default()).unwrap()
}

async fn two(first: u32, second: u32) -> (Arc<Pool>, [Smsc; 2], [Session; 2]) {
    let (a, b) = (Smsc::listen().await, Smsc::listen().await);
    let links = [link(&a, "a", |c| c.window = NonZeroU16::MIN), link(&b, "b", |c| c.window = NonZeroU16::MIN)];
    let sessions = [a.bound().await, b.bound().await];
    for link in &links {
        soon(link.bound()).await;
    }
    let weights = [first, second].map(|weight| NonZeroU32::new(weight).unwrap());
    let pool = Pool::new(links.into_iter().zip(weights).collect(), SystemClock::shared()).unwrap();
    (Arc::new(pool), [a, b], sessions)
}

fn submit(pool: &Arc<Pool>, tag: &str) -> tokio::task::JoinHandle<sms::smpp::Outcome> {
    let (pool, message) = (pool.clone(), message(tag, tag, Class::Code));
    tokio::spawn(async move { pool.submit(message).await })
}

fn answer(mut session: Session, id: &'static str) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let (sequence, _) = session.submission().await;
            session.take(sequence, id).await;
        }
    })
}

#[tokio::test]
async fn messages_are_shared_by_weight_and_an_outcome_says_which_link() {
    let (pool, _smscs, [a, b]) = two(3, 1).await;
    let answering = [answer(a, "1"), answer(b, "2")];
    let mut of_a = 0;
    for number in 0..40 {
        let outcome = soon(pool.submit(message(&number.to_string(), "x", Class::Bulk))).await;
        of_a += usize::from(outcome.link.unwrap().as_str() == "a");
    }
    assert_eq!(of_a, 30);
    for task in answering {
        task.abort();
    }
}

#[tokio::test]
async fn a_link_that_is_down_gets_nothing_and_what_waited_for_it_goes_elsewhere() {
    let (pool, smscs, [mut a, b]) = two(1, 1).await;
    let answering = answer(b, "2");
    // One in flight on a, and more waiting behind it.
    let tasks: Vec<_> = (0..6).map(|number| submit(&pool, &number.to_string())).collect();
    let _ = a.submission().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(a);
    drop(smscs);
    let mut verdicts = Vec::new();
    for task in tasks {
        let outcome = outcome(task).await;
        verdicts.push((outcome.verdict(), outcome.link.unwrap().as_str().to_owned()));
    }
    verdicts.sort_by_key(|(verdict, _)| *verdict == Verdict::Accepted);
    // What was written on a may be on its way: it is not moved.
    assert_eq!(verdicts.remove(0), (Verdict::Unknown, "a".to_owned()));
    assert!(verdicts.iter().all(|verdict| *verdict == (Verdict::Accepted, "b".to_owned())), "{verdicts:?}");
    answering.abort();
}

#[tokio::test]
async fn what_one_smsc_refuses_for_its_own_reasons_another_may_take() {
    for (status, moves) in [(0x08, true), (0x0A, true), (0x58, true), (0x0B, false)] {
        let (pool, _smscs, [mut a, b]) = two(1_000, 1).await;
        let answering = answer(b, "2");
        let task = submit(&pool, "m");
        let (sequence, _) = a.submission().await;
        a.refuse(sequence, status).await;
        let outcome = outcome(task).await;
        let taken_by_b = outcome.verdict() == Verdict::Accepted && outcome.link.as_ref().unwrap().as_str() == "b";
        assert_eq!(taken_by_b, moves, "{status:#x}: {outcome:?}");
        answering.abort();
    }
}

#[tokio::test]
async fn what_every_smsc_refuses_is_refused() {
    let (pool, _smscs, [mut a, mut b]) = two(1_000, 1).await;
    let task = submit(&pool, "m");
    let (sequence, _) = a.submission().await;
    a.refuse(sequence, 0x08).await;
    let (sequence, _) = b.submission().await;
    b.refuse(sequence, 0x08).await;
    assert_eq!(outcome(task).await.verdict(), Verdict::Refused { status: 0x08, failure: Failure::Temporary });
}

#[tokio::test]
async fn while_all_are_down_a_message_waits_until_it_expires() {
    let (a, b) = (Smsc::listen().await, Smsc::listen().await);
    let weight = NonZeroU32::MIN;
    let links = vec![(link(&a, "a", |_| {}), weight), (link(&b, "b", |_| {}), weight)];
    let pool = Arc::new(Pool::new(links, SystemClock::shared()).unwrap());
    let mut short = message("short", "x", Class::Code);
    short.expires = SystemClock.now() + Duration::from_millis(300);
    let expired = soon(pool.submit(short)).await;
    assert_eq!((expired.verdict(), expired.link), (Verdict::Expired, None));
    let handed_back = soon(pool.submit_within(message("m", "x", Class::Code), Duration::from_millis(100))).await;
    assert_eq!((handed_back.verdict(), handed_back.link), (Verdict::NotSent, None));
    let waits = submit(&pool, "waits");
    let answering = answer(b.bound().await, "2");
    assert_eq!(outcome(waits).await.verdict(), Verdict::Accepted);
    assert_eq!(pool.states().len(), 2);
    answering.abort();
}
