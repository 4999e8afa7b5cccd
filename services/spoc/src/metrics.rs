//! Figures of the control centre.

use exchange::Country;
use opentelemetry::{KeyValue, global, metrics::Counter};

/// Instruments, made once.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    signatures: Counter<u64>,
    alerts: Counter<u64>,
    refused_peers: Counter<u64>,
    certificate_requests: Counter<u64>,
    overdue_requests: Counter<u64>,
    messages_sent: Counter<u64>,
    answers_refused: Counter<u64>,
    messages_refused: Counter<u64>,
    messages_over_quota: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let meter = global::meter("straznica.spoc");
        Self {
            refused_peers: meter
                .u64_counter("straznica.spoc.refused_peers")
                .with_description("SPOCs that were not let in, or not written to, by reason, binding and side")
                .build(),
            certificate_requests: meter
                .u64_counter("straznica.spoc.certificate_requests")
                .with_description("Requests of other states for DV certificates by result code")
                .build(),
            overdue_requests: meter
                .u64_counter("straznica.spoc.requests_nearly_due")
                .with_description("Requests of other states that waited until their answer was nearly due")
                .build(),
            messages_sent: meter
                .u64_counter("straznica.spoc.messages_sent")
                .with_description("Attempts at messages to partners by operation and outcome: answered, not_answered")
                .build(),
            answers_refused: meter
                .u64_counter("straznica.spoc.answers_refused")
                .with_description("Certificates sent by a partner that were not taken")
                .build(),
            messages_over_quota: meter
                .u64_counter("straznica.spoc.messages_over_quota")
                .with_description(
                    "Messages not taken in because a partner sent too many in an hour, by partner and operation",
                )
                .build(),
            messages_refused: meter
                .u64_counter("straznica.spoc.messages_refused")
                .with_description("Messages of partners refused before they meant anything, by operation and rule")
                .build(),
            signatures: meter
                .u64_counter("straznica.spoc.ta_signatures")
                .with_description("Requests for Terminal Authentication signatures by outcome: issued, refused, failed")
                .build(),
            alerts: meter
                .u64_counter("straznica.spoc.ta_signature_alerts")
                .with_description("Signatures past the number a terminal is expected to need in a shift")
                .build(),
        }
    }

    /// A SPOC was not let in.
    pub(crate) fn peer_refused(&self, reason: &'static str, binding: &'static str, side: &'static str) {
        let of = [KeyValue::new("reason", reason), KeyValue::new("binding", binding), KeyValue::new("side", side)];
        self.refused_peers.add(1, &of);
    }

    pub(crate) fn message_over_quota(&self, country: Country, operation: &'static str) {
        let of = [KeyValue::new("partner", country.to_string()), KeyValue::new("operation", operation)];
        self.messages_over_quota.add(1, &of);
    }

    pub(crate) fn message_refused(&self, operation: &'static str, rule: &'static str) {
        self.messages_refused.add(1, &[KeyValue::new("operation", operation), KeyValue::new("rule", rule)]);
    }

    pub(crate) fn signature(&self, outcome: &'static str) {
        self.signatures.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    pub(crate) fn signature_alert(&self) {
        self.alerts.add(1, &[]);
    }

    pub(crate) fn certificate_request(&self, code: &'static str) {
        self.certificate_requests.add(1, &[KeyValue::new("code", code)]);
    }

    pub(crate) fn overdue_request(&self) {
        self.overdue_requests.add(1, &[]);
    }

    pub(crate) fn message_sent(&self, operation: &str, outcome: &'static str) {
        let operation = KeyValue::new("operation", operation.to_owned());
        self.messages_sent.add(1, &[operation, KeyValue::new("outcome", outcome)]);
    }

    pub(crate) fn answer_refused(&self, country: Country) {
        self.answers_refused.add(1, &[KeyValue::new("partner", country.to_string())]);
    }
}
