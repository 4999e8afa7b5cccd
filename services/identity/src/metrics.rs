//! What identity counts. Labels are closed sets: nothing of a document or a person is one.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram};
use straznica_runtime::telemetry::duration_histogram;

use crate::domain::verification::{DocumentKind, Stage};
use crate::domain::verifiers::AlertRule;
use crate::domain::{AlertsResult, FingerprintResult, Unchecked};

/// Instruments of the service.
pub(crate) struct Metrics {
    verdicts: Counter<u64>,
    judging: Histogram<f64>,
    referrals: Counter<u64>,
    fingerprints: Counter<u64>,
    announcements_failed: Counter<u64>,
    trust_unconfirmed: Counter<u64>,
    trust_generation: Gauge<u64>,
    trust_left_out: Gauge<u64>,
    alert_checks: Counter<u64>,
    privilege_alerts: Counter<u64>,
    verifications: Counter<u64>,
    activations: Counter<u64>,
}

impl Metrics {
    /// Instruments of the process's meter.
    pub(crate) fn new() -> Self {
        let meter = opentelemetry::global::meter("straznica.identity");
        Self {
            verdicts: meter
                .u64_counter("straznica.identity.verdicts")
                .with_description(
                    "Verdicts given, by verdict and by whether the inspection was opened or brought up to date",
                )
                .build(),
            judging: duration_histogram(
                &meter,
                "straznica.identity.judging",
                "Time to judge a document, waiting for a free judge included",
            ),
            referrals: meter
                .u64_counter("straznica.identity.referrals")
                .with_description("Persons sent to the second line, by reason")
                .build(),
            fingerprints: meter
                .u64_counter("straznica.identity.fingerprint_results")
                .with_description("Comparisons of fingerprints recorded, by result")
                .build(),
            announcements_failed: meter
                .u64_counter("straznica.identity.announcements_failed")
                .with_description("Inspections spoc could not be told of: Terminal Authentication stayed closed")
                .build(),
            trust_unconfirmed: meter
                .u64_counter("straznica.identity.trust_unconfirmed")
                .with_description("Questions for spoc's trust that were not answered")
                .build(),
            trust_generation: meter
                .u64_gauge("straznica.identity.trust_generation")
                .with_description("Generation of spoc's trust in use")
                .build(),
            trust_left_out: meter
                .u64_gauge("straznica.identity.trust_left_out")
                .with_description("Parts of that generation that could not be read")
                .build(),
            alert_checks: meter
                .u64_counter("straznica.identity.alert_checks")
                .with_description(
                    "Holders and documents checked against alerts, by result and by why they, or a part, were not checked",
                )
                .build(),
            privilege_alerts: meter
                .u64_counter("straznica.identity.privilege_alerts")
                .with_description("Alerts on unusual use of the services' privilege, by rule")
                .build(),
            verifications: meter
                .u64_counter("straznica.identity.verifications")
                .with_description(
                    "Verifications ended, by who asked (office, private body, service, citizen), kind of document, stage and qualifier",
                )
                .build(),
            activations: meter
                .u64_counter("straznica.identity.activations")
                .with_description("Kinds of documents activated and withdrawn by citizens")
                .build(),
        }
    }

    pub(crate) fn judged(&self, verdict: &'static str, first: bool, took: Duration) {
        let occasion = if first { "opened" } else { "brought_up_to_date" };
        self.verdicts.add(1, &[KeyValue::new("verdict", verdict), KeyValue::new("occasion", occasion)]);
        self.judging.record(took.as_secs_f64(), &[KeyValue::new("occasion", occasion)]);
    }

    /// Reasons are a configured, closed list.
    pub(crate) fn referred(&self, reason: &str) {
        self.referrals.add(1, &[KeyValue::new("reason", reason.to_owned())]);
    }

    pub(crate) fn fingerprints(&self, result: FingerprintResult) {
        self.fingerprints.add(1, &[KeyValue::new("result", result.as_str())]);
    }

    pub(crate) fn alerts_checked(&self, result: AlertsResult) {
        let unchecked = result.unchecked().map_or("", Unchecked::as_str);
        let labels = [KeyValue::new("result", result.as_str()), KeyValue::new("unchecked", unchecked)];
        self.alert_checks.add(1, &labels);
    }

    pub(crate) fn privilege_alert(&self, rule: AlertRule) {
        self.privilege_alerts.add(1, &[KeyValue::new("rule", rule.as_str())]);
    }

    /// A verification has ended.
    pub(crate) fn verified(&self, relation: &'static str, kind: DocumentKind, stage: Stage) {
        self.verifications.add(
            1,
            &[
                KeyValue::new("relation", relation),
                KeyValue::new("kind", kind.as_str()),
                KeyValue::new("stage", stage.name()),
                KeyValue::new("qualifier", stage.qualifier()),
            ],
        );
    }

    pub(crate) fn activation(&self, kind: DocumentKind, active: bool) {
        let change = if active { "activated" } else { "withdrawn" };
        self.activations.add(1, &[KeyValue::new("kind", kind.as_str()), KeyValue::new("change", change)]);
    }

    pub(crate) fn announcement_failed(&self) {
        self.announcements_failed.add(1, &[]);
    }

    pub(crate) fn trust_unconfirmed(&self) {
        self.trust_unconfirmed.add(1, &[]);
    }

    pub(crate) fn trust_taken(&self, generation: u64, left_out: u64) {
        self.trust_generation.record(generation, &[]);
        self.trust_left_out.record(left_out, &[]);
    }
}
