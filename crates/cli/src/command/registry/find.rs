//! `straznica registry find`, `duplicates` and `merges`: who somebody is.

use std::fmt::Write as _;

use straznica_contracts::registry::v1::person_question::Question;
use straznica_contracts::registry::v1::{
    FindingStanding, FoundPerson, ListDuplicatesRequest, ListDuplicatesResponse, ListMergesRequest, ListMergesResponse,
    MergeStep, PersonDescription, PersonQuestion, SearchPersonsRequest, SearchPersonsResponse, Sex,
};

use super::desk::Desk;
use super::persons::{called, stated, word};
use super::spoc::when;
use super::table::Table;
use super::{RegistryError, table};
use crate::arguments::{AskedSex, Find, RegistryDesk};

/// `straznica registry find`.
pub(super) async fn run(command: Find) -> Result<(), RegistryError> {
    let Find { number, born, nationality, sex, known_at, limit, desk } = command;
    let known_at_ms = when::read_some(known_at.as_ref())?;
    let desk = Desk::open(desk)?;
    let who = first_line()?;
    let question = if number {
        Question::Number(who)
    } else {
        Question::Person(PersonDescription {
            name: who,
            birth_date: born,
            nationality,
            sex: sex.map_or(0, |sex| Sex::from(sex).into()),
        })
    };
    let request = SearchPersonsRequest {
        context: desk.context(),
        question: Some(PersonQuestion { question: Some(question) }),
        known_at_ms,
        page_size: limit,
        offset: 0,
    };
    let answer = Box::pin(desk.search().search_persons(request)).await?.into_inner();
    desk.print(&answer, found)
}

impl From<AskedSex> for Sex {
    fn from(asked: AskedSex) -> Self {
        match asked {
            AskedSex::Female => Self::Female,
            AskedSex::Male => Self::Male,
            AskedSex::Other => Self::Other,
        }
    }
}

/// Who is looked for, from standard input.
pub(super) fn first_line() -> Result<String, RegistryError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(RegistryError::Input)?;
    Ok(line.trim().to_owned())
}

/// `straznica registry duplicates`.
pub(super) async fn duplicates(limit: u32, desk: RegistryDesk) -> Result<(), RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ListDuplicatesRequest { context: desk.context(), limit };
    let answer = Box::pin(desk.merges().list_duplicates(request)).await?.into_inner();
    desk.print(&answer, pairs)
}

/// `straznica registry merges`.
pub(super) async fn merges(person: Option<String>, desk: RegistryDesk) -> Result<(), RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ListMergesRequest { context: desk.context(), person_id: person.unwrap_or_default(), limit: 0 };
    let answer = desk.merges().list_merges(request).await?.into_inner();
    desk.print(&answer, steps)
}

fn found(answer: &SearchPersonsResponse) -> String {
    let mut told = String::new();
    for person in &answer.persons {
        told += &hit(person);
    }
    if answer.persons.is_empty() {
        told += "nobody\n";
    }
    if answer.too_common {
        told += "more share what was asked than were looked at: say more, such as the date of birth\n";
    }
    if answer.incomplete {
        told += "not everybody can be found yet: the keys are being made anew\n";
    }
    if answer.next_offset != 0 {
        told += "there are more: --limit\n";
    }
    told
}

/// Somebody with how likely it is, what is known and why.
fn hit(person: &FoundPerson) -> String {
    let name = person.name.as_ref().map(|name| table::one_line(&called(name))).unwrap_or_default();
    let known: Vec<_> = person.known.iter().filter_map(stated).map(|(kind, text)| format!("{kind} {text}")).collect();
    let history = if person.history { ", by what does not hold any more" } else { "" };
    // Writing to a text does not fail.
    let mut told = format!("{:.2}  {}  {name}{history}\n", person.score, person.person_id);
    let _ = writeln!(told, "      {}", known.join("; "));
    for reason in &person.why {
        let standing = match reason.standing() {
            FindingStanding::Ended => " (it ended)",
            FindingStanding::Replaced => " (it was replaced)",
            FindingStanding::Current | FindingStanding::Unspecified => "",
        };
        let _ =
            writeln!(told, "      {:+.1} {}: {}{standing}", reason.weight, reason.field, table::one_line(&reason.said));
    }
    told
}

