//! Identity as people meet it, and dispatch's notices, played: it remembers what it was asked, gives one answer each, and knows whom a test names.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use prost::Message as _;
use straznica_contracts::{
    dispatch::v1::notice_service_server::NoticeServiceServer,
    identity::v1::{
        self as identity,
        citizen_service_server::{CitizenService, CitizenServiceServer},
        institution_service_server::{InstitutionService, InstitutionServiceServer},
        official_service_server::{OfficialService, OfficialServiceServer},
        peer_check_service_server::{PeerCheckService, PeerCheckServiceServer},
        privilege_service_server::{PrivilegeService, PrivilegeServiceServer},
        resolve_official_request::Login,
        verification_service_server::{VerificationService, VerificationServiceServer},
    },
    sources::v1 as sources,
};
use straznica_error::{Class, Code, Coded};
use tonic::{Request, Response, Status, service::Routes};

use super::browser::ISSUER;
use crate::it::doubles::{Asked, Script};

pub(crate) const VERIFICATION: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55";
/// 2026-05-28T09:30:00Z, and five minutes later.
pub(crate) const AT: i64 = 1_779_960_600_000;
pub(crate) const LATER: i64 = AT + 300_000;
/// Stands in the document that is shown and nowhere else.
pub(crate) const CANARY: &str = "KANAREK-PRÓBNY";

/// What identity says of somebody it does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown")]
pub(crate) struct Unknown;

impl Coded for Unknown {
    fn code(&self) -> &'static Code {
        const CODE: Code = Code::new("identity.official_unknown", Class::NotFound, "Nobody with a post");
        &CODE
    }
}

pub(crate) struct PeopleDouble {
    pub(crate) script: Script,
    officials: Mutex<HashMap<String, identity::ResolveOfficialResponse>>,
    down: AtomicBool,
}

impl PeopleDouble {
    pub(crate) fn new() -> Self {
        Self { script: Script::new(), officials: Mutex::default(), down: AtomicBool::new(false) }
    }

    pub(crate) fn add_to(self: &Arc<Self>, routes: Routes) -> Routes {
        routes
            .add_service(VerificationServiceServer::from_arc(self.clone()))
            .add_service(CitizenServiceServer::from_arc(self.clone()))
            .add_service(OfficialServiceServer::from_arc(self.clone()))
            .add_service(InstitutionServiceServer::from_arc(self.clone()))
            .add_service(PrivilegeServiceServer::from_arc(self.clone()))
            .add_service(PeerCheckServiceServer::from_arc(self.clone()))
    }

    /// The part of dispatch that deals with notices.
    pub(crate) fn notices(self: &Arc<Self>) -> Routes {
        Routes::new(NoticeServiceServer::from_arc(self.clone()))
    }

    /// Knows the holder of a local account from now on, with these roles at these institutions.
    pub(crate) fn knows(&self, account: &str, posts: &[(&str, &[identity::Role])]) {
        self.knows_login(&format!("{ISSUER} {account}"), account, posts);
    }

    /// Knows a login from now on: `<issuer> <subject>`, or a certificate's thumbprint.
    pub(crate) fn knows_login(&self, login: &str, officer: &str, posts: &[(&str, &[identity::Role])]) {
        let posts = posts.iter().map(|(institution, roles)| identity::Post {
            institution_id: (*institution).to_owned(),
            institution_name: format!("Urząd {institution}"),
            institution_kind: "office".to_owned(),
            institution_active: true,
            roles: roles.iter().map(|role| (*role).into()).collect(),
            locked: false,
        });
        let known = identity::ResolveOfficialResponse {
            officer: officer.to_owned(),
            central_administrator: false,
            posts: posts.collect(),
        };
        self.officials.lock().unwrap().insert(login.to_owned(), known);
    }

    /// Makes somebody it knows a central administrator.
    pub(crate) fn is_central(&self, account: &str) {
        let mut officials = self.officials.lock().unwrap();
        officials.get_mut(&format!("{ISSUER} {account}")).unwrap().central_administrator = true;
    }

    /// The institutions of somebody it knows are suspended.
    pub(crate) fn suspends(&self, account: &str) {
        let mut officials = self.officials.lock().unwrap();
        let known = officials.get_mut(&format!("{ISSUER} {account}")).unwrap();
        known.posts.iter_mut().for_each(|post| post.institution_active = false);
    }

    /// The register cannot be asked from now on.
    pub(crate) fn down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    fn shown(&self) -> identity::ShowDocumentResponse {
        if !self.down.load(Ordering::SeqCst) {
            return shown();
        }
        identity::ShowDocumentResponse {
            verification: Some(verification("approved")),
            outcome: identity::DisclosureOutcome::RegisterUnavailable.into(),
            register: "srp".to_owned(),
            retry_after_ms: 30_000,
            ..identity::ShowDocumentResponse::default()
        }
    }

