//! spoc's operator services, played: they remember what they were asked and give one answer each.

use prost::Message as _;
use straznica_contracts::spoc::v1::{
    self as spoc, issuing_service_server::IssuingService, message_service_server::MessageService,
    national_pki_service_server::NationalPkiService, partner_service_server::PartnerService,
    subscription_service_server::SubscriptionService,
};
use tonic::{Request, Response, Status};

use crate::it::doubles::{Asked, SpocDouble};

pub(crate) const ID: &str = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77";
/// Name of what one officer proposed.
pub(crate) const PROPOSAL: &str = "3f9a0c41d2b87e65";
pub(crate) const FINGERPRINT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// 2026-05-28T09:30:00Z, and an hour later.
pub(crate) const AT: i64 = 1_779_960_600_000;
pub(crate) const LATER: i64 = AT + 3_600_000;

macro_rules! plays {
    ($service:ident { $($method:ident($request:ident) -> $response:ident = $answer:expr;)* }) => {
        #[tonic::async_trait]
        impl $service for SpocDouble {
            $(async fn $method(
                &self,
                request: Request<spoc::$request>,
            ) -> Result<Response<spoc::$response>, Status> {
                let asked = Asked::Exchange(stringify!($method), request.into_inner().encode_to_vec());
                self.script.answer(asked, $answer).await
            })*
        }
    };
}

pub(crate) fn registration() -> spoc::Registration {
    spoc::Registration {
        country: "UT".to_owned(),
        name: "Utopian Border Agency".to_owned(),
        binding: "grpc".to_owned(),
        profile: "icao".to_owned(),
        url: "https://spoc.example.ut".to_owned(),
        email: "spoc@example.ut".to_owned(),
        contacts: vec!["Ada Example".to_owned()],
        answers: "synchronous".to_owned(),
        document_years: 10,
        use_from_ms: Some(AT),
        use_until_ms: None,
        roots: vec![spoc::EnteredRoot {
            certificate: vec![0x30, 0],
            bindings: "both".to_owned(),
            ..spoc::EnteredRoot::default()
        }],
        cvcas: vec![cvca()],
    }
}

fn cvca() -> spoc::PartnerCvca {
    spoc::PartnerCvca { name: "UTCVCA".to_owned(), document_types: "passports".to_owned(), replaces: String::new() }
}

fn root() -> spoc::PartnerRoot {
    spoc::PartnerRoot {
        fingerprint: FINGERPRINT.to_owned(),
        subject: "C=UT,CN=UT SPOC root".to_owned(),
        state: "confirmed".to_owned(),
        bindings: "both".to_owned(),
        use_from_ms: AT,
        use_until_ms: LATER,
        linked_to: String::new(),
        proposal: PROPOSAL.to_owned(),
    }
}

fn outage() -> spoc::Outage {
    spoc::Outage { id: ID.to_owned(), begins_ms: AT, ends_ms: LATER, reason: "a move".to_owned() }
}

fn partner() -> spoc::Partner {
    let registered = registration();
    spoc::Partner {
        country: registered.country,
        name: registered.name,
        binding: registered.binding,
        profile: registered.profile,
        url: registered.url,
        email: registered.email,
        contacts: registered.contacts,
        answers: registered.answers,
        document_years: registered.document_years,
        state: "suspended".to_owned(),
        suspended_reason: "key stolen".to_owned(),
        use_from_ms: AT,
        roots: vec![root()],
        cvcas: vec![cvca()],
        outages: vec![outage()],
        ..spoc::Partner::default()
    }
}

fn proposal() -> spoc::PartnerProposal {
    spoc::PartnerProposal {
        id: ID.to_owned(),
        country: "UT".to_owned(),
        kind: "resumption".to_owned(),
        proposed_by: "OP-11".to_owned(),
        proposed_at_ms: AT,
        registration: None,
        fingerprints: vec![FINGERPRINT.to_owned()],
        reason: "new key".to_owned(),
    }
}

fn crl_by_hand() -> spoc::HeldCrl {
    spoc::HeldCrl {
        this_update_ms: AT,
        next_update_ms: Some(LATER),
        fetched_at_ms: AT,
        issuer: FINGERPRINT.to_owned(),
        imported_by: "OP-11".to_owned(),
        counts_until_ms: LATER,
        ..spoc::HeldCrl::default()
    }
}

