//! The orderly end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use straznica_contracts::journal::v1::{TailRequest, events_service_client::EventsServiceClient};
use straznica_runtime::{
    http::Limits,
    job::Job,
    service::{Closing, ServiceParts},
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tonic::Code;

use super::house::{House, PATIENCE, ask, idle_job};

#[tokio::test]
async fn a_call_in_flight_is_completed_while_new_connections_are_refused() {
    let house = House::new();
    let calls_done = Arc::new(AtomicBool::new(false));
    let stopped_after_calls = Arc::new(AtomicBool::new(false));
    let job = Job::new("watch", {
        let (calls_done, after) = (calls_done.clone(), stopped_after_calls.clone());
        move |stop| {
            let (calls_done, after) = (calls_done.clone(), after.clone());
            async move {
                stop.cancelled().await;
                after.store(calls_done.load(Ordering::SeqCst), Ordering::SeqCst);
                Ok(())
            }
        }
    });
    let closed_after_jobs = Arc::new(AtomicBool::new(false));
    let closing = Closing::new("database", {
        let (jobs_done, closed) = (stopped_after_calls.clone(), closed_after_jobs.clone());
        async move {
            closed.store(jobs_done.load(Ordering::SeqCst), Ordering::SeqCst);
            Ok(())
        }
    });
    let jobs = vec![job, idle_job()];
    let parts = ServiceParts { jobs, closing: vec![closing], ..ServiceParts::default() };
    let node = house.node_with(Limits::default(), parts).await;
    let gateway = house.peer("service/gateway");
    let mut witness = node.witness(&gateway);
    let call = tokio::spawn(async move { witness.cosign_checkpoint(ask("wait")).await });
    node.script.begun.notified().await;
    assert_eq!(node.admin("/readyz").await.0, 200);

    node.shutdown.begin();
    for _ in 0..100 {
        if TcpStream::connect(node.grpc).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(TcpStream::connect(node.grpc).await.is_err(), "nobody listens any more");
    assert_eq!(node.admin("/livez").await.0, 200);
    let (status, body) = node.admin("/readyz").await;
    assert_eq!((status, body.contains("\"draining\":true")), (503, true), "{body}");

    assert!(!call.is_finished());
    calls_done.store(true, Ordering::SeqCst);
    node.script.release.notify_one();
    let answer = timeout(PATIENCE, call).await.unwrap().unwrap().unwrap();
    assert_eq!(answer.get_ref().cosignature, "completed");
    timeout(PATIENCE, node.running).await.unwrap().unwrap().unwrap();
    assert!(stopped_after_calls.load(Ordering::SeqCst), "jobs end after calls");
    assert!(closed_after_jobs.load(Ordering::SeqCst), "the database is closed after the jobs");
    assert!(TcpStream::connect(node.admin).await.is_err());
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_off_after_the_drains_time_out() {
    let house = House::new();
    let limits = Limits { drain_seconds: 1, ..Limits::default() };
    let node = house.node_with(limits, ServiceParts::default()).await;
    let mut witness = node.witness(&house.peer("service/gateway"));
    let call = tokio::spawn(async move { witness.cosign_checkpoint(ask("for ever")).await });
    node.script.begun.notified().await;
    let script = node.script.clone();
    timeout(Duration::from_secs(5), node.end()).await.unwrap();
    assert!(script.dropped.load(Ordering::SeqCst));
    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn a_stream_of_events_is_told_to_go_elsewhere() {
    let house = House::new();
    let node = house.node().await;
    let mut events = EventsServiceClient::new(node.channel(&house.peer("service/gateway")));
    let mut stream = events.tail(TailRequest::default()).await.unwrap().into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap().position, 1);
    let waiting = tokio::spawn(async move { stream.message().await });
    sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished(), "no news, no end");
    // Well below the drain's time-out of 30 seconds.
    timeout(Duration::from_secs(10), node.end()).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), Code::Unavailable);
}
