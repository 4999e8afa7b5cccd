//! The inner services.

use straznica_contracts::{
    dispatch::v1::{code_service_client::CodeServiceClient, notice_service_client::NoticeServiceClient},
    identity::v1::{
        citizen_service_client::CitizenServiceClient, inspection_service_client::InspectionServiceClient,
        institution_service_client::InstitutionServiceClient, official_service_client::OfficialServiceClient,
        peer_check_service_client::PeerCheckServiceClient, privilege_service_client::PrivilegeServiceClient,
        verification_service_client::VerificationServiceClient,
    },
    journal::v1::journal_service_client::JournalServiceClient,
    registry::v1::{
        alert_service_client::AlertServiceClient, blank_service_client::BlankServiceClient,
        case_service_client::CaseServiceClient, consultation_network_service_client::ConsultationNetworkServiceClient,
        consultation_service_client::ConsultationServiceClient,
        consulted_body_service_client::ConsultedBodyServiceClient, consumer_service_client::ConsumerServiceClient,
        decision_service_client::DecisionServiceClient, document_service_client::DocumentServiceClient,
        history_service_client::HistoryServiceClient, intake_service_client::IntakeServiceClient,
        merge_service_client::MergeServiceClient, person_service_client::PersonServiceClient,
        retention_service_client::RetentionServiceClient, search_service_client::SearchServiceClient,
        visa_service_client::VisaServiceClient,
    },
    spoc::v1::{
        issuing_service_client::IssuingServiceClient, message_service_client::MessageServiceClient,
        national_pki_service_client::NationalPkiServiceClient, partner_service_client::PartnerServiceClient,
        subscription_service_client::SubscriptionServiceClient,
        terminal_control_centre_service_client::TerminalControlCentreServiceClient,
        trust_service_client::TrustServiceClient,
    },
};
use straznica_runtime::{channel::Channel, limits};

/// The inner services' journals.
#[derive(Debug, Clone)]
pub(crate) struct Journals {
    pub(crate) identity: JournalServiceClient<Channel>,
    pub(crate) dispatch: Option<JournalServiceClient<Channel>>,
    pub(crate) registry: Option<JournalServiceClient<Channel>>,
    pub(crate) spoc: JournalServiceClient<Channel>,
}

/// Ways to the inner services; dispatch and registry are not everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Channels {
    pub(crate) dispatch: Option<Channel>,
    pub(crate) registry: Option<Channel>,
    /// Registry's for whole files, which take longer.
    pub(crate) files: Option<Channel>,
    pub(crate) identity: Channel,
    pub(crate) spoc: Channel,
    /// Spoc's for what operators do, which may take longer.
    pub(crate) exchange: Channel,
}

/// Clients of the inner services; each clone shares the connection. The channel gives every call its deadline, correlation id and trace.
#[derive(Debug, Clone)]
pub(crate) struct Upstreams {
    pub(crate) codes: Option<CodeServiceClient<Channel>>,
    pub(crate) notices: Option<NoticeServiceClient<Channel>>,
    pub(crate) persons: Option<PersonServiceClient<Channel>>,
    pub(crate) cases: Option<CaseServiceClient<Channel>>,
    pub(crate) alerts: Option<AlertServiceClient<Channel>>,
    pub(crate) consumers: Option<ConsumerServiceClient<Channel>>,
    pub(crate) decisions: Option<DecisionServiceClient<Channel>>,
    pub(crate) search: Option<SearchServiceClient<Channel>>,
    pub(crate) merges: Option<MergeServiceClient<Channel>>,
    pub(crate) documents: Option<DocumentServiceClient<Channel>>,
    pub(crate) blanks: Option<BlankServiceClient<Channel>>,
    pub(crate) record_history: Option<HistoryServiceClient<Channel>>,
    pub(crate) consultations: Option<ConsultationServiceClient<Channel>>,
    pub(crate) consultation_network: Option<ConsultationNetworkServiceClient<Channel>>,
    pub(crate) bodies: Option<ConsultedBodyServiceClient<Channel>>,
    pub(crate) visas: Option<VisaServiceClient<Channel>>,
    pub(crate) retention: Option<RetentionServiceClient<Channel>>,
    pub(crate) intakes: Option<IntakeServiceClient<Channel>>,
    pub(crate) identity: InspectionServiceClient<Channel>,
    pub(crate) verifications: VerificationServiceClient<Channel>,
    pub(crate) institutions: InstitutionServiceClient<Channel>,
    pub(crate) privileges: PrivilegeServiceClient<Channel>,
    pub(crate) peer_checks: PeerCheckServiceClient<Channel>,
    pub(crate) journals: Journals,
    pub(crate) officials: OfficialServiceClient<Channel>,
    pub(crate) citizens: CitizenServiceClient<Channel>,
    pub(crate) control_centre: TerminalControlCentreServiceClient<Channel>,
    pub(crate) trust: TrustServiceClient<Channel>,
    pub(crate) partners: PartnerServiceClient<Channel>,
    pub(crate) messages: MessageServiceClient<Channel>,
    pub(crate) issuing: IssuingServiceClient<Channel>,
    pub(crate) subscriptions: SubscriptionServiceClient<Channel>,
    pub(crate) national_pki: NationalPkiServiceClient<Channel>,
}

