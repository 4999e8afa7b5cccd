//! The Protection Act, from 2015.

use super::Row;

pub(super) const ROWS: &[Row] = &[
    // Declared on Tuesday 29 April 2025. Working days: Wednesday 30; Thursday is 1 May; Friday 2; 3 and 4 are a weekend; Monday 5.
    (
        "registration",
        "2025-04-29T10:00:00+02:00 intention_declared",
        "2025-05-05T23:59:00+02:00",
        "2025-05-05",
        "running",
    ),
    ("registration", "2025-04-29T10:00:00+02:00 intention_declared", "2025-05-06T00:00:00+02:00", "2025-05-05", "late"),
    // Ten of them: 30 April; 2, 5, 6, 7, 8, 9, 12, 13, 14 May.
    (
        "registration",
        "2025-04-29T10:00:00+02:00 intention_declared
      2025-04-30T10:00:00+02:00 mass_influx_noted",
        "2025-05-06T12:00:00+02:00",
        "2025-05-14",
        "running",
    ),
    // 48 hours from Saturday noon, over the night in which clocks go forward: Monday 13:00 summer time. Weekends do not matter to hours.
    (
        "forwarding",
        "2026-03-28T12:00:00+01:00 application_registered",
        "2026-03-30T13:00:00+02:00",
        "2026-03-30T11:00:00.000Z",
        "running",
    ),
    (
        "forwarding",
        "2026-03-28T12:00:00+01:00 application_registered
      2026-03-30T13:00:01+02:00 application_forwarded",
        "2026-04-01T12:00:00+02:00",
        "2026-03-30T11:00:00.000Z",
        "met late",
    ),
    // Found on Wednesday 30 April: the third day is Saturday 3 May, a holiday besides; Sunday; Monday 5.
    (
        "guardian",
        "2025-04-30T10:00:00+02:00 application_registered
      2025-04-30T11:00:00+02:00 unaccompanied_minor_found",
        "2025-05-02T12:00:00+02:00",
        "2025-05-05",
        "running",
    ),
    // Thursday 18 December: the third day is Sunday 21; Monday 22.
    ("tztc", "2025-12-18T10:00:00+01:00 application_registered", "2025-12-19T12:00:00+01:00", "2025-12-22", "running"),
    // 28 February to 28 August: the same number, not the last day of the month.
    (
        "merits",
        "2025-02-28T10:00:00+01:00 application_registered",
        "2025-03-28T12:00:00+01:00",
        "2025-08-28",
        "running",
    ),
    // 31 August and six months: February 2026 ends on the 28th, a Saturday; Monday 2 March.
    (
        "merits",
        "2025-08-31T10:00:00+02:00 application_registered",
        "2025-09-28T12:00:00+02:00",
        "2026-03-02",
        "running",
    ),
    // Extended in time to 15 months: 28 May 2026, a Thursday.
    (
        "merits",
        "2025-02-28T10:00:00+01:00 application_registered
      2025-08-28T18:00:00+02:00 examination_extended",
        "2025-09-28T12:00:00+02:00",
        "2026-05-28",
        "running",
    ),
    // Extended to a day the decision names: Christmas Eve 2025 is a Wednesday and off since that year; 25 and 26 too; then a weekend; Monday 29.
    (
        "merits",
        "2025-02-28T10:00:00+01:00 application_registered
      2025-08-20T18:00:00+02:00 examination_extended until=2025-12-24",
        "2025-09-28T12:00:00+02:00",
        "2025-12-29",
        "running",
    ),
    // Extended a day late: it stays as it was.
    (
        "merits",
        "2025-02-28T10:00:00+01:00 application_registered
      2025-08-29T08:00:00+02:00 examination_extended",
        "2025-09-28T12:00:00+02:00",
        "2025-08-28",
        "late",
    ),
    // Reopened on 5 May 2025: six months from then, 5 November, a Wednesday.
    (
        "merits",
        "2024-09-02T10:00:00+02:00 application_registered
      2024-12-02T10:00:00+01:00 decision_issued decision=discontinued_implicit
      2025-05-05T10:00:00+02:00 reopened",
        "2025-06-01T12:00:00+02:00",
        "2025-11-05",
        "running",
    ),
    // The right to work does not wait for a working day. Ten days of the applicant's own delay, 11 to 20 March, move 28 August to 7 September, a Sunday.
    (
        "work_certificate",
        "2025-02-28T10:00:00+01:00 application_registered
      2025-03-10T10:00:00+01:00 delay_by_applicant
      2025-03-20T10:00:00+01:00 delay_by_applicant_ended",
        "2025-09-07T12:00:00+02:00",
        "2025-09-07",
        "running",
    ),
    (
        "work_certificate",
        "2025-02-28T10:00:00+01:00 application_registered",
        "2025-08-29T00:00:00+02:00",
        "2025-08-28",
        "RightArises",
    ),
    // Thirty days from the application of 3 March, not from 10 March when the procedure was chosen: 28 days to the 31st, 2 April is the thirtieth, a Wednesday.
    (
        "accelerated",
        "2025-03-03T10:00:00+01:00 application_registered
      2025-03-10T10:00:00+01:00 accelerated_opened",
        "2025-03-11T12:00:00+01:00",
        "2025-04-02",
        "running",
    ),
    (
        "accelerated",
        "2025-03-03T10:00:00+01:00 application_registered
      2025-03-10T10:00:00+01:00 accelerated_opened
      2025-03-20T10:00:00+01:00 accelerated_left",
        "2025-05-11T12:00:00+02:00",
        "2025-04-02",
        "ended",
    ),
    // Asked on Thursday 4 December: 27 days to the 31st, the thirtieth is Saturday 3 January; Monday 5. Tuesday 6 is Epiphany, but nobody gets that far.
    (
        "security_opinion",
        "2025-12-01T10:00:00+01:00 application_registered
      2025-12-04T10:00:00+01:00 security_opinion_requested of=abw",
        "2026-01-05T12:00:00+01:00",
        "2026-01-05",
        "running",
    ),
    // Silence: the requirement is met.
    (
        "security_opinion",
        "2025-12-01T10:00:00+01:00 application_registered
      2025-12-04T10:00:00+01:00 security_opinion_requested of=abw",
        "2026-01-06T00:00:00+01:00",
        "2026-01-05",
        "RequirementMet",
    ),
    // Up to three months: 4 March, a Wednesday. An answer after that changes nothing.
    (
        "security_opinion",
        "2025-12-01T10:00:00+01:00 application_registered
      2025-12-04T10:00:00+01:00 security_opinion_requested of=abw
      2025-12-30T10:00:00+01:00 security_opinion_extended of=abw
      2026-03-05T10:00:00+01:00 security_opinion_received of=abw",
        "2026-04-06T00:00:00+02:00",
        "2026-03-04",
        "RequirementMet",
    ),
    // Directed on Thursday 5 June 2025: Saturday 7; Sunday 8 is Pentecost (Easter was 20 April); Monday 9.
    (
        "reporting_to_centre",
        "2025-06-05T10:00:00+02:00 application_registered
      2025-06-05T11:00:00+02:00 directed_to_centre",
        "2025-06-10T00:00:00+02:00",
        "2025-06-09",
        "ImplicitWithdrawal",
    ),
    // Left on 3 March: seven days are allowed, to the end of the 10th.
    (
        "absence",
        "2025-02-03T10:00:00+01:00 application_registered
      2025-03-03T10:00:00+01:00 left_centre
      2025-03-10T23:30:00+01:00 returned_to_centre",
        "2025-03-12T12:00:00+01:00",
        "2025-03-10",
        "met",
    ),
    (
        "absence",
        "2025-02-03T10:00:00+01:00 application_registered
      2025-03-03T10:00:00+01:00 left_centre",
        "2025-03-11T00:30:00+01:00",
        "2025-03-10",
        "ImplicitWithdrawal",
    ),
    // Three months from 30 November: 28 February 2026, and a Saturday stays the last day under the regulation.
    (
        "dublin_request",
        "2025-11-30T10:00:00+01:00 application_registered
      2025-12-10T10:00:00+01:00 dublin_opened",
        "2026-02-28T12:00:00+01:00",
        "2026-02-28",
        "running",
    ),
    (
        "dublin_reply",
        "2025-12-31T10:00:00+01:00 dublin_request_sent",
        "2026-03-01T00:00:00+01:00",
        "2026-02-28",
        "Consent",
    ),
    // Asked on Wednesday 3 June and not answered: two months end with Monday 3 August, which is the day of acceptance; six months later.
    (
        "dublin_transfer",
        "2026-06-03T10:00:00+02:00 dublin_request_sent",
        "2026-08-04T00:00:00+02:00",
        "2027-02-03",
        "running",
    ),
    // Six months from 31 August: 28 February; twelve: 31 August; eighteen: 28 February 2027, a Sunday that stays.
    (
        "dublin_transfer",
        "2025-08-31T10:00:00+02:00 dublin_accepted",
        "2025-10-01T00:00:00+02:00",
        "2026-02-28",
        "running",
    ),
    (
        "dublin_transfer",
        "2025-08-31T10:00:00+02:00 dublin_accepted
      2025-10-01T10:00:00+02:00 imprisonment_noted",
        "2026-03-01T00:00:00+01:00",
        "2026-08-31",
        "running",
    ),
    (
        "dublin_transfer",
        "2025-08-31T10:00:00+02:00 dublin_accepted
      2025-10-01T10:00:00+02:00 imprisonment_noted
      2025-12-01T10:00:00+01:00 absconding_noted",
        "2027-03-01T00:00:00+01:00",
        "2027-02-28",
        "ResponsibilityPasses",
    ),
    // A month from 1 October: Saturday 1 November, All Saints besides; Sunday; Monday 3.
    ("board_decision", "2025-10-01T10:00:00+02:00 appeal_filed", "2025-10-02T12:00:00+02:00", "2025-11-03", "running"),
    // Thursday 2 April 2026.
    (
        "board_decision_again",
        "2026-03-02T10:00:00+01:00 judgment_final decision=complaint_upheld",
        "2026-04-03T00:00:00+02:00",
        "2026-04-02",
        "late",
    ),
    // Poland found responsible on 30 April: 30 October, a Thursday. The term of the application itself is over.
    (
        "merits_responsible",
        "2025-03-04T10:00:00+01:00 application_registered
      2025-04-30T10:00:00+02:00 dublin_ended",
        "2025-06-01T12:00:00+02:00",
        "2025-10-30",
        "running",
    ),
    (
        "merits",
        "2025-03-04T10:00:00+01:00 application_registered
      2025-04-30T10:00:00+02:00 dublin_ended",
        "2025-06-01T12:00:00+02:00",
        "2025-09-04",
        "ended",
    ),
    // 29 August and six months: Saturday 28 February; Monday 2 March.
    (
        "merits_returned",
        "2025-08-29T10:00:00+02:00 board_decision_served decision=board_annulled",
        "2025-09-01T12:00:00+02:00",
        "2026-03-02",
        "running",
    ),
    // Served on Monday 7 April 2025: the fourteenth day is Easter Monday, 21 April; Tuesday 22.
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 decision_served decision=refusal",
        "2025-04-22T12:00:00+02:00",
        "2025-04-22",
        "running",
    ),
    // Posted on the last day, received on the 25th: in time.
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 decision_served decision=refusal
      2025-04-25T10:00:00+02:00 appeal_filed posted=2025-04-22",
        "2025-05-22T12:00:00+02:00",
        "2025-04-22",
        "met",
    ),
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 decision_served decision=refusal
      2025-04-25T10:00:00+02:00 appeal_filed posted=2025-04-23",
        "2025-05-22T12:00:00+02:00",
        "2025-04-22",
        "RightLapses",
    ),
    // Notice on Monday 7 April: served with the end of Monday 14; the fourteenth day from then is Monday 28.
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 notice_displayed decision=refusal",
        "2025-04-15T12:00:00+02:00",
        "2025-04-28",
        "running",
    ),
    // Taken on Thursday 10 before the notice ran out: 24 April, a Thursday.
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 notice_displayed decision=refusal
      2025-04-10T10:00:00+02:00 decision_served decision=refusal",
        "2025-04-16T12:00:00+02:00",
        "2025-04-24",
        "running",
    ),
    // Refused on the 7th: served that day.
    (
        "appeal",
        "2025-04-07T10:00:00+02:00 service_refused decision=refusal",
        "2025-04-15T12:00:00+02:00",
        "2025-04-22",
        "running",
    ),
    // Seven days from 17 December: in 2025 Christmas Eve is off, then the holidays and a weekend: Monday 29. In 2024 it was a Tuesday and the last day.
    (
        "appeal_accelerated",
        "2025-12-17T10:00:00+01:00 decision_served decision=refusal_accelerated",
        "2025-12-18T12:00:00+01:00",
        "2025-12-29",
        "running",
    ),
    (
        "appeal_accelerated",
        "2024-12-17T10:00:00+01:00 decision_served decision=refusal_accelerated",
        "2024-12-18T12:00:00+01:00",
        "2024-12-24",
        "running",
    ),
    // Five days from Monday 3 November: Saturday 8; Monday 10, the day before Independence Day.
    (
        "appeal_withdrawal",
        "2025-11-03T10:00:00+01:00 decision_served decision=discontinued_explicit",
        "2025-11-04T12:00:00+01:00",
        "2025-11-10",
        "running",
    ),
    // Nine months from 31 May 2025: 28 February 2026, a Saturday; Monday 2 March.
    (
        "reopening",
        "2025-05-31T10:00:00+02:00 decision_issued decision=discontinued_implicit",
        "2025-06-18T12:00:00+02:00",
        "2026-03-02",
        "running",
    ),
    // Asked for once already: no second time.
    (
        "reopening",
        "2024-05-31T10:00:00+02:00 decision_issued decision=discontinued_implicit
      2024-08-01T10:00:00+02:00 reopening_requested
      2025-05-30T10:00:00+02:00 decision_issued decision=discontinued_implicit",
        "2025-06-18T12:00:00+02:00",
        "2026-03-02",
        "used up",
    ),
    // Thirty days from Tuesday 2 December: 29 to the 31st, New Year's Day is the thirtieth; Friday 2 January.
    (
        "complaint",
        "2025-12-02T10:00:00+01:00 board_decision_served decision=board_upheld",
        "2025-12-18T12:00:00+01:00",
        "2026-01-02",
        "running",
    ),
    // From Monday 6 October: 25 to the 31st, 5 November is the thirtieth, a Wednesday.
    (
        "cassation",
        "2025-10-06T10:00:00+02:00 judgment_served decision=complaint_dismissed",
        "2025-11-06T12:00:00+01:00",
        "2025-11-05",
        "RightLapses",
    ),
];
