//! Somebody at registry's desk: the services, and on whose behalf they are asked.

use prost::{Message, Name};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::blank_service_client::BlankServiceClient;
use straznica_contracts::registry::v1::case_service_client::CaseServiceClient;
use straznica_contracts::registry::v1::consultation_network_service_client::ConsultationNetworkServiceClient;
use straznica_contracts::registry::v1::consultation_service_client::ConsultationServiceClient;
use straznica_contracts::registry::v1::document_service_client::DocumentServiceClient;
use straznica_contracts::registry::v1::history_service_client::HistoryServiceClient;
use straznica_contracts::registry::v1::intake_service_client::IntakeServiceClient;
use straznica_contracts::registry::v1::merge_service_client::MergeServiceClient;
use straznica_contracts::registry::v1::person_service_client::PersonServiceClient;
use straznica_contracts::registry::v1::retention_service_client::RetentionServiceClient;
use straznica_contracts::registry::v1::search_service_client::SearchServiceClient;
use straznica_contracts::registry::v1::visa_service_client::VisaServiceClient;
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_types::{RequestId, SharedClock, SystemClock};

use super::RegistryError;
use crate::arguments::RegistryDesk;
use crate::command::operator::{OperatorError, identify};
use crate::command::output;

/// A long history takes a moment.
const TIME_OUT_MS: u64 = 60_000;
/// A large file is looked at, and held against the register, row by row.
const FILE_TIME_OUT_MS: u64 = 600_000;

/// A connected officer, and whether answers are printed as JSON.
pub(super) struct Desk {
    channel: Channel,
    officer: String,
    purpose: String,
    case: String,
    json: bool,
    clock: SharedClock,
}

impl Desk {
    /// Reads the certificate; nothing is sent yet.
    pub(super) fn open(desk: RegistryDesk) -> Result<Self, RegistryError> {
        Self::with_patience(desk, TIME_OUT_MS)
    }

    /// The same for whole files.
    pub(super) fn open_for_files(desk: RegistryDesk) -> Result<Self, RegistryError> {
        Self::with_patience(desk, FILE_TIME_OUT_MS)
    }

    fn with_patience(desk: RegistryDesk, timeout_ms: u64) -> Result<Self, RegistryError> {
        let RegistryDesk { json, registry, certificate, purpose, case } = desk;
        let clock = SystemClock::shared();
        let (tls, officer) = identify(certificate, clock.clone())?;
        let config = ChannelConfig { timeout_ms, ..ChannelConfig::at(registry) };
        let channel = channel::connect("registry", &config, &tls).map_err(OperatorError::from)?;
        Ok(Self { channel, officer, purpose, case, json, clock })
    }

    /// On whose behalf and why, for the journal.
    pub(super) fn context(&self) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.officer.clone(),
            purpose: self.purpose.clone(),
            case_number: self.case.clone(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        })
    }

    pub(super) fn persons(&self) -> PersonServiceClient<Channel> {
        PersonServiceClient::new(self.channel.clone())
    }

    pub(super) fn alerts(&self) -> AlertServiceClient<Channel> {
        AlertServiceClient::new(self.channel.clone())
    }

    pub(super) fn cases(&self) -> CaseServiceClient<Channel> {
        CaseServiceClient::new(self.channel.clone())
    }

    pub(super) fn search(&self) -> SearchServiceClient<Channel> {
        SearchServiceClient::new(self.channel.clone())
    }

    pub(super) fn merges(&self) -> MergeServiceClient<Channel> {
        MergeServiceClient::new(self.channel.clone())
    }

    pub(super) fn documents(&self) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.channel.clone())
    }

    pub(super) fn blanks(&self) -> BlankServiceClient<Channel> {
        BlankServiceClient::new(self.channel.clone())
    }

    pub(super) fn history(&self) -> HistoryServiceClient<Channel> {
        HistoryServiceClient::new(self.channel.clone())
    }

    pub(super) fn consultations(&self) -> ConsultationServiceClient<Channel> {
        ConsultationServiceClient::new(self.channel.clone())
    }

    pub(super) fn consultation_network(&self) -> ConsultationNetworkServiceClient<Channel> {
        ConsultationNetworkServiceClient::new(self.channel.clone())
    }

    pub(super) fn intakes(&self) -> IntakeServiceClient<Channel> {
        IntakeServiceClient::new(self.channel.clone())
    }

    pub(super) fn visas(&self) -> VisaServiceClient<Channel> {
        VisaServiceClient::new(self.channel.clone())
    }

    pub(super) fn retention(&self) -> RetentionServiceClient<Channel> {
        RetentionServiceClient::new(self.channel.clone())
    }

    /// Prints an answer: as JSON, or as `text` tells it to people.
    pub(super) fn print<M: Message + Name>(
        &self,
        answer: &M,
        text: impl FnOnce(&M) -> String,
    ) -> Result<(), RegistryError> {
        let printed = if self.json { output::contract(answer)? } else { text(answer) };
        Ok(output::line(&printed)?)
    }
}
