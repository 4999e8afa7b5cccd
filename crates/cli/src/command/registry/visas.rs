//! `straznica registry visas`.

use std::fmt::Write as _;

use straznica_contracts::registry::v1::{
    ReadCaseVisasRequest, ReadCaseVisasResponse, VisaFacts, VisaOutcome, VisaReading,
};

use super::RegistryError;
use super::desk::Desk;
use super::spoc::when;
use super::table::one_line;
use crate::arguments::RegistryDesk;
use crate::command::Outcome;

/// Runs the command.
pub(super) async fn run(case_id: String, desk: RegistryDesk) -> Result<Outcome, RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ReadCaseVisasRequest { context: desk.context(), case_id };
    let answer = desk.visas().read_case_visas(request).await?.into_inner();
    desk.print(&answer, told)?;
    let answered = |reading: &VisaReading| matches!(reading.outcome(), VisaOutcome::Found | VisaOutcome::None);
    let whole = answer.left_out == 0 && answer.readings.iter().all(answered);
    Ok(if whole { Outcome::Yes } else { Outcome::No })
}

fn told(answer: &ReadCaseVisasResponse) -> String {
    if answer.readings.is_empty() {
        return "no travel document is stated of anybody in this case: nothing was asked".to_owned();
    }
    let mut told: String = answer.readings.iter().map(of_document).collect();
    if answer.left_out > 0 {
        // Writing to a text does not fail.
        let _ = writeln!(told, "{} MORE DOCUMENTS WERE NOT ASKED ABOUT", answer.left_out);
    }
    told
}

fn of_document(reading: &VisaReading) -> String {
    let of = format!("person {}, document {}", reading.person_id, reading.statement_id);
    let as_of = reading.as_of_ms.map(|at| format!(", as of {}", when::minute(at))).unwrap_or_default();
    let stale = if reading.stale { ", STALE" } else { "" };
    let said = match reading.outcome() {
        VisaOutcome::Found => format!("{} has these{as_of}{stale}", one_line(&reading.source)),
        VisaOutcome::None => format!("{} has none{as_of}{stale}", one_line(&reading.source)),
        VisaOutcome::Unavailable => "NOT KNOWN: the register of visas was not reached".to_owned(),
        VisaOutcome::Refused => "NOT KNOWN: the register of visas does not answer this question".to_owned(),
        VisaOutcome::NotConfigured => "NOT KNOWN: this node has no register of visas".to_owned(),
        VisaOutcome::Unspecified => "NOT KNOWN: an answer this program does not understand".to_owned(),
    };
    let visas: String = reading.visas.iter().map(visa).collect();
    format!("{of}\n  {said}\n{visas}")
}

fn visa(visa: &VisaFacts) -> String {
    let days = match (visa.valid_from.as_str(), visa.valid_until.as_str()) {
        ("", "") => String::new(),
        (from, until) => format!("{from} to {until}"),
    };
    let stay = if visa.stay_days == 0 { String::new() } else { format!("{} days", visa.stay_days) };
    let entries = match visa.entries {
        0 => String::new(),
        1 => "one entry".to_owned(),
        entries => format!("{entries} entries"),
    };
    let number = if visa.number.is_empty() { &visa.application_number } else { &visa.number };
    let holder = format!("{} {}", visa.holder_surname, visa.holder_given_names);
    let parts = [
        number,
        &visa.r#type,
        &visa.state,
        &visa.issuing_state,
        &days,
        &stay,
        &entries,
        &visa.purpose,
        &visa.grounds,
        &holder,
        &visa.holder_born_on,
        &visa.nationality,
    ];
    let parts: Vec<_> = parts.into_iter().map(|part| one_line(part.trim())).filter(|part| !part.is_empty()).collect();
    format!("    {}\n", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(outcome: VisaOutcome) -> VisaReading {
        let mut reading =
            VisaReading { person_id: "p-1".to_owned(), statement_id: "s-1".to_owned(), ..VisaReading::default() };
        reading.set_outcome(outcome);
        reading
    }

    #[test]
    fn what_was_not_learnt_is_never_none() {
        for outcome in
            [VisaOutcome::Unavailable, VisaOutcome::Refused, VisaOutcome::NotConfigured, VisaOutcome::Unspecified]
        {
            let told = told(&ReadCaseVisasResponse { readings: vec![reading(outcome)], left_out: 0 });
            assert!(told.contains("NOT KNOWN") && !told.contains("none"), "{told}");
        }
        let none = VisaReading { source: "cvr".to_owned(), ..reading(VisaOutcome::None) };
        let told = told(&ReadCaseVisasResponse { readings: vec![none], left_out: 2 });
        assert!(told.contains("cvr has none") && told.contains("2 MORE DOCUMENTS WERE NOT ASKED ABOUT"), "{told}");
    }

    #[test]
    fn a_visa_is_a_line() {
        let mut facts = VisaFacts::default();
        facts.entries = 1;
        for (member, text) in [
            (&mut facts.number, "POL00000001"),
            (&mut facts.r#type, "D"),
            (&mut facts.state, "issued"),
            (&mut facts.valid_from, "2026-03-01"),
            (&mut facts.valid_until, "2027-02-28"),
            (&mut facts.holder_surname, "KOWALENKO"),
        ] {
            text.clone_into(member);
        }
        let found = VisaReading { visas: vec![facts], source: "cvr".to_owned(), ..reading(VisaOutcome::Found) };
        let told = told(&ReadCaseVisasResponse { readings: vec![found], left_out: 0 });
        assert_eq!(
            told,
            "person p-1, document s-1\n  cvr has these\n    POL00000001, D, issued, 2026-03-01 to 2027-02-28, one entry, KOWALENKO\n"
        );
    }
}
