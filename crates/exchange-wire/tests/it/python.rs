//! A client built from the proto file alone, in another language (grpcio).

use std::path::Path;

use openssl::x509::X509;
use tokio::process::Command;

use super::two_states::TwoStates;

#[tokio::test]
async fn a_python_client_made_from_the_proto_file_completes_all_four_operations() {
    let (Some(python), Some(_)) =
        (straznica_testkit::python_with("grpc"), straznica_testkit::python_with("grpc_tools"))
    else {
        return;
    };
    let states = TwoStates::meet().await;
    let folder = tempfile::tempdir().unwrap();
    let issued = states.issue(|_| ());
    let pem = |der: &[u8]| X509::from_der(der).unwrap().to_pem().unwrap();
    std::fs::write(folder.path().join("root.pem"), pem(&states.ut.root())).unwrap();
    std::fs::write(folder.path().join("chain.pem"), pem(&issued.certificate)).unwrap();
    std::fs::write(folder.path().join("key.pem"), issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let message = |operation: &str, more: serde_json::Value| {
        let mut message = serde_json::json!({ "operation": operation, "callerID": "ZZ" });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    };
    let news = serde_json::json!({ "certificates": ["7f2100"], "statusInfo": "new_cert_available_notification" });
    let mut answer = news.clone();
    answer["messageID"] = "2".into();
    let plan = serde_json::json!([
        message("RequestCertificate", serde_json::json!({ "messageID": "1", "certificateRequest": "6700" })),
        message("SendCertificates", news),
        message("SendCertificates", answer),
        message("GetCACertificates", serde_json::json!({ "messageID": "3" })),
        message(
            "GeneralMessage",
            serde_json::json!({ "messageID": "4", "subject": "DV not compliant", "body": "..." })
        ),
        message("GetCACertificates", serde_json::json!({ "messageID": "5", "callerID": "UT" })),
    ]);
    std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python)
        .arg(here.join("../../tests/peers/spoc_grpc.py"))
        .arg(here.join("../../proto"))
        .arg(format!("localhost:{}", states.address.port()))
        .arg(folder.path())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!([
        { "result": "ok_cert_available", "certificates": ["6700"] },
        { "result": "ok_received_correctly" },
        { "result": "failure_messageID_unknown" },
        { "result": "ok_cert_available", "certificates": ["5a5a"] },
        { "result": "ok" },
        { "refused": ["UNAUTHENTICATED", ""] },
    ]);
    assert_eq!(said, expected);
    assert_eq!(states.echo.asked(), 5);
}
