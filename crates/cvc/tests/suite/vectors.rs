//! Published material: simulators, a real card's certificates, worked examples. It lies beside the project; nothing of
//! it is copied here.

use std::path::{Path, PathBuf};

use cvc::input::Object;
use cvc::policy::TR_03139;
use cvc::report::{ShowReport, SignatureState, VerifyReport};
use cvc::terminal_authentication::{self as ta, Input};
use cvc::{
    Algorithm, Certificate, Code, PrivateKey, PublicKey, Request, Role, SignError, Signer, TerminalType, TrustGraph,
    Verification, VerifyOptions,
};
use time::Date;
use time::macros::date;

use crate::pki::{codes, errors, name};

/// A folder of vectors, where they are there.
fn folder(name: &str) -> Option<PathBuf> {
    straznica_testkit::vectors().map(|vectors| vectors.join(name))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn certificate(path: &Path) -> Certificate {
    match Object::from_file(&read(path)) {
        Ok(Object::Certificate(certificate)) => certificate,
        other => panic!("{}: {other:?}", path.display()),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn verify(trust: &[Certificate], presented: &[Certificate], at: Date) -> Verification {
    let (trust, findings) = TrustGraph::from_trust_points(trust);
    assert!(!findings.iter().any(cvc::Finding::is_error), "{findings:?}");
    cvc::verify::verify(&trust, presented, &VerifyOptions::at(at))
}

fn names(path: &[&str]) -> Vec<cvc::Reference> {
    path.iter().map(|text| name(text)).collect()
}

#[test]
fn every_published_certificate_and_request_is_decoded() {
    let (Some(cvc), Some(examples)) = (folder("cvc"), folder("ta-worked-examples")) else { return };
    let (mut certificates, mut requests) = (0, 0);
    for path in files(&cvc).into_iter().chain(files(&examples)) {
        let file = file_name(&path);
        let is_object = [".cvcert", ".cvreq", ".cvc", ".crt"].iter().any(|end| file.ends_with(end))
            || (file.starts_with("cv") && file.ends_with(".hex"))
            || (file.contains("cvca") || file.ends_with("_cert.bin") || file == "cvc1.bin" || file == "cvc2.bin");
        if !is_object {
            assert!(Object::from_file(&read(&path)).is_err(), "{file} is no certificate and must not read as one");
            continue;
        }
        match Object::from_file(&read(&path)) {
            Ok(object @ Object::Certificate(_)) => {
                certificates += 1;
                assert!(!ShowReport::new(&object).to_string().is_empty());
            }
            Ok(object @ Object::Request(_)) => {
                requests += 1;
                assert_eq!(ShowReport::new(&object).inner_signature, SignatureState::Valid, "{file}");
            }
            other => panic!("{file}: {other:?}"),
        }
    }
    assert_eq!((certificates, requests), (47, 15));
}

#[test]
fn the_simulated_states_chains_verify_and_their_ten_year_verifiers_break_the_policy() {
    let Some(folder) = folder("cvc/openscdp-eid-sim") else { return };
    let mut terminals = 0;
    for path in files(&folder).into_iter().filter(|path| file_name(path) == "UTTERM00001.cvcert") {
        let terminal = certificate(&path);
        let verifier = path.parent().unwrap().parent().unwrap();
        let state = verifier.parent().unwrap();
        let dv = certificate(&verifier.join(format!("{}00001.cvcert", file_name(verifier))));
        let root = certificate(&state.join(format!("{}00001.selfsigned.cvcert", file_name(state))));
        let presented = [terminal.clone(), dv.clone()];
        for (at, valid) in
            [(date!(2018 - 05 - 04), true), (date!(2028 - 04 - 30), true), (date!(2028 - 05 - 01), false)]
        {
            let answer = verify(std::slice::from_ref(&root), &presented, at);
            assert_eq!(answer.valid, valid, "{} {at}: {:?}", path.display(), answer.findings);
            assert_eq!(answer.path, [root.chr(), dv.chr(), terminal.chr()]);
        }
        let mut trust = TrustGraph::new();
        trust.trust(&root).unwrap();
        let strict = VerifyOptions { at: date!(2020 - 01 - 01), policy: Some(&TR_03139) };
        let answer = cvc::verify::verify(&trust, &presented, &strict);
        assert!(!answer.valid);
        assert!(
            answer.findings.iter().any(|finding| finding.is_error()
                && finding.code == Code::ValidityTooLong
                && finding.certificate == Some(dv.chr())),
            "{:?}",
            answer.findings
        );
        terminals += 1;
    }
    assert_eq!(terminals, 6);
}

#[test]
fn the_simulated_keys_belong_to_their_certificates_and_requests() {
    let Some(folder) = folder("cvc/openscdp-eid-sim") else { return };
    let mut seen = 0;
    for path in files(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "pkcs8")) {
        let key = PrivateKey::from_pkcs8(Algorithm::EcdsaSha256, &read(&path)).unwrap();
        let request = Request::parse(read(&path.with_extension("cvreq"))).unwrap();
        assert_eq!(&request.verify_inner().unwrap(), key.public_key(), "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 15);
}

#[test]
fn the_real_cards_trees_verify_through_their_links() {
    let Some(folder) = folder("cvc/ausweisapp-card") else { return };
    let load = |file: &str| certificate(&folder.join(file));
    let test_links =
        ["cvca-DETESTeID00002_DETESTeID00001.hex", "cvca-DETESTeID00004_DETESTeID00002.hex"].map(load).to_vec();
    let first = [load("cvca-DETESTeID00001.hex")];
    for (dv, terminal, at, path) in [
        (
            "cvdv-DEDVeIDDPST00035.hex",
            "cvat-DEDEMODEV00038.hex",
            date!(2014 - 04 - 01),
            ["DETESTeID00001", "DETESTeID00002", "DETESTeID00004", "DEDVeIDDPST00035", "DEDEMODEV00038"],
        ),
        (
            "cvdv-DEDVeIDDPST00039.hex",
            "cvat-DEDEMOPAA00079.hex",
            date!(2014 - 11 - 01),
            ["DETESTeID00001", "DETESTeID00002", "DETESTeID00004", "DEDVeIDDPST00039", "DEDEMOPAA00079"],
        ),
    ] {
        let presented = [test_links.clone(), vec![load(terminal), load(dv)]].concat();
        let answer = verify(&first, &presented, at);
        assert!(answer.valid, "{:?}", answer.findings);
        assert_eq!(answer.path, names(&path));
        assert_eq!(answer.rights.unwrap().terminal_type(), TerminalType::AuthenticationTerminal);
        // Without the links nothing leads there; with a link missing neither.
        let without = verify(&first, &presented[1..], at);
        assert!(!without.valid && errors(&without).contains(&Code::IssuerUnknown));
    }

    let presented = ["cvca-DECVCAeID00102_DECVCAeID00103.hex", "cvdv-DEDVeIDDTR101415.hex", "cvat-DE0000024001HW.hex"];
    let answer = verify(&[load("cvca-DECVCAeID00102.hex")], &presented.map(load), date!(2014 - 11 - 07));
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(answer.path, names(&["DECVCAeID00102", "DECVCAeID00103", "DEDVeIDDTR101415", "DE0000024001HW"]));
    let newest = verify(&[load("cvca-DECVCAeID00103.hex")], &presented.map(load)[1..], date!(2014 - 11 - 07));
    assert!(newest.valid, "{:?}", newest.findings);
}

#[test]
fn every_real_root_and_link_is_signed_as_it_should_be_and_no_template_is() {
    let Some(folder) = folder("cvc/ausweisapp-card") else { return };
    let load = |file: &str| certificate(&folder.join(file));
    for root in ["DETESTeID00001", "DETESTeID00002", "DETESTeID00004", "DECVCAeID00102", "DECVCAeID00103"] {
        TrustGraph::new().trust(&load(&format!("cvca-{root}.hex"))).unwrap();
    }
    let everything: Vec<Certificate> = files(&folder)
        .into_iter()
        .filter(|path| file_name(path).starts_with("cvca-") && !file_name(path).contains("template"))
        .map(|path| certificate(&path))
        .collect();
    for file in [
        "cvca-template-HolderXXXXXXXX_AuthorityXXXXX.hex",
        "cvdv-template-HolderXXXXXXXXXX_AuthorityXXXXX.hex",
        "cvat-template-HolderXXXXXXXX_AuthorityXXXXXXX.hex",
    ] {
        let answer = verify(&everything, &[load(file)], date!(2014 - 04 - 01));
        assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::IssuerUnknown]), "{file}");
        // Under any key that is there, the signature is not valid.
        for issuer in &everything {
            let key = PublicKey::resolve(&issuer.public_key(), None).unwrap();
            assert!(key.verify(load(file).body(), load(file).signature()).is_err(), "{file} under {}", issuer.chr());
        }
    }
}

#[test]
fn certificates_whose_issuer_is_not_published_are_undecided() {
    let Some(folder) = folder("cvc/ausweisapp-card") else { return };
    let load = |file: &str| certificate(&folder.join(file));
    let trust: Vec<Certificate> =
        ["DETESTeID00001", "DETESTeID00002", "DETESTeID00004"].map(|root| load(&format!("cvca-{root}.hex"))).to_vec();
    let terminal = load("cvat-DEDEVDEMO00020.hex");
    let answer = verify(&trust, &[terminal.clone(), load("cvdv-DEDVtIDGVNK00005.hex")], terminal.effective());
    assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::IssuerUnknown; 2]));
    // A terminal's certificate under a document verifier's file name.
    let misnamed = load("cvdv-DEDVtIDGVK300029.hex");
    assert_eq!((misnamed.chr(), misnamed.chat().role()), (name("DEBPRLOCAL300037"), Role::Terminal));
    let answer = verify(&trust, std::slice::from_ref(&misnamed), misnamed.effective());
    assert_eq!(errors(&answer), [Code::IssuerUnknown]);
}

