//! An office whose official may ask for documents: entered, approved, served, with its people in their posts.

use serde_json::json;
use straznica_cli::config::NodeConfig;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::institution_service_client::InstitutionServiceClient;
use straznica_contracts::identity::v1::official_service_client::OfficialServiceClient;
use straznica_contracts::identity::v1::{
    ApplyInstitutionRequest, DecideInstitutionRequest, GrantRoleRequest, InstitutionKind, Logins, Role, SetStageRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_runtime::channel::Channel;

/// The office.
pub const OFFICE: &str = "um-zmyslone";
/// As citizens read it.
pub const OFFICE_NAME: &str = "Urząd Gminy Próbne";
const ISSUER: &str = "https://login.example";
const CENTRAL: [&str; 2] = ["c-0001", "c-0002"];
const LOCAL: &str = "um-admin";
const OFFICIAL: &str = "um-0001";

/// Tells a node, before it starts, who its central administrators are.
pub fn appoint_administrators(config: &mut NodeConfig) {
    let central = CENTRAL.map(|officer| json!({ "officer": officer, "issuer": ISSUER, "subject": officer }));
    config.identity.verifiers.central_administrators =
        serde_json::from_value(json!(central)).expect("administrators are as the configuration has them");
}

/// The office's official, who asks about a matter.
#[must_use]
pub fn official() -> CallContext {
    CallContext {
        purpose: "office_matter".to_owned(),
        case_number: "OR.5345.1.2026".to_owned(),
        ..by(OFFICIAL).unwrap_or_default()
    }
}

/// One central administrator enters the office's application, another approves it, identity cards are served, and the office's own administrator gives its
/// official the post. The channel is the gateway's.
pub async fn let_the_office_in(channel: Channel) {
    let mut institutions = InstitutionServiceClient::new(channel.clone());
    let mut officials = OfficialServiceClient::new(channel);
    let mut application = ApplyInstitutionRequest {
        context: by(CENTRAL[0]),
        institution_id: OFFICE.to_owned(),
        name: OFFICE_NAME.to_owned(),
        legal_basis: "Act of 8 March 1990 on Municipal Government, Article 7".to_owned(),
        contact: "Rynek 1, 00-001 Próbne".to_owned(),
        kinds: vec![DocumentKind::IdentityCard.into()],
        purposes: vec!["office_matter".to_owned()],
        administrator: LOCAL.to_owned(),
        administrator_logins: account(LOCAL),
        ..ApplyInstitutionRequest::default()
    };
    application.set_kind(InstitutionKind::Office);
    institutions.apply_institution(application).await.expect("the office applies");
    let decision = DecideInstitutionRequest {
        context: by(CENTRAL[1]),
        institution_id: OFFICE.to_owned(),
        approve: true,
        reason: "wniosek 1/2026".to_owned(),
    };
    institutions.decide_institution(decision).await.expect("the office is approved");
    let stage = SetStageRequest {
        context: by(CENTRAL[0]),
        kind: DocumentKind::IdentityCard.into(),
        ..SetStageRequest::default()
    };
    institutions.set_stage(stage).await.expect("identity cards are served");
    let mut post = GrantRoleRequest {
        context: by(LOCAL),
        institution_id: OFFICE.to_owned(),
        officer: OFFICIAL.to_owned(),
        logins: account(OFFICIAL),
        reason: "zatrudniony".to_owned(),
        ..GrantRoleRequest::default()
    };
    post.set_role(Role::Official);
    officials.grant_role(post).await.expect("the official gets the post");
}

fn by(officer: &str) -> Option<CallContext> {
    Some(CallContext { officer: officer.to_owned(), ..CallContext::default() })
}

fn account(subject: &str) -> Option<Logins> {
    // They wipe themselves when dropped, so none is made out of another.
    let mut logins = Logins::default();
    ISSUER.clone_into(&mut logins.issuer);
    subject.clone_into(&mut logins.subject);
    Some(logins)
}
