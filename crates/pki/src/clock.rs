//! The injected clock as rustls sees it.

use std::time::Duration;

use rustls::{pki_types::UnixTime, time_provider::TimeProvider};
use straznica_types::SharedClock;

/// Certificates and revocation lists are judged at the injected clock's time.
#[derive(Debug)]
pub(crate) struct InjectedTime(pub(crate) SharedClock);

impl TimeProvider for InjectedTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
