//! Verification of a presented set of certificates against what is trusted, at a date (TR-03110-3 2.5, 2.7).

use time::Date;

use crate::certificate::Certificate;
use crate::chat::{Rights, Role, TerminalType};
use crate::finding::{Code, Finding, Severity};
use crate::policy::{TR_03139, ValidityPolicy};
use crate::reference::Reference;
use crate::trust::{CertificateId, Node, Outcome, TrustGraph, notes};

/// How to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// The day (GMT) the certificates have to be valid on.
    pub at: Date,
    /// Validity limits to insist on. Without one, the limits of TR-03139 still produce warnings for inspection systems.
    pub policy: Option<&'a ValidityPolicy>,
}

impl VerifyOptions<'_> {
    /// Validity at a day, no policy insisted on.
    pub const fn at(at: Date) -> Self {
        Self { at, policy: None }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// True when a path leads from a trust point to the certificate asked about and no finding is an error.
    pub valid: bool,
    /// Holder references from the trust point to the certificate asked about; empty when there is no path.
    pub path: Vec<Reference>,
    /// Role of the certificate asked about.
    pub role: Option<Role>,
    /// Effective rights: what the certificate, its document verifier and the CVCA or link certificate that signed the
    /// latter all grant. Present only when valid.
    pub rights: Option<Rights>,
    /// Everything there is to say.
    pub findings: Vec<Finding>,
}

/// Verifies the lowest certificate of a presented set. Order does not matter, and link certificates may be among them.
/// Every presented certificate has to hold up, needed or not.
pub fn verify<B: AsRef<[u8]>>(
    trust: &TrustGraph,
    presented: &[Certificate<B>],
    options: &VerifyOptions<'_>,
) -> Verification {
    let mut graph = trust.clone();
    forget_reissues(&mut graph, presented);
    let mut findings = admit_all(&mut graph, presented);
    let target = match target(presented) {
        Ok(target) => Some(target),
        Err(finding) => {
            findings.push(finding);
            None
        }
    };
    let node =
        target.and_then(|target| graph.get(CertificateId::from(target)).filter(|node| node.certificate() == target));
    let path = node.and_then(|node| graph.path_to(node)).unwrap_or_default();
    if path.is_empty() && !findings.iter().any(Finding::is_error) {
        findings.push(Finding::general(Code::IssuerUnknown, "no path leads from a trust point to what is presented"));
    }
    for (position, node) in path.iter().enumerate() {
        let signs_verifier = path.get(position + 1).is_some_and(|next| next.certificate().chat().role() != Role::Cvca);
        findings.extend(notes(node));
        findings.extend(check_day(node, options.at).map(|finding| disabled_for_verifiers(finding, signs_verifier)));
        findings.extend(check_policy(node, options.policy));
    }
    if !path.is_empty() {
        findings.extend(not_needed(presented, &path));
    }
    let valid = !path.is_empty() && !findings.iter().any(Finding::is_error);
    Verification {
        valid,
        role: target.map(|target| target.chat().role()),
        rights: if valid { effective_rights(&path) } else { None },
        path: path.iter().map(|node| node.certificate().chr()).collect(),
        findings,
    }
}

/// What the last certificate of a path, its document verifier and the CVCA above it all grant (TR-03110-3 2.7). Earlier
/// generations of the CVCA do not count: a link may widen rights.
pub(crate) fn effective_rights(path: &[&Node]) -> Option<Rights> {
    let mut rights: Option<Rights> = None;
    for node in path.iter().rev() {
        let chat = node.certificate().chat();
        rights = match rights {
            None => Some(chat.rights()),
            Some(rights) => Some(rights.and(&chat.rights())?),
        };
        if chat.role() == Role::Cvca {
            break;
        }
    }
    rights
}

/// Dates: expired CVCA and link certificates still lead to later ones, as chips accept them; others lead nowhere.
pub(crate) fn check_day(node: &Node, at: Date) -> Option<Finding> {
    let certificate = node.certificate();
    if certificate.effective() > at {
        let detail = format!("effective from {}, verified at {at}", certificate.effective());
        return Some(Finding::new(Code::NotYetValid, certificate.chr(), detail));
    }
    if certificate.expires() >= at {
        return None;
    }
    let code = if certificate.chat().role() == Role::Cvca { Code::CvcaExpired } else { Code::Expired };
    Some(Finding::new(code, certificate.chr(), format!("expired {}, verified at {at}", certificate.expires())))
}

/// An expired trust point is disabled for the verification of document verifiers, not for that of links
/// (TR-03110-3 2.5.1).
fn disabled_for_verifiers(finding: Finding, signs_verifier: bool) -> Finding {
    if finding.code == Code::CvcaExpired && signs_verifier { finding.with_severity(Severity::Error) } else { finding }
}

fn check_policy(node: &Node, policy: Option<&ValidityPolicy>) -> Option<Finding> {
    let certificate = node.certificate();
    match policy {
        Some(policy) => policy.check(certificate).map(|finding| finding.with_severity(Severity::Error)),
        None if certificate.chat().terminal_type() == TerminalType::InspectionSystem => TR_03139.check(certificate),
        None => None,
    }
}

