//! `straznica pki`: the state's own side of extended access control, with requests and certificates as files.

use std::fmt;
use std::path::PathBuf;

use cvc::input::InputError;
use serde::Serialize;
use straznica_contracts::spoc::v1::national_pki_service_client::NationalPkiServiceClient;
use straznica_contracts::spoc::v1::{
    CertificateRole, ConfirmCvcaCertificateRequest, CreateDvRequestRequest, CreateExchangeTlsKeyRequest,
    CreateNationalCvcaRequest, ImportCvcaCertificatesRequest, ImportDvCertificateRequest, IssueDomesticDvRequest,
    IssueInspectionSystemRequest, ListHoldersRequest, ListSequencesRequest, RaiseSequenceRequest,
    RejectCvcaCertificateRequest, ResumeHolderRequest, SuspendHolderRequest,
};

use super::files::{self, Draft, FileError};
use super::operator::{Operator, OperatorError};
use super::output::{self, OutputError};
use crate::arguments::Pki;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is in no known form.
    #[error("{}: {source}", path.display())]
    Input {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: InputError,
    },
    /// Something is found about a root that was to be confirmed.
    #[error(
        "{chr}: {findings}. Nothing is confirmed; if it is to be all the same, type it again with --despite-findings"
    )]
    Findings {
        /// Its holder reference.
        chr: String,
        /// What.
        findings: String,
    },
    /// spoc was not reached as an operator, or refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<tonic::Status> for PkiError {
    fn from(status: tonic::Status) -> Self {
        Self::Operator(status.into())
    }
}

