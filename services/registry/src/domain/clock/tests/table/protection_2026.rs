//! The common procedure of the Union, from 2026.

use super::Row;

pub(super) const ROWS: &[Row] = &[
    // Monday 15 June 2026: the fifth day is Saturday 20; Monday 22. The fifteenth is Tuesday 30.
    (
        "registration",
        "2026-06-15T10:00:00+02:00 intention_declared",
        "2026-06-16T12:00:00+02:00",
        "2026-06-22",
        "running",
    ),
    (
        "registration",
        "2026-06-15T10:00:00+02:00 intention_declared
      2026-06-17T10:00:00+02:00 mass_influx_noted",
        "2026-06-28T12:00:00+02:00",
        "2026-06-30",
        "running",
    ),
    // Three weeks on a Monday end on a Monday.
    (
        "lodging",
        "2026-06-15T10:00:00+02:00 application_registered",
        "2026-06-28T12:00:00+02:00",
        "2026-07-06",
        "running",
    ),
    // Two months from 30 June: Sunday 30 August; Monday 31.
    (
        "admissibility",
        "2026-06-30T10:00:00+02:00 application_lodged
      2026-07-06T10:00:00+02:00 admissibility_opened",
        "2026-08-28T12:00:00+02:00",
        "2026-08-31",
        "running",
    ),
    // Two more, from the 30th: 30 October, a Friday.
    (
        "admissibility",
        "2026-06-30T10:00:00+02:00 application_lodged
      2026-07-06T10:00:00+02:00 admissibility_opened
      2026-08-31T10:00:00+02:00 admissibility_extended",
        "2026-09-28T12:00:00+02:00",
        "2026-10-30",
        "running",
    ),
    (
        "accelerated",
        "2026-06-30T10:00:00+02:00 application_lodged
      2026-07-06T10:00:00+02:00 accelerated_opened",
        "2026-08-28T12:00:00+02:00",
        "2026-09-30",
        "running",
    ),
    // Twelve weeks from Monday 15 June: Monday 7 September.
    (
        "border",
        "2026-06-15T10:00:00+02:00 application_registered
      2026-06-20T10:00:00+02:00 border_procedure_opened",
        "2026-09-08T00:00:00+02:00",
        "2026-09-07",
        "RightArises",
    ),
    ("merits", "2026-06-30T10:00:00+02:00 application_lodged", "2026-08-28T12:00:00+02:00", "2026-12-30", "running"),
    (
        "merits",
        "2026-06-30T10:00:00+02:00 application_lodged
      2026-12-01T10:00:00+01:00 examination_extended",
        "2026-12-31T12:00:00+01:00",
        "2027-06-30",
        "running",
    ),
    // Thirty days from Wednesday 1 July: Friday 31 July, and on the next day the requirement counts as met. Three months: Thursday 1 October.
    (
        "security_opinion",
        "2026-07-01T10:00:00+02:00 security_opinion_requested of=abw",
        "2026-07-31T23:59:59+02:00",
        "2026-07-31",
        "running",
    ),
    (
        "security_opinion",
        "2026-07-01T10:00:00+02:00 security_opinion_requested of=abw",
        "2026-08-01T00:00:00+02:00",
        "2026-07-31",
        "RequirementMet",
    ),
    (
        "security_opinion",
        "2026-07-01T10:00:00+02:00 security_opinion_requested of=abw
      2026-07-31T10:00:00+02:00 security_opinion_extended of=abw",
        "2026-08-03T12:00:00+02:00",
        "2026-10-01",
        "running",
    ),
    // Served on Monday 27 July 2026: Monday 10 August; within seven days Monday 3 August.
    (
        "appeal",
        "2026-07-27T10:00:00+02:00 decision_served decision=refusal",
        "2026-07-28T12:00:00+02:00",
        "2026-08-10",
        "running",
    ),
    (
        "appeal_short",
        "2026-07-27T10:00:00+02:00 decision_served decision=inadmissible",
        "2026-07-28T12:00:00+02:00",
        "2026-08-03",
        "running",
    ),
    // 31 July, and thirty days: Sunday 30 August; Monday 31.
    (
        "complaint",
        "2026-07-31T10:00:00+02:00 board_decision_served decision=board_upheld",
        "2026-08-28T12:00:00+02:00",
        "2026-08-31",
        "running",
    ),
];
