//! A lane at the border without the services in between: the control centre is asked as identity and gateway ask it, and the chip decides.

use cvc::reference::Reference;
use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::Suite;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::get_ta_signature_request::ToBeSigned;
use straznica_contracts::spoc::v1::terminal_control_centre_service_client::TerminalControlCentreServiceClient;
use straznica_contracts::spoc::v1::{
    CertificateRole, ChainResult, GetCertificateChainRequest, GetTaSignatureRequest, OpenInspectionRequest,
    TaSignatureParts, TaSignatureResult,
};
use straznica_pki::Names;
use straznica_runtime::channel::Channel;
use straznica_simulators::chip::Chip;
use straznica_simulators::terminal::{Terminal, TerminalError};
use straznica_types::{InspectionId, RequestId, SharedClock};

use crate::{OFFICER, TERMINAL};

/// What opened fingerprints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Holder reference of the document verifier.
    pub verifier: String,
    /// Holder reference of the inspection system.
    pub system: String,
}

/// Why fingerprints stayed closed.
#[derive(Debug)]
pub enum Shut {
    /// The control centre has no chain to anything the chip trusts.
    NoChain {
        /// What the chip trusts.
        trusted: Vec<String>,
        /// What stood in the way.
        detail: String,
    },
    /// The control centre does not sign.
    NoSignature(String),
    /// The control centre does not answer.
    NoAnswer(Box<tonic::Status>),
    /// The chip refused.
    Chip(TerminalError),
}

impl From<TerminalError> for Shut {
    fn from(refused: TerminalError) -> Self {
        Self::Chip(refused)
    }
}

impl From<tonic::Status> for Shut {
    fn from(status: tonic::Status) -> Self {
        Self::NoAnswer(Box::new(status))
    }
}

/// A lane of a state.
#[derive(Debug)]
pub struct Lane {
    clock: SharedClock,
    /// The control centre, as identity calls it and as the gateway does.
    as_identity: TerminalControlCentreServiceClient<Channel>,
    as_gateway: TerminalControlCentreServiceClient<Channel>,
}

impl Lane {
    /// A lane before the control centre of `suite`. Its certificates last ninety days.
    pub fn before(suite: &Suite) -> Self {
        let authority = suite.authority().expect("a suite under test has an authority");
        let client = |name| {
            let issued = authority.issue_service(name, &Names::loopback()).expect("a certificate is issued");
            let channel = suite.channel(ServiceName::Spoc, &issued).expect("the control centre has an address");
            TerminalControlCentreServiceClient::new(channel)
        };
        Self { clock: suite.clock().clone(), as_identity: client("identity"), as_gateway: client("gateway") }
    }

    /// A lane before a control centre in another process, as identity calls it and as the gateway does.
    pub fn between(clock: SharedClock, identity: Channel, gateway: Channel) -> Self {
        let (as_identity, as_gateway) =
            (TerminalControlCentreServiceClient::new(identity), TerminalControlCentreServiceClient::new(gateway));
        Self { clock, as_identity, as_gateway }
    }

    /// Opens the fingerprints of a document on the reader, by the chip's own rules.
    ///
    /// # Errors
    /// Why they stayed closed.
    pub async fn open(&mut self, chip: &mut Chip) -> Result<Opened, Shut> {
        let opened = self.read(chip).await;
        chip.leave_reader();
        opened
    }

    async fn read(&mut self, chip: &mut Chip) -> Result<Opened, Shut> {
        let context = CallContext {
            terminal_id: TERMINAL.to_owned(),
            officer: OFFICER.to_owned(),
            purpose: "border_check".to_owned(),
            case_number: String::new(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        };
        let inspection_id = InspectionId::generate(self.clock.as_ref()).to_string();
        let opening = OpenInspectionRequest {
            context: Some(context.clone()),
            inspection_id: inspection_id.clone(),
            opened_at_ms: self.clock.now().millis(),
        };
        self.as_identity.open_inspection(opening).await?;

        let mut terminal = Terminal::connect(chip, true)?;
        terminal.chip_authentication()?;
        let trusted: Vec<String> = terminal.trusted_authorities()?.iter().map(Reference::to_string).collect();
        let asking = GetCertificateChainRequest {
            context: Some(context.clone()),
            inspection_id: inspection_id.clone(),
            cars: trusted.clone(),
        };
        let chain = self.as_gateway.get_certificate_chain(asking).await?.into_inner();
        if chain.result() != ChainResult::OkCertificateChainAvailable {
            return Err(Shut::NoChain { trusted, detail: format!("{:?} {}", chain.result(), chain.detail) });
        }
        let verifier = chain
            .certificates
            .iter()
            .find(|one| matches!(one.role(), CertificateRole::DvForeign | CertificateRole::DvDomestic));
        let verifier = verifier.map(|one| one.chr.clone()).unwrap_or_default();
        let certificates: Vec<Vec<u8>> = chain.certificates.into_iter().map(|one| one.der).collect();
        terminal.present_chain(&certificates)?;
        let input = terminal.signature_input()?;
        let parts = TaSignatureParts {
            id_picc: input.id_picc,
            challenge: input.challenge.to_vec(),
            hash_pk: input.compressed_key,
            aux_pcd: Vec::new(),
        };
        let asking = GetTaSignatureRequest {
            context: Some(context),
            inspection_id,
            is_chr: chain.is_chr.clone(),
            to_be_signed: Some(ToBeSigned::Parts(parts)),
        };
        let signed = self.as_gateway.get_ta_signature(asking).await?.into_inner();
        if signed.result() != TaSignatureResult::OkSignatureAvailable {
            return Err(Shut::NoSignature(format!("{:?} {}", signed.result(), signed.detail)));
        }
        terminal.authenticate(&signed.signature)?;
        terminal.read_fingerprints()?;
        Ok(Opened { verifier, system: chain.is_chr })
    }
}
