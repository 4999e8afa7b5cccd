//! `straznica trust`: a running spoc's trust store, and master lists from files.

use std::path::{Path, PathBuf};

use emrtd::lists::{ListDifference, MasterList, MasterListError};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::trust_service_client::TrustServiceClient;
use straznica_contracts::spoc::v1::{
    AnchorUse, ConfirmAnchorRequest, ImportMasterListRequest, ImportMasterListResponse, ProposeAnchorRequest,
};
use straznica_pki::{PeerRole, Tls, TlsError, TlsFiles};
use straznica_runtime::channel::{self, Channel, ChannelConfig, ChannelError};
use straznica_types::{Environment, RequestId, SharedClock, SystemClock};

use super::Outcome;
use super::files::{self, FileError};
use super::output::{self, OutputError};
use crate::arguments::{OperatorAccess, Trust};

/// A master list with six hundred certificates takes a moment.
const TIME_OUT_MS: u64 = 60_000;

/// Why the trust store was not changed, or two lists not compared.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A master list cannot be read.
    #[error("{}: {source}", path.display())]
    List {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: MasterListError,
    },
    /// The operator's certificate does not hold up.
    #[error("the operator's certificate: {0}")]
    Tls(#[from] TlsError),
    /// The certificate names somebody else than an operator.
    #[error("{0} is no operator: only operators change what is trusted")]
    NotAnOperator(String),
    /// The address is no address.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// spoc refused, or did not answer.
    #[error("spoc: {} ({:?})", .0.message(), .0.code())]
    Rpc(Box<tonic::Status>),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<tonic::Status> for TrustError {
    fn from(status: tonic::Status) -> Self {
        Self::Rpc(Box::new(status))
    }
}

/// Runs the command.
///
/// # Errors
/// [`TrustError`]
pub async fn run(command: Trust) -> Result<Outcome, TrustError> {
    match command {
        Trust::Import { anchor, list, operator } => import(&anchor, &list, operator).await,
        Trust::Confirm { fingerprint, operator } => confirm(fingerprint, operator).await,
        Trust::Diff { json, old, new } => diff(json, &old, &new),
    }
}

async fn import(anchor: &Path, list: &Path, operator: OperatorAccess) -> Result<Outcome, TrustError> {
    let (anchor, list) = (files::read(anchor)?, files::read(list)?);
    let mut operator = Operator::connect(operator)?;
    let proposal =
        ProposeAnchorRequest { context: operator.context(), certificate: anchor, r#use: AnchorUse::MasterList.into() };
    let proposed = operator.client.propose_anchor(proposal).await?.into_inner();
    if !proposed.confirmed {
        output::line(&format!(
            "The anchor {} is proposed. Nothing was imported: another operator compares this fingerprint with the one received on another \
             channel and runs\n\n  straznica trust confirm {}\n\nThen run this import again.",
            proposed.fingerprint, proposed.fingerprint
        ))?;
        return Ok(Outcome::No);
    }
    let request = ImportMasterListRequest { context: operator.context(), list };
    let imported = operator.client.import_master_list(request).await?.into_inner();
    output::line(&summary(&imported))?;
    Ok(Outcome::Yes)
}

fn summary(imported: &ImportMasterListResponse) -> String {
    let ImportMasterListResponse { anchor_fingerprint, cscas, added, removed, conflicts, generation } = imported;
    let mut text = format!(
        "{cscas} CSCA certificates vouched for by {anchor_fingerprint}\n{added} new to the trust store, {removed} no longer on this \
         publisher's list\ntrust generation {generation}"
    );
    for conflict in conflicts {
        text += &format!("\nlook at this: {conflict}");
    }
    text
}

async fn confirm(fingerprint: String, operator: OperatorAccess) -> Result<Outcome, TrustError> {
    let mut operator = Operator::connect(operator)?;
    let request = ConfirmAnchorRequest {
        context: operator.context(),
        fingerprint: fingerprint.to_ascii_lowercase(),
        r#use: AnchorUse::MasterList.into(),
    };
    operator.client.confirm_anchor(request).await?;
    output::line(&format!("{fingerprint} is an anchor now."))?;
    Ok(Outcome::Yes)
}

/// An operator connected to spoc.
struct Operator {
    client: TrustServiceClient<Channel>,
    id: String,
    purpose: String,
    clock: SharedClock,
}

impl Operator {
    fn connect(access: OperatorAccess) -> Result<Self, TrustError> {
        let OperatorAccess { spoc, certificate, key, ca, purpose } = access;
        let tls = TlsFiles {
            private_key: key.unwrap_or_else(|| certificate.with_extension("key")),
            trust_anchors: ca.unwrap_or_else(|| certificate.with_file_name("ca.pem")),
            revocation_lists: Some(certificate.with_file_name("ca.crl.pem")).filter(|path| path.exists()),
            certificate_chain: certificate,
        };
        let clock = SystemClock::shared();
        // The environment guards what a node accepts; a client is whoever its certificate says.
        let tls = Tls::from_files(tls, Environment::Test, clock.clone())?;
        let own = tls.own();
        let PeerRole::Operator(id) = &own.role else {
            return Err(TrustError::NotAnOperator(own.role.to_string()));
        };
        let config = ChannelConfig { timeout_ms: TIME_OUT_MS, ..ChannelConfig::at(spoc) };
        let client = TrustServiceClient::new(channel::connect("spoc", &config, &tls)?);
        Ok(Self { client, id: id.clone(), purpose, clock })
    }

    fn context(&self) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.id.clone(),
            purpose: self.purpose.clone(),
            case_number: String::new(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        })
    }
}

fn diff(json: bool, old: &Path, new: &Path) -> Result<Outcome, TrustError> {
    output::report(json, &ListDifference::between(&list(old)?, &list(new)?))?;
    Ok(Outcome::Yes)
}

fn list(path: &Path) -> Result<MasterList, TrustError> {
    MasterList::parse(&files::read(path)?).map_err(|source| TrustError::List { path: path.to_owned(), source })
}
