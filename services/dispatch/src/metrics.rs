//! What dispatch counts. Labels are closed sets: nothing of a person or a number is one.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use sms::life::State;
use sms::smpp::Verdict;

use crate::channel::Outcome;
use crate::spool::{Found, Kept};

/// Instruments of the service.
#[derive(Clone)]
pub(crate) struct Metrics {
    ordered: Counter<u64>,
    compared: Counter<u64>,
    validated: Counter<u64>,
    submitted: Counter<u64>,
    receipts: Counter<u64>,
    unknown: Counter<u64>,
    given_up: Counter<u64>,
    prompts: Counter<u64>,
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
            receipts: counter("straznica.dispatch.receipts", "Receipts kept, by state and whether their part is known"),
            unknown: counter("straznica.dispatch.unknown", "Messages of which nobody told what became of them"),
            given_up: counter(
                "straznica.dispatch.receipts_given_up",
                "Receipts that belonged to no message in all their time",
            ),
            prompts: counter("straznica.dispatch.prompts", "Prompts on phones, by provider and what became of them"),
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
        let answer = match outcome.verdict() {
            Verdict::Accepted => "accepted",
            Verdict::Refused { .. } => "refused",
            Verdict::Expired => "expired",
            Verdict::NotSent => "not_sent",
            Verdict::Unknown => "unknown",
        };
        let link = outcome.link.as_ref().map_or(channel, |link| link.as_str()).to_owned();
        self.submitted.add(1, &[KeyValue::new("channel", link), KeyValue::new("answer", answer)]);
    }

    pub(crate) fn receipt(&self, state: State, kept: Kept) {
        let known = kept == Kept::Written;
        self.receipts.add(1, &[KeyValue::new("state", state.as_str()), KeyValue::new("known", known)]);
    }

    pub(crate) fn looked(&self, found: &Found) {
        self.unknown.add(u64::try_from(found.unknown).unwrap_or(u64::MAX), &[]);
        self.given_up.add(found.given_up, &[]);
    }

    /// The provider's name comes from the configuration.
    pub(crate) fn prompt(&self, provider: &str, outcome: &'static str) {
        self.prompts.add(1, &[KeyValue::new("provider", provider.to_owned()), KeyValue::new("outcome", outcome)]);
    }

    pub(crate) fn alarm(&self) {
        self.alarms.add(1, &[]);
    }
}
