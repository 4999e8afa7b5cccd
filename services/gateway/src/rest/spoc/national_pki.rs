//! The state's own side of extended access control: its CVCA, certificates that travel as files, document verifiers, inspection systems, and the key of the
//! exchange. What is made here stays in spoc's key store; no answer has a private key.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named,
    wire::national_pki::{
        ComparedRoot, CreatedCvca, DomesticDv, ImportedCvcaCertificates, ImportedDvCertificate, IssuedInspectionSystem,
        MadeDvRequest, MadeExchangeKey, NewCvca, NewDvCertificate, NewExchangeKey, NewInspectionSystem, RaisedSequence,
        ReceivedCvcaCertificates, ReceivedDvCertificates, RootConfirmation, Sequences, UsedReference,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json},
        once::{Once, created},
        wire::{agreement::Resumption, reason::Reason},
    },
};

/// Make the national CVCA
///
/// Its key and self-signed certificate, once for a mnemonic. It countersigns our first requests to other states, and certifies document verifiers that are
/// registered. Every active partner is sent the certificate.
#[utoipa::path(post, path = "/v1/spoc/certificates/cvca", tag = "certificates", operation_id = "createCvca",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewCvca, description = "Of what kind", content_type = "application/json"),
    responses((status = 201, description = "Its certificate", body = CreatedCvca)))]
pub(crate) async fn create_cvca(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewCvca>,
) -> Result<Response, GatewayError> {
    let NewCvca { mnemonic, algorithm, parameters, validity_days } = body.value;
    let context = caller.context();
    let request = contract::CreateNationalCvcaRequest { context, mnemonic, algorithm, parameters, validity_days };
    let mut pki = gateway.national_pki();
    let work = async move {
        let made = pki.create_national_cvca(request).await?.into_inner();
        created(String::new(), &CreatedCvca::from(made))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Take in certificates of another state's CVCA
///
/// Roots and links, all or none; those held already are passed over. A root that no link leads to waits for another officer.
#[utoipa::path(post, path = "/v1/spoc/certificates/cvca-imports", tag = "certificates", operation_id = "importCvcaCertificates",
    request_body(content = ReceivedCvcaCertificates, description = "The certificates", content_type = "application/json"),
    responses((status = 200, description = "What was new", body = ImportedCvcaCertificates)))]
pub(crate) async fn import_cvca(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(received): Json<ReceivedCvcaCertificates>,
) -> Result<Json<ImportedCvcaCertificates>, GatewayError> {
    let request =
        contract::ImportCvcaCertificatesRequest { context: caller.context(), certificates: received.into_ders() };
    Ok(Json(gateway.national_pki().import_cvca_certificates(request).await?.into_inner().into()))
}

/// Confirm a root that waits for officers
///
/// By its fingerprint, as the other state gave it on another way; which root it is of is answered. Of a root an officer took in another officer does, of one a
/// partner sent two officers do. With it, what links lead to from the root counts too. With `lookOnly` nothing is confirmed: the same is answered, for the officer who is
/// about to decide.
#[utoipa::path(post, path = "/v1/spoc/certificates/waiting/confirmation", tag = "certificates", operation_id = "confirmCvcaCertificate",
    request_body(content = ComparedRoot, description = "What was compared", content_type = "application/json"),
    responses((status = 200, description = "Whether it is in use", body = RootConfirmation)))]
pub(crate) async fn confirm_cvca(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(compared): Json<ComparedRoot>,
) -> Result<Json<RootConfirmation>, GatewayError> {
    let fingerprint = hex::encode(compared.fingerprint.0);
    let (fingerprint, look_at) =
        if compared.look_only { (String::new(), fingerprint) } else { (fingerprint, String::new()) };
    let request = contract::ConfirmCvcaCertificateRequest { context: caller.context(), fingerprint, look_at };
    Ok(Json(gateway.national_pki().confirm_cvca_certificate(request).await?.into_inner().into()))
}

