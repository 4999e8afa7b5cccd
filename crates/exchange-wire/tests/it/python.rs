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
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python)
        .arg(here.join("tests/peers/spoc_client.py"))
        .arg(here.join("../../proto"))
        .arg(folder.path())
        .arg(format!("localhost:{}", states.address.port()))
        .output()
        .await
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(
        out.lines().collect::<Vec<_>>(),
        [
            "RequestCertificate OK_CERT_AVAILABLE 1",
            "SendCertificates OK_RECEIVED_CORRECTLY",
            "SendCertificates FAILURE_MESSAGE_ID_UNKNOWN",
            "GetCaCertificates OK_CERT_AVAILABLE 1",
            "GeneralMessage OK",
            "caller_id of another: UNAUTHENTICATED ''",
        ]
    );
    assert_eq!(states.echo.asked(), 5);
}
