//! Who may ask: the calls of central and local administrators, as the gateway makes them.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::institution_service_client::InstitutionServiceClient;
use straznica_contracts::identity::v1::official_service_client::OfficialServiceClient;
use straznica_contracts::identity::v1::resolve_official_request::Login;
use straznica_contracts::identity::v1::{
    ApplyInstitutionRequest, DecideInstitutionRequest, GrantRoleRequest, Institution, InstitutionKind, Logins,
    OidcLogin, ResolveOfficialRequest, ResolveOfficialResponse, ResumeInstitutionRequest, Role, SetStageRequest,
    SuspendInstitutionRequest, WithdrawRoleRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::CentralAdministratorConfig;
use straznica_runtime::channel::Channel;
use straznica_types::{Clock as _, OfficerId};
use tonic::Status;

use crate::house::House;
use crate::office::OFFICE;

/// The central administrators of the configuration.
pub(crate) const CENTRAL: [&str; 2] = ["c-0001", "c-0002"];
/// The local administrator of the office.
pub(crate) const ADMINISTRATOR: &str = "um-admin";
pub(crate) const ISSUER: &str = "https://login.example";

pub(crate) fn central_administrator(officer: &str) -> CentralAdministratorConfig {
    CentralAdministratorConfig {
        officer: OfficerId::parse(officer).unwrap(),
        issuer: ISSUER.to_owned(),
        subject: subject(officer),
        certificate_thumbprint: String::new(),
    }
}

/// The account of an officer.
pub(crate) fn subject(officer: &str) -> String {
    format!("sub-of-{officer}")
}

pub(crate) fn logins(officer: &str) -> Option<Logins> {
    let mut logins = Logins::default();
    logins.issuer = ISSUER.to_owned();
    logins.subject = subject(officer);
    Some(logins)
}

/// A call of this officer.
pub(crate) fn by(officer: &str) -> Option<CallContext> {
    Some(CallContext { officer: officer.to_owned(), ..CallContext::default() })
}

pub(crate) fn application(id: &str, name: &str, kind: InstitutionKind) -> ApplyInstitutionRequest {
    let mut request = ApplyInstitutionRequest::default();
    request.context = by(CENTRAL[0]);
    request.institution_id = id.to_owned();
    request.name = name.to_owned();
    request.set_kind(kind);
    request.legal_basis = "Act of 8 March 1990 on Municipal Government, Article 7".to_owned();
    request.contact = "Rynek 1, 00-001 Próbne".to_owned();
    let for_services = [DocumentKind::Person, DocumentKind::WantedPerson];
    request.kinds = (1..=14)
        .filter(|number| kind == InstitutionKind::Service || for_services.iter().all(|kind| *kind as i32 != *number))
        .collect();
    request.purposes = vec!["office_matter".to_owned(), "identity_check".to_owned()];
    request.administrator = format!("{id}-admin");
    request.administrator_logins = logins(&request.administrator);
    request
}

impl House {
    pub(crate) fn institutions(&self) -> InstitutionServiceClient<Channel> {
        InstitutionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn officials(&self) -> OfficialServiceClient<Channel> {
        OfficialServiceClient::new(self.channel.clone())
    }

    /// The office is let in, its kinds are served everywhere, and one official works there.
    pub(crate) async fn settle(&self) {
        let mut request = application(OFFICE, "Urząd Gminy Próbne", InstitutionKind::Office);
        ADMINISTRATOR.clone_into(&mut request.administrator);
        request.administrator_logins = logins(ADMINISTRATOR);
        self.institutions().apply_institution(request).await.unwrap();
        self.decide(CENTRAL[1], OFFICE, true).await.unwrap();
        for kind in 1..=14 {
            self.set_stage(kind, "", self.clock.now().millis(), 0).await.unwrap();
        }
        self.grant(ADMINISTRATOR, OFFICE, "um-0001", Role::Official).await.unwrap();
    }

    /// An institution that is let in, with one official.
    pub(crate) async fn found(&self, id: &str, name: &str, kind: InstitutionKind, official: &str) {
        self.institutions().apply_institution(application(id, name, kind)).await.unwrap();
        self.decide(CENTRAL[1], id, true).await.unwrap();
        self.grant(&format!("{id}-admin"), id, official, Role::Official).await.unwrap();
    }

    pub(crate) async fn decide(&self, officer: &str, id: &str, approve: bool) -> Result<Institution, Status> {
        let request = DecideInstitutionRequest {
            context: by(officer),
            institution_id: id.to_owned(),
            approve,
            reason: "wniosek 1/2026".to_owned(),
        };
        Ok(self.institutions().decide_institution(request).await?.into_inner().institution.unwrap())
    }

    pub(crate) async fn suspend(&self, id: &str) {
        let reason = "kontrola".to_owned();
        let request = SuspendInstitutionRequest { context: by(CENTRAL[0]), institution_id: id.to_owned(), reason };
        self.institutions().suspend_institution(request).await.unwrap();
    }

    pub(crate) async fn resume(&self, id: &str) {
        let reason = "po kontroli".to_owned();
        let request = ResumeInstitutionRequest { context: by(CENTRAL[0]), institution_id: id.to_owned(), reason };
        self.institutions().resume_institution(request).await.unwrap();
    }

    pub(crate) async fn set_stage(&self, kind: i32, pilot: &str, from_ms: i64, until_ms: i64) -> Result<(), Status> {
        let institution_id = pilot.to_owned();
        let request = SetStageRequest { context: by(CENTRAL[0]), kind, institution_id, from_ms, until_ms };
        self.institutions().set_stage(request).await.map(drop)
    }

    pub(crate) async fn grant(&self, granter: &str, id: &str, officer: &str, role: Role) -> Result<(), Status> {
        self.officials().grant_role(granting(granter, id, officer, role)).await.map(drop)
    }

    pub(crate) async fn withdraw_role(&self, taker: &str, id: &str, officer: &str, role: Role) -> Result<(), Status> {
        let request = WithdrawRoleRequest {
            context: by(taker),
            institution_id: id.to_owned(),
            officer: officer.to_owned(),
            role: role.into(),
            reason: "odszedł".to_owned(),
        };
        self.officials().withdraw_role(request).await.map(drop)
    }

    pub(crate) async fn resolve(&self, officer: &str) -> Result<ResolveOfficialResponse, Status> {
        let mut account = OidcLogin::default();
        account.issuer = ISSUER.to_owned();
        account.subject = subject(officer);
        self.resolve_by(Login::Oidc(account)).await
    }

    pub(crate) async fn resolve_by(&self, login: Login) -> Result<ResolveOfficialResponse, Status> {
        let mut request = ResolveOfficialRequest::default();
        request.login = Some(login);
        Ok(self.officials().resolve_official(request).await?.into_inner())
    }
}

pub(crate) fn granting(granter: &str, id: &str, officer: &str, role: Role) -> GrantRoleRequest {
    let mut request = GrantRoleRequest::default();
    request.context = by(granter);
    request.institution_id = id.to_owned();
    request.officer = officer.to_owned();
    request.set_role(role);
    request.logins = logins(officer);
    request.reason = "zatrudniony".to_owned();
    request
}
