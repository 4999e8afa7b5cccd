//! Profiles held against persons.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::*;
use crate::domain::person::{
    Change, Country, Fact, Name, NameKind, New, Statement, TravelDocument, Validity, Vulnerability, plan,
};
use crate::domain::{PersonId, Purpose, Purposes};

const ZUS: &str = r#"
id = "POL.zus"
state = "POL"
authority = "Zakład Ubezpieczeń Społecznych"
passes_on_to = []
valid_from = "2026-01-01"
valid_to = "2027-01-01"
per_minute = 60
per_day = 1000

[[purpose]]
id = "social_insurance"
legal_basis = "Act of 13 October 1998 on the social insurance system, art. 50"
fields = ["main_name", "nationalities"]
by = ["person_id"]
"#;

fn purposes() -> Purposes {
    let purpose =
        |id: &str, vulnerabilities| Purpose { id: id.to_owned(), legal_basis: "Act".to_owned(), vulnerabilities };
    Purposes::new(&[purpose("care", true), purpose("social_insurance", false)]).unwrap()
}

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn read(text: &str) -> Result<Consumers, ProfileError> {
    Consumers::parse([("zus.toml", text)], &purposes())
}

#[test]
fn a_question_is_held_against_the_profile_in_every_respect() {
    let consumers = read(ZUS).unwrap();
    let zus = consumers.get("POL.zus").unwrap();
    let admit = |on: &str, purpose: &str, way| zus.admit("POL.zus", day(on), purpose, way).map(|_| ());
    assert_eq!(admit("2026-01-01", "social_insurance", Way::PersonId), Ok(()));
    assert_eq!(admit("2026-12-31", "social_insurance", Way::PersonId), Ok(()));
    assert_eq!(admit("2025-12-31", "social_insurance", Way::PersonId), Err(Denied::NotNow));
    assert_eq!(admit("2027-01-01", "social_insurance", Way::PersonId), Err(Denied::NotNow));
    assert_eq!(admit("2026-05-01", "care", Way::PersonId), Err(Denied::Purpose));
    assert_eq!(admit("2026-05-01", "social_insurance", Way::CaseNumber), Err(Denied::Way));
    assert_eq!(consumers.get("POL.krus").unwrap_err(), Denied::NoProfile);
    let moved = Profile { state: State::parse("DEU").unwrap(), ..zus.clone() };
    let asked = moved.admit("POL.zus", day("2026-05-01"), "social_insurance", Way::PersonId);
    assert_eq!(asked.unwrap_err(), Denied::OtherState);
}

