//! The checks on what the chip delivered: hashes, EF.COM, issuing state, document type, expiry, the optical zone.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::issuer::Issuer;
use super::{CheckName, CheckResult, Draft, Evidence, Outcome};
use crate::lds;
use crate::mrz::Mrz;
use crate::presentation::Presentation;
use crate::sod::LdsSecurityObject;
use crate::trust::TrustStore;

/// One hash check for every data group that is listed, delivered, or refused by the chip.
pub(super) fn check_hashes(presentation: &Presentation<'_>, object: Option<&LdsSecurityObject>, draft: &mut Draft) {
    let mut numbers: BTreeSet<u8> =
        presentation.data_groups.keys().chain(presentation.digests.keys()).copied().collect();
    numbers.extend(presentation.unreadable.iter().map(|(number, _)| *number));
    numbers.extend(object.iter().flat_map(|object| object.hashes.keys()));
    // What every document must have is reported even where nothing names it.
    numbers.extend([1, 2]);
    for number in numbers {
        draft.add(CheckName::DataGroupHash(number), hash_of(presentation, object, number));
    }
}

fn hash_of(presentation: &Presentation<'_>, object: Option<&LdsSecurityObject>, number: u8) -> Outcome {
    let Some(object) = object else {
        return Outcome::because(CheckResult::Undetermined, "security_object_not_verified");
    };
    let evidence = Evidence::new().with("algorithm", object.algorithm);
    let bytes = presentation.data_groups.get(&number).copied();
    let by_terminal = presentation.digests.get(&number);
    let Some(listed) = object.hashes.get(&number) else {
        if bytes.is_some() || by_terminal.is_some() {
            return Outcome::new(CheckResult::Failed, evidence.with("reason", "not_listed_in_security_object"));
        }
        return Outcome::because(CheckResult::Undetermined, "neither_listed_nor_delivered");
    };
    let evidence = evidence.with("listed", crate::hex(listed));
    let (computed, evidence) = match (bytes, by_terminal) {
        (Some(bytes), _) => match object.algorithm.digest(bytes) {
            Ok(digest) => (digest, evidence.with("computed_by", "inspection")),
            Err(error) => return Outcome::new(CheckResult::Undetermined, evidence.with("reason", error.code())),
        },
        // What the terminal may read and send on, it has to send: its word stands for the data it must not send alone.
        (None, Some(_)) if !matches!(number, 3 | 4) => {
            let evidence = evidence.with("reason", "digest_of_the_terminal_not_accepted");
            return Outcome::new(CheckResult::Undetermined, evidence);
        }
        (None, Some(digest)) => (digest.clone(), evidence.with("computed_by", "computed by the terminal")),
        (None, None) => {
            let refused = presentation.unreadable.iter().find(|(unreadable, _)| *unreadable == number);
            return match refused {
                Some((_, status)) => {
                    Outcome::new(CheckResult::Aborted, evidence.with("status_word", format!("{status:04X}")))
                }
                None => Outcome::new(CheckResult::Undetermined, evidence.with("reason", "not_delivered")),
            };
        }
    };
    let evidence = evidence.with("computed", crate::hex(&computed));
    if computed == *listed {
        return Outcome::new(CheckResult::Successful, evidence);
    }
    Outcome::new(CheckResult::Failed, evidence.with("reason", "hash_differs"))
}

/// EF.COM carries no signature: it may only repeat what the security object says.
pub(super) fn check_com(presentation: &Presentation<'_>, object: Option<&LdsSecurityObject>) -> Outcome {
    let Some(bytes) = presentation.com else {
        return Outcome::because(CheckResult::Undetermined, "not_delivered");
    };
    let Some(object) = object else {
        return Outcome::because(CheckResult::Undetermined, "security_object_not_verified");
    };
    let Ok(com) = lds::com::Com::parse(bytes) else {
        return Outcome::because(CheckResult::Failed, "malformed");
    };
    let in_com: BTreeSet<u8> = com.data_groups.iter().copied().collect();
    let in_sod: BTreeSet<u8> = object.hashes.keys().copied().collect();
    let list = |numbers: &BTreeSet<u8>| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let evidence = Evidence::new().with("in_com", list(&in_com)).with("in_security_object", list(&in_sod));
    let result = if in_com == in_sod { CheckResult::Successful } else { CheckResult::Failed };
    Outcome::new(result, evidence)
}