fn health() -> spoc::PartnerHealth {
    spoc::PartnerHealth {
        country: "UT".to_owned(),
        state: "active".to_owned(),
        served: true,
        reached_at_ms: Some(AT),
        waiting_requests: 1,
        first_due_at_ms: Some(LATER),
        expiries: vec![spoc::Expiry { kind: "dv".to_owned(), subject: "PLDV00007".to_owned(), expires_at_ms: LATER }],
        crls: vec![
            crl_by_hand(),
            spoc::HeldCrl {
                uri: "http://spoc.example.ut/root.crl".to_owned(),
                imported_by: String::new(),
                ..crl_by_hand()
            },
        ],
        ..spoc::PartnerHealth::default()
    }
}

plays! {
    PartnerService {
        propose_partner(ProposePartnerRequest) -> ProposePartnerResponse =
            spoc::ProposePartnerResponse { proposal: Some(proposal()) };
        confirm_partner(ConfirmPartnerRequest) -> ConfirmPartnerResponse =
            spoc::ConfirmPartnerResponse { partner: Some(partner()) };
        withdraw_proposal(WithdrawProposalRequest) -> WithdrawProposalResponse = spoc::WithdrawProposalResponse {};
        get_partner(GetPartnerRequest) -> GetPartnerResponse =
            spoc::GetPartnerResponse { partner: None, proposals: vec![proposal()] };
        list_partners(ListPartnersRequest) -> ListPartnersResponse =
            spoc::ListPartnersResponse { partners: vec![partner()], proposals: vec![] };
        suspend_partner(SuspendPartnerRequest) -> SuspendPartnerResponse = spoc::SuspendPartnerResponse {};
        propose_resumption(ProposeResumptionRequest) -> ProposeResumptionResponse =
            spoc::ProposeResumptionResponse { proposal: Some(proposal()) };
        confirm_resumption(ConfirmResumptionRequest) -> ConfirmResumptionResponse = spoc::ConfirmResumptionResponse {};
        withdraw_partner(WithdrawPartnerRequest) -> WithdrawPartnerResponse =
            spoc::WithdrawPartnerResponse { cancelled_messages: 2 };
        announce_root(AnnounceRootRequest) -> AnnounceRootResponse =
            spoc::AnnounceRootResponse { root: Some(root()), warnings: vec!["late".to_owned()] };
        confirm_root(ConfirmRootRequest) -> ConfirmRootResponse =
            spoc::ConfirmRootResponse { root: Some(root()), warnings: vec![] };
        withdraw_root(WithdrawRootRequest) -> WithdrawRootResponse = spoc::WithdrawRootResponse {};
        enter_outage(EnterOutageRequest) -> EnterOutageResponse =
            spoc::EnterOutageResponse { outage: Some(outage()) };
        remove_outage(RemoveOutageRequest) -> RemoveOutageResponse = spoc::RemoveOutageResponse {};
        get_health(GetHealthRequest) -> GetHealthResponse = spoc::GetHealthResponse { partners: vec![health()] };
        export_bundle(ExportBundleRequest) -> ExportBundleResponse =
            spoc::ExportBundleResponse { bundle: vec![], messages: 0, email: "spoc@example.ut".to_owned() };
        import_bundle(ImportBundleRequest) -> ImportBundleResponse = spoc::ImportBundleResponse {
            country: "UT".to_owned(),
            outcomes: vec![spoc::BundledOutcome {
                operation: "general_message".to_owned(),
                message_id: "UT-17".to_owned(),
                result: "ok".to_owned(),
            }],
            answers: vec![0x30, 0],
            taken_in_at_ms: Some(AT),
            taken_in_by: "OP-11".to_owned(),
        };
        import_partner_crl(ImportPartnerCrlRequest) -> ImportPartnerCrlResponse = spoc::ImportPartnerCrlResponse {
            crl: Some(crl_by_hand()),
            issuer_name: "C=UT,CN=UT SPOC root".to_owned(),
            revoked: 1,
        };
    }
}

