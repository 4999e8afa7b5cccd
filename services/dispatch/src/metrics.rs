//! What dispatch counts. Labels are closed sets: nothing of a person or a number is one.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use crate::channel::Outcome;

/// Instruments of the service.
pub(crate) struct Metrics {
    ordered: Counter<u64>,
    compared: Counter<u64>,
    validated: Counter<u64>,
    submitted: Counter<u64>,
    alarms: Counter<u64>,
}

impl Metrics {
    /// Instruments of the process's meter.
    pub(crate) fn new() -> Self {
        let meter = opentelemetry::global::meter("straznica.dispatch");
        let counter = |name: &'static str, what: &'static str| meter.u64_counter(name).with_description(what).build();
        Self {
            ordered: counter("straznica.dispatch.codes", "Codes ordered, by whether a message goes out"),
            compared: counter("straznica.dispatch.comparisons", "Codes compared"),
            validated: counter("straznica.dispatch.validations", "Codes found right"),
            submitted: counter("straznica.dispatch.submissions", "Messages handed over, by channel and answer"),
            alarms: counter("straznica.dispatch.pumping_alarms", "Ranges whose codes were suddenly not used"),
        }
    }

    pub(crate) fn sent(&self, withheld: bool) {
        self.ordered.add(1, &[KeyValue::new("withheld", withheld)]);
    }

    pub(crate) fn compared(&self) {
        self.compared.add(1, &[]);
    }

    pub(crate) fn validated(&self) {
        self.validated.add(1, &[]);
    }

    pub(crate) fn submitted(&self, channel: &'static str, outcome: &Outcome) {
        let answer = match outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Refused(_) => "refused",
            Outcome::NotSent => "not_sent",
            Outcome::Unknown => "unknown",
        };
        self.submitted.add(1, &[KeyValue::new("channel", channel), KeyValue::new("answer", answer)]);
    }

    pub(crate) fn alarm(&self) {
        self.alarms.add(1, &[]);
    }
}