/// Where another issue of a presented certificate is held (same references, same key), the presented one is judged.
fn forget_reissues<B: AsRef<[u8]>>(graph: &mut TrustGraph, presented: &[Certificate<B>]) {
    for certificate in presented {
        let id = CertificateId::from(certificate);
        let other_issue = graph.get(id).is_some_and(|held| {
            !held.is_trust_point()
                && held.certificate() != certificate
                && held.certificate().public_key().same_key(&certificate.public_key())
        });
        if other_issue {
            graph.remove(id);
        }
    }
}

/// Takes the presented certificates into the graph, whatever their order, and says which do not hold up.
fn admit_all<B: AsRef<[u8]>>(graph: &mut TrustGraph, presented: &[Certificate<B>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut refused: Vec<Reference> = Vec::new();
    let is_root =
        |certificate: &&Certificate<B>| certificate.is_self_signed() && certificate.chat().role() == Role::Cvca;
    let (roots, mut pending): (Vec<_>, Vec<_>) = presented.iter().partition(is_root);
    loop {
        let before = pending.len();
        // Whoever is held under the issuer's name may be another: a presented issuer of that name goes first.
        let waits = |one: &Certificate<B>| pending.iter().any(|other| other.chr() == one.car() && *other != one);
        let is_ready = |one: &Certificate<B>| graph.holds(one) || graph.holders(one.car()).next().is_some();
        let stuck = !pending.iter().any(|one| is_ready(one) && !waits(one));
        let ready: Vec<bool> = pending.iter().map(|one| is_ready(one) && (stuck || !waits(one))).collect();
        let mut ready = ready.into_iter();
        let (ready, waiting): (Vec<_>, Vec<_>) = pending.into_iter().partition(|_| ready.next() == Some(true));
        for certificate in ready {
            match graph.admit(certificate) {
                Ok(admission) => findings.extend(admission.findings.into_iter().filter(reuse)),
                Err(error) => {
                    refused.push(certificate.chr());
                    findings.extend(error.0);
                }
            }
        }
        pending = waiting;
        if pending.len() == before {
            break;
        }
    }
    for certificate in pending {
        let car = certificate.car();
        let chr = certificate.chr();
        findings.push(if refused.contains(&car) {
            refused.push(chr);
            Finding::new(Code::IssuerRefused, chr, format_args!("issuer {car} is refused"))
        } else if presented.iter().any(|other| other.chr() == car) {
            Finding::new(
                Code::IssuerUnknown,
                chr,
                format_args!("issuer {car} is presented but nothing trusted leads to it"),
            )
        } else {
            Finding::new(Code::IssuerUnknown, chr, format_args!("issuer {car} is neither trusted nor presented"))
        });
    }
    for certificate in roots {
        match graph.admit(certificate) {
            Ok(admission) if admission.outcome == Outcome::NotTrusted => findings.extend(admission.findings),
            Ok(_) => {}
            Err(error) => findings.extend(error.0),
        }
    }
    findings
}

/// Of an admission's warnings, the one that is not repeated when the path is looked at.
fn reuse(finding: &Finding) -> bool {
    finding.code == Code::KeyReused
}

/// The certificate asked about: the terminal, else the document verifier, else the last CVCA or link certificate.
fn target<B: AsRef<[u8]>>(presented: &[Certificate<B>]) -> Result<&Certificate<B>, Finding> {
    let of_role = |wanted: fn(Role) -> bool| {
        let mut found: Vec<&Certificate<B>> = Vec::new();
        for certificate in presented.iter().filter(|certificate| wanted(certificate.chat().role())) {
            if !found.contains(&certificate) {
                found.push(certificate);
            }
        }
        found
    };
    let mut candidates = of_role(|role| role == Role::Terminal);
    if candidates.is_empty() {
        candidates = of_role(Role::is_dv);
    }
    if candidates.is_empty() {
        candidates = of_role(|role| role == Role::Cvca);
        // The newest generation; of a link and its self-signed twin, the link.
        let links: Vec<&Certificate<B>> = candidates.iter().copied().filter(|one| !one.is_self_signed()).collect();
        candidates.retain(|one| {
            let leads_on = links.iter().any(|link| link.car() == one.chr());
            let has_twin = one.is_self_signed() && links.iter().any(|link| link.chr() == one.chr());
            !(leads_on || has_twin)
        });
    }
    match candidates.as_slice() {
        [] => Err(Finding::general(Code::NothingPresented, "there is nothing to verify")),
        [one] => Ok(one),
        several => {
            let names: Vec<String> = several.iter().map(|one| one.chr().to_string()).collect();
            Err(Finding::general(Code::SeveralTargets, format_args!("which of {} is meant?", names.join(", "))))
        }
    }
}

/// Presented certificates the path does without; the self-signed twin of one on the path is none.
fn not_needed<B: AsRef<[u8]>>(presented: &[Certificate<B>], path: &[&Node]) -> Vec<Finding> {
    presented
        .iter()
        .filter(|certificate| {
            !path.iter().any(|node| {
                node.certificate() == *certificate
                    || (certificate.is_self_signed() && node.certificate().chr() == certificate.chr())
            })
        })
        .map(|certificate| Finding::new(Code::NotOnPath, certificate.chr(), "the path does not need it"))
        .collect()
}
