//! `straznica trust`: a running spoc's trust store, and master lists from files.

use std::path::{Path, PathBuf};

use emrtd::lists::{ListDifference, MasterList, MasterListError};
use straznica_contracts::spoc::v1::trust_service_client::TrustServiceClient;
use straznica_contracts::spoc::v1::{
    AnchorUse, ConfirmAnchorRequest, ImportDefectListRequest, ImportMasterListRequest, ImportMasterListResponse,
    ImportRevocationListRequest, ProposeAnchorRequest, WithdrawAnchorRequest,
};
use straznica_runtime::channel::Channel;

use super::Outcome;
use super::files::{self, FileError, UnknownForm};
use super::operator::{Operator, OperatorError};
use super::output::{self, OutputError};
use crate::arguments::{self, OperatorAccess, Trust};

/// Why the trust store was not changed, or two lists not compared.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is in no known form.
    #[error(transparent)]
    Form(#[from] UnknownForm),
    /// A master list cannot be read.
    #[error("{}: {source}", path.display())]
    List {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: MasterListError,
    },
    /// spoc was not reached as an operator, or refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<tonic::Status> for TrustError {
    fn from(status: tonic::Status) -> Self {
        Self::Operator(status.into())
    }
}

/// Runs the command.
///
/// # Errors
/// [`TrustError`]
pub async fn run(command: Trust) -> Result<Outcome, TrustError> {
    match command {
        Trust::Import { anchor, list, operator } => import(&anchor, &list, operator).await,
        Trust::ImportDefectList { anchor, list, operator } => import_defect_list(&anchor, &list, operator).await,
        Trust::ImportCrl { list, operator } => import_crl(&list, operator).await,
        Trust::AddCsca { certificate, operator } => add_csca(&certificate, operator).await,
        Trust::Confirm { fingerprint, r#use, operator } => confirm(fingerprint, r#use, operator).await,
        Trust::Withdraw { fingerprint, r#use, reason, operator } => {
            withdraw(fingerprint, r#use, reason, operator).await
        }
        Trust::Diff { json, old, new } => diff(json, &old, &new),
    }
}

/// An operator at the trust store.
struct Desk {
    operator: Operator,
    client: TrustServiceClient<Channel>,
}

impl Desk {
    fn open(access: OperatorAccess) -> Result<Self, OperatorError> {
        let operator = Operator::connect(access)?;
        let client = TrustServiceClient::new(operator.channel.clone());
        Ok(Self { operator, client })
    }

    /// Proposes an anchor. True when two operators have confirmed it; if not, says how the second one does.
    async fn anchored(&mut self, certificate: Vec<u8>, r#use: arguments::AnchorUse) -> Result<bool, TrustError> {
        let request =
            ProposeAnchorRequest { context: self.operator.context(), certificate, r#use: contract(r#use).into() };
        let proposed = self.client.propose_anchor(request).await?.into_inner();
        if !proposed.confirmed {
            output::line(&format!(
                "The anchor {fingerprint} is proposed. Another operator compares this fingerprint with the one received on another channel and \
                 runs\n\n  straznica trust confirm --use {} {fingerprint}\n",
                r#use.name(),
                fingerprint = proposed.fingerprint,
            ))?;
        }
        Ok(proposed.confirmed)
    }
}

fn contract(r#use: arguments::AnchorUse) -> AnchorUse {
    match r#use {
        arguments::AnchorUse::MasterList => AnchorUse::MasterList,
        arguments::AnchorUse::DefectList => AnchorUse::DefectList,
        arguments::AnchorUse::Csca => AnchorUse::Csca,
    }
}

fn content(path: &Path) -> Result<Vec<u8>, TrustError> {
    Ok(files::decode(path, files::read(path)?)?)
}

async fn import(anchor: &Path, list: &Path, access: OperatorAccess) -> Result<Outcome, TrustError> {
    let (anchor, list) = (content(anchor)?, content(list)?);
    let mut desk = Desk::open(access)?;
    if !desk.anchored(anchor, arguments::AnchorUse::MasterList).await? {
        output::line("Nothing was imported; run this again once it is confirmed.")?;
        return Ok(Outcome::No);
    }
    let request = ImportMasterListRequest { context: desk.operator.context(), list };
    let imported = desk.client.import_master_list(request).await?.into_inner();
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

async fn import_defect_list(anchor: &Path, list: &Path, access: OperatorAccess) -> Result<Outcome, TrustError> {
    let (anchor, list) = (content(anchor)?, content(list)?);
    let mut desk = Desk::open(access)?;
    if !desk.anchored(anchor, arguments::AnchorUse::DefectList).await? {
        output::line("Nothing was imported; run this again once it is confirmed.")?;
        return Ok(Outcome::No);
    }
    let request = ImportDefectListRequest { context: desk.operator.context(), list };
    let imported = desk.client.import_defect_list(request).await?.into_inner();
    output::line(&format!("{} known defects\ntrust generation {}", imported.defects, imported.generation))?;
    Ok(Outcome::Yes)
}

async fn import_crl(list: &Path, access: OperatorAccess) -> Result<Outcome, TrustError> {
    let crl = content(list)?;
    let mut desk = Desk::open(access)?;
    let request = ImportRevocationListRequest { context: desk.operator.context(), crl };
    let imported = desk.client.import_revocation_list(request).await?.into_inner();
    output::line(&format!(
        "{} certificates revoked by {}\ntrust generation {}",
        imported.revoked, imported.issuer, imported.generation
    ))?;
    Ok(Outcome::Yes)
}

async fn add_csca(certificate: &Path, access: OperatorAccess) -> Result<Outcome, TrustError> {
    let certificate = content(certificate)?;
    if !Desk::open(access)?.anchored(certificate, arguments::AnchorUse::Csca).await? {
        return Ok(Outcome::No);
    }
    output::line("The certificate is trusted.")?;
    Ok(Outcome::Yes)
}

async fn confirm(
    fingerprint: String,
    r#use: arguments::AnchorUse,
    access: OperatorAccess,
) -> Result<Outcome, TrustError> {
    let mut desk = Desk::open(access)?;
    let request = ConfirmAnchorRequest {
        context: desk.operator.context(),
        fingerprint: fingerprint.to_ascii_lowercase(),
        r#use: contract(r#use).into(),
    };
    desk.client.confirm_anchor(request).await?;
    output::line(&format!("{fingerprint} is an anchor now."))?;
    Ok(Outcome::Yes)
}

async fn withdraw(
    fingerprint: String,
    r#use: arguments::AnchorUse,
    reason: String,
    access: OperatorAccess,
) -> Result<Outcome, TrustError> {
    let mut desk = Desk::open(access)?;
    let request = WithdrawAnchorRequest {
        context: desk.operator.context(),
        fingerprint: fingerprint.to_ascii_lowercase(),
        r#use: contract(r#use).into(),
        reason,
    };
    let withdrawn = desk.client.withdraw_anchor(request).await?.into_inner();
    output::line(&format!("{} CSCA certificates are trusted no more.", withdrawn.cscas_removed))?;
    Ok(Outcome::Yes)
}

fn diff(json: bool, old: &Path, new: &Path) -> Result<Outcome, TrustError> {
    output::report(json, &ListDifference::between(&list(old)?, &list(new)?))?;
    Ok(Outcome::Yes)
}

fn list(path: &Path) -> Result<MasterList, TrustError> {
    MasterList::parse(&content(path)?).map_err(|source| TrustError::List { path: path.to_owned(), source })
}