fn message() -> spoc::Message {
    spoc::Message {
        id: ID.to_owned(),
        direction: "received".to_owned(),
        country: "UT".to_owned(),
        message_id: "UT-17".to_owned(),
        subject: "DV private key stolen".to_owned(),
        at_ms: AT,
        state: "new".to_owned(),
        proposal: Some(spoc::Proposal {
            kind: "suspend_holder".to_owned(),
            candidates: vec!["UTDV".to_owned()],
            state: "open".to_owned(),
            ..spoc::Proposal::default()
        }),
        ..spoc::Message::default()
    }
}

plays! {
    MessageService {
        list_messages(ListMessagesRequest) -> ListMessagesResponse =
            spoc::ListMessagesResponse { messages: vec![message()], more: true };
        get_message(GetMessageRequest) -> GetMessageResponse = spoc::GetMessageResponse { message: Some(message()) };
        acknowledge_message(AcknowledgeMessageRequest) -> AcknowledgeMessageResponse =
            spoc::AcknowledgeMessageResponse {};
        send_message(SendMessageRequest) -> SendMessageResponse =
            spoc::SendMessageResponse { message: Some(message()) };
        decide_proposal(DecideProposalRequest) -> DecideProposalResponse =
            spoc::DecideProposalResponse { message: Some(message()) };
        list_templates(ListTemplatesRequest) -> ListTemplatesResponse = spoc::ListTemplatesResponse {
            templates: vec![spoc::Template {
                subject: "DV Termination".to_owned(),
                english: "ends".to_owned(),
                polish: "kończy".to_owned(),
                parameters: vec!["holder".to_owned()],
                implies: "suspend_holder".to_owned(),
            }],
        };
    }
}

fn request() -> spoc::CertificateRequest {
    spoc::CertificateRequest {
        id: ID.to_owned(),
        caller: "UT".to_owned(),
        message_id: "UT-17".to_owned(),
        holder: "UTDV".to_owned(),
        chr: "UTDV00007".to_owned(),
        outer_car: "UTDV00006".to_owned(),
        state: "waiting".to_owned(),
        received_at_ms: AT,
        due_at_ms: LATER,
        rule: "TR-03139/table-2/3 successive".to_owned(),
        ..spoc::CertificateRequest::default()
    }
}

pub(crate) fn holder() -> spoc::HolderRegistration {
    spoc::HolderRegistration {
        holder: "UTDV".to_owned(),
        domestic_cvca: "UTCVCA".to_owned(),
        approval: "two_person".to_owned(),
        dg3: true,
        ..spoc::HolderRegistration::default()
    }
}

fn generation() -> spoc::CaCertificate {
    spoc::CaCertificate {
        cvca: "PLCVCA".to_owned(),
        car: "PLCVCA00001".to_owned(),
        chr: "PLCVCA00002".to_owned(),
        state: "active".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        effective: "2026-05-28".to_owned(),
        expires: "2029-05-27".to_owned(),
        fingerprint: FINGERPRINT.to_owned(),
        current: true,
        certificate: vec![0x7f, 0x21, 0],
    }
}

