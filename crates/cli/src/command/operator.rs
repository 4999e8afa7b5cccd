//! An operator connected to a running spoc: who calls, why, and over which channel.

use std::sync::Arc;

use straznica_contracts::common::v1::CallContext;
use straznica_pki::{PeerRole, Tls, TlsError, TlsFiles};
use straznica_runtime::channel::{self, Channel, ChannelConfig, ChannelError};
use straznica_types::{Environment, RequestId, SharedClock, SystemClock, Timestamp};

use crate::arguments::{OperatorAccess, OperatorCertificate};

/// A master list with six hundred certificates takes a moment.
const TIME_OUT_MS: u64 = 60_000;

/// Why an operator's call did not come to anything.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The operator's certificate does not hold up.
    #[error("the operator's certificate: {0}")]
    Tls(#[from] TlsError),
    /// The certificate names somebody else than an operator.
    #[error("{0} is no operator: only operators change what is trusted and what is issued")]
    NotAnOperator(String),
    /// The address is no address.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// spoc refused, or did not answer.
    #[error("spoc: {} ({:?})", .0.message(), .0.code())]
    Rpc(Box<tonic::Status>),
}

impl From<tonic::Status> for OperatorError {
    fn from(status: tonic::Status) -> Self {
        Self::Rpc(Box::new(status))
    }
}

/// An operator connected to spoc.
#[derive(Debug)]
pub struct Operator {
    /// For the generated clients.
    pub channel: Channel,
    id: String,
    purpose: String,
    clock: SharedClock,
}

impl Operator {
    /// Reads the certificate and prepares the channel; nothing is sent yet.
    ///
    /// # Errors
    /// When the files do not hold up or name no operator.
    pub fn connect(access: OperatorAccess) -> Result<Self, OperatorError> {
        let OperatorAccess { spoc, certificate, purpose } = access;
        let clock = SystemClock::shared();
        let (tls, id) = identify(certificate, clock.clone())?;
        let config = ChannelConfig { timeout_ms: TIME_OUT_MS, ..ChannelConfig::at(spoc) };
        Ok(Self { channel: channel::connect("spoc", &config, &tls)?, id, purpose, clock })
    }

    /// The time by this machine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// On whose behalf and why, for the journal; each call is a request of its own.
    #[must_use]
    pub fn context(&self) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.id.clone(),
            purpose: self.purpose.clone(),
            case_number: String::new(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        })
    }
}

/// TLS as this operator, and who they are.
///
/// # Errors
/// When the files do not hold up or name no operator.
pub(super) fn identify(access: OperatorCertificate, clock: SharedClock) -> Result<(Arc<Tls>, String), OperatorError> {
    let OperatorCertificate { certificate, key, ca } = access;
    let files = TlsFiles {
        private_key: key.unwrap_or_else(|| certificate.with_extension("key")),
        trust_anchors: ca.unwrap_or_else(|| certificate.with_file_name("ca.pem")),
        revocation_lists: Some(certificate.with_file_name("ca.crl.pem")).filter(|path| path.exists()),
        certificate_chain: certificate,
    };
    // The environment guards what a node accepts; a client is whoever its certificate says.
    let tls = Tls::from_files(files, Environment::Test, clock)?;
    let own = tls.own();
    let PeerRole::Operator(id) = &own.role else {
        return Err(OperatorError::NotAnOperator(own.role.to_string()));
    };
    let id = id.clone();
    Ok((tls, id))
}
