//! Residence permits, from 2022.

use super::Row;

/// Each with its type.
pub(super) const ROWS: &[(&str, Row)] = &[
    // From Monday 3 March: 28 days to the 31st, 58 to 30 April, the sixtieth is Friday 2 May.
    (
        "residence_temporary",
        (
            "decision",
            "2025-03-03T10:00:00+01:00 application_complete",
            "2025-03-28T12:00:00+01:00",
            "2025-05-02",
            "running",
        ),
    ),
    // Suspended from 10 March to 10 April: 31 days, 11 March to 10 April. 2 May and 31 days: Monday 2 June.
    (
        "residence_temporary",
        (
            "decision",
            "2025-03-03T10:00:00+01:00 application_complete
      2025-03-10T10:00:00+01:00 proceedings_suspended
      2025-04-10T10:00:00+02:00 proceedings_resumed",
            "2025-04-28T12:00:00+02:00",
            "2025-06-02",
            "running",
        ),
    ),
    // Suspended twice: 11 to 14 March are four days, 21 March is one. 2 May and five days: Wednesday 7 May.
    (
        "residence_temporary",
        (
            "decision",
            "2025-03-03T10:00:00+01:00 application_complete
         2025-03-10T10:00:00+01:00 proceedings_suspended
         2025-03-14T10:00:00+01:00 proceedings_resumed
         2025-03-20T10:00:00+01:00 proceedings_suspended
         2025-03-21T10:00:00+01:00 proceedings_resumed",
            "2025-04-28T12:00:00+02:00",
            "2025-05-07",
            "running",
        ),
    ),
    // Still suspended on 20 March: ten days so far. 2 May and 10 days: Monday 12 May.
    (
        "residence_temporary",
        (
            "decision",
            "2025-03-03T10:00:00+01:00 application_complete
      2025-03-10T10:00:00+01:00 proceedings_suspended",
            "2025-03-20T12:00:00+01:00",
            "2025-05-12",
            "suspended",
        ),
    ),
    (
        "residence_permanent",
        (
            "decision",
            "2025-12-12T10:00:00+01:00 application_complete",
            "2026-03-28T12:00:00+01:00",
            "2026-06-12",
            "running",
        ),
    ),
    (
        "residence_eu_long_term",
        (
            "decision",
            "2025-12-12T10:00:00+01:00 application_complete",
            "2026-06-13T12:00:00+02:00",
            "2026-06-12",
            "late",
        ),
    ),
];

/// The same in all three types.
pub(super) const OF_EVERY_TYPE: &[Row] = &[
    (
        "security_opinion",
        "2025-03-03T10:00:00+01:00 security_opinion_requested of=police",
        "2025-04-03T00:00:00+02:00",
        "2025-04-02",
        "RequirementMet",
    ),
    (
        "security_opinion",
        "2025-03-03T10:00:00+01:00 security_opinion_requested of=police
      2025-03-13T10:00:00+01:00 security_opinion_extended of=police",
        "2025-04-03T00:00:00+02:00",
        "2025-05-02",
        "running",
    ),
    // The seventh day from Monday 14 April is Easter Monday; Tuesday 22.
    (
        "formal_defects",
        "2025-04-14T10:00:00+02:00 formal_defects_noted",
        "2025-04-22T12:00:00+02:00",
        "2025-04-22",
        "running",
    ),
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 decision_served decision=refused",
        "2025-04-22T12:00:00+02:00",
        "2025-04-22",
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