    /// Knows them no longer.
    pub(crate) fn forgets(&self, account: &str) {
        self.officials.lock().unwrap().remove(&format!("{ISSUER} {account}"));
    }
}

pub(crate) fn verification(stage: &str) -> identity::Verification {
    identity::Verification {
        id: VERIFICATION.to_owned(),
        kind: sources::DocumentKind::IdentityCard.into(),
        stage: stage.to_owned(),
        qualifier: "sms".to_owned(),
        binding_text: "Urząd um-a: dowód osobisty, sprawa urzędowa".to_owned(),
        opened_at_ms: AT,
        expires_at_ms: LATER,
    }
}

/// What the asked one reads of who asks: in the answer to them, and nowhere else.
pub(crate) const ASKER: &str = "Anna P. (obywatel)";

fn asked_by(asker: &str) -> identity::Verification {
    identity::Verification { binding_text: format!("{asker}: dowód osobisty"), ..verification("challenged") }
}

pub(crate) fn shown() -> identity::ShowDocumentResponse {
    let mut card = sources::IdentityCard::default();
    card.family_name = "PRÓBNA".to_owned();
    card.citizenship = "POL".to_owned();
    card.set_sex(sources::Sex::Female);
    let document = sources::Document {
        kind: sources::DocumentKind::IdentityCard.into(),
        state: sources::DocumentState::Valid.into(),
        number: "ABA300000".to_owned(),
        issued_on: "2021-03-01".to_owned(),
        valid_until: "2031-03-01".to_owned(),
        issuer: String::new(),
        source: "SRP".to_owned(),
        as_of_ms: AT,
        holder: Some(sources::Holder {
            given_names: "ANNA".to_owned(),
            surname: CANARY.to_owned(),
            born_on: "2299-12-28".to_owned(),
            pesel: String::new(),
        }),
        photo_jpeg: vec![0xff, 0xd8, 0xff],
        details: Some(sources::document::Details::IdentityCard(card)),
    };
    identity::ShowDocumentResponse {
        verification: Some(verification("shown")),
        outcome: identity::DisclosureOutcome::Found.into(),
        register: "srp".to_owned(),
        as_of_ms: AT,
        stale: false,
        retry_after_ms: 0,
        documents: vec![document],
    }
}

macro_rules! plays {
    ($this:ident: $service:ident { $($method:ident($request:ident) -> $response:ident = $answer:expr;)* } $($more:item)*) => {
        #[tonic::async_trait]
        impl $service for PeopleDouble {
            $($more)*
            $(async fn $method(
                &self,
                request: Request<identity::$request>,
            ) -> Result<Response<identity::$response>, Status> {
                let asked = Asked::Exchange(stringify!($method), request.into_inner().encode_to_vec());
                let $this = self;
                $this.script.answer(asked, $answer).await
            })*
        }
    };
}

plays! { this: VerificationService {
    open_verification(OpenVerificationRequest) -> OpenVerificationResponse = identity::OpenVerificationResponse {
        verification: Some(verification("challenged")), resend_at_ms: AT + 30_000, resends_left: 3,
    };
    resend_code(ResendCodeRequest) -> ResendCodeResponse =
        identity::ResendCodeResponse { resend_at_ms: AT + 60_000, resends_left: 2 };
    confirm_code(ConfirmCodeRequest) -> ConfirmCodeResponse =
        identity::ConfirmCodeResponse { verification: Some(verification("approved")) };
    show_document(ShowDocumentRequest) -> ShowDocumentResponse = this.shown();
    cancel_verification(CancelVerificationRequest) -> CancelVerificationResponse =
        identity::CancelVerificationResponse { verification: Some(verification("refused")) };
    get_verification(GetVerificationRequest) -> GetVerificationResponse =
        identity::GetVerificationResponse { verification: Some(verification("challenged")) };
    unlock_official(UnlockOfficialRequest) -> UnlockOfficialResponse = identity::UnlockOfficialResponse {};
} }

fn activation() -> identity::Activation {
    identity::Activation { kind: sources::DocumentKind::IdentityCard.into(), activated_at_ms: AT }
}

