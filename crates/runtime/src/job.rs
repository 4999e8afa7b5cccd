//! Background work.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument as _;

use crate::{BoxError, telemetry::attribute};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

type JobFuture = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;
type Factory = dyn Fn(CancellationToken) -> JobFuture + Send + Sync;
type Turn = dyn Fn() -> JobFuture + Send + Sync;

/// A piece of background work. It is started again, after a growing pause, when it fails or panics; it ends when it returns `Ok`, and is asked to
/// end by the token it is given.
#[derive(Clone)]
pub struct Job {
    name: &'static str,
    factory: Arc<Factory>,
    /// One turn of work that comes at intervals.
    turn: Option<Arc<Turn>>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Job {
    /// Work that runs until its token is cancelled. It has to leave its data in order wherever it is dropped.
    pub fn new<F, Fut>(name: &'static str, factory: F) -> Self
    where
        F: Fn(CancellationToken) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        Self { name, factory: Arc::new(move |stop| Box::pin(factory(stop))), turn: None }
    }

    /// Work done at once and then at every interval. A failure is logged and counted, and the next turn comes as usual; a turn that was begun is
    /// finished before the end.
    pub fn every<F, Fut>(name: &'static str, period: Duration, turn: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let turn: Arc<Turn> = Arc::new(move || Box::pin(turn()));
        let by_itself = turn.clone();
        let job = Self::new(name, move |stop| {
            let turn = turn.clone();
            async move {
                let mut ticks = interval(period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => return Ok(()),
                        _ = ticks.tick() => (),
                    }
                    if let Err(error) = turn().await {
                        report(name, &*error);
                    }
                }
            }
        });
        Self { turn: Some(by_itself), ..job }
    }

    /// Whether it comes in turns.
    pub fn is_periodic(&self) -> bool {
        self.turn.is_some()
    }

    /// Does one turn now: for a simulation, which sets the pace itself. Work that does not come in turns does nothing.
    ///
    /// # Errors
    /// What the turn failed with.
    pub async fn turn(&self) -> Result<(), BoxError> {
        match &self.turn {
            Some(turn) => turn().await,
            None => Ok(()),
        }
    }

    /// Its name in logs and metrics.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it until it is done or asked to end.
    pub(crate) async fn supervise(self, stop: CancellationToken) {
        let span = tracing::info_span!("job", job.name = self.name);
        let mut pause = FIRST_PAUSE;
        loop {
            let begun = Instant::now();
            let work = tokio::spawn((self.factory)(stop.clone()).instrument(span.clone()));
            match AbortOnDropHandle::new(work).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => report(self.name, &*error),
                Err(error) => report(self.name, &error),
            }
            if begun.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => (),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn report(name: &'static str, error: &dyn std::error::Error) {
    let cause = error.source().map(ToString::to_string);
    tracing::error!(job.name = name, %error, cause, "a job failed");
    opentelemetry::global::meter("straznica.runtime")
        .u64_counter("straznica.job.failures")
        .with_description("Turns of background work that failed")
        .build()
        .add(1, &[attribute("job", name)]);
}
