//! Every verdict compared with implementations nobody here wrote: Faker, python-stdnum, phonenumbers (tests/peers/identifiers.py).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;

use identifiers::{
    CheckDigit, IdentityCardNumber, InvalidIdentifier, Pesel, PhoneKind, PhoneNumber, PhonePrefix, PolishRange,
    RegistrationMark, Sex, Vin,
};
use serde_json::Value;
use straznica_types::CivilDate;

/// Late enough that nobody's birth lies in the future: the peers do not ask.
const LAST_DAY: CivilDate = CivilDate::new(2299, 12, 31).unwrap();

fn table() -> Option<Value> {
    let mut python = None;
    for module in ["faker", "stdnum.pl", "phonenumbers"] {
        python = Some(straznica_testkit::python_with(module)?);
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/identifiers.py");
    let output = Command::new(python?).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The rows of one table; there are enough of them to mean something.
fn rows<'a>(table: &'a Value, name: &str) -> &'a [Value] {
    let rows = table[name].as_array().unwrap();
    assert!(rows.len() >= 200, "{name}: {} rows", rows.len());
    rows
}

#[test]
fn every_verdict_is_the_one_of_independent_implementations() {
    let Some(table) = table() else { return };
    pesels(rows(&table, "pesel"));
    identity_cards(rows(&table, "identity_card"));
    vehicles(rows(&table, "vin"), rows(&table, "plates"));
    phones(rows(&table, "phones"));
    calling_codes(rows(&table, "calling_codes"));
}

fn pesels(rows: &[Value]) {
    let (mut valid, mut invalid) = (0, 0);
    for row in rows {
        let text = row[0].as_str().unwrap();
        let ours = Pesel::parse(text, LAST_DAY);
        assert_eq!(ours.is_ok(), row[1].as_bool().unwrap(), "{text}: {ours:?}");
        let Ok(pesel) = ours else {
            invalid += 1;
            continue;
        };
        valid += 1;
        let sex = if row[3] == "F" { Sex::Female } else { Sex::Male };
        assert_eq!((pesel.born_on().to_string().as_str(), pesel.sex()), (row[2].as_str().unwrap(), sex), "{text}");
    }
    assert!(valid > 500 && invalid > 500, "{valid} valid, {invalid} invalid");
}

fn identity_cards(rows: &[Value]) {
    for row in rows {
        let text = row[0].as_str().unwrap();
        assert_eq!(IdentityCardNumber::parse(text).is_ok(), row[1].as_bool().unwrap(), "{text}");
    }
    assert!(rows.iter().any(|row| row[1] == true) && rows.iter().any(|row| row[1] == false));
}

fn vehicles(vins: &[Value], plates: &[Value]) {
    for text in vins.iter().map(|row| row.as_str().unwrap()) {
        assert_eq!(Vin::parse(text).map(|vin| vin.check_digit()), Ok(CheckDigit::Matches), "{text}");
    }
    for text in plates.iter().map(|row| row.as_str().unwrap()) {
        assert!(RegistrationMark::parse(text).is_ok(), "{text}");
    }
}

fn phones(rows: &[Value]) {
    for row in rows {
        let text = row[0].as_str().unwrap();
        let ours = match PhoneNumber::parse(text).map(|number| number.kind()) {
            Ok(PhoneKind::Polish(range)) => Some(range),
            Ok(other) => panic!("{text}: {other:?}"),
            Err(InvalidIdentifier::Plan) => None,
            Err(error) => panic!("{text}: {error}"),
        };
        let agree = match row[1].as_str().unwrap() {
            "MOBILE" => matches!(ours, Some(PolishRange::Mobile | PolishRange::Machine)),
            "FIXED_LINE" => ours == Some(PolishRange::Fixed),
            "PREMIUM_RATE" => ours == Some(PolishRange::Premium),
            "TOLL_FREE" | "SHARED_COST" | "UAN" => ours == Some(PolishRange::SharedCost),
            "VOIP" => ours == Some(PolishRange::Internet),
            "PAGER" => ours == Some(PolishRange::Paging),
            // The peer knows which blocks of a range are given out today; the plan knows the range. Of phones people carry both know the same.
            "UNKNOWN" => !matches!(ours, Some(PolishRange::Mobile)),
            other => panic!("{text}: {other}"),
        };
        assert!(agree, "{text}: {} there, {ours:?} here", row[1]);
    }
}

fn calling_codes(rows: &[Value]) {
    // The ITU has withdrawn 888, which the peer still lists.
    let theirs: Vec<u64> = rows.iter().map(|row| row.as_u64().unwrap()).filter(|code| *code != 888).collect();
    let assigned = |code: &u64| PhonePrefix::parse(&format!("+{code}")).is_ok();
    let begins_with_shorter =
        |code: &u64| theirs.iter().any(|one| one < code && code.to_string().starts_with(&one.to_string()));
    let ours: Vec<u64> = (1..1000).filter(|code| assigned(code) && !begins_with_shorter(code)).collect();
    assert_eq!(ours, theirs);
}
