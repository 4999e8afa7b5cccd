//! Somebody shows no document: the official types their PESEL, the code arrives on their phone, the register of persons answers, and they read who asked.

use std::time::Duration;

use straznica_cli::arguments::ServiceName;
use straznica_cli::registers;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::identity::v1::citizen_service_client::CitizenServiceClient;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::identity::v1::verification_service_client::VerificationServiceClient;
use straznica_contracts::identity::v1::{
    ActivateDocumentsRequest, ConfirmCodeRequest, ConfirmPhoneRequest, DisclosureOutcome, ListAccessesRequest,
    OpenVerificationRequest, RegisterPhoneRequest, ShowDocumentRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::domain::verification::DocumentKind as Kind;
use straznica_pki::Names;
use straznica_simulators::registers::{RegisterSimulator, made_up_people};
use straznica_tests::office::{self, OFFICE, OFFICE_NAME};
use straznica_types::{Clock as _, SystemClock};

const PHONE: &str = "+48501234567";

/// The code of the message that is the `count`th to this phone.
async fn code(suite: &Suite, count: usize) -> String {
    for _ in 0..3_000 {
        if let Some(message) = suite.messages().messages_to(PHONE).get(count - 1) {
            return message.text[..6].to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("message {count} did not come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_official_sees_a_document_once_after_the_citizen_has_read_out_the_code() {
    let mut options = SuiteOptions::embedded(None);
    let people = made_up_people(SystemClock.now().date()).unwrap();
    let register = RegisterSimulator::srp(people.clone(), SystemClock::shared());
    let register = registers::announce(register, &[Kind::IdentityCard], &mut options.config).await.unwrap();
    office::appoint_administrators(&mut options.config);
    let suite = Suite::start(options).await.unwrap();
    let adapter = register.serve(&suite).unwrap();
    let register = adapter.simulator.clone();

    let gateway = suite.authority().unwrap().issue_service("gateway", &Names::loopback()).unwrap();
    let channel = suite.channel(ServiceName::Identity, &gateway).unwrap();
    office::let_the_office_in(channel.clone()).await;
    let mut citizens = CitizenServiceClient::new(channel.clone());
    let mut offices = VerificationServiceClient::new(channel);
    let pesel = people[0].pesel.expose().to_owned();

    // The citizen joins: the phone is proved by a code, and one kind of document is let out.
    let request = RegisterPhoneRequest { context: None, pesel: pesel.clone(), phone: PHONE.to_owned() };
    let proof_id = citizens.register_phone(request).await.unwrap().into_inner().proof_id;
    let request = ConfirmPhoneRequest { context: None, pesel: pesel.clone(), proof_id, code: code(&suite, 1).await };
    citizens.confirm_phone(request).await.unwrap();
    let kinds = vec![DocumentKind::IdentityCard.into()];
    citizens.activate_documents(ActivateDocumentsRequest { context: None, pesel: pesel.clone(), kinds }).await.unwrap();

    let opening = OpenVerificationRequest {
        context: Some(office::official()),
        institution_id: OFFICE.to_owned(),
        kind: DocumentKind::IdentityCard.into(),
        criterion: Some(Criterion::Pesel(pesel.clone())),
    };
    let verification_id = offices.open_verification(opening).await.unwrap().into_inner().verification.unwrap().id;
    let show = || ShowDocumentRequest {
        context: Some(office::official()),
        institution_id: OFFICE.to_owned(),
        verification_id: verification_id.clone(),
    };
    offices.show_document(show()).await.unwrap_err();
    assert!(register.asked().is_empty(), "nobody asked the register before the citizen said yes");
    let code = code(&suite, 2).await;
    let request = ConfirmCodeRequest {
        context: Some(office::official()),
        institution_id: OFFICE.to_owned(),
        verification_id: verification_id.clone(),
        code,
    };
    assert_eq!(offices.confirm_code(request).await.unwrap().into_inner().verification.unwrap().stage, "approved");
    let shown = offices.show_document(show()).await.unwrap().into_inner();
    assert_eq!((shown.outcome(), shown.register.as_str()), (DisclosureOutcome::Found, "srp"));
    assert_eq!(shown.documents[0].holder.as_ref().unwrap().surname, people[0].surname);
    offices.show_document(show()).await.unwrap_err();
    assert_eq!(register.asked().len(), 1);

    let request = ListAccessesRequest { context: None, pesel, before_ms: 0 };
    let accesses = citizens.list_accesses(request).await.unwrap().into_inner().accesses;
    let [access] = &accesses[..] else { panic!("one access expected: {}", accesses.len()) };
    assert_eq!((access.institution_name.as_str(), access.officer.as_str()), (OFFICE_NAME, "um-0001"));
    assert_eq!((access.stage.as_str(), access.case_number.as_str()), ("shown", "OR.5345.1.2026"));
    suite.stop().await.unwrap();
    adapter.stop().await.unwrap();
}
