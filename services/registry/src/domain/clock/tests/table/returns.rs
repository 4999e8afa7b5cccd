//! Return.

use super::Row;

pub(super) const ROWS: &[Row] = &[
    // Two months from 31 December: 28 February, a Saturday; Monday 2 March.
    (
        "decision",
        "2025-12-31T10:00:00+01:00 return_proceedings_opened",
        "2026-02-18T12:00:00+01:00",
        "2026-03-02",
        "running",
    ),
    // The decision says 20 June; it could not have said more than thirty days from 2 June: 2 July.
    (
        "voluntary_departure",
        "2025-06-02T10:00:00+02:00 decision_served decision=return_voluntary until=2025-06-20",
        "2025-06-21T12:00:00+02:00",
        "2025-06-20",
        "late",
    ),
    (
        "voluntary_departure",
        "2025-06-02T10:00:00+02:00 decision_served decision=return_voluntary until=2025-08-20",
        "2025-06-21T12:00:00+02:00",
        "2025-07-02",
        "running",
    ),
    (
        "voluntary_departure",
        "2025-06-02T10:00:00+02:00 decision_served decision=return_voluntary until=2025-06-20
      2025-06-20T10:00:00+02:00 voluntary_departure_prolonged until=2025-12-31",
        "2025-06-21T12:00:00+02:00",
        "2025-12-31",
        "running",
    ),
    (
        "voluntary_departure",
        "2025-06-02T10:00:00+02:00 decision_served decision=return_voluntary until=2025-06-20
      2025-06-20T10:00:00+02:00 voluntary_departure_prolonged until=2026-12-31",
        "2025-06-21T12:00:00+02:00",
        "2026-06-02",
        "running",
    ),
    // The seventh day from Thursday 12 June 2025 is Corpus Christi, sixty days after Easter; Friday 20.
    (
        "appeal",
        "2025-06-12T10:00:00+02:00 decision_served decision=return_forced",
        "2025-06-18T12:00:00+02:00",
        "2025-06-20",
        "running",
    ),
    (
        "complaint",
        "2025-12-02T10:00:00+01:00 appeal_decision_served decision=appeal_upheld",
        "2025-12-18T12:00:00+01:00",
        "2026-01-02",
        "running",
    ),
];