/// Runs the command.
///
/// # Errors
/// [`PkiError`]
pub async fn run(command: Pki) -> Result<(), PkiError> {
    match command {
        Pki::CreateCvca { mnemonic, algorithm, parameters, days, out, operator } => {
            let (operator, draft) = (Operator::connect(operator)?, Draft::create(out)?);
            let request = CreateNationalCvcaRequest {
                context: operator.context(),
                mnemonic,
                algorithm,
                parameters,
                validity_days: days,
            };
            let created = client(&operator).create_national_cvca(request).await?.into_inner();
            let out = draft.fill(&created.certificate)?;
            Ok(output::line(&format!("{} in {}, for the partners to register", created.chr, out.display()))?)
        }
        Pki::ImportCvca { files, operator } => {
            let (certificates, operator) = (certificates(&files)?, Operator::connect(operator)?);
            let request = ImportCvcaCertificatesRequest { context: operator.context(), certificates };
            let imported = client(&operator).import_cvca_certificates(request).await?.into_inner().imported;
            for one in imported {
                let waits = if one.awaits_confirmation { "  waits for a second operator's confirmation" } else { "" };
                output::line(&format!("{} by {}  {}{waits}", one.chr, one.car, one.fingerprint))?;
                found(&one.findings)?;
            }
            Ok(())
        }
        Pki::ConfirmCvca { fingerprint, despite_findings, operator } => {
            let operator = Operator::connect(operator)?;
            let look_at = fingerprint.clone();
            let look =
                ConfirmCvcaCertificateRequest { context: operator.context(), look_at, fingerprint: String::new() };
            let seen = client(&operator).confirm_cvca_certificate(look).await?.into_inner();
            if !seen.findings.is_empty() && !despite_findings {
                return Err(PkiError::Findings { chr: seen.chr, findings: seen.findings.join("; ") });
            }
            let look_at = String::new();
            let request = ConfirmCvcaCertificateRequest { context: operator.context(), fingerprint, look_at };
            let confirmed = client(&operator).confirm_cvca_certificate(request).await?.into_inner();
            let outcome = match confirmed.awaits_second_officer {
                true => "came from the partner: another officer has to compare it as well",
                false => "is in use, and what links lead to from it",
            };
            output::line(&format!("{} {outcome}", confirmed.chr))?;
            Ok(found(&confirmed.findings)?)
        }
        Pki::RejectCvca { chr, reason, operator } => {
            let operator = Operator::connect(operator)?;
            let request = RejectCvcaCertificateRequest { context: operator.context(), chr: chr.clone(), reason };
            client(&operator).reject_cvca_certificate(request).await?;
            Ok(output::line(&format!("{chr} is put away"))?)
        }
        Pki::ExchangeKey { organisation, common_name, host, out, operator } => {
            let (operator, draft) = (Operator::connect(operator)?, Draft::create(out)?);
            let context = operator.context();
            let request = CreateExchangeTlsKeyRequest { context, organisation, common_name, host };
            let created = client(&operator).create_exchange_tls_key(request).await?.into_inner();
            let out = draft.fill(&created.certificate_request)?;
            Ok(output::line(&format!("{}, its request in {}", created.key_handle, out.display()))?)
        }
        Pki::Request { cvca, dv_mnemonic, out, operator } => {
            let (operator, draft) = (Operator::connect(operator)?, Draft::create(out)?);
            let request = CreateDvRequestRequest { context: operator.context(), cvca, dv_mnemonic };
            let created = client(&operator).create_dv_request(request).await?.into_inner();
            let out = draft.fill(&created.request)?;
            let kind = if created.initial { "initial, countersigned by the national CVCA" } else { "successive" };
            Ok(output::line(&format!("{} ({kind}) in {}", created.chr, out.display()))?)
        }
        Pki::ImportDv { files, operator } => {
            let (certificates, operator) = (certificates(&files)?, Operator::connect(operator)?);
            let request = ImportDvCertificateRequest { context: operator.context(), certificates };
            let taken = client(&operator).import_dv_certificate(request).await?.into_inner();
            output::line(&format!("{} by {} until {}", taken.chr, taken.car, taken.expires))?;
            taken.warnings.iter().try_for_each(|warning| Ok(output::line(&format!("warning: {warning}"))?))
        }
        Pki::IssueIs { cvca, mnemonic, days, operator } => {
            let operator = Operator::connect(operator)?;
            let context = operator.context();
            let request = IssueInspectionSystemRequest { context, cvca, mnemonic, validity_days: days };
            let issued = client(&operator).issue_inspection_system(request).await?.into_inner();
            Ok(output::line(&format!("{} until {}", issued.chr, issued.expires))?)
        }
        Pki::IssueDv { cvca, dv_mnemonic, operator } => {
            let operator = Operator::connect(operator)?;
            let request = IssueDomesticDvRequest { context: operator.context(), cvca, dv_mnemonic };
            let issued = client(&operator).issue_domestic_dv(request).await?.into_inner();
            let outcome = if issued.waiting {
                format!("{} waits for two officers: `straznica spoc requests list --state waiting`", issued.chr)
            } else {
                format!("{} until {}", issued.chr, issued.expires)
            };
            Ok(output::line(&outcome)?)
        }
        Pki::Suspend { car, chr, reason, operator } => {
            let operator = Operator::connect(operator)?;
            let context = operator.context();
            client(&operator).suspend_holder(SuspendHolderRequest { context, car, chr: chr.clone(), reason }).await?;
            Ok(output::line(&format!("{chr} is suspended"))?)
        }
        Pki::Resume { car, chr, reason, operator } => {
            let operator = Operator::connect(operator)?;
            let (context, why) = (operator.context(), reason.clone());
            let request = ResumeHolderRequest { context, car: car.clone(), chr: chr.clone(), reason };
            let outcome = client(&operator).resume_holder(request).await?.into_inner();
            let text = if outcome.awaits_second_officer {
                format!(
                    "It is proposed. Another officer who agrees types\n\n  \
                     straznica pki resume {car} {chr} --reason {why:?}\n"
                )
            } else {
                format!("{chr} may be used again")
            };
            Ok(output::line(&text)?)
        }
        Pki::Sequences { json, operator } => {
            let operator = Operator::connect(operator)?;
            let sequences = client(&operator).list_sequences(ListSequencesRequest {}).await?.into_inner().sequences;
            Ok(output::report(json, &Sequences(sequences.into_iter().map(Sequence::from).collect()))?)
        }
        Pki::RaiseSequence { chr, reason, despite_doubts, operator } => {
            let operator = Operator::connect(operator)?;
            let request = RaiseSequenceRequest { context: operator.context(), chr, reason, despite_doubts };
            let raised = client(&operator).raise_sequence(request).await?.into_inner();
            let outcome = match raised.before.as_str() {
                "" => format!("{} begins after {}", raised.holder, raised.last),
                before if before == raised.last => format!("{} stood at {before} already", raised.holder),
                before => format!("{} goes on after {}, it stood at {before}", raised.holder, raised.last),
            };
            Ok(output::line(&outcome)?)
        }
        Pki::List { json, operator } => {
            let operator = Operator::connect(operator)?;
            let holders = client(&operator).list_holders(ListHoldersRequest {}).await?.into_inner().holders;
            Ok(output::report(json, &Holders(holders.into_iter().map(Holder::from).collect()))?)
        }
    }
}