impl Upstreams {
    /// Clients over the channels.
    pub(crate) fn new(channels: Channels) -> Self {
        let Channels { dispatch, registry, files, identity, spoc, exchange } = channels;
        Self {
            codes: dispatch.clone().map(CodeServiceClient::new),
            notices: dispatch
                .clone()
                .map(|dispatch| NoticeServiceClient::new(dispatch).max_decoding_message_size(limits::LISTS)),
            persons: registry
                .clone()
                .map(|registry| PersonServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            cases: registry
                .clone()
                .map(|registry| CaseServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            alerts: registry
                .clone()
                .map(|registry| AlertServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            consumers: registry
                .clone()
                .map(|registry| ConsumerServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            decisions: registry
                .clone()
                .map(|registry| DecisionServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            search: registry
                .clone()
                .map(|registry| SearchServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            merges: registry
                .clone()
                .map(|registry| MergeServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            documents: registry
                .clone()
                .map(|registry| DocumentServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            blanks: registry
                .clone()
                .map(|registry| BlankServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            record_history: registry
                .clone()
                .map(|registry| HistoryServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            consultations: registry
                .clone()
                .map(|registry| ConsultationServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            consultation_network: registry.clone().map(|registry| {
                ConsultationNetworkServiceClient::new(registry).max_decoding_message_size(limits::LISTS)
            }),
            bodies: registry
                .clone()
                .map(|registry| ConsultedBodyServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            visas: registry
                .clone()
                .map(|registry| VisaServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            retention: registry
                .clone()
                .map(|registry| RetentionServiceClient::new(registry).max_decoding_message_size(limits::LISTS)),
            intakes: files.map(|files| IntakeServiceClient::new(files).max_decoding_message_size(limits::LISTS)),
            identity: InspectionServiceClient::new(identity.clone()),
            verifications: VerificationServiceClient::new(identity.clone()).max_decoding_message_size(limits::LISTS),
            institutions: InstitutionServiceClient::new(identity.clone()),
            privileges: PrivilegeServiceClient::new(identity.clone()).max_decoding_message_size(limits::LISTS),
            peer_checks: PeerCheckServiceClient::new(identity.clone()).max_decoding_message_size(limits::LISTS),
            journals: Journals {
                identity: JournalServiceClient::new(identity.clone()),
                dispatch: dispatch.map(JournalServiceClient::new),
                registry: registry.map(JournalServiceClient::new),
                spoc: JournalServiceClient::new(spoc.clone()),
            },
            officials: OfficialServiceClient::new(identity.clone()),
            citizens: CitizenServiceClient::new(identity),
            control_centre: TerminalControlCentreServiceClient::new(spoc.clone())
                .max_decoding_message_size(limits::LISTS),
            trust: TrustServiceClient::new(spoc),
            partners: PartnerServiceClient::new(exchange.clone()).max_decoding_message_size(limits::LISTS),
            messages: MessageServiceClient::new(exchange.clone()),
            issuing: IssuingServiceClient::new(exchange.clone()),
            subscriptions: SubscriptionServiceClient::new(exchange.clone()),
            national_pki: NationalPkiServiceClient::new(exchange),
        }
    }
}
