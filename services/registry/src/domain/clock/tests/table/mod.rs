//! Every deadline of every rule set that is built in, with dates worked by hand from a wall calendar. Nothing here was copied from what the clock says.

mod consultation;
mod protection_2015;
mod protection_2026;
mod residence;
mod returns;

use std::collections::BTreeSet;

use crate::domain::clock::deadlines;
use crate::domain::rules::RuleBook;
use crate::domain::story::{calendar, case_type, due, moment, state, story};

/// The deadline; what happened; when one looks; until when it is; how it stands.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const RESIDENCE_TYPES: [&str; 3] = ["residence_temporary", "residence_permanent", "residence_eu_long_term"];

/// Rule set, type of case, row.
fn rows() -> Vec<(&'static str, &'static str, Row)> {
    let protection = [("protection-2015", protection_2015::ROWS), ("protection-2026", protection_2026::ROWS)];
    let protection =
        protection.into_iter().flat_map(|(set, rows)| rows.iter().map(move |row| (set, "protection", *row)));
    let residence = residence::ROWS.iter().map(|(case, row)| ("residence-2022", *case, *row));
    let of_every_type =
        residence::OF_EVERY_TYPE.iter().flat_map(|row| RESIDENCE_TYPES.map(|case| ("residence-2022", case, *row)));
    let returns = returns::ROWS.iter().map(|row| ("return-2014", "return", *row));
    let consultations = consultation::ROWS.iter().map(|(case, row)| ("consultation-2014", *case, *row));
    protection.chain(consultations).chain(residence).chain(of_every_type).chain(returns).collect()
}

#[test]
fn every_deadline_ends_on_the_day_worked_out_by_hand() {
    let calendar = calendar();
    for (set, case, (id, happened, now, last_day, stands)) in rows() {
        let case = case_type(set, case);
        let found = deadlines(&case, &story(happened), &calendar, moment(now));
        let deadline = found.iter().rfind(|deadline| deadline.rule.id == id).unwrap_or_else(|| panic!("{id}: none"));
        let found = (due(deadline), state(deadline));
        assert_eq!(found, (last_day.to_owned(), stands.to_owned()), "{set} {id}\n{happened}");
    }
}

#[test]
fn no_deadline_of_a_rule_set_is_without_a_row() {
    let tested: BTreeSet<(&str, &str, &str)> = rows().iter().map(|(set, case, row)| (*set, *case, row.0)).collect();
    for set in RuleBook::built_in().unwrap().sets() {
        for case in &set.cases {
            for deadline in &case.deadlines {
                let name = (set.id.as_str(), case.id.as_str(), deadline.id.as_str());
                assert!(tested.contains(&name), "{name:?}");
            }
        }
    }
}
