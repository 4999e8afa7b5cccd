//! SIS answers for made-up alerts, and wrongly on command.

use std::time::Duration;

use straznica_contracts::alerts::v1::alert_source_service_server::AlertSourceService as _;
use straznica_contracts::alerts::v1::answer::Outcome;
use straznica_contracts::alerts::v1::{
    Answer, Document, Exactness, Person, PersonName, QueryContext, QueryDocumentRequest, QueryPersonRequest,
};
use straznica_simulators::alerts::{AlertSimulator, Fault, On, made_up_alerts};
use straznica_types::{Clock as _, ManualClock};
use tonic::{Code, Request, Status};

fn clock() -> ManualClock {
    ManualClock::starting_at("2026-11-22T10:00:00Z".parse().unwrap())
}

fn context() -> QueryContext {
    let mut context = QueryContext::default();
    context.request_id = "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned();
    context.officer = "SG-1".to_owned();
    context.purpose = "border_check".to_owned();
    context.legal_basis = "Regulation (EU) 2016/399, Article 8".to_owned();
    context
}

async fn person(sis: &AlertSimulator, latin: (&str, &str), original: &str, birth: &str) -> Result<Answer, Status> {
    let mut name = PersonName::default();
    (name.latin_surname, name.latin_given) = (latin.0.to_owned(), latin.1.to_owned());
    name.original_surname = original.to_owned();
    let mut person = Person::default();
    person.names = vec![name];
    person.birth_dates = vec![birth.to_owned()];
    let request = QueryPersonRequest { context: Some(context()), person: Some(person) };
    Ok(sis.query_person(Request::new(request)).await?.into_inner().answer.unwrap())
}

fn found(answer: &Answer) -> Vec<(String, Exactness)> {
    let Some(Outcome::Answered(answered)) = &answer.outcome else { panic!("no answer") };
    answered.hits.iter().map(|hit| (hit.alert_id.clone(), hit.exactness())).collect()
}

#[tokio::test]
async fn names_are_compared_across_spelling_order_and_script() {
    let sis = AlertSimulator::new(made_up_alerts(), clock().shared());
    let one = |id: &str, exactness| vec![(id.to_owned(), exactness)];
    for (latin, original, birth, expected) in [
        (("Zmyślony", "Mściwój"), "", "1873-02-19", one("sis-0001", Exactness::Exact)),
        (("ZMYŚLONY", "MŚCIWÓJ"), "", "1873-02-19", one("sis-0001", Exactness::Exact)),
        (("Mściwój", "Zmyślony"), "", "1873-02-19", one("sis-0001", Exactness::Exact)),
        (("Niebilski", "Jan"), "", "1855-01-01", one("sis-0004", Exactness::Possible)),
        (("Wygadanyj", "Taras"), "Вигаданий", "1861", one("sis-0009", Exactness::Possible)),
        (("Niebylski", "Dobrogost"), "", "1856-12-24", Vec::new()),
        (("Nikt", "Nikt"), "", "1855-12-24", Vec::new()),
    ] {
        let answer = person(&sis, latin, original, birth).await.unwrap();
        assert_eq!(found(&answer), expected, "{latin:?} {original} {birth}");
    }
    assert_eq!(sis.asked(), 7);
    sis.delete("sis-0001");
    assert_eq!(found(&person(&sis, ("Zmyślony", "Mściwój"), "", "1873-02-19").await.unwrap()), []);
}

#[tokio::test]
async fn a_document_is_found_by_number_and_issuer() {
    let sis = AlertSimulator::new(made_up_alerts(), clock().shared());
    for (number, issuer, expected) in [("UT0000990", "UTO", 1), ("UT0000990", "POL", 0), ("UT0000991", "UTO", 0)] {
        let mut document = Document::default();
        (document.kind, document.number, document.issuing_state) =
            ("passport".to_owned(), number.to_owned(), issuer.to_owned());
        let request = QueryDocumentRequest { context: Some(context()), document: Some(document) };
        let answer = sis.query_document(Request::new(request)).await.unwrap().into_inner().answer.unwrap();
        assert_eq!(found(&answer).len(), expected, "{number} {issuer}");
    }
}

#[test]
fn nobody_an_alert_is_on_may_be_alive() {
    for alert in made_up_alerts() {
        if let On::Person(named) = &alert.on {
            assert!(named.birth.starts_with("18"), "{}", alert.id);
        }
    }
}

#[tokio::test]
async fn it_does_wrong_on_command() {
    let clock = clock();
    let sis = AlertSimulator::new(made_up_alerts(), clock.shared());
    let somebody = || person(&sis, ("Zmyślony", "Mściwój"), "", "1873-02-19");
    sis.script(Some(Fault::Broken));
    assert_eq!(somebody().await.unwrap_err().code(), Code::Internal);
    sis.script(Some(Fault::Mute));
    assert!(somebody().await.unwrap().outcome.is_none());
    sis.script(Some(Fault::Down));
    assert!(matches!(somebody().await.unwrap().outcome, Some(Outcome::Unavailable(_))));
    sis.script(Some(Fault::Refusing));
    assert!(matches!(somebody().await.unwrap().outcome, Some(Outcome::Refused(_))));
    for (fault, complete, age) in [
        (Fault::Stale(Duration::from_secs(600)), true, 600_000),
        (Fault::Ahead(Duration::from_secs(600)), true, -600_000),
        (Fault::Partial, false, 0),
    ] {
        sis.script(Some(fault));
        let answer = somebody().await.unwrap();
        let Some(Outcome::Answered(answered)) = &answer.outcome else { panic!("{fault:?}") };
        assert_eq!((answered.complete, clock.now().millis() - answered.as_of_ms), (complete, age), "{fault:?}");
    }
    sis.script(None);
    let nobody = QueryPersonRequest { context: None, person: None };
    assert_eq!(sis.query_person(Request::new(nobody)).await.unwrap_err().code(), Code::InvalidArgument);
}