/// The checks that need the machine readable zone of DG1. Gives back the issuing state.
pub(super) fn check_zone(
    presentation: &Presentation<'_>,
    issuer: &Issuer<'_>,
    trust: &TrustStore,
    at: OffsetDateTime,
    draft: &mut Draft,
) -> Option<String> {
    const NEEDING_ZONE: [CheckName; 4] =
        [CheckName::IssuingState, CheckName::DocumentType, CheckName::DocumentExpiry, CheckName::OpticalMrz];
    let Some(bytes) = presentation.data_groups.get(&1) else {
        for check in NEEDING_ZONE {
            draft.add(check, Outcome::because(CheckResult::Undetermined, "dg1_not_delivered"));
        }
        return None;
    };
    let Ok(zone) = lds::dg1::parse(bytes, at.date()) else {
        for check in NEEDING_ZONE {
            draft.add(check, Outcome::because(CheckResult::Undetermined, "dg1_malformed"));
        }
        return None;
    };
    draft.add(CheckName::IssuingState, issuing_state(zone.issuing_state(), issuer, trust));
    draft.add(CheckName::DocumentType, document_type(&zone, issuer));
    draft.add(CheckName::DocumentExpiry, expiry(&zone, at));
    draft.add(
        CheckName::OpticalMrz,
        match presentation.optical_mrz {
            None => Outcome::because(CheckResult::Undetermined, "not_delivered"),
            Some(optical) if zone.agrees_with_optical(optical) => {
                Outcome::new(CheckResult::Successful, Evidence::new())
            }
            Some(_) => Outcome::because(CheckResult::Failed, "differs_from_dg1"),
        },
    );
    Some(zone.issuing_state().trim_end_matches('<').to_owned())
}

/// The state of the zone against the countries of document signer and CA.
fn issuing_state(state: &str, issuer: &Issuer<'_>, trust: &TrustStore) -> Outcome {
    let mut evidence = Evidence::new().with("mrz", state.trim_end_matches('<'));
    let signer = issuer.signer.as_ref().and_then(signer_country);
    let csca = issuer.csca.and_then(|csca| csca.certificate.subject().country().map(str::to_owned));
    let mut agreements = Vec::new();
    for (place, country) in [("document_signer", signer), ("csca", csca)] {
        let Some(country) = country else {
            agreements.push(None);
            continue;
        };
        agreements.push(trust.countries().agrees(state, &country, trust.environment()));
        evidence.add(place, country);
    }
    let (result, reason) = if agreements.contains(&Some(false)) {
        (CheckResult::Failed, "states_differ")
    } else if trust.countries().countries(state, trust.environment()).is_none() {
        (CheckResult::Undetermined, "state_not_in_country_table")
    } else if agreements.contains(&None) {
        (CheckResult::Undetermined, "country_unknown")
    } else {
        return Outcome::new(CheckResult::Successful, evidence);
    };
    Outcome::new(result, evidence.with("reason", reason))
}

/// Without a zone: the document signer's country against the CA's.
pub(super) fn issuing_country(issuer: &Issuer<'_>, trust: &TrustStore) -> (Outcome, Option<String>) {
    let signer = issuer.signer.as_ref().and_then(signer_country);
    let csca = issuer.csca.and_then(|csca| csca.certificate.subject().country().map(str::to_owned));
    let (Some(signer), Some(csca)) = (&signer, &csca) else {
        return (Outcome::because(CheckResult::Undetermined, "country_unknown"), signer);
    };
    let evidence = Evidence::new().with("document_signer", signer).with("csca", csca);
    let same = signer.eq_ignore_ascii_case(csca)
        || trust.countries().same_state(signer, csca, trust.environment()) == Some(true);
    let outcome = if same {
        Outcome::new(CheckResult::Successful, evidence)
    } else {
        Outcome::new(CheckResult::Failed, evidence.with("reason", "states_differ"))
    };
    (outcome, Some(signer.clone()))
}

fn signer_country(signer: &crate::x509::Certificate) -> Option<String> {
    signer.subject().country().or_else(|| signer.issuer().country()).map(str::to_owned)
}

/// A list entry of one letter covers every code that begins with it: lists say `P`, zones say `P`, `PP`, `PM`.
fn document_type(zone: &Mrz, issuer: &Issuer<'_>) -> Outcome {
    let Some(signer) = &issuer.signer else {
        return Outcome::because(CheckResult::Undetermined, "no_signer_certificate");
    };
    let Some(types) = &signer.extensions().document_types else {
        return Outcome::because(CheckResult::NotSupported, "no_document_type_list");
    };
    let code = zone.document_code().trim_end_matches('<');
    let evidence = Evidence::new().with("mrz", code).with("document_signer", types.join(","));
    let covered = types
        .iter()
        .map(|listed| listed.trim_end_matches('<'))
        .any(|listed| listed == code || (listed.len() == 1 && code.starts_with(listed)));
    let result = if covered { CheckResult::Successful } else { CheckResult::Failed };
    Outcome::new(result, evidence)
}

fn expiry(zone: &Mrz, at: OffsetDateTime) -> Outcome {
    let Some(day) = zone.date_of_expiry().day() else {
        return Outcome::because(CheckResult::Undetermined, "date_not_known");
    };
    let evidence = Evidence::new().with("date_of_expiry", day).with("at", at.date());
    let result = if day < at.date() { CheckResult::Failed } else { CheckResult::Successful };
    Outcome::new(result, evidence)
}
