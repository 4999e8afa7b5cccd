//! Master lists, defect lists and the messages of block lists, real and of test authorities.

#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod support;

use std::collections::BTreeSet;

use emrtd::cms::SignedData;
use emrtd::country::{CountryTable, Environment};
use emrtd::lists::{Anchor, DefectList, ListDifference, ListRefusal, MasterList, MasterListError};
use emrtd::trust::KnownDefectKind;
use support::{certificate, read, vectors};

const NEWER: &str = "masterlists/DE_ML_2026-05-28-08-28-45.ml";
const OLDER: &str = "masterlists/DE_ML_2026-01-08-12-20-54.ml";

fn root() -> Anchor {
    Anchor::Certificate(certificate("masterlists/DE_ROOT_CA_CSCA07.cer"))
}

#[test]
fn all_588_csca_of_the_list_of_may_2026_are_read() {
    if vectors().is_none() {
        return;
    }
    let list = MasterList::parse(&read(NEWER)).unwrap();
    assert_eq!(list.unreadable(), []);
    assert_eq!(list.certificates().len(), 588);
    let unusable: Vec<_> = list
        .certificates()
        .iter()
        .filter_map(|certificate| Some(format!("{}: {}", certificate.subject(), certificate.public_key().err()?)))
        .collect();
    assert_eq!(unusable, Vec::<String>::new(), "keys that could not be used");
    assert!(!list.certificates().iter().any(|certificate| certificate.extensions().is_for_lists()));
    let table = CountryTable::standard();
    let unknown = list
        .certificates()
        .iter()
        .filter_map(|certificate| certificate.subject().country())
        .filter(|country| table.same_state(country, country, Environment::Production) != Some(true));
    assert_eq!(unknown.collect::<BTreeSet<_>>(), BTreeSet::new(), "countries no state of the table stands behind");
}

#[test]
fn a_list_is_trusted_through_its_pinned_anchor_only() {
    if vectors().is_none() {
        return;
    }
    for path in [OLDER, NEWER] {
        let list = || MasterList::parse(&read(path)).unwrap();
        let trusted = list().verify(&[root()], None).unwrap();
        assert_eq!(trusted.anchor(), &certificate("masterlists/DE_ROOT_CA_CSCA07.cer"));
        let issued = trusted.signer().not_before();
        assert!(list().verify(&[root()], Some(issued)).is_ok());
        let late = trusted.signer().not_after() + time::Duration::seconds(1);
        assert!(matches!(list().verify(&[root()], Some(late)), Err(ListRefusal::Validity { .. })));
        assert!(matches!(list().verify(&[], None), Err(ListRefusal::NoAnchor)));
        let other = Anchor::Certificate(certificate("lds/real-sods/FI_CSCA.der"));
        assert!(matches!(list().verify(&[other], None), Err(ListRefusal::NotAnchored)));
    }
}

#[test]
fn a_changed_list_is_refused() {
    if vectors().is_none() {
        return;
    }
    let mut bytes = read(NEWER);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // The flip may already spoil the structure; where it does not, the signature tells.
    let list = MasterList::parse(&bytes).expect("a flip inside one certificate leaves the list readable");
    assert!(matches!(list.verify(&[root()], None), Err(ListRefusal::Signature(_))));
}

#[test]
fn the_difference_of_two_lists_accounts_for_every_certificate() {
    if vectors().is_none() {
        return;
    }
    let (old, new) = (MasterList::parse(&read(OLDER)).unwrap(), MasterList::parse(&read(NEWER)).unwrap());
    let difference = ListDifference::between(&old, &new);
    assert!(difference.to_string().contains("Barbados"));
    assert_eq!(difference.unchanged + difference.appeared.len(), new.certificates().len());
    assert_eq!(difference.unchanged + difference.disappeared.len(), old.certificates().len());
    assert!(!difference.appeared.is_empty());
    let none = ListDifference::between(&new, &new);
    assert_eq!((none.appeared.len(), none.disappeared.len(), none.conflicts.len()), (0, 0, 0));
}

#[test]
fn the_roots_of_the_german_list_are_signed_by_their_own_keys() {
    if vectors().is_none() {
        return;
    }
    let list = MasterList::parse(&read(NEWER)).unwrap();
    let unsound: Vec<_> =
        list.unsound_roots().into_iter().map(|(root, code)| (root.subject().to_string(), code)).collect();
    assert_eq!(unsound, []);
}

#[test]
fn the_test_list_is_trusted_under_its_anchor_and_refused_under_others() {
    if vectors().is_none() {
        return;
    }
    let list = || MasterList::parse(&read("lds/lists-de-test/MASTERLIST.bin")).unwrap();
    let anchor = |name: &str| [Anchor::Certificate(certificate(&format!("lds/lists-de-test/{name}")))];
    assert_eq!(list().verify(&anchor("DE_TEST_CSCA_2018_12.cer"), None).unwrap().list().certificates().len(), 11);
    for other in ["TEST_csca_germany.cer", "csca-root-cert.cer"] {
        assert!(matches!(list().verify(&anchor(other), None), Err(ListRefusal::NotAnchored)), "{other}");
    }
    // The old list's signer was issued by an authority that is not here.
    let old = MasterList::parse(&read("lds/lists-de-test/OLD_MASTERLIST.bin")).unwrap();
    assert!(matches!(old.verify(&anchor("DE_TEST_CSCA_2018_12.cer"), None), Err(ListRefusal::NotAnchored)));
}

#[test]
fn a_list_of_another_structure_is_refused() {
    if vectors().is_none() {
        return;
    }
    let wrong = MasterList::parse(&read("lds/lists-de-test/wrongMasterList.bin"));
    assert!(matches!(wrong, Err(MasterListError::Malformed(_))));
}

#[test]
fn the_defect_list_names_a_replaced_and_four_revoked_certificates() {
    if vectors().is_none() {
        return;
    }
    let list = DefectList::parse(&read("lds/lists-de-test/defectListWithCertReplaced.bin")).unwrap();
    let replaced =
        list.defects().iter().filter(|defect| matches!(defect.kind, KnownDefectKind::CertificateReplaced(_)));
    let revoked = list.defects().iter().filter(|defect| defect.kind == KnownDefectKind::CertificateRevoked(3));
    assert_eq!((replaced.count(), revoked.count()), (1, 4));
    for anchor in ["TEST_csca_germany.cer", "DE_TEST_CSCA_2018_12.cer", "csca-root-cert.cer"] {
        let anchor = certificate(&format!("lds/lists-de-test/{anchor}"));
        let result = list.clone().verify(&[Anchor::Certificate(anchor)], None);
        assert!(matches!(result, Err(ListRefusal::NotAnchored)), "{:?}", result.map(|_| ()));
    }
}

/// Block lists are of the eID of identity cards, sector by sector, and no matter of a border check: only their messages are read here.
#[test]
fn messages_of_block_lists_verify_under_their_signer() {
    if vectors().is_none() {
        return;
    }
    let anchor = certificate("lds/lists-de-test/blockList/bl-trust-anchor.cer");
    for name in ["blacklist-complete30x2", "blacklist-delta+10x2", "blacklist-delta-5x2", "blacklistv2-complete30x2"] {
        let bytes = read(&format!("lds/lists-de-test/blockList/{name}"));
        let message = SignedData::parse(&bytes).unwrap();
        let mut tolerances = Vec::new();
        message.verify(&message.signer_certificate().unwrap_or(anchor.clone()), "list", &mut tolerances).unwrap();
        assert!(!tolerances.is_empty(), "{name} has indefinite lengths");
    }
}
