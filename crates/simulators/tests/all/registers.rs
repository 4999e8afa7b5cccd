//! Registers answer for made-up people, and wrongly on command.

use std::time::Duration;

use identifiers::{IdentityCardNumber, Pesel, Vin};
use straznica_contracts::sources::v1::document::Details;
use straznica_contracts::sources::v1::lookup_request::Identifier;
use straznica_contracts::sources::v1::lookup_response::Outcome;
use straznica_contracts::sources::v1::register_service_server::RegisterService as _;
use straznica_contracts::sources::v1::{
    DescribeRequest, DocumentKind, DocumentState, LookupContext, LookupRequest, LookupResponse, RefusalReason,
};
use straznica_simulators::registers::{Circumstance, Fault, MadeUp, RegisterSimulator, made_up_people};
use straznica_types::{CivilDate, Clock as _, ManualClock};
use tonic::{Code, Request, Status};

const TODAY: CivilDate = CivilDate::new(2026, 11, 22).unwrap();

fn clock() -> ManualClock {
    ManualClock::starting_at("2026-11-22T10:00:00Z".parse().unwrap())
}

fn people() -> Vec<MadeUp> {
    made_up_people(TODAY).unwrap()
}

fn question(kind: DocumentKind, identifier: Identifier) -> LookupRequest {
    let mut context = LookupContext::default();
    context.request_id = "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned();
    context.institution = "um-zmyslone".to_owned();
    context.officer = "um-1".to_owned();
    context.purpose = "office_matter".to_owned();
    context.case_number = "OR.1/2026".to_owned();
    let mut request = LookupRequest::default();
    request.context = Some(context);
    request.set_kind(kind);
    request.identifier = Some(identifier);
    request
}

fn about(person: &MadeUp, kind: DocumentKind) -> LookupRequest {
    question(kind, Identifier::Pesel(person.pesel.expose().to_owned()))
}

async fn ask(register: &RegisterSimulator, request: LookupRequest) -> Result<LookupResponse, Status> {
    Ok(register.lookup(Request::new(request)).await?.into_inner())
}

fn registers(clock: &ManualClock) -> Vec<std::sync::Arc<RegisterSimulator>> {
    let shared = || clock.shared();
    vec![
        RegisterSimulator::srp(people(), shared()),
        RegisterSimulator::cepik(people(), shared()),
        RegisterSimulator::ksip(people(), shared()),
        RegisterSimulator::light(people(), shared()),
    ]
}

#[test]
fn nobody_in_the_registers_may_be_a_living_person() {
    for person in people() {
        assert!(Pesel::parse_made_up(person.pesel.expose(), TODAY).is_ok());
        assert!(person.pesel.born_on().year() < 1900);
    }
}