/// Reject a root that waits for officers
///
/// A self-signed CVCA certificate whose fingerprint is not the one told on another way, or that nobody knows; links that lead on from it alone go with it.
/// One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/certificates/waiting/{chr}/rejection", tag = "certificates", operation_id = "rejectCvcaCertificate",
    params(("chr" = String, Path, description = "Its holder reference", example = "UTCVCA00002")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is put away")))]
pub(crate) async fn reject_cvca(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(chr): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::RejectCvcaCertificateRequest { context: caller.context(), chr, reason: why.reason.0 };
    gateway.national_pki().reject_cvca_certificate(request).await?;
    Ok(Done)
}

/// Make a request to another state's CVCA, as a file
///
/// A new key of our document verifier and the request for its certificate: countersigned by the national CVCA the first time, later signed with the key before.
/// For when the file is handed over by people; a subscription asks by itself.
#[utoipa::path(post, path = "/v1/spoc/certificates/dv-requests", tag = "certificates", operation_id = "createDvRequest",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewDvCertificate, description = "Whom to ask, for whom", content_type = "application/json"),
    responses((status = 201, description = "The request", body = MadeDvRequest)))]
pub(crate) async fn create_dv_request(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewDvCertificate>,
) -> Result<Response, GatewayError> {
    let NewDvCertificate { cvca, dv_mnemonic } = body.value;
    let request = contract::CreateDvRequestRequest { context: caller.context(), cvca, dv_mnemonic };
    let mut pki = gateway.national_pki();
    let work = async move {
        let made = pki.create_dv_request(request).await?.into_inner();
        created(String::new(), &MadeDvRequest::from(made))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Take in what a CVCA answered to such a request
///
/// All or nothing, checked against the request: key, holder reference, issuer, signature, dates, rights.
#[utoipa::path(post, path = "/v1/spoc/certificates/dv-imports", tag = "certificates", operation_id = "importDvCertificate",
    request_body(content = ReceivedDvCertificates, description = "The certificates", content_type = "application/json"),
    responses((status = 200, description = "The certificate, now in use", body = ImportedDvCertificate)))]
pub(crate) async fn import_dv(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(received): Json<ReceivedDvCertificates>,
) -> Result<Json<ImportedDvCertificate>, GatewayError> {
    let request =
        contract::ImportDvCertificateRequest { context: caller.context(), certificates: received.into_ders() };
    Ok(Json(gateway.national_pki().import_dv_certificate(request).await?.into_inner().into()))
}

/// Issue our own CVCA's certificate for our document verifier
///
/// A new key and a certificate, by the rules for other states' document verifiers: it has to be registered, and waits for two officers where its registration
/// says so.
#[utoipa::path(post, path = "/v1/spoc/certificates/document-verifiers", tag = "certificates", operation_id = "issueDomesticDv",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewDvCertificate, description = "Of which CVCA of ours, for whom", content_type = "application/json"),
    responses((status = 201, description = "The certificate, or that it waits", body = DomesticDv)))]
pub(crate) async fn issue_dv(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewDvCertificate>,
) -> Result<Response, GatewayError> {
    let NewDvCertificate { cvca, dv_mnemonic } = body.value;
    let request = contract::IssueDomesticDvRequest { context: caller.context(), cvca, dv_mnemonic };
    let mut pki = gateway.national_pki();
    let work = async move {
        let issued = pki.issue_domestic_dv(request).await?.into_inner();
        created(String::new(), &DomesticDv::from(issued))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Issue an inspection system's certificate
///
/// A new key and a certificate under the newest valid document verifier of a CVCA. A subscription does so by itself.
#[utoipa::path(post, path = "/v1/spoc/certificates/inspection-systems", tag = "certificates", operation_id = "issueInspectionSystem",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewInspectionSystem, description = "Under which CVCA, for whom", content_type = "application/json"),
    responses((status = 201, description = "The certificate", body = IssuedInspectionSystem)))]
