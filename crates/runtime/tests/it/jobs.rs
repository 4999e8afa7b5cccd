//! Background work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use straznica_runtime::{http::Limits, job::Job, service::ServiceParts};
use tokio::time::sleep;

use super::house::House;

async fn reaches(counter: &AtomicU32, least: u32) -> bool {
    for _ in 0..250 {
        if counter.load(Ordering::SeqCst) >= least {
            return true;
        }
        sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_started_again() {
    let starts = Arc::new(AtomicU32::new(0));
    let counter = starts.clone();
    let job = Job::new("unlucky", move |stop| {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            match turn {
                0 => Err("as told".into()),
                1 => panic!("as told"),
                _ => {
                    stop.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    let house = House::new();
    let node = house.node_with(Limits::default(), ServiceParts { jobs: vec![job], ..ServiceParts::default() }).await;
    assert!(reaches(&starts, 3).await, "after pauses of one and two seconds");
    node.end().await;
}

#[tokio::test]
async fn a_failed_turn_does_not_keep_the_next_from_coming() {
    let turns = Arc::new(AtomicU32::new(0));
    let counter = turns.clone();
    let job = Job::every("periodic", Duration::from_millis(20), move || {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        async move { if turn.is_multiple_of(2) { Err("as told".into()) } else { Ok(()) } }
    });
    let house = House::new();
    let node = house.node_with(Limits::default(), ServiceParts { jobs: vec![job], ..ServiceParts::default() }).await;
    assert!(reaches(&turns, 5).await);
    node.end().await;
    let at_the_end = turns.load(Ordering::SeqCst);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(turns.load(Ordering::SeqCst), at_the_end);
}

#[tokio::test]
async fn a_simulation_sets_the_pace_of_periodic_work_itself() {
    let turns = Arc::new(AtomicU32::new(0));
    let counter = turns.clone();
    let job = Job::every("periodic", Duration::from_secs(3600), move || {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        async move { if turn == 1 { Err("as told".into()) } else { Ok(()) } }
    });
    assert!(job.turn().await.is_ok());
    assert!(job.turn().await.is_err(), "the failure of a turn is its caller's to see");
    assert_eq!(turns.load(Ordering::SeqCst), 2);
    assert!(Job::new("endless", |_| async { Err("never begun".into()) }).turn().await.is_ok());
}