plays! { this: CitizenService {
    register_phone(RegisterPhoneRequest) -> RegisterPhoneResponse = identity::RegisterPhoneResponse {
        proof_id: VERIFICATION.to_owned(), expires_at_ms: LATER, resend_at_ms: AT + 30_000,
    };
    confirm_phone(ConfirmPhoneRequest) -> ConfirmPhoneResponse = identity::ConfirmPhoneResponse {};
    activate_documents(ActivateDocumentsRequest) -> ActivateDocumentsResponse =
        identity::ActivateDocumentsResponse { activations: vec![activation()] };
    withdraw_documents(WithdrawDocumentsRequest) -> WithdrawDocumentsResponse =
        identity::WithdrawDocumentsResponse { activations: vec![] };
    get_activations(GetActivationsRequest) -> GetActivationsResponse =
        identity::GetActivationsResponse { phone_confirmed: true, activations: vec![activation()] };
    get_code_lock(GetCodeLockRequest) -> GetCodeLockResponse =
        identity::GetCodeLockResponse { locked_since_ms: Some(AT) };
    lift_code_lock(LiftCodeLockRequest) -> LiftCodeLockResponse = identity::LiftCodeLockResponse {};
    list_accesses(ListAccessesRequest) -> ListAccessesResponse = identity::ListAccessesResponse {
        accesses: vec![identity::Access {
            verification_id: VERIFICATION.to_owned(),
            at_ms: AT,
            institution_name: "Urząd um-a".to_owned(),
            officer: "um-0001".to_owned(),
            purpose: "office_matter".to_owned(),
            legal_basis: "Act, Article 1".to_owned(),
            case_number: "OR.1.2026".to_owned(),
            kind: sources::DocumentKind::IdentityCard.into(),
            stage: "shown".to_owned(),
            qualifier: "sms".to_owned(),
            ..identity::Access::default()
        }],
    };
} }

plays! { this: OfficialService {
    grant_role(GrantRoleRequest) -> GrantRoleResponse = identity::GrantRoleResponse {};
    withdraw_role(WithdrawRoleRequest) -> WithdrawRoleResponse = identity::WithdrawRoleResponse {};
    replace_logins(ReplaceLoginsRequest) -> ReplaceLoginsResponse = identity::ReplaceLoginsResponse {};
    list_officials(ListOfficialsRequest) -> ListOfficialsResponse = identity::ListOfficialsResponse {
        officials: vec![identity::Official {
            officer: "um-0001".to_owned(),
            logins: Some(identity::Logins {
                issuer: ISSUER.to_owned(),
                subject: "j.kowalska".to_owned(),
                certificate_thumbprint: String::new(),
            }),
            roles: vec![identity::RoleHeld {
                role: identity::Role::Official.into(),
                granted_by: "um-0009".to_owned(),
                granted_at_ms: AT,
                expires_at_ms: 0,
                reason: "new in the office".to_owned(),
            }],
            locked: true,
        }],
    };
}
    async fn resolve_official(
        &self,
        request: Request<identity::ResolveOfficialRequest>,
    ) -> Result<Response<identity::ResolveOfficialResponse>, Status> {
        let request = request.into_inner();
        let login = match &request.login {
            Some(Login::Oidc(login)) => format!("{} {}", login.issuer, login.subject),
            Some(Login::CertificateThumbprint(thumbprint)) => thumbprint.clone(),
            None => panic!("nobody is named"),
        };
        let known = self.officials.lock().unwrap().get(&login).cloned();
        known.map(Response::new).ok_or_else(|| straznica_error::status(&Unknown))
    }
}

fn institution() -> identity::Institution {
    identity::Institution {
        id: "um-a".to_owned(),
        name: "Urząd um-a".to_owned(),
        kind: identity::InstitutionKind::Office.into(),
        legal_basis: "Act, Article 1".to_owned(),
        contact: "um-a@example".to_owned(),
        kinds: vec![sources::DocumentKind::IdentityCard.into()],
        purposes: vec!["office_matter".to_owned()],
        state: identity::InstitutionState::Active.into(),
        entered_by: "mc-1".to_owned(),
        applied_at_ms: AT,
        changed_by: "mc-2".to_owned(),
        changed_at_ms: LATER,
        reason: "agreed".to_owned(),
    }
}

fn stage() -> identity::Stage {
    identity::Stage {
        kind: sources::DocumentKind::IdentityCard.into(),
        institution_id: String::new(),
        from_ms: AT,
        until_ms: LATER,
        set_by: "mc-1".to_owned(),
        set_at_ms: AT,
    }
}

plays! { this: InstitutionService {
    apply_institution(ApplyInstitutionRequest) -> ApplyInstitutionResponse =
        identity::ApplyInstitutionResponse { institution: Some(institution()) };
    decide_institution(DecideInstitutionRequest) -> DecideInstitutionResponse =
        identity::DecideInstitutionResponse { institution: Some(institution()) };
    suspend_institution(SuspendInstitutionRequest) -> SuspendInstitutionResponse =
        identity::SuspendInstitutionResponse { institution: Some(institution()) };
    resume_institution(ResumeInstitutionRequest) -> ResumeInstitutionResponse =
        identity::ResumeInstitutionResponse { institution: Some(institution()) };
    close_institution(CloseInstitutionRequest) -> CloseInstitutionResponse =
        identity::CloseInstitutionResponse { institution: Some(institution()) };
    get_institution(GetInstitutionRequest) -> GetInstitutionResponse =
        identity::GetInstitutionResponse { institution: Some(institution()) };
    list_institutions(ListInstitutionsRequest) -> ListInstitutionsResponse =
        identity::ListInstitutionsResponse { institutions: vec![institution()] };
    set_stage(SetStageRequest) -> SetStageResponse = identity::SetStageResponse { stage: Some(stage()) };
    list_stages(ListStagesRequest) -> ListStagesResponse = identity::ListStagesResponse { stages: vec![stage()] };
} }

