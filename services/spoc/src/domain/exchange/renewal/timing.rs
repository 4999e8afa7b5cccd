//! When a renewal begins.

use std::time::Duration;

use straznica_types::Timestamp;

use super::{DAY, Terms, Verifier};
use crate::domain::{exchange::partner::Period, records::Day};

/// When the renewal of `verifier` begins: the lead before its last day, earlier by the time its partner announced to be away in between. Never
/// before a third of its validity is over, so that a short certificate is not renewed the day it comes.
pub(super) fn begins(verifier: &Verifier, terms: Terms, outages: &[Period]) -> Timestamp {
    let end = end_of(verifier.expires).millis();
    let undisturbed = verifier.expires.plus(-i64::from(terms.lead_days)).midnight();
    let mut start = undisturbed;
    // Moving the beginning can bring further outages in; each is counted once, so this ends.
    loop {
        let earlier = undisturbed - time_away(outages, start, end);
        if earlier >= start {
            break;
        }
        start = earlier;
    }
    let first = verifier.effective.midnight();
    let earliest = first + ((end - first) / 3).max(millis(DAY));
    Timestamp::from_millis(start.max(earliest))
}

/// Milliseconds of `from..until` that lie in outages; overlapping ones count once.
fn time_away(outages: &[Period], from: i64, until: i64) -> i64 {
    let clip = |outage: &Period| {
        let end = outage.until().map_or(until, |end| end.millis().min(until));
        (outage.from().millis().max(from), end)
    };
    let mut spans: Vec<(i64, i64)> = outages.iter().map(clip).filter(|(begin, end)| begin < end).collect();
    spans.sort_unstable();
    let mut counted_to = from;
    let mut away = 0;
    for (begin, end) in spans {
        away += (end - begin.max(counted_to)).max(0);
        counted_to = counted_to.max(end);
    }
    away
}

pub(super) fn end_of(day: Day) -> Timestamp {
    midnight(day.plus(1))
}

pub(super) const fn midnight(day: Day) -> Timestamp {
    Timestamp::from_millis(day.midnight())
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