#[test]
fn the_middlewares_chain_hangs_below_the_real_cards_root() {
    let (Some(chain), Some(card)) = (folder("cvc/eidas-middleware-terminal"), folder("cvc/ausweisapp-card")) else {
        return;
    };
    let presented = ["terminalCert.cvc", "chain0.crt", "chain1.crt"].map(|file| certificate(&chain.join(file)));
    let root = certificate(&card.join("cvca-DETESTeID00002.hex"));
    let answer = verify(&[root], &presented, date!(2014 - 01 - 20));
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(answer.path, names(&["DETESTeID00002", "DETESTeID00004", "DEDVeIDDPST00034", "DEDEMODEV00031"]));
}

#[test]
fn the_worked_examples_chains_are_signed_but_mix_terminal_types() {
    let Some(folder) = folder("ta-worked-examples") else { return };
    for (root, dv, terminal, at) in [
        ("tc_dh_cvca.bin", "tc_dh_dv_cert.bin", "tc_dh_ta_cert.bin", date!(2010 - 04 - 01)),
        ("tc_ecdh_cvca_cert.bin", "tc_ecdh_dv_cert.bin", "tc_ecdh_ta_cert.bin", date!(2010 - 10 - 01)),
    ] {
        let [root, dv, terminal] = [root, dv, terminal].map(|file| certificate(&folder.join(file)));
        assert_eq!(root.chat().terminal_type(), TerminalType::InspectionSystem);
        let answer = verify(std::slice::from_ref(&root), &[dv.clone(), terminal.clone()], at);
        assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::TerminalTypeMismatch, Code::IssuerRefused]));
        // The signatures themselves are good.
        let root_key = PublicKey::resolve(&root.public_key(), None).unwrap();
        let dv_key = PublicKey::resolve(&dv.public_key(), root_key.parameters()).unwrap();
        root_key.verify(dv.body(), dv.signature()).unwrap();
        dv_key.verify(terminal.body(), terminal.signature()).unwrap();
    }
}

