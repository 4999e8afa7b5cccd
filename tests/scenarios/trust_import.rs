//! An operator imports a master list from the command line: the anchor first needs a second operator, and only operators get that far.

use straznica_cli::arguments::{AnchorUse, OperatorAccess, OperatorCertificate, ServiceName, Trust};
use straznica_cli::command::{Outcome, trust};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::partner_state::PartnerState;
use straznica_tests::now;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_list_comes_in_once_two_operators_agree_on_its_anchor() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let at = now(&suite);
    let utopia = PartnerState::utopia(at.date() - time::Duration::days(10)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (anchor, list) = (folder.path().join("csca.cer"), folder.path().join("utopia.ml"));
    std::fs::write(&anchor, utopia.documents.csca().certificate()).unwrap();
    std::fs::write(&list, utopia.documents.master_list(&[], at).unwrap()).unwrap();

    let authority = suite.authority().unwrap();
    let access = |issued| OperatorAccess {
        spoc: suite.address(ServiceName::Spoc).unwrap().to_string(),
        certificate: OperatorCertificate {
            certificate: suite.write_identity(&issued).unwrap().certificate_chain,
            key: None,
            ca: None,
        },
        purpose: "trust_maintenance".to_owned(),
    };
    let operator = |id| access(authority.issue_operator(id).unwrap());
    let import =
        |operator| Box::pin(trust::run(Trust::Import { anchor: anchor.clone(), list: list.clone(), operator }));
    let fingerprint = emrtd::x509::Certificate::parse(utopia.documents.csca().certificate()).unwrap().fingerprint();
    let confirm = |operator| {
        Box::pin(trust::run(Trust::Confirm {
            fingerprint: fingerprint.to_string(),
            r#use: AnchorUse::MasterList,
            operator,
        }))
    };

    assert_eq!(import(operator("OP-07")).await.unwrap(), Outcome::No, "one operator alone makes no anchor");
    confirm(operator("OP-07")).await.expect_err("nor does the same one twice");
    assert_eq!(confirm(operator("OP-11")).await.unwrap(), Outcome::Yes);
    assert_eq!(import(operator("OP-07")).await.unwrap(), Outcome::Yes);

    let terminal = access(authority.issue_terminal("PL-WAW-017").unwrap());
    let refused = import(terminal).await.unwrap_err().to_string();
    assert!(refused.contains("terminal/PL-WAW-017 is no operator"), "{refused}");
    suite.stop().await.unwrap();
}
