//! Figures of the gateway beside those every listener keeps.

use opentelemetry::{KeyValue, global, metrics::Counter};

use crate::domain::terminal::NotAdmitted;

/// The instruments.
#[derive(Debug)]
pub(crate) struct Metrics {
    not_admitted: Counter<u64>,
    rate_limited: Counter<u64>,
    replayed: Counter<u64>,
    login_refused: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let meter = global::meter("straznica.gateway");
        let counter = |name, description| meter.u64_counter(name).with_description(description).build();
        Self {
            not_admitted: counter(
                "straznica.gateway.not_admitted",
                "Requests of terminals that were not let in, by reason",
            ),
            rate_limited: counter("straznica.gateway.rate_limited", "Requests of those who asked too often"),
            replayed: counter("straznica.gateway.replayed", "Repeated requests that got the answer given before"),
            login_refused: counter(
                "straznica.gateway.login_refused",
                "Attempts to log in that were refused, by reason",
            ),
        }
    }

    /// Counts a terminal that was not let in.
    pub(crate) fn not_admitted(&self, why: NotAdmitted) {
        let reason = match why {
            NotAdmitted::NotEnrolled => "not_enrolled",
            NotAdmitted::Suspended => "suspended",
            NotAdmitted::OtherCertificate => "other_certificate",
        };
        self.not_admitted.add(1, &[KeyValue::new("reason", reason)]);
    }

    /// Counts a request above its terminal's rate.
    pub(crate) fn rate_limited(&self) {
        self.rate_limited.add(1, &[]);
    }

    /// Counts an answer given again.
    pub(crate) fn replayed(&self) {
        self.replayed.add(1, &[]);
    }

    /// Counts an attempt to log in that was refused.
    pub(crate) fn login_refused(&self, why: &'static str) {
        self.login_refused.add(1, &[KeyValue::new("reason", why)]);
    }
}
