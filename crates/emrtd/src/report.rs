//! The offline study of a document from files: `straznica passport verify`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;

use crate::country::Environment;
use crate::inspection::{Check, CheckResult, Profile, Tolerance, Unreadable, Verdict, inspect};
use crate::lists::{Anchor, ListRefusal, MasterList, MasterListError};
use crate::presentation::{Presentation, Scope};
use crate::trust::{CrlRefusal, TrustStore};
use crate::x509::{Certificate, CertificateError, Crl, CrlError};

/// The files of a study, each in DER.
#[derive(Clone, Default)]
pub struct PassportFiles<'a> {
    /// EF.SOD.
    pub sod: &'a [u8],
    /// Data groups by number. With none the study is of the security object alone.
    pub data_groups: BTreeMap<u8, &'a [u8]>,
    /// EF.COM.
    pub com: Option<&'a [u8]>,
    /// Country signing CA certificates; by giving them the caller vouches for them.
    pub cscas: Vec<&'a [u8]>,
    /// Master lists.
    pub master_lists: Vec<&'a [u8]>,
    /// Anchors of the master lists. Without any, lists are read but what rests on them stays undetermined.
    pub anchors: Vec<&'a [u8]>,
    /// Revocation lists.
    pub crls: Vec<&'a [u8]>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum PassportError {
    /// EF.SOD cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A master list cannot be read.
    #[error(transparent)]
    MasterList(#[from] MasterListError),
    /// A master list does not rest on the anchors given.
    #[error("master list: {0}")]
    List(#[from] ListRefusal),
    /// A revocation list cannot be read.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// A revocation list is not of a CA that is trusted here.
    #[error(transparent)]
    CrlRefusal(#[from] CrlRefusal),
}

/// The report on a document, as JSON and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassportReport {
    /// How far the study reached.
    pub scope: Scope,
    /// What is concluded.
    pub verdict: Verdict,
    /// The issuing state.
    pub issuing_state: Option<String>,
    /// Every check.
    pub checks: Vec<Check>,
    /// Every departure from the standards that was accepted.
    pub tolerances: Vec<Tolerance>,
}

impl PassportReport {
    /// The program's exit code: 0 genuine, 1 not genuine, 3 undetermined. (2 is for unreadable input.)
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Genuine => 0,
            Verdict::NotGenuine => 1,
            Verdict::Undetermined => 3,
        }
    }
}

/// Studies a document from files at a time, by the default profile.
///
/// # Errors
/// [`PassportError`] when a file cannot be read, or a list does not rest on the anchors given.
pub fn verify_passport(
    files: &PassportFiles<'_>,
    environment: Environment,
    at: OffsetDateTime,
) -> Result<PassportReport, PassportError> {
    let trust = trust_of(files, environment)?;
    let scope = if files.data_groups.is_empty() { Scope::SecurityObject } else { Scope::Document };
    let mut presentation = Presentation::new(scope, files.sod);
    presentation.com = files.com;
    presentation.data_groups = files.data_groups.clone();
    let inspection = inspect(&presentation, &trust, Profile::standard(), at)?;
    Ok(PassportReport {
        scope: inspection.scope,
        verdict: inspection.verdict,
        issuing_state: inspection.issuing_state,
        checks: inspection.checks,
        tolerances: inspection.tolerances,
    })
}

fn trust_of(files: &PassportFiles<'_>, environment: Environment) -> Result<TrustStore, PassportError> {
    let mut builder = TrustStore::builder(environment);
    for der in &files.cscas {
        builder.add_csca(Certificate::parse(der)?, "given");
    }
    let anchors = files.anchors.iter().map(|der| Ok(Anchor::Certificate(Certificate::parse(der)?)));
    let anchors = anchors.collect::<Result<Vec<_>, CertificateError>>()?;
    for (position, bytes) in files.master_lists.iter().enumerate() {
        let list = MasterList::parse(bytes)?;
        let name = format!("master list {}", position + 1);
        if anchors.is_empty() {
            builder.add_unanchored_master_list(&list, &name);
        } else {
            // The signer's validity is not asked for: the date of the study is the document's, not the list's.
            builder.add_master_list(&list.verify(&anchors, None)?, &name);
        }
    }
    for der in &files.crls {
        builder.add_crl(Crl::parse(der)?)?;
    }
    Ok(builder.build())
}

impl fmt::Display for PassportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Genuine => "genuine",
            Verdict::NotGenuine => "NOT GENUINE",
            Verdict::Undetermined => "undetermined",
        };
        let scope = match self.scope {
            Scope::SecurityObject => "security object",
            Scope::Document => "document",
        };
        writeln!(f, "{verdict}  ({scope}, issuing state {})", self.issuing_state.as_deref().unwrap_or("unknown"))?;
        for check in &self.checks {
            let result = match check.result {
                CheckResult::Successful => "successful",
                CheckResult::Failed => "FAILED",
                CheckResult::Undetermined => "undetermined",
                CheckResult::NotSupported => "not supported",
                CheckResult::Aborted => "aborted",
            };
            writeln!(f, "  {:<22} {result}", check.check.to_string())?;
            for (key, value) in &check.evidence.0 {
                writeln!(f, "      {key}: {value}")?;
            }
        }
        if !self.tolerances.is_empty() {
            writeln!(f, "tolerated:")?;
        }
        for tolerance in &self.tolerances {
            writeln!(f, "  {:?} at {}: {}", tolerance.code, tolerance.at, tolerance.detail)?;
        }
        Ok(())
    }
}