plays! {
    IssuingService {
        list_requests(ListRequestsRequest) -> ListRequestsResponse =
            spoc::ListRequestsResponse { requests: vec![request()], next_page_token: ID.to_owned() };
        get_request(GetRequestRequest) -> GetRequestResponse = spoc::GetRequestResponse {
            request: Some(request()),
            certificate_request: vec![0x67, 0],
            certificate: vec![],
        };
        approve_request(ApproveRequestRequest) -> ApproveRequestResponse =
            spoc::ApproveRequestResponse { request: Some(request()) };
        decline_request(DeclineRequestRequest) -> DeclineRequestResponse =
            spoc::DeclineRequestResponse { request: Some(request()) };
        register_holder(RegisterHolderRequest) -> RegisterHolderResponse =
            spoc::RegisterHolderResponse { proposal: PROPOSAL.to_owned() };
        change_holder(ChangeHolderRequest) -> ChangeHolderResponse =
            spoc::ChangeHolderResponse { proposal: PROPOSAL.to_owned() };
        confirm_holder(ConfirmHolderRequest) -> ConfirmHolderResponse = spoc::ConfirmHolderResponse {};
        suspend_foreign_holder(SuspendForeignHolderRequest) -> SuspendForeignHolderResponse =
            spoc::SuspendForeignHolderResponse {};
        resume_foreign_holder(ResumeForeignHolderRequest) -> ResumeForeignHolderResponse =
            spoc::ResumeForeignHolderResponse { awaits_second_officer: true };
        list_foreign_holders(ListForeignHoldersRequest) -> ListForeignHoldersResponse =
            spoc::ListForeignHoldersResponse {
                holders: vec![],
                proposals: vec![spoc::ProposedHolder {
                    registration: Some(holder()),
                    proposed_by: "OP-11".to_owned(),
                    proposed_at_ms: AT,
                    proposal: PROPOSAL.to_owned(),
                }],
            };
        list_issued(ListIssuedRequest) -> ListIssuedResponse = spoc::ListIssuedResponse {
            certificates: vec![spoc::IssuedCertificate {
                car: "PLCVCA00002".to_owned(),
                chr: "UTDV00007".to_owned(),
                holder: "UTDV".to_owned(),
                effective: "2026-05-28".to_owned(),
                expires: "2026-07-08".to_owned(),
                request_id: ID.to_owned(),
                issued_at_ms: AT,
                certificate: vec![0x7f, 0x21, 0],
                withdrawn_at_ms: 0,
            }],
            next_page_token: String::new(),
        };
        list_ca_certificates(ListCaCertificatesRequest) -> ListCaCertificatesResponse =
            spoc::ListCaCertificatesResponse { certificates: vec![generation()], proposals: vec![] };
        propose_rollover(ProposeRolloverRequest) -> ProposeRolloverResponse =
            spoc::ProposeRolloverResponse { cvca: "PLCVCA".to_owned(), proposal: PROPOSAL.to_owned() };
        confirm_rollover(ConfirmRolloverRequest) -> ConfirmRolloverResponse = spoc::ConfirmRolloverResponse {
            chr: "PLCVCA00003".to_owned(),
            certificates: vec![vec![0x7f, 0x21, 0]],
        };
    }
}

plays! {
    SubscriptionService {
        subscribe(SubscribeRequest) -> SubscribeResponse = spoc::SubscribeResponse { changed: true };
        pause_subscription(PauseSubscriptionRequest) -> PauseSubscriptionResponse = spoc::PauseSubscriptionResponse {};
        resume_subscription(ResumeSubscriptionRequest) -> ResumeSubscriptionResponse =
            spoc::ResumeSubscriptionResponse {};
        list_subscriptions(ListSubscriptionsRequest) -> ListSubscriptionsResponse = spoc::ListSubscriptionsResponse {
            subscriptions: vec![spoc::Subscription {
                cvca: "UTCVCA".to_owned(),
                country: "UT".to_owned(),
                dv_mnemonic: "DV".to_owned(),
                is_mnemonic: "IS".to_owned(),
                is_days: 14,
                state: "active".to_owned(),
                renewal_at_ms: AT,
                ..spoc::Subscription::default()
            }],
        };
        renew_now(RenewNowRequest) -> RenewNowResponse = spoc::RenewNowResponse { chr: "PLDV00008".to_owned() };
        list_renewals(ListRenewalsRequest) -> ListRenewalsResponse = spoc::ListRenewalsResponse {
            renewals: vec![spoc::Renewal {
                chr: "PLDV00007".to_owned(),
                car: "UTCVCA00001".to_owned(),
                outer_car: "PLCVCA00002".to_owned(),
                state: "closed".to_owned(),
                cause: "failure_expired".to_owned(),
                made_at_ms: AT,
                message_id: "PL-17".to_owned(),
            }],
        };
        list_outbox(ListOutboxRequest) -> ListOutboxResponse = spoc::ListOutboxResponse {
            messages: vec![spoc::OutboxMessage {
                id: ID.to_owned(),
                country: "UT".to_owned(),
                operation: "request_certificate".to_owned(),
                message_id: "PL-17".to_owned(),
                subject: "PLDV00008".to_owned(),
                state: "pending".to_owned(),
                attempts: 3,
                created_at_ms: AT,
                next_attempt_at_ms: LATER,
                last_error: "refused".to_owned(),
                exported_at_ms: Some(LATER),
                ..spoc::OutboxMessage::default()
            }],
        };
        retry_now(RetryNowRequest) -> RetryNowResponse = spoc::RetryNowResponse {};
        cancel_message(CancelMessageRequest) -> CancelMessageResponse = spoc::CancelMessageResponse {};
        get_calendar(GetCalendarRequest) -> GetCalendarResponse = spoc::GetCalendarResponse {
            entries: vec![spoc::CalendarEntry {
                kind: spoc::CalendarKind::DvExpires.into(),
                severity: spoc::CalendarSeverity::Urgent.into(),
                at_ms: AT,
                until_ms: 0,
                country: "UT".to_owned(),
                subject: "PLDV00007".to_owned(),
                detail: "no renewal is under way".to_owned(),
            }],
        };
    }
}