#[tokio::test]
async fn every_kind_of_document_is_answered_by_one_register_by_pesel_and_by_number() {
    let clock = clock();
    let everything = &people()[0];
    let mut answered = Vec::new();
    for register in registers(&clock) {
        let described = register.describe(Request::new(DescribeRequest {})).await.unwrap().into_inner();
        for described_kind in &described.kinds {
            let kind = described_kind.kind();
            let answer = ask(&register, about(everything, kind)).await.unwrap();
            let Some(Outcome::Found(found)) = &answer.outcome else { panic!("{kind:?}: nothing found") };
            let [document] = &found.documents[..] else { panic!("{kind:?}: one document expected") };
            assert_eq!((document.kind(), document.state()), (kind, DocumentState::Valid));
            assert_eq!(
                (document.source.as_str(), document.as_of_ms),
                (described.source.as_str(), clock.now().millis())
            );
            assert_eq!(document.holder.as_ref().unwrap().pesel, everything.pesel.expose());
            if described_kind.by_document_number {
                let by_number = question(kind, Identifier::DocumentNumber(document.number.clone()));
                assert!(ask(&register, by_number).await.unwrap() == answer, "{kind:?}");
            }
            match document.details.as_ref().unwrap() {
                Details::IdentityCard(_) => drop(IdentityCardNumber::parse(&document.number).unwrap()),
                Details::VehicleCard(card) => drop(Vin::parse(&card.vehicle.as_ref().unwrap().vin).unwrap()),
                _ => {}
            }
            answered.push(kind as i32);
        }
    }
    answered.sort_unstable();
    assert_eq!(answered, (1..=14).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_state_of_a_document_is_somebodys() {
    let clock = clock();
    let [srp, cepik, ksip, light] = &registers(&clock)[..] else { panic!("four registers") };
    for (register, circumstance, kind, state) in [
        (srp, Circumstance::CardLost, DocumentKind::IdentityCard, DocumentState::Lost),
        (cepik, Circumstance::LicenceExpired, DocumentKind::DrivingLicence, DocumentState::Expired),
        (cepik, Circumstance::LicenceSuspended, DocumentKind::DrivingLicence, DocumentState::Suspended),
        (light, Circumstance::StudentCardRevoked, DocumentKind::StudentCard, DocumentState::Revoked),
    ] {
        let people = people();
        let person = people.iter().find(|person| person.circumstance == circumstance).unwrap();
        let answer = ask(register, about(person, kind)).await.unwrap();
        let Some(Outcome::Found(found)) = &answer.outcome else { panic!("{kind:?}") };
        assert_eq!(found.documents[0].state(), state);
    }
    let mut sought = Vec::new();
    for person in people() {
        let answer = ask(ksip, about(&person, DocumentKind::WantedPerson)).await.unwrap();
        let Some(Outcome::Found(found)) = &answer.outcome else { panic!("KSIP knows everybody") };
        let Some(Details::WantedPerson(wanted)) = &found.documents[0].details else { panic!("KSIP") };
        if wanted.sought {
            sought.push(person.circumstance);
        }
    }
    assert_eq!(sought, [Circumstance::Sought]);
}

#[tokio::test]
async fn faults_are_told_apart() {
    let clock = clock();
    let register = RegisterSimulator::srp(people(), clock.shared());
    let (everything, nothing) = (&people()[0], &people()[6]);
    let card = DocumentKind::IdentityCard;

    let none = ask(&register, about(nothing, card)).await.unwrap();
    assert!(matches!(none.outcome, Some(Outcome::NoSuchDocument(_))));
    let not_here = ask(&register, about(everything, DocumentKind::StudentCard)).await.unwrap();
    let Some(Outcome::Refused(refused)) = &not_here.outcome else { panic!("answered for another register") };
    assert_eq!(refused.reason(), RefusalReason::KindNotAnswered);

    register.script(Some(Fault::Down));
    let down = ask(&register, about(everything, card)).await.unwrap();
    assert!(matches!(down.outcome, Some(Outcome::RegisterUnavailable(_))));
    register.script(Some(Fault::Refusing));
    let refusing = ask(&register, about(everything, card)).await.unwrap();
    assert!(matches!(refusing.outcome, Some(Outcome::Refused(_))));
    register.script(Some(Fault::Broken));
    assert_eq!(ask(&register, about(everything, card)).await.unwrap_err().code(), Code::Internal);
    register.script(Some(Fault::Stale(Duration::from_secs(3_600))));
    let stale = ask(&register, about(everything, card)).await.unwrap();
    let Some(Outcome::Found(found)) = &stale.outcome else { panic!("a stale answer is one") };
    assert_eq!(found.documents[0].as_of_ms, clock.now().millis() - 3_600_000);
    register.script(None);
    assert_eq!(register.asked().len(), 6);

    let mut hollow = about(everything, card);
    hollow.context.as_mut().unwrap().case_number.clear();
    assert_eq!(ask(&register, hollow).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn questions_and_answers_print_nothing() {
    let clock = clock();
    let register = RegisterSimulator::srp(people(), clock.shared());
    let request = about(&people()[0], DocumentKind::IdentityCard);
    assert_eq!(format!("{request:?} {:?}", request.identifier), "*** Some(***)");
    let answer = ask(&register, request).await.unwrap();
    let Some(Outcome::Found(found)) = &answer.outcome else { panic!("found") };
    assert_eq!(format!("{answer:?} {found:?} {:?}", found.documents[0]), "*** *** ***");
    assert_eq!(format!("{:?}", found.documents[0].details), "Some(***)");
}
