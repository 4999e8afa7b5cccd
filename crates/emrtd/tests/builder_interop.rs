//! What the builder makes is read by code nobody here wrote: the `openssl` program.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may fail the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cvc::domain_parameters::StandardisedCurve;
use emrtd::builder::{
    Algorithm, Csca, Defect, Digest, Holder, LdsVersion, Personalisation, SpecimenDocument, State, Validity,
    defect_list, master_list,
};
use time::macros::{date, datetime};

/// A directory of this test's own, removed at the end.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("emrtd-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Is there an `openssl` to ask?
fn openssl_present() -> bool {
    straznica_testkit::openssl().is_some()
}

fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// DER of a certificate as PEM, for options that take nothing else.
fn pem(der: &[u8]) -> Vec<u8> {
    openssl::x509::X509::from_der(der).unwrap().to_pem().unwrap()
}

/// SignedData of EF.SOD: what is inside tag 77.
fn inside_tag_77(sod: &[u8]) -> &[u8] {
    emrtd::asn1::Reader::single_der(sod, emrtd::asn1::Tag::new(0x77)).unwrap().contents()
}

fn algorithms() -> Vec<(&'static str, Algorithm, bool)> {
    use StandardisedCurve as Curve;
    vec![
        ("P-256", Algorithm::ecdsa(Curve::P256, Digest::Sha256), true),
        ("P-521", Algorithm::ecdsa(Curve::P521, Digest::Sha512), true),
        ("brainpoolP256r1", Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256), true),
        ("brainpoolP384r1", Algorithm::ecdsa(Curve::BrainpoolP384r1, Digest::Sha384), true),
        ("P-224 with SHA-224", Algorithm::ecdsa(Curve::P224, Digest::Sha224), true),
        ("RSA", Algorithm::rsa(2048, Digest::Sha256), true),
        ("RSA-PSS", Algorithm::rsa_pss(2048, Digest::Sha256), true),
        // OpenSSL verifies the signatures but builds no path over written-out parameters.
        ("explicit", Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256).with_explicit_parameters(), false),
    ]
}

fn passport(csca: &mut Csca, algorithm: Algorithm, version: LdsVersion) -> SpecimenDocument {
    let signer = csca.document_signer(algorithm, Validity::days(date!(2026 - 01 - 01), 4000), &["P"]).unwrap();
    Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
        .lds_version(version)
        .issue(csca.state(), &signer)
        .unwrap()
}

const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
/// 2026-11-22
const AT: &str = "1795305600";

#[test]
fn openssl_verifies_the_security_object_under_the_csca_by_every_algorithm() {
    if !openssl_present() {
        return;
    }
    let workspace = Workspace::new("sod");
    for (name, algorithm, path_check) in algorithms() {
        for version in [LdsVersion::V0, LdsVersion::V1] {
            let mut csca = Csca::create(State::utopia(), algorithm, VALIDITY).unwrap();
            let document = passport(&mut csca, algorithm, version);
            let file = workspace.write("sod.der", inside_tag_77(&document.sod));
            let anchor = workspace.write("csca.pem", &pem(csca.certificate()));
            let mut arguments = vec!["cms", "-verify", "-inform", "DER", "-in", text(&file), "-out", "/dev/null"];
            match path_check {
                true => arguments.extend(["-CAfile", text(&anchor), "-purpose", "any", "-attime", AT]),
                false => arguments.push("-noverify"),
            }
            let (verified, said) = openssl(&arguments);
            assert!(verified, "{name}: {said}");

            let mut spoilt = inside_tag_77(&document.sod).to_vec();
            *spoilt.last_mut().unwrap() ^= 1;
            fs::write(&file, &spoilt).unwrap();
            assert!(!openssl(&arguments).0, "{name}: a changed signature must not verify");
        }
    }
}

#[test]
fn openssl_parses_every_file_the_builder_makes() {
    if !openssl_present() {
        return;
    }
    let workspace = Workspace::new("asn1parse");
    let algorithm = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
    let mut csca = Csca::create(State::utopia(), algorithm, VALIDITY).unwrap();
    let signer = csca.document_signer(algorithm, VALIDITY, &["P", "ID"]).unwrap();
    let document = Personalisation::identity_card(Holder::specimen(), "UT7654321", date!(2035 - 06 - 30))
        .chip_authentication_mapping()
        .issue(csca.state(), &signer)
        .unwrap();
    let mut files = vec![document.sod, document.com, document.card_access, document.card_security.unwrap()];
    files.extend(document.data_groups.into_values());
    for file in files {
        let path = workspace.write("file.der", &file);
        let (parsed, said) = openssl(&["asn1parse", "-inform", "DER", "-in", text(&path)]);
        assert!(parsed, "{said}");
    }
}

#[test]
fn openssl_reads_link_certificates_revocation_lists_and_signed_lists() {
    if !openssl_present() {
        return;
    }
    let workspace = Workspace::new("lists");
    let old_algorithm = Algorithm::rsa_pss(2048, Digest::Sha256);
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P384, Digest::Sha384);
    let mut old = Csca::create(State::utopia(), old_algorithm, VALIDITY).unwrap();
    let (mut csca, link) = old.renew(algorithm, VALIDITY).unwrap();
    let old_anchor = workspace.write("old.pem", &pem(old.certificate()));
    let anchor = workspace.write("csca.pem", &pem(csca.certificate()));
    let link_file = workspace.write("link.pem", &pem(&link));
    let (linked, said) =
        openssl(&["verify", "-partial_chain", "-attime", AT, "-trusted", text(&old_anchor), text(&link_file)]);
    assert!(linked, "the old key vouches for the new one: {said}");

    let signer = csca.document_signer(algorithm, VALIDITY, &["P"]).unwrap();
    let crl = csca
        .revocation_list(
            7,
            datetime!(2026-11-01 0:00 UTC),
            datetime!(2027-02-01 0:00 UTC),
            &[(&signer.serial_number(), date!(2026 - 10 - 31))],
        )
        .unwrap();
    let crl = workspace.write("crl.der", &crl);
    let (read, said) =
        openssl(&["crl", "-inform", "DER", "-in", text(&crl), "-CAfile", text(&anchor), "-noout", "-text"]);
    assert!(read && said.contains("verify OK") && said.contains("Serial Number: 02"), "{said}");

    let list_signer = csca.master_list_signer(algorithm, VALIDITY).unwrap();
    let at = datetime!(2026-11-20 12:00 UTC);
    let list = master_list(&[old.certificate(), &link, csca.certificate()], &list_signer, &csca, at).unwrap();
    let defect_signer = csca.defect_list_signer(algorithm, VALIDITY).unwrap();
    let defects = vec![
        Defect::CertificateRevoked { status: 3 },
        Defect::CertificateReplaced { by: signer.certificate().to_vec() },
        Defect::ChipAuthenticationKeyRevoked,
    ];
    let defects = defect_list(&[(&signer, defects)], &defect_signer, &csca, at).unwrap();
    for list in [list, defects] {
        let file = workspace.write("list.der", &list);
        let (verified, said) = openssl(&[
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            text(&file),
            "-out",
            "/dev/null",
            "-CAfile",
            text(&anchor),
            "-purpose",
            "any",
            "-attime",
            AT,
        ]);
        assert!(verified, "{said}");
    }
}
