//! How the links are doing, as metrics.

use std::sync::{Arc, Weak};

use opentelemetry::KeyValue;
use opentelemetry::metrics::AsyncInstrument;
use sms::smpp::{Counters, LinkState};

use super::Operators;

/// Has the links looked at whenever metrics are collected, for as long as there are any.
pub(super) fn observe(operators: &Arc<Operators>) {
    let meter = opentelemetry::global::meter("straznica.dispatch");
    // The instruments live in the meter.
    let _bound = meter
        .u64_observable_gauge("straznica.dispatch.link_bound")
        .with_description("Whether messages flow: 1, or 0")
        .with_callback(each(operators, |state, observer, link| {
            observer.observe(u64::from(state.phase.is_bound()), link);
        }))
        .build();
    let _pace = meter
        .u64_observable_gauge("straznica.dispatch.link_pace")
        .with_description(
            "The present rate as a share of the agreed one, in thousandths: less while the operator finds us too fast",
        )
        .with_callback(each(operators, |state, observer, link| observer.observe(u64::from(state.pace), link)))
        .build();
    let _waiting = meter
        .u64_observable_gauge("straznica.dispatch.link_waiting")
        .with_description("Parts that wait for the link or for its answer")
        .with_callback(each(operators, |state, observer, link| {
            let parts = state.codes_waiting + state.bulk_waiting + state.in_flight;
            observer.observe(u64::try_from(parts).unwrap_or(u64::MAX), link);
        }))
        .build();
    let _parts = meter
        .u64_observable_counter("straznica.dispatch.link_events")
        .with_description("What links have done, by kind")
        .with_callback(each(operators, |state, observer, link| {
            for (kind, count) in kinds(&state.counters) {
                let labels: Vec<KeyValue> = link.iter().cloned().chain([KeyValue::new("kind", kind)]).collect();
                observer.observe(count, &labels);
            }
        }))
        .build();
}

const fn kinds(counters: &Counters) -> [(&'static str, u64); 10] {
    [
        ("written", counters.written),
        ("accepted", counters.accepted),
        ("refused", counters.refused),
        ("too_fast", counters.too_fast),
        ("unknown", counters.unknown),
        ("late", counters.late),
        ("stray", counters.stray),
        ("delivery_kept", counters.kept),
        ("delivery_not_kept", counters.not_kept),
        ("bound", counters.bound),
    ]
}

fn each(
    operators: &Arc<Operators>,
    look: impl Fn(&LinkState, &dyn AsyncInstrument<u64>, &[KeyValue]) + Send + Sync + 'static,
) -> impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static {
    let operators: Weak<Operators> = Arc::downgrade(operators);
    move |observer| {
        let Some(operators) = operators.upgrade() else { return };
        for state in operators.states() {
            look(&state, observer, &[KeyValue::new("link", state.name.to_string())]);
        }
    }
}