fn privilege() -> identity::Privilege {
    identity::Privilege {
        id: VERIFICATION.to_owned(),
        institution_id: "sg-a".to_owned(),
        officer: "sg-1".to_owned(),
        legal_basis: "Act, Article 10a".to_owned(),
        kinds: vec![sources::DocumentKind::Person.into()],
        expires_at_ms: LATER,
        state: identity::PrivilegeState::Proposed.into(),
        proposed_by: "sg-9".to_owned(),
        proposed_at_ms: AT,
        reason: "pursuit".to_owned(),
        ..identity::Privilege::default()
    }
}

fn review() -> identity::Review {
    identity::Review {
        verification_id: VERIFICATION.to_owned(),
        institution_id: "sg-a".to_owned(),
        officer: "sg-1".to_owned(),
        used_at_ms: AT,
        purpose: "border_control".to_owned(),
        legal_basis: "Act, Article 10a".to_owned(),
        case_number: "SG-1".to_owned(),
        kind: sources::DocumentKind::Person.into(),
        outcome: identity::ReviewOutcome::InOrder.into(),
        reviewed_by: "sg-10".to_owned(),
        reviewed_at_ms: LATER,
        finding: "borne out".to_owned(),
    }
}

fn alert() -> identity::Alert {
    identity::Alert {
        id: VERIFICATION.to_owned(),
        rule: identity::AlertRule::SamePerson.into(),
        institution_id: "sg-a".to_owned(),
        officer: "sg-1".to_owned(),
        raised_at_ms: AT,
        counted: 4,
        threshold: 3,
        ..identity::Alert::default()
    }
}

plays! { this: PrivilegeService {
    propose_privilege(ProposePrivilegeRequest) -> ProposePrivilegeResponse =
        identity::ProposePrivilegeResponse { privilege: Some(privilege()) };
    decide_privilege(DecidePrivilegeRequest) -> DecidePrivilegeResponse =
        identity::DecidePrivilegeResponse { privilege: Some(privilege()) };
    withdraw_privilege(WithdrawPrivilegeRequest) -> WithdrawPrivilegeResponse =
        identity::WithdrawPrivilegeResponse { privilege: Some(privilege()) };
    list_privileges(ListPrivilegesRequest) -> ListPrivilegesResponse =
        identity::ListPrivilegesResponse { privileges: vec![privilege()] };
    check_by_privilege(CheckByPrivilegeRequest) -> CheckByPrivilegeResponse =
        identity::CheckByPrivilegeResponse { shown: Some(shown()) };
    list_reviews(ListReviewsRequest) -> ListReviewsResponse =
        identity::ListReviewsResponse { reviews: vec![review()] };
    close_review(CloseReviewRequest) -> CloseReviewResponse =
        identity::CloseReviewResponse { review: Some(review()) };
    list_alerts(ListAlertsRequest) -> ListAlertsResponse = identity::ListAlertsResponse { alerts: vec![alert()] };
    acknowledge_alert(AcknowledgeAlertRequest) -> AcknowledgeAlertResponse =
        identity::AcknowledgeAlertResponse { alert: Some(alert()) };
} }

plays! { this: PeerCheckService {
    ask_citizen(AskCitizenRequest) -> AskCitizenResponse = identity::AskCitizenResponse {
        verification: Some(asked_by(ASKER)), resend_at_ms: AT + 30_000, resends_left: 3,
    };
    resend_peer_code(ResendPeerCodeRequest) -> ResendPeerCodeResponse =
        identity::ResendPeerCodeResponse { resend_at_ms: AT + 60_000, resends_left: 2 };
    confirm_peer_code(ConfirmPeerCodeRequest) -> ConfirmPeerCodeResponse =
        identity::ConfirmPeerCodeResponse { verification: Some(verification("approved")) };
    show_peer_document(ShowPeerDocumentRequest) -> ShowPeerDocumentResponse =
        identity::ShowPeerDocumentResponse { shown: Some(shown()) };
    cancel_peer_check(CancelPeerCheckRequest) -> CancelPeerCheckResponse =
        identity::CancelPeerCheckResponse { verification: Some(verification("refused")) };
} }