#[test]
fn a_profile_that_is_wrong_in_any_way_is_refused_whole() {
    for (from, to, member) in [
        ("state = \"POL\"", "state = \"PL\"", "state"),
        ("state = \"POL\"", "state = \"DEU\"", "id"),
        ("id = \"POL.zus\"", "id = \"zus\"", "id"),
        ("id = \"POL.zus\"", "id = \"POL.\"", "id"),
        ("Zakład Ubezpieczeń Społecznych", " ", "authority"),
        ("passes_on_to = []", "passes_on_to = [\"XXA\"]", "passes_on_to"),
        ("2027-01-01", "2026-01-01", "valid_to"),
        ("2027-01-01", "2027-02-30", "valid_to"),
        ("per_minute = 60", "per_minute = 0", "per_minute"),
        ("per_day = 1000", "per_day = 1000001", "per_day"),
        ("id = \"social_insurance\"", "id = \"social insurance\"", "purpose \"social insurance\": id"),
        (
            "Act of 13 October 1998 on the social insurance system, art. 50",
            "",
            "purpose \"social_insurance\": legal_basis",
        ),
        ("[\"main_name\", \"nationalities\"]", "[]", "purpose \"social_insurance\": fields"),
        ("\"nationalities\"", "\"decisions\"", "purpose \"social_insurance\": fields"),
        ("\"nationalities\"", "\"vulnerabilities\"", "purpose \"social_insurance\": fields"),
        ("[\"person_id\"]", "[]", "purpose \"social_insurance\": by"),
    ] {
        assert!(ZUS.contains(from), "{from}");
        match read(&ZUS.replace(from, to)) {
            Err(ProfileError::Invalid { member: wrong, .. }) => assert_eq!(wrong, member, "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
    for (from, to) in [
        ("passes_on_to = []", ""),
        ("per_day = 1000", "per_day = 1000\nprotected = \"told\""),
        ("by = [", "by = [\"guess\", "),
        ("\"main_name\"", "\"everything\""),
    ] {
        let refused = read(&ZUS.replace(from, to)).unwrap_err();
        assert!(matches!(refused, ProfileError::Form { .. }), "{to}: {refused}");
    }
    let twice = Consumers::parse([("a.toml", ZUS), ("b.toml", ZUS)], &purposes()).unwrap_err();
    assert_eq!(twice, ProfileError::Twice { file: "b.toml".to_owned(), id: "POL.zus".to_owned() });
    let care = ZUS.replace("social_insurance", "care").replace("nationalities", "vulnerabilities");
    assert!(read(&care).is_ok());
}

fn officer() -> OfficerId {
    OfficerId::parse("udsc.1234").unwrap()
}

fn new(fact: Fact) -> New {
    let validity = Validity { from: None, to: None };
    New { fact, validity, source: "own word".to_owned(), reason: "intake".to_owned() }
}

fn name(kind: NameKind) -> Fact {
    let (latin_surname, none) = ("Iwanow".to_owned(), String::new);
    Fact::Name(Name { kind, latin_surname, latin_given: none(), original_surname: none(), original_given: none() })
}

fn nationality(code: &str) -> Fact {
    Fact::Nationality(Country::parse(code, "/").unwrap())
}

fn passport(issuer: &str) -> Fact {
    let issuer = Country::parse(issuer, "/").unwrap();
    Fact::Document(TravelDocument { kind: "passport".to_owned(), number: "AB1".to_owned(), issuer, expires_on: None })
}

fn stated(facts: Vec<Fact>) -> Vec<Statement> {
    let facts = std::iter::once(name(NameKind::Main)).chain(facts);
    let changes = facts.map(|fact| Change::Add(new(fact))).collect();
    plan(&[], changes, true, &officer(), Timestamp::from_seconds(1_700_000_000)).unwrap()
}

fn subject(ever: Vec<Statement>, household: Vec<Vec<Statement>>) -> Subject {
    Subject { id: PersonId::generate_at(Timestamp::from_seconds(1_700_000_000)), ever, household }
}

fn reach(states: &str) -> Reach {
    let mut states = states.split(' ').map(|code| State::parse(code).unwrap());
    let first = states.next().unwrap();
    Reach::new(first, &states.collect::<Vec<_>>())
}

#[test]
fn nothing_reaches_a_state_somebody_may_come_from() {
    let told = |facts: Vec<Fact>, to: &str| release(&subject(stated(facts), Vec::new()), &reach(to)).is_some();
    let ukrainian = || vec![nationality("UKR")];
    assert!(told(ukrainian(), "POL") && told(ukrainian(), "DEU"));
    assert!(!told(ukrainian(), "UKR") && !told(ukrainian(), "POL UKR") && !told(ukrainian(), "DEU BLR UKR"));
    // A passport says as much as a nationality; our own papers say nothing.
    assert!(!told(vec![nationality("UKR"), passport("RUS")], "RUS"));
    assert!(told(vec![nationality("UKR"), passport("POL")], "DEU"));
    // Codes of papers and codes of certificates are not the same.
    assert!(!told(vec![nationality("D")], "DEU") && !told(vec![nationality("HKG")], "CHN"));
    // The stateless, those without a nationality and those with one nobody can read may come from anywhere but here.
    for doubtful in
        [vec![nationality("XXA")], vec![], vec![nationality("QQQ")], vec![nationality("UKR"), nationality("XXB")]]
    {
        assert!(!told(doubtful.clone(), "DEU") && told(doubtful, "POL"));
    }
}

#[test]
fn relatives_count_with_the_person() {
    let subject = |household| subject(stated(vec![nationality("UKR")]), household);
    assert!(release(&subject(vec![stated(vec![nationality("UKR")])]), &reach("RUS")).is_some());
    assert!(release(&subject(vec![stated(vec![nationality("RUS")])]), &reach("RUS")).is_none());
    assert!(release(&subject(vec![stated(vec![])]), &reach("RUS")).is_none());
}

#[test]
fn an_answer_holds_the_fields_of_the_grant_and_nothing_else() {
    let case = KnownCase {
        number: "protection/2026/000001".to_owned(),
        case_type: "protection".to_owned(),
        opened_at: Timestamp::from_seconds(1),
        stage: "merits".to_owned(),
        closed: false,
        issued: vec![("refugee_status".to_owned(), Timestamp::from_seconds(2))],
        as_of: Timestamp::from_seconds(3),
    };
    let minor = Fact::Vulnerability(Vulnerability { kind: "minor".to_owned(), note: String::new() });
    let person = subject(stated(vec![nationality("UKR"), name(NameKind::Alias), passport("UKR"), minor]), Vec::new());
    let released = release(&person, &reach("POL")).unwrap();
    let answer = |fields: &[Field], vulnerable| {
        let grant = Grant {
            legal_basis: "Act".to_owned(),
            fields: fields.iter().copied().collect(),
            by: [Way::PersonId].into(),
        };
        disclose(released, std::slice::from_ref(&case), &grant, day("2026-05-01"), vulnerable)
    };
    for fields in [
        &[Field::MainName][..],
        &[Field::OtherNames, Field::Documents],
        &[Field::Procedures],
        &[Field::Vulnerabilities],
    ] {
        assert_eq!(answer(fields, true).fields(), fields.iter().copied().collect());
    }
    assert_eq!(answer(Field::ALL, true).fields().len(), 7);
    assert!(answer(&[Field::Vulnerabilities], false).facts.is_empty());
    assert!(answer(&[Field::Birth, Field::Sex], true).facts.is_empty());
}

/// A history of nationalities and documents, each stated and then left, corrected, ended or withdrawn.
fn history() -> impl Strategy<Value = Vec<(String, u8, bool)>> {
    let codes: Vec<String> = State::all().map(|state| state.to_string()).collect();
    let others = ["D", "HKG", "XXA", "XXB", "XXX", "SUN", "GBN", "TWN", "QQQ"].map(ToOwned::to_owned);
    let code = prop_oneof![select(codes), select(others.to_vec())];
    proptest::collection::vec((code, 0_u8..4, any::<bool>()), 0..5)
}

fn lived(history: &[(String, u8, bool)]) -> Vec<Statement> {
    let mut ever = stated(Vec::new());
    for (number, (code, fate, is_document)) in (1..).zip(history) {
        let at = |step: i64| Timestamp::from_seconds(1_700_000_000 + 10 * number + step);
        let fact = if *is_document { passport(code) } else { nationality(code) };
        let made = plan(&ever, vec![Change::Add(new(fact))], false, &officer(), at(0)).unwrap();
        let id = made[0].id;
        ever.extend(made);
        let (source, reason) = ("decree".to_owned(), "lost".to_owned());
        let other = if *is_document { passport("DEU") } else { nationality("DEU") };
        let after = match fate {
            1 => Change::Correct(id, new(other)),
            2 => Change::End { statement: id, to: day("2020-01-01"), source, reason },
            3 => Change::Withdraw { statement: id, source, reason },
            _ => continue,
        };
        ever.extend(plan(&ever, vec![after], false, &officer(), at(1)).unwrap());
    }
    ever
}

fn profile() -> impl Strategy<Value = String> {
    let codes: Vec<&str> = State::all().map(State::as_str).collect();
    let fields: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
    let ways: Vec<&str> = Way::ALL.iter().map(|way| way.as_str()).collect();
    let purpose = prop_oneof![Just("care"), Just("social_insurance"), Just("anything")];
    let passes_on = subsequence(codes.clone(), 0..4);
    (select(codes), passes_on, subsequence(fields, 1..=11), subsequence(ways, 1..=2), purpose).prop_map(
        |(state, passes_on, fields, by, purpose)| {
            format!(
                "id = \"{state}.any\"\nstate = \"{state}\"\nauthority = \"Authority\"\npasses_on_to = {passes_on:?}\n\
                 valid_from = \"2026-01-01\"\nvalid_to = \"2027-01-01\"\nper_minute = 6000\nper_day = 1000000\n\
                 [[purpose]]\nid = \"{purpose}\"\nlegal_basis = \"Act\"\nfields = {fields:?}\nby = {by:?}\n"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// No profile that this node accepts gets anything to a state that anything ever stated names, or that a doubt leaves open.
    #[test]
    fn no_profile_gets_around_article_9(text in profile(), person in history(), relative in proptest::option::of(history())) {
        let Ok(consumers) = read(&text) else { return Ok(()) };
        let profile = consumers.iter().next().unwrap();
        let household: Vec<Vec<Statement>> = relative.iter().map(|history| lived(history)).collect();
        let person_lived = lived(&person);
        let subject = subject(person_lived, household);
        let released = release(&subject, &profile.reach()).is_some();
        // Said again, by other means than the rule's.
        let reached: Vec<State> = profile.passes_on_to.iter().copied().chain([profile.state]).filter(|state| *state != OWN).collect();
        for history in std::iter::once(&person).chain(&relative) {
            let mut codes: Vec<&str> = history.iter().map(|(code, _, _)| code.as_str()).collect();
            codes.extend(history.iter().filter(|(_, fate, _)| *fate == 1).map(|_| "DEU"));
            let open = !history.iter().any(|(_, _, is_document)| !is_document)
                || codes.iter().any(|code| State::meant_by(code).is_none());
            let named = codes.iter().filter_map(|code| State::meant_by(code)).flatten().any(|state| reached.contains(&state));
            if !reached.is_empty() && (open || named) {
                prop_assert!(!released, "{text}{person:?}{relative:?}");
            }
        }
        if reached.is_empty() {
            prop_assert!(released);
        }
    }
}