pub(crate) async fn issue_inspection_system(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewInspectionSystem>,
) -> Result<Response, GatewayError> {
    let NewInspectionSystem { cvca, mnemonic, validity_days } = body.value;
    let request = contract::IssueInspectionSystemRequest { context: caller.context(), cvca, mnemonic, validity_days };
    let mut pki = gateway.national_pki();
    let work = async move {
        let issued = pki.issue_inspection_system(request).await?.into_inner();
        created(String::new(), &IssuedInspectionSystem::from(issued))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Make the key of the exchange's TLS identity
///
/// In the key store, with the request for its certificate, which our SPOC authority signs. Handle and certificate go into the configuration.
#[utoipa::path(post, path = "/v1/spoc/certificates/exchange-keys", tag = "certificates", operation_id = "createExchangeKey",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewExchangeKey, description = "Whom the certificate is to name", content_type = "application/json"),
    responses((status = 201, description = "The key's name, and the request", body = MadeExchangeKey)))]
pub(crate) async fn create_exchange_key(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewExchangeKey>,
) -> Result<Response, GatewayError> {
    let NewExchangeKey { organisation, common_name, host } = body.value;
    let request = contract::CreateExchangeTlsKeyRequest { context: caller.context(), organisation, common_name, host };
    let mut pki = gateway.national_pki();
    let work = async move {
        let made = pki.create_exchange_tls_key(request).await?.into_inner();
        created(String::new(), &MadeExchangeKey::from(made))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Suspend a certificate
///
/// Of a document verifier or inspection system of ours, or of a CVCA. At once: chains through it and signatures under it are refused. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/certificates/{car}/{chr}/suspension", tag = "certificates", operation_id = "suspendCertificate",
    params(("car" = String, Path, description = "Who issued it", example = "UTCVCA00005"),
        ("chr" = String, Path, description = "Its holder reference", example = "PLDV00007")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is suspended")))]
pub(crate) async fn suspend(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named((car, chr)): Named<(String, String)>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::SuspendHolderRequest { context: caller.context(), car, chr, reason: why.reason.0 };
    gateway.national_pki().suspend_holder(request).await?;
    Ok(Done)
}

/// Lift the suspension of a certificate
///
/// Proposed by one officer, done when another one says the same, with the same reason.
#[utoipa::path(post, path = "/v1/spoc/certificates/{car}/{chr}/resumption", tag = "certificates", operation_id = "resumeCertificate",
    params(("car" = String, Path, description = "Who issued it", example = "UTCVCA00005"),
        ("chr" = String, Path, description = "Its holder reference", example = "PLDV00007")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "Whether it is done", body = Resumption)))]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named((car, chr)): Named<(String, String)>,
    Json(why): Json<Reason>,
) -> Result<Json<Resumption>, GatewayError> {
    let request = contract::ResumeHolderRequest { context: caller.context(), car, chr, reason: why.reason.0 };
    let outcome = gateway.national_pki().resume_holder(request).await?.into_inner();
    Ok(Json(Resumption { awaits_second_officer: outcome.awaits_second_officer }))
}

/// How far the sequence numbers of our holders have come
///
/// Of each holder name of ours the reference given last, whether a certificate came of it or not.
#[utoipa::path(get, path = "/v1/spoc/certificates/sequences", tag = "certificates", operation_id = "listSequences",
    responses((status = 200, description = "All of them, by name", body = Sequences)))]
pub(crate) async fn sequences(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<Sequences>, GatewayError> {
    let answer = gateway.national_pki().list_sequences(contract::ListSequencesRequest {}).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Raise the sequence of one of our holders
///
/// To a reference known to have been used, after the database was brought back from a backup: neither it nor one before it is given again. Never lowers one; said
/// again it changes nothing. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/certificates/sequences", tag = "certificates", operation_id = "raiseSequence",
    request_body(content = UsedReference, description = "What was used, and where that is known from", content_type = "application/json"),
    responses((status = 200, description = "Where it stands now, and stood before", body = RaisedSequence)))]
pub(crate) async fn raise_sequence(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(used): Json<UsedReference>,
) -> Result<Json<RaisedSequence>, GatewayError> {
    let UsedReference { chr, reason, despite_doubts } = used;
    let request = contract::RaiseSequenceRequest { context: caller.context(), chr, reason: reason.0, despite_doubts };
    Ok(Json(gateway.national_pki().raise_sequence(request).await?.into_inner().into()))
}