#[test]
fn a_root_whose_point_is_not_on_its_curve_is_no_trust_point() {
    let Some(folder) = folder("ta-worked-examples") else { return };
    let certificate = certificate(&folder.join("cvc2.bin"));
    let refused = TrustGraph::new().trust(&certificate).unwrap_err();
    assert_eq!(refused.0.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::PointNotOnCurve]);
    let report = ShowReport::new(&Object::Certificate(certificate));
    assert_eq!((report.parameters, report.self_signature), (Some("brainpoolP224r1"), SignatureState::Invalid));
}

#[test]
fn an_unrelated_root_is_good_in_itself_and_leaves_the_chain_undecided() {
    let Some(folder) = folder("ta-worked-examples") else { return };
    let load = |file: &str| certificate(&folder.join(file));
    let unrelated = load("wrong_tc_ecdh_cvca.bin");
    assert_eq!(unrelated.chat().terminal_type(), TerminalType::AuthenticationTerminal);
    let presented = [load("tc_ecdh_dv_cert.bin"), load("tc_ecdh_ta_cert.bin")];
    let answer = verify(&[unrelated], &presented, date!(2010 - 10 - 01));
    assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::IssuerUnknown; 2]));
}

#[test]
fn sha_1_in_the_worked_example_is_reported_as_weak() {
    let Some(folder) = folder("ta-worked-examples") else { return };
    let root = certificate(&folder.join("tc_dh_cvca.bin"));
    let answer = verify(std::slice::from_ref(&root), std::slice::from_ref(&root), date!(2010 - 04 - 01));
    assert!(answer.valid && codes(&answer).contains(&Code::WeakHash), "{:?}", answer.findings);
    let report = VerifyReport::new(Vec::new(), answer).to_string();
    assert!(report.contains("weak_hash"), "{report}");
}