fn client(operator: &Operator) -> NationalPkiServiceClient<straznica_runtime::channel::Channel> {
    NationalPkiServiceClient::new(operator.channel.clone())
}

fn certificates(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, PkiError> {
    let read = |path: &PathBuf| {
        cvc::input::decode(&files::read(path)?).map_err(|source| PkiError::Input { path: path.clone(), source })
    };
    paths.iter().map(read).collect()
}

/// What spoc holds, for people.
pub(super) fn holders(held: Vec<straznica_contracts::spoc::v1::Holder>) -> String {
    Holders(held.into_iter().map(Holder::from).collect()).to_string()
}

/// Tells what is found about a certificate.
fn found(findings: &[String]) -> Result<(), OutputError> {
    findings.iter().try_for_each(|finding| output::line(&format!("  look at: {finding}")))
}

/// What spoc holds, a line each.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Holders(Vec<Holder>);

#[derive(Debug, Serialize)]
struct Holder {
    chr: String,
    car: String,
    role: &'static str,
    state: String,
    effective: String,
    expires: String,
    has_key: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    resumption_proposed_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    resumption_reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
}

impl From<straznica_contracts::spoc::v1::Holder> for Holder {
    fn from(holder: straznica_contracts::spoc::v1::Holder) -> Self {
        let role = match holder.role() {
            CertificateRole::Unspecified => "unknown",
            CertificateRole::Cvca => "cvca",
            CertificateRole::CvcaLink => "cvca_link",
            CertificateRole::DvDomestic => "dv_domestic",
            CertificateRole::DvForeign => "dv_foreign",
            CertificateRole::InspectionSystem => "inspection_system",
        };
        let straznica_contracts::spoc::v1::Holder { chr, car, state, effective, expires, has_key, findings, .. } =
            holder;
        let (resumption_proposed_by, resumption_reason) = (holder.resumption_proposed_by, holder.resumption_reason);
        Self { chr, car, role, state, effective, expires, has_key, resumption_proposed_by, resumption_reason, findings }
    }
}

/// How far each holder's numbers have come, a line each.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Sequences(Vec<Sequence>);

#[derive(Debug, Serialize)]
struct Sequence {
    holder: String,
    last: String,
}

impl From<straznica_contracts::spoc::v1::Sequence> for Sequence {
    fn from(sequence: straznica_contracts::spoc::v1::Sequence) -> Self {
        let straznica_contracts::spoc::v1::Sequence { holder, last } = sequence;
        Self { holder, last }
    }
}

impl fmt::Display for Sequences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return writeln!(f, "no number was given yet");
        }
        self.0.iter().try_for_each(|Sequence { holder, last }| writeln!(f, "{holder:<11} last given {last}"))
    }
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return writeln!(f, "nothing is held yet");
        }
        for holder in &self.0 {
            let Holder { chr, car, role, state, effective, expires, has_key, .. } = holder;
            let key = if *has_key { "key" } else { "" };
            writeln!(f, "{chr:<16} by {car:<16} {role:<17} {state:<21} {effective:<10} to {expires:<10} {key}")?;
            if !holder.resumption_proposed_by.is_empty() {
                writeln!(f, "  {} would resume it: {}", holder.resumption_proposed_by, holder.resumption_reason)?;
            }
            for finding in &holder.findings {
                writeln!(f, "  look at: {finding}")?;
            }
        }
        Ok(())
    }
}
