//! An office and its citizens: calls as the gateway makes them.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::citizen_service_client::CitizenServiceClient;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::identity::v1::verification_service_client::VerificationServiceClient;
use straznica_contracts::identity::v1::{
    Access, ActivateDocumentsRequest, ConfirmCodeRequest, ConfirmPhoneRequest, GetVerificationRequest,
    ListAccessesRequest, OpenVerificationRequest, OpenVerificationResponse, RegisterPhoneRequest, ShowDocumentRequest,
    ShowDocumentResponse, UnlockOfficialRequest, Verification, WithdrawDocumentsRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_runtime::channel::Channel;
use straznica_simulators::registers::{Circumstance, MadeUp};
use tonic::Status;

use crate::dispatch::CODE;
use crate::house::House;

pub(crate) const OFFICE: &str = "um-zmyslone";
pub(crate) const PHONE: &str = "+48501234567";

/// The official at the counter.
pub(crate) fn official() -> CallContext {
    CallContext {
        terminal_id: String::new(),
        officer: "um-0001".to_owned(),
        purpose: "office_matter".to_owned(),
        case_number: "OR.5345.1.2026".to_owned(),
        request_id: "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned(),
    }
}

pub(crate) fn opening(criterion: Criterion, kind: DocumentKind) -> OpenVerificationRequest {
    OpenVerificationRequest {
        context: Some(official()),
        institution_id: OFFICE.to_owned(),
        kind: kind.into(),
        criterion: Some(criterion),
    }
}

pub(crate) fn by_pesel(person: &MadeUp) -> Criterion {
    Criterion::Pesel(person.pesel.expose().to_owned())
}

impl House {
    pub(crate) fn verifications(&self) -> VerificationServiceClient<Channel> {
        VerificationServiceClient::new(self.channel.clone())
    }

    pub(crate) fn citizens(&self) -> CitizenServiceClient<Channel> {
        CitizenServiceClient::new(self.channel.clone())
    }

    pub(crate) fn person(&self, circumstance: Circumstance) -> MadeUp {
        self.people.iter().find(|person| person.circumstance == circumstance).unwrap().clone()
    }

    /// Somebody confirms their phone and activates a kind of document.
    pub(crate) async fn join(&self, person: &MadeUp, phone: &str, kind: DocumentKind) {
        self.confirm_phone(person, phone).await;
        self.activate(person, kind).await.unwrap();
    }

    pub(crate) async fn confirm_phone(&self, person: &MadeUp, phone: &str) {
        let pesel = person.pesel.expose().to_owned();
        let request = RegisterPhoneRequest { context: None, pesel: pesel.clone(), phone: phone.to_owned() };
        let proof = self.citizens().register_phone(request).await.unwrap().into_inner().proof_id;
        let request = ConfirmPhoneRequest { context: None, pesel, proof_id: proof, code: CODE.to_owned() };
        self.citizens().confirm_phone(request).await.unwrap();
    }

    pub(crate) async fn activate(&self, person: &MadeUp, kind: DocumentKind) -> Result<(), Status> {
        let request = ActivateDocumentsRequest {
            context: None,
            pesel: person.pesel.expose().to_owned(),
            kinds: vec![kind.into()],
        };
        self.citizens().activate_documents(request).await.map(drop)
    }

    pub(crate) async fn withdraw_all(&self, person: &MadeUp) {
        let pesel = person.pesel.expose().to_owned();
        let request = WithdrawDocumentsRequest { context: None, pesel, kinds: Vec::new() };
        self.citizens().withdraw_documents(request).await.unwrap();
    }

    pub(crate) async fn accesses(&self, person: &MadeUp) -> Vec<Access> {
        let request = ListAccessesRequest { context: None, pesel: person.pesel.expose().to_owned(), before_ms: 0 };
        self.citizens().list_accesses(request).await.unwrap().into_inner().accesses
    }

    pub(crate) async fn open_verification(
        &self,
        criterion: Criterion,
        kind: DocumentKind,
    ) -> Result<OpenVerificationResponse, Status> {
        Ok(self.verifications().open_verification(opening(criterion, kind)).await?.into_inner())
    }

    pub(crate) async fn confirm_code(&self, id: &str, code: &str) -> Result<Verification, Status> {
        let request = ConfirmCodeRequest {
            context: Some(official()),
            institution_id: OFFICE.to_owned(),
            verification_id: id.to_owned(),
            code: code.to_owned(),
        };
        Ok(self.verifications().confirm_code(request).await?.into_inner().verification.unwrap())
    }

    /// What the official's screen shows.
    pub(crate) async fn look(&self, id: &str) -> Verification {
        let request = GetVerificationRequest {
            context: Some(official()),
            institution_id: OFFICE.to_owned(),
            verification_id: id.to_owned(),
        };
        self.verifications().get_verification(request).await.unwrap().into_inner().verification.unwrap()
    }

    pub(crate) async fn show(&self, id: &str) -> Result<ShowDocumentResponse, Status> {
        self.show_to(official(), OFFICE, id).await
    }

    pub(crate) async fn show_to(
        &self,
        context: CallContext,
        institution: &str,
        id: &str,
    ) -> Result<ShowDocumentResponse, Status> {
        let request = ShowDocumentRequest {
            context: Some(context),
            institution_id: institution.to_owned(),
            verification_id: id.to_owned(),
        };
        Ok(self.verifications().show_document(request).await?.into_inner())
    }

    /// Opened and approved: nothing is missing but to show.
    pub(crate) async fn approved(&self, person: &MadeUp, kind: DocumentKind) -> String {
        let id = self.open_verification(by_pesel(person), kind).await.unwrap().verification.unwrap().id;
        assert_eq!(self.confirm_code(&id, CODE).await.unwrap().stage, "approved");
        id
    }

    pub(crate) async fn unlock(&self, by: &str, officer: &str, reason: &str) -> Result<(), Status> {
        let request = UnlockOfficialRequest {
            context: Some(CallContext { officer: by.to_owned(), ..CallContext::default() }),
            institution_id: OFFICE.to_owned(),
            officer: officer.to_owned(),
            reason: reason.to_owned(),
        };
        self.verifications().unlock_official(request).await.map(drop)
    }
}
