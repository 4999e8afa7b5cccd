//! `straznica registry persons`.

use straznica_contracts::registry::v1::fact::Fact;
use straznica_contracts::registry::v1::list_history_request::Whose;
use straznica_contracts::registry::v1::{
    self as contract, FamilyRelation, GetPersonRequest, ListPersonHistoryRequest, NameKind, Sex, Statement,
};

use super::desk::Desk;
use super::spoc::when;
use super::table::Table;
use super::{RegistryError, accesses, table};
use crate::arguments::Persons;

/// Runs the command.
pub(super) async fn run(command: Persons) -> Result<(), RegistryError> {
    match command {
        Persons::Show { person, known_at, valid_on, desk } => {
            let desk = Desk::open(desk)?;
            let request = GetPersonRequest {
                context: desk.context(),
                person_id: person,
                known_at_ms: when::read_some(known_at.as_ref())?,
                valid_on: valid_on.map(|day| day.to_string()).unwrap_or_default(),
            };
            let answer = desk.persons().get_person(request).await?.into_inner();
            desk.print(&answer, |answer| shown(answer.version, &answer.statements, answer.withheld))
        }
        Persons::History { person, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListPersonHistoryRequest { context: desk.context(), person_id: person };
            let answer = desk.persons().list_person_history(request).await?.into_inner();
            desk.print(&answer, |answer| history(answer.version, &answer.statements, answer.withheld))
        }
        Persons::Accesses(asked) => accesses::list(asked, Whose::PersonId).await,
    }
}

fn shown(version: u64, statements: &[Statement], withheld: bool) -> String {
    let rows = statements.iter().map(|statement| {
        let (kind, text) = fact(statement);
        [kind.to_owned(), text, days(statement), statement.source.clone()]
    });
    let table = Table::new(["WHAT", "", "DAYS", "SOURCE"], rows).or("nothing is known of that day at that moment");
    ended(version, &table, withheld)
}

fn history(version: u64, statements: &[Statement], withheld: bool) -> String {
    let rows = statements.iter().map(|statement| {
        let (kind, text) = fact(statement);
        let fate = if statement.replaced_by.is_empty() { "" } else { "replaced" };
        let (at, by) = (when::minute(statement.recorded_at_ms), statement.recorded_by.clone());
        [at, by, kind.to_owned(), text, days(statement), statement.reason.clone(), fate.to_owned()]
    });
    let table = Table::new(["KNOWN FROM", "BY", "WHAT", "", "DAYS", "WHY", ""], rows).or("nothing was ever stated");
    ended(version, &table, withheld)
}

fn ended(version: u64, table: &str, withheld: bool) -> String {
    let withheld = if withheld { "\nvulnerabilities are there that this purpose does not let be seen" } else { "" };
    format!("{}\nversion {version}{withheld}", table.trim_end())
}

/// From which day to before which.
fn days(statement: &Statement) -> String {
    match (statement.valid_from.as_str(), statement.valid_to.as_str()) {
        ("", "") => String::new(),
        (from, to) => format!("{from}..{to}"),
    }
}

/// What kind it is, and what it says.
fn fact(statement: &Statement) -> (&'static str, String) {
    statement.fact.as_ref().and_then(stated).unwrap_or(("withdrawn", String::new()))
}

/// What kind of fact it is, and what it says.
pub(super) fn stated(fact: &contract::Fact) -> Option<(&'static str, String)> {
    let (kind, text) = match fact.fact.as_ref()? {
        Fact::Name(name) => {
            let kind = match name.kind() {
                NameKind::Main => "name",
                NameKind::Birth => "name at birth",
                NameKind::Alias => "alias",
                NameKind::Unspecified => "name of an unknown kind",
            };
            (kind, called(name))
        }
        Fact::Birth(birth) => ("born", joined(&[&birth.date, &birth.place])),
        Fact::Nationality(nationality) => ("nationality", nationality.code.clone()),
        Fact::Sex(sex) => ("sex", word(Sex::try_from(*sex).map_or("", |sex| sex.as_str_name()), "SEX_")),
        Fact::Document(document) => {
            let expires = if document.expires_on.is_empty() { "" } else { "to" };
            ("document", joined(&[&document.kind, &document.issuer, &document.number, expires, &document.expires_on]))
        }
        Fact::Address(address) => ("address", joined(&[&address.text, &address.country])),
        Fact::FamilyLink(link) => {
            let relation = FamilyRelation::try_from(link.relation).map_or("", |relation| relation.as_str_name());
            ("family", format!("{} {}", word(relation, "FAMILY_RELATION_"), link.person_id))
        }
        Fact::Vulnerability(vulnerability) => ("vulnerability", joined(&[&vulnerability.kind, &vulnerability.note])),
    };
    Some((kind, table::one_line(&text)))
}

/// A name in Latin, and as it was written.
pub(super) fn called(name: &contract::Name) -> String {
    let latin = joined(&[&name.latin_surname, &name.latin_given]);
    let original = joined(&[&name.original_surname, &name.original_given]);
    if original.is_empty() { latin } else { format!("{latin} ({original})") }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// A word of the contract in small letters.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{Birth, Name};

    use super::*;

    fn statement(fact: Fact) -> Statement {
        Statement {
            fact: Some(contract::Fact { fact: Some(fact) }),
            valid_from: "2020-01-01".to_owned(),
            source: "passport".to_owned(),
            recorded_at_ms: 1_779_960_600_000,
            recorded_by: "sg-1".to_owned(),
            ..Statement::default()
        }
    }

    #[test]
    fn a_person_is_shown_a_line_a_statement_and_what_is_withheld_is_told() {
        let name = Name {
            kind: NameKind::Main.into(),
            original_surname: "Іванова".to_owned(),
            original_given: String::new(),
            latin_surname: "Ivanova".to_owned(),
            latin_given: "Anna".to_owned(),
        };
        let born = Birth { date: "1990-05".to_owned(), place: "Lviv\u{7}".to_owned() };
        let statements = [statement(Fact::Name(name)), statement(Fact::Birth(born))];
        let told = shown(2, &statements, true);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(
            lines[1..3],
            [
                "name  Ivanova Anna (Іванова)  2020-01-01..  passport",
                "born  1990-05 Lviv            2020-01-01..  passport",
            ]
        );
        assert_eq!(lines[3..], ["version 2", "vulnerabilities are there that this purpose does not let be seen"]);
        let mut withdrawn = statement(Fact::Sex(Sex::Female.into()));
        withdrawn.fact = None;
        withdrawn.replaced_by = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55".to_owned();
        let told = history(3, &[withdrawn], false);
        assert!(told.contains("2026-05-28 09:30  sg-1  withdrawn") && told.contains("replaced"), "{told}");
        assert!(shown(0, &[], false).starts_with("nothing is known"));
    }
}