fn pairs(answer: &ListDuplicatesResponse) -> String {
    let mut told = String::new();
    for pair in &answer.duplicates {
        let at = when::minute(pair.found_at_ms);
        let _ = writeln!(told, "{} may be, since {at}:", pair.person_id);
        told += &pair.other.as_ref().map(hit).unwrap_or_default();
    }
    if told.is_empty() { "nobody waits to be decided about".to_owned() } else { told }
}

fn steps(answer: &ListMergesResponse) -> String {
    let mut told = String::new();
    for merge in &answer.merges {
        let _ = writeln!(told, "{}: {} is {}", merge.merge_id, merge.merged_person_id, merge.person_id);
        let rows = merge.steps.iter().map(|taken| {
            let step = MergeStep::try_from(taken.step).map_or("", |step| step.as_str_name());
            let step = word(step, "MERGE_STEP_").replace('_', " ");
            [when::minute(taken.at_ms), step, taken.officer.clone(), taken.reason.clone()]
        });
        let _ = writeln!(told, "{}", Table::new(["AT", "STEP", "BY", "WHY"], rows));
    }
    if told.is_empty() { "none".to_owned() } else { told }
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::fact::Fact as Stated;
    use straznica_contracts::registry::v1::{Duplicate, Fact, FindingReason, Merge, MergeStepTaken, Name, NameKind};

    use super::*;

    fn somebody() -> FoundPerson {
        FoundPerson {
            person_id: "p-1".to_owned(),
            score: 0.974,
            why: vec![FindingReason {
                field: "name".to_owned(),
                weight: 14.26,
                said: "shevchenko is near szewczenko".to_owned(),
                standing: FindingStanding::Ended.into(),
            }],
            history: true,
            name: Some(Name {
                kind: NameKind::Main.into(),
                original_surname: "Шевченко".to_owned(),
                original_given: String::new(),
                latin_surname: "Shevchenko".to_owned(),
                latin_given: "Taras\u{7}".to_owned(),
            }),
            known: vec![Fact { fact: Some(Stated::Sex(Sex::Male.into())) }],
        }
    }

    #[test]
    fn a_hit_says_how_likely_it_is_and_why() {
        let answer =
            SearchPersonsResponse { persons: vec![somebody()], too_common: true, incomplete: false, next_offset: 10 };
        let told = found(&answer);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[0], "0.97  p-1  Shevchenko Taras  (Шевченко), by what does not hold any more");
        assert_eq!(lines[1], "      sex male");
        assert_eq!(lines[2], "      +14.3 name: shevchenko is near szewczenko (it ended)");
        assert!(lines[3].starts_with("more share") && lines[4].starts_with("there are more"), "{told}");
        assert_eq!(found(&SearchPersonsResponse::default()), "nobody\n");
    }

    #[test]
    fn pairs_and_merges_are_told_with_who_did_what() {
        let pair = Duplicate { person_id: "p-2".to_owned(), other: Some(somebody()), found_at_ms: 1_779_960_600_000 };
        let told = pairs(&ListDuplicatesResponse { duplicates: vec![pair] });
        assert!(told.starts_with("p-2 may be, since 2026-05-28 09:30:\n0.97  p-1"), "{told}");
        assert_eq!(pairs(&ListDuplicatesResponse::default()), "nobody waits to be decided about");
        let taken = MergeStepTaken {
            step: MergeStep::SplitProposed.into(),
            at_ms: 1_779_960_600_000,
            officer: "udsc-1".to_owned(),
            reason: "two certificates".to_owned(),
        };
        let merge = Merge {
            merge_id: "m-1".to_owned(),
            person_id: "p-1".to_owned(),
            merged_person_id: "p-2".to_owned(),
            steps: vec![taken],
        };
        let told = steps(&ListMergesResponse { merges: vec![merge] });
        assert!(
            told.starts_with("m-1: p-2 is p-1\n") && told.contains("split proposed  udsc-1  two certificates"),
            "{told}"
        );
        assert_eq!(steps(&ListMergesResponse::default()), "none");
    }
}