plays! {
    NationalPkiService {
        create_national_cvca(CreateNationalCvcaRequest) -> CreateNationalCvcaResponse = spoc::CreateNationalCvcaResponse {
            chr: "PLCVCA00001".to_owned(),
            certificate: vec![0x7f, 0x21, 0],
        };
        create_exchange_tls_key(CreateExchangeTlsKeyRequest) -> CreateExchangeTlsKeyResponse =
            spoc::CreateExchangeTlsKeyResponse { key_handle: format!("tls/{ID}"), certificate_request: vec![0x30, 0] };
        import_cvca_certificates(ImportCvcaCertificatesRequest) -> ImportCvcaCertificatesResponse =
            spoc::ImportCvcaCertificatesResponse {
                imported: vec![spoc::CvcaImport {
                    chr: "UTCVCA00002".to_owned(),
                    car: "UTCVCA00002".to_owned(),
                    fingerprint: FINGERPRINT.to_owned(),
                    awaits_confirmation: true,
                    findings: vec!["too long".to_owned()],
                }],
            };
        confirm_cvca_certificate(ConfirmCvcaCertificateRequest) -> ConfirmCvcaCertificateResponse =
            spoc::ConfirmCvcaCertificateResponse {
                chr: "UTCVCA00002".to_owned(),
                awaits_second_officer: true,
                findings: vec!["too long".to_owned()],
            };
        reject_cvca_certificate(RejectCvcaCertificateRequest) -> RejectCvcaCertificateResponse =
            spoc::RejectCvcaCertificateResponse {};
        create_dv_request(CreateDvRequestRequest) -> CreateDvRequestResponse = spoc::CreateDvRequestResponse {
            chr: "PLDV00008".to_owned(),
            request: vec![0x67, 0],
            initial: true,
        };
        import_dv_certificate(ImportDvCertificateRequest) -> ImportDvCertificateResponse =
            spoc::ImportDvCertificateResponse {
                chr: "PLDV00008".to_owned(),
                car: "UTCVCA00001".to_owned(),
                expires: "2026-07-08".to_owned(),
                warnings: vec!["long".to_owned()],
            };
        issue_domestic_dv(IssueDomesticDvRequest) -> IssueDomesticDvResponse = spoc::IssueDomesticDvResponse {
            chr: "PLDV00008".to_owned(),
            waiting: true,
            expires: String::new(),
        };
        issue_inspection_system(IssueInspectionSystemRequest) -> IssueInspectionSystemResponse =
            spoc::IssueInspectionSystemResponse {
                chr: "PLIS00031".to_owned(),
                expires: "2026-06-10".to_owned(),
                certificate: vec![0x7f, 0x21, 0],
            };
        suspend_holder(SuspendHolderRequest) -> SuspendHolderResponse = spoc::SuspendHolderResponse {};
        resume_holder(ResumeHolderRequest) -> ResumeHolderResponse =
            spoc::ResumeHolderResponse { awaits_second_officer: true };
        list_sequences(ListSequencesRequest) -> ListSequencesResponse = spoc::ListSequencesResponse {
            sequences: vec![spoc::Sequence { holder: "PLDV".to_owned(), last: "PLDV00031".to_owned() }],
        };
        raise_sequence(RaiseSequenceRequest) -> RaiseSequenceResponse = spoc::RaiseSequenceResponse {
            holder: "PLDV".to_owned(),
            last: "PLDV00042".to_owned(),
            before: "PLDV00031".to_owned(),
        };
        list_holders(ListHoldersRequest) -> ListHoldersResponse = spoc::ListHoldersResponse {
            holders: vec![spoc::Holder {
                chr: "PLDV00007".to_owned(),
                car: "UTCVCA00001".to_owned(),
                role: spoc::CertificateRole::DvForeign.into(),
                state: "requested".to_owned(),
                has_key: true,
                ..spoc::Holder::default()
            }],
        };
    }
}
