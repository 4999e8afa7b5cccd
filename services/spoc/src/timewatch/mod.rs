//! The watch over the node's own clock (TR-03139: a CA's clock is synchronised, and what it dates is trusted by chips that have no clock).
//!
//! A passport takes its date from the certificates it is shown and never goes back: one certificate dated in the future locks every terminal with today's
//! certificates out of it for good. So the node compares its clock with configured sources at intervals, and with a monotonic clock in between; while in
//! doubt it issues nothing. What does not date anything (signatures of Terminal Authentication, chains, the trust in documents) goes on.
//!
//! SNTP is not authenticated: whoever can forge all answers on the way can raise a doubt, or keep a wrong clock unnoticed that is already wrong. Sources
//! therefore belong on the authority's own network, or are a local daemon that itself asks authenticated ones (NTS, RFC 8915).

mod judgement;
mod sntp;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::future::join_all;
use opentelemetry::{global, metrics::Gauge};
use straznica_types::{Environment, SharedClock};
use thiserror::Error;

use self::judgement::{Limits, Moment, Standing};
use crate::config::TimeWatchConfig;

pub use judgement::Doubt;

/// A configuration that cannot be watched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeWatchFault {
    /// Production without sources.
    #[error("no time source is configured; a production node without one has to say so (time_watch.required = false)")]
    NoSource,
    /// Required, but nothing to ask.
    #[error("time_watch.required is set, but no time source is configured")]
    RequiredWithoutSource,
    /// A limit or an interval is zero.
    #[error("the limits and the interval of the time watch are at least one")]
    Zero,
    /// Confirmations would be too old before the next one is asked for.
    #[error("time_watch.max_age_seconds is shorter than time_watch.every_seconds")]
    AgeBelowInterval,
}

/// The watch over one node's clock.
pub(crate) struct TimeWatch {
    sources: Vec<String>,
    limits: Limits,
    required: bool,
    clock: SharedClock,
    uptime: Box<dyn Fn() -> Duration + Send + Sync>,
    state: Mutex<State>,
    trusted: Gauge<u64>,
    offset: Gauge<i64>,
}

#[derive(Default)]
struct State {
    standing: Standing,
    /// What was last told, so that only changes are.
    told: Option<Result<(), Doubt>>,
}

impl TimeWatch {
    /// Watches `clock` as configured.
    ///
    /// # Errors
    /// [`TimeWatchFault`] for a configuration that cannot be, in production also for one without sources that does not say so.
    pub(crate) fn new(
        config: &TimeWatchConfig,
        environment: Environment,
        clock: SharedClock,
    ) -> Result<Self, TimeWatchFault> {
        let started = Instant::now();
        Self::with_uptime(config, environment, clock, move || started.elapsed())
    }

    fn with_uptime(
        config: &TimeWatchConfig,
        environment: Environment,
        clock: SharedClock,
        uptime: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, TimeWatchFault> {
        match (config.sources.is_empty(), config.required, environment) {
            (true, None, Environment::Production) => return Err(TimeWatchFault::NoSource),
            (true, Some(true), _) => return Err(TimeWatchFault::RequiredWithoutSource),
            _ => {}
        }
        if config.max_offset_ms == 0 || config.max_age_seconds == 0 || config.every_seconds == 0 {
            return Err(TimeWatchFault::Zero);
        }
        if config.max_age_seconds < config.every_seconds {
            return Err(TimeWatchFault::AgeBelowInterval);
        }
        let meter = global::meter("straznica.spoc");
        Ok(Self {
            sources: config.sources.clone(),
            limits: Limits {
                offset: Duration::from_millis(config.max_offset_ms),
                age: Duration::from_secs(config.max_age_seconds),
            },
            required: config.required.unwrap_or(!config.sources.is_empty()),
            clock,
            uptime: Box::new(uptime),
            state: Mutex::default(),
            trusted: meter
                .u64_gauge("straznica.spoc.clock_trusted")
                .with_description("1 while the time sources confirm the node's clock, 0 while it is in doubt")
                .build(),
            offset: meter
                .i64_gauge("straznica.spoc.clock_offset")
                .with_unit("ms")
                .with_description("By how much the clock would have to be put forward, by the source nearest to it")
                .build(),
        })
    }

    /// Asks all sources once.
    pub(crate) async fn look(&self) {
        let asked = self.sources.iter().map(|source| async move {
            let answer = sntp::ask(source, &self.clock, self.limits.offset).await;
            answer.inspect_err(|fault| {
                let cause = std::error::Error::source(fault).map(ToString::to_string);
                tracing::warn!(source, error = %fault, cause, "a time source gave no usable answer");
            })
        });
        let offsets: Vec<i64> = join_all(asked).await.into_iter().flatten().collect();
        if let Some(nearest) = offsets.iter().copied().min_by_key(|offset| offset.unsigned_abs()) {
            self.offset.record(nearest, &[]);
        }
        // Judged here as well, so that a doubt shows before somebody wants a certificate.
        self.judge_after(|standing| standing.take_in(&offsets, self.moment(), self.limits)).ok();
    }

    /// Whether what is to be issued now may be dated by the clock.
    ///
    /// # Errors
    /// The [`Doubt`] there is, unless the watch is configured to warn alone.
    pub(crate) fn doubt(&self) -> Result<(), Doubt> {
        let judged = self.judge_after(|_| ());
        if self.required { judged } else { Ok(()) }
    }

    fn judge_after(&self, change: impl FnOnce(&mut Standing)) -> Result<(), Doubt> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.standing);
        let judged = state.standing.judge(self.moment(), self.limits);
        self.trusted.record(u64::from(judged.is_ok()), &[]);
        // The kind of doubt counts: the figures in it change from moment to moment.
        let same = |told: &Result<(), Doubt>| match (told, &judged) {
            (Err(before), Err(now)) => std::mem::discriminant(before) == std::mem::discriminant(now),
            (before, now) => before.is_ok() == now.is_ok(),
        };
        if !state.told.as_ref().is_some_and(same) {
            match &judged {
                Ok(()) => tracing::info!("the time sources confirm the clock"),
                Err(doubt) if self.required => tracing::error!(%doubt, "the clock is in doubt; nothing is issued"),
                Err(doubt) => tracing::warn!(%doubt, "the clock is in doubt"),
            }
            state.told = Some(judged);
        }
        judged
    }

    fn moment(&self) -> Moment {
        Moment { clock: self.clock.now(), uptime: (self.uptime)() }
    }
}

impl fmt::Debug for TimeWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeWatch")
            .field("sources", &self.sources)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}
