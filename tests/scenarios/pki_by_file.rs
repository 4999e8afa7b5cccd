//! Operators get a foreign DV certificate by files alone, as when the line to the partner is down: request out, certificate in.

use std::path::{Path, PathBuf};

use straznica_cli::arguments::{OperatorAccess, OperatorCertificate, Pki, ServiceName};
use straznica_cli::command::pki::{self, PkiError};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_tests::now;

struct Office<'s> {
    suite: &'s Suite,
    folder: &'s Path,
}

impl Office<'_> {
    fn access(&self, id: &str) -> OperatorAccess {
        let issued = self.suite.authority().unwrap().issue_operator(id).unwrap();
        let certificate = self.suite.write_identity(&issued).unwrap().certificate_chain;
        OperatorAccess {
            spoc: self.suite.address(ServiceName::Spoc).unwrap().to_string(),
            certificate: OperatorCertificate { certificate, key: None, ca: None },
            purpose: "certificate_maintenance".to_owned(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn request(&self, name: &str) -> Pki {
        Pki::Request {
            cvca: "UTBYFILE".to_owned(),
            dv_mnemonic: "DV".to_owned(),
            out: self.file(name),
            operator: self.access("OP-07"),
        }
    }
}

async fn run(command: Pki) -> Result<(), PkiError> {
    Box::pin(pki::run(command)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_document_verifier_is_certified_by_files_alone() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let today = now(&suite).date();
    let folder = tempfile::tempdir().unwrap();
    let office = Office { suite: &suite, folder: folder.path() };
    let mut utopia = AccessAuthority::found("UT", "BYFILE", today - time::Duration::days(10)).unwrap();

    let create = |out: &str| Pki::CreateCvca {
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        days: 0,
        out: office.file(out),
        operator: office.access("OP-07"),
    };
    run(create("national.cvcert")).await.unwrap();
    utopia.register(&[std::fs::read(office.file("national.cvcert")).unwrap()]).unwrap();

    let root = utopia.root(0).unwrap().as_der().to_vec();
    // a text form, as it comes by e-mail
    let digits: String = root.iter().map(|byte| format!("{byte:02X}")).collect();
    let files = vec![office.write("utopia.hex", digits.as_bytes())];
    run(Pki::ImportCvca { files, operator: office.access("OP-07") }).await.unwrap();
    let early = run(office.request("early.cvreq")).await.unwrap_err().to_string();
    assert!(early.contains("spoc"), "a root one operator imported is not used yet: {early}");
    assert!(!office.file("early.cvreq").exists(), "nothing is half-written");

    let fingerprint = emrtd::crypto::HashAlgorithm::Sha256.digest(&root).unwrap();
    let fingerprint: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
    run(Pki::ConfirmCvca { despite_findings: false, fingerprint, operator: office.access("OP-11") }).await.unwrap();
    run(office.request("dv.cvreq")).await.unwrap();
    let again = run(office.request("dv.cvreq")).await.unwrap_err().to_string();
    assert!(again.contains("dv.cvreq"), "a request that may be on its way is not written over: {again}");

    let issued = utopia.process_dv_request(&std::fs::read(office.file("dv.cvreq")).unwrap(), today).unwrap();
    let files = vec![office.write("dv.cvcert", &issued.certificate)];
    run(Pki::ImportDv { files, operator: office.access("OP-07") }).await.unwrap();
    let issue = Pki::IssueIs {
        cvca: "UTBYFILE".to_owned(),
        mnemonic: "TCC".to_owned(),
        days: 0,
        operator: office.access("OP-07"),
    };
    run(issue).await.unwrap();
    let exchange_key = |host: &str| Pki::ExchangeKey {
        organisation: "Straż Graniczna".to_owned(),
        common_name: "SPOC Poland".to_owned(),
        host: host.to_owned(),
        out: office.file("spoc.p10"),
        operator: office.access("OP-07"),
    };
    run(exchange_key("no host")).await.unwrap_err();
    run(exchange_key("spoc.example.pl")).await.unwrap();
    let asked = std::fs::read(office.file("spoc.p10")).unwrap();
    // countryName (2.5.4.6)
    assert!(asked.windows(7).any(|bytes| bytes == b"\x55\x04\x06\x13\x02PL"), "the node's own country");
    run(Pki::List { json: true, operator: office.access("OP-07") }).await.unwrap();
    suite.stop().await.unwrap();
}
