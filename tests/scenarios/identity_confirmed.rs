//! Somebody shows no document: the official types their PESEL, the code arrives on their phone, the register of persons answers, and they read who asked.

use std::time::Duration;

use serde_json::json;
use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::citizen_service_client::CitizenServiceClient;
use straznica_contracts::identity::v1::institution_service_client::InstitutionServiceClient;
use straznica_contracts::identity::v1::official_service_client::OfficialServiceClient;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::identity::v1::verification_service_client::VerificationServiceClient;
use straznica_contracts::identity::v1::{
    ActivateDocumentsRequest, ApplyInstitutionRequest, ConfirmCodeRequest, ConfirmPhoneRequest,
    DecideInstitutionRequest, DisclosureOutcome, GrantRoleRequest, InstitutionKind, ListAccessesRequest, Logins,
    OpenVerificationRequest, RegisterPhoneRequest, Role, SetStageRequest, ShowDocumentRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_pki::{Names, Tls};
use straznica_runtime::channel::Channel;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts};
use straznica_simulators::registers::{RegisterSimulator, made_up_people};
use straznica_types::{Clock as _, Environment, SystemClock};

const OFFICE: &str = "um-zmyslone";
const PHONE: &str = "+48501234567";
const ISSUER: &str = "https://login.example";

fn official() -> Option<CallContext> {
    Some(CallContext {
        officer: "um-0001".to_owned(),
        purpose: "office_matter".to_owned(),
        case_number: "OR.5345.1.2026".to_owned(),
        ..CallContext::default()
    })
}

fn by(officer: &str) -> Option<CallContext> {
    Some(CallContext { officer: officer.to_owned(), ..CallContext::default() })
}

fn account(subject: &str) -> Option<Logins> {
    let mut logins = Logins::default();
    ISSUER.clone_into(&mut logins.issuer);
    subject.clone_into(&mut logins.subject);
    Some(logins)
}

/// One central administrator enters the office's application, another approves it, a kind is served, and the office's own administrator gives its official
/// the post.
async fn let_the_office_in(channel: Channel) {
    let mut institutions = InstitutionServiceClient::new(channel.clone());
    let mut officials = OfficialServiceClient::new(channel);
    let mut application = ApplyInstitutionRequest::default();
    application.context = by("c-0001");
    OFFICE.clone_into(&mut application.institution_id);
    "Urząd Gminy Próbne".clone_into(&mut application.name);
    application.set_kind(InstitutionKind::Office);
    "Act of 8 March 1990 on Municipal Government, Article 7".clone_into(&mut application.legal_basis);
    "Rynek 1, 00-001 Próbne".clone_into(&mut application.contact);
    application.kinds = vec![DocumentKind::IdentityCard.into()];
    application.purposes = vec!["office_matter".to_owned()];
    "um-admin".clone_into(&mut application.administrator);
    application.administrator_logins = account("um-admin");
    institutions.apply_institution(application).await.unwrap();
    let decision = DecideInstitutionRequest {
        context: by("c-0002"),
        institution_id: OFFICE.to_owned(),
        approve: true,
        reason: "wniosek 1/2026".to_owned(),
    };
    institutions.decide_institution(decision).await.unwrap();
    let stage = SetStageRequest {
        context: by("c-0001"),
        kind: DocumentKind::IdentityCard.into(),
        ..SetStageRequest::default()
    };
    institutions.set_stage(stage).await.unwrap();
    let mut post = GrantRoleRequest::default();
    post.context = by("um-admin");
    OFFICE.clone_into(&mut post.institution_id);
    "um-0001".clone_into(&mut post.officer);
    post.set_role(Role::Official);
    post.logins = account("um-0001");
    "zatrudniony".clone_into(&mut post.reason);
    officials.grant_role(post).await.unwrap();
}

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
    let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
    let mut options = SuiteOptions::embedded(None);
    let srp = json!({ "name": "srp", "documents": ["identity_card"], "channel": { "address": listeners.addresses.grpc.to_string() } });
    options.config.identity.registers = vec![serde_json::from_value(srp).unwrap()];
    let central =
        ["c-0001", "c-0002"].map(|officer| json!({ "officer": officer, "issuer": ISSUER, "subject": officer }));
    options.config.identity.verifiers.central_administrators = serde_json::from_value(json!(central)).unwrap();
    let suite = Suite::start(options).await.unwrap();

    let people = made_up_people(SystemClock.now().date()).unwrap();
    let register = RegisterSimulator::srp(people.clone(), SystemClock::shared());
    let ca = suite.authority().unwrap();
    let issued = ca.issue_service(register.service(), &Names::loopback()).unwrap();
    let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, SystemClock::shared()).unwrap();
    let context = ServiceContext::new(register.service(), Environment::Test, SystemClock::shared(), tls);
    let shutdown = context.shutdown.clone();
    let parts = ServiceParts { grpc: register.routes(), ..ServiceParts::default() };
    let adapter = tokio::spawn(service::run(listeners, parts, context));

    let gateway = ca.issue_service("gateway", &Names::loopback()).unwrap();
    let channel = suite.channel(ServiceName::Identity, &gateway).unwrap();
    let_the_office_in(channel.clone()).await;
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
        context: official(),
        institution_id: OFFICE.to_owned(),
        kind: DocumentKind::IdentityCard.into(),
        criterion: Some(Criterion::Pesel(pesel.clone())),
    };
    let verification_id = offices.open_verification(opening).await.unwrap().into_inner().verification.unwrap().id;
    let show = || ShowDocumentRequest {
        context: official(),
        institution_id: OFFICE.to_owned(),
        verification_id: verification_id.clone(),
    };
    offices.show_document(show()).await.unwrap_err();
    assert!(register.asked().is_empty(), "nobody asked the register before the citizen said yes");
    let code = code(&suite, 2).await;
    let request = ConfirmCodeRequest {
        context: official(),
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
    assert_eq!((access.institution_name.as_str(), access.officer.as_str()), ("Urząd Gminy Próbne", "um-0001"));
    assert_eq!((access.stage.as_str(), access.case_number.as_str()), ("shown", "OR.5345.1.2026"));
    suite.stop().await.unwrap();
    shutdown.begin();
    adapter.await.unwrap().unwrap();
}
