//! Consultations.

use super::Row;

/// Each with its type.
pub(super) const ROWS: &[(&str, Row)] = &[
    // From Monday 20 April: the seventh day is Monday 27.
    (
        "consultation_incoming",
        (
            "head_answer",
            "2026-04-20T10:00:00+02:00 request_received",
            "2026-04-27T23:59:59+02:00",
            "2026-04-27",
            "running",
        ),
    ),
    // From Thursday 30 April: Thursday 7 May, over 1 and 3 May.
    (
        "consultation_incoming",
        (
            "head_answer",
            "2026-04-30T10:00:00+02:00 request_received",
            "2026-05-08T00:00:00+02:00",
            "2026-05-07",
            "Consent",
        ),
    ),
    // From Monday 20 April: Saturday 25, which stays: the other state counts calendar days.
    (
        "consultation_incoming",
        (
            "body_answer",
            "2026-04-20T10:00:00+02:00 request_received
             2026-04-20T11:00:00+02:00 asked of=abw",
            "2026-04-26T00:00:00+02:00",
            "2026-04-25",
            "Consent",
        ),
    ),
    // Answered on the third day: the bodies' time is over.
    (
        "consultation_incoming",
        (
            "body_answer",
            "2026-04-20T10:00:00+02:00 request_received
             2026-04-20T11:00:00+02:00 asked of=abw
             2026-04-22T11:00:00+02:00 answered decision=head_objection",
            "2026-04-29T00:00:00+02:00",
            "2026-04-25",
            "ended",
        ),
    ),
    // From Wednesday 22 April: Saturday 2 May, then Sunday and the Third of May; Monday 4 May.
    (
        "consultation_outgoing",
        (
            "consul_information",
            "2026-04-22T10:00:00+02:00 consul_asked",
            "2026-05-04T12:00:00+02:00",
            "2026-05-04",
            "running",
        ),
    ),
    // Asked on the 20th, delivered on Thursday 23 April: Thursday 30.
    (
        "consultation_outgoing",
        (
            "state_answer",
            "2026-04-20T10:00:00+02:00 consul_asked
             2026-04-20T10:00:00+02:00 asked of=FRA
             2026-04-23T09:00:00+02:00 delivered of=FRA",
            "2026-04-30T23:59:59+02:00",
            "2026-04-30",
            "running",
        ),
    ),
    // Ten days from Wednesday 22 April: Saturday 2 May; Monday 4.
    (
        "consultation_national",
        ("head_answer", "2026-04-22T10:00:00+02:00 consul_asked", "2026-05-05T00:00:00+02:00", "2026-05-04", "Consent"),
    ),
    // Thirty days from 22 April: Friday 22 May.
    (
        "consultation_national",
        (
            "head_answer",
            "2026-04-22T10:00:00+02:00 consul_asked
             2026-05-04T10:00:00+02:00 prolonged",
            "2026-05-22T12:00:00+02:00",
            "2026-05-22",
            "running",
        ),
    ),
    // Prolonged too late.
    (
        "consultation_national",
        (
            "head_answer",
            "2026-04-22T10:00:00+02:00 consul_asked
             2026-05-05T00:00:00+02:00 prolonged",
            "2026-05-05T12:00:00+02:00",
            "2026-05-04",
            "Consent",
        ),
    ),
    // A body that has longer takes the Head's term along.
    (
        "consultation_national",
        (
            "head_answer",
            "2026-04-22T10:00:00+02:00 consul_asked
             2026-04-22T10:00:00+02:00 asked of=aw
             2026-04-27T10:00:00+02:00 extended of=aw",
            "2026-05-22T12:00:00+02:00",
            "2026-05-22",
            "running",
        ),
    ),
    // Five days: Monday 27 April; twenty more: Sunday 17 May, so Monday 18.
    (
        "consultation_national",
        (
            "body_answer",
            "2026-04-22T10:00:00+02:00 consul_asked
             2026-04-22T10:00:00+02:00 asked of=aw
             2026-04-27T23:59:00+02:00 extended of=aw",
            "2026-05-18T12:00:00+02:00",
            "2026-05-18",
            "running",
        ),
    ),
    // Told by the next working day: Thursday 30 April, then Monday 4 May.
    (
        "consultation_national",
        (
            "consul_told_of_extension",
            "2026-04-27T10:00:00+02:00 consul_asked
             2026-04-27T10:00:00+02:00 asked of=aw
             2026-04-30T10:00:00+02:00 extended of=aw",
            "2026-05-05T00:00:00+02:00",
            "2026-05-04",
            "late",
        ),
    ),
    // Thirty days from Monday 5 October: Wednesday 4 November.
    (
        "consultation_national_visa",
        ("head_answer", "2026-10-05T10:00:00+02:00 consul_asked", "2026-11-05T00:00:00+01:00", "2026-11-04", "Consent"),
    ),
    // Fifty-five: Sunday 29 November, so Monday 30.
    (
        "consultation_national_visa",
        (
            "head_answer",
            "2026-10-05T10:00:00+02:00 consul_asked
             2026-11-04T23:59:00+01:00 prolonged",
            "2026-11-30T12:00:00+01:00",
            "2026-11-30",
            "running",
        ),
    ),
    // Twenty days: Sunday 25 October, on which clocks go back; Monday 26.
    (
        "consultation_national_visa",
        (
            "body_answer",
            "2026-10-05T10:00:00+02:00 consul_asked
             2026-10-05T10:00:00+02:00 asked of=sg",
            "2026-10-27T00:00:00+01:00",
            "2026-10-26",
            "Consent",
        ),
    ),
    // And twenty-five more, from the 25th: Thursday 19 November.
    (
        "consultation_national_visa",
        (
            "body_answer",
            "2026-10-05T10:00:00+02:00 consul_asked
             2026-10-05T10:00:00+02:00 asked of=sg
             2026-10-26T23:00:00+01:00 extended of=sg",
            "2026-11-19T12:00:00+01:00",
            "2026-11-19",
            "running",
        ),
    ),
    (
        "consultation_national_visa",
        (
            "consul_told_of_extension",
            "2026-10-05T10:00:00+02:00 consul_asked
             2026-10-30T10:00:00+01:00 prolonged
             2026-10-30T11:00:00+01:00 consul_told",
            "2026-11-05T12:00:00+01:00",
            "2026-11-02",
            "met",
        ),
    ),
    // Thirty days from 10 March: 9 April; three months: 10 June.
    (
        "opinion_protection",
        (
            "body_answer",
            "2025-03-10T10:00:00+01:00 opinions_wanted
             2025-03-10T10:00:00+01:00 asked of=abw",
            "2025-04-10T00:00:00+02:00",
            "2025-04-09",
            "RequirementMet",
        ),
    ),
    (
        "opinion_protection",
        (
            "body_answer",
            "2025-03-10T10:00:00+01:00 opinions_wanted
             2025-03-10T10:00:00+01:00 asked of=abw
             2025-04-09T10:00:00+02:00 extended of=abw",
            "2025-06-10T12:00:00+02:00",
            "2025-06-10",
            "running",
        ),
    ),
    // Sixty days from Monday 3 March: Friday 2 May.
    (
        "opinion_residence",
        (
            "body_answer",
            "2025-03-03T10:00:00+01:00 opinions_wanted
             2025-03-03T10:00:00+01:00 asked of=police
             2025-03-13T10:00:00+01:00 extended of=police",
            "2025-04-03T00:00:00+02:00",
            "2025-05-02",
            "running",
        ),
    ),
];