#[test]
fn both_worked_examples_terminal_signatures_verify() {
    let Some(folder) = folder("ta-worked-examples") else { return };
    let bytes = |file: &str| read(&folder.join(file));
    let load = |file: &str| certificate(&folder.join(file));

    let root = PublicKey::resolve(&load("tc_ecdh_cvca_cert.bin").public_key(), None).unwrap();
    let terminal = PublicKey::resolve(&load("tc_ecdh_ta_cert.bin").public_key(), root.parameters()).unwrap();
    let (picc, pcd) = (bytes("tc_ecdh_picc_pub_key.bin"), bytes("tc_ecdh_ca_pcd_pub_key.bin"));
    let id_picc = ta::compress_ecdh(&picc).unwrap();
    let input = Input::new(id_picc, &bytes("tc_ecdh_ta_nonce.bin"), ta::compress_ecdh(&pcd).unwrap()).unwrap();
    check_signature(&terminal, &input, &bytes("tc_ecdh_ta_pcd_signature.bin"));
    // The published key signs for the published certificate.
    let key = PrivateKey::from_pkcs8(Algorithm::EcdsaSha512, &bytes("tc_ecdh_ta_pcd_key.bin")).unwrap();
    ta::verify(&terminal, &input, &ta::sign(&key, &input).unwrap()).unwrap();

    let terminal = PublicKey::resolve(&load("tc_dh_ta_cert.bin").public_key(), None).unwrap();
    let id_picc = ta::compress_dh(&bytes("tc_dh_picc_pub_key.bin")).unwrap();
    let pcd = ta::compress_dh(&bytes("tc_dh_ca_pcd_pub_key.bin")).unwrap();
    let input = Input::new(&id_picc, &bytes("tc_dh_ta_nonce.bin"), &pcd).unwrap();
    check_signature(&terminal, &input, &bytes("tc_dh_ta_pcd_signature.bin"));
    // This one asks for SHA-1, which is verified and not issued.
    let key = PrivateKey::from_pkcs8(Algorithm::RsaPkcs1Sha1, &bytes("tc_dh_ta_pcd_key.bin")).unwrap();
    assert_eq!(key.public_key(), &terminal);
    assert!(matches!(ta::sign(&key, &input), Err(SignError::WeakAlgorithm(_))));
}

fn check_signature(terminal: &PublicKey, input: &Input<'_>, signature: &[u8]) {
    ta::verify(terminal, input, signature).unwrap();
    ta::verify_hash(terminal, &input.digest(terminal.algorithm()).unwrap(), signature).unwrap();
    for bit in 0..signature.len() * 8 {
        let mut changed = signature.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(ta::verify(terminal, input, &changed).is_err(), "bit {bit}");
    }
}
