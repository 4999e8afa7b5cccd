//! A SOAP client nobody here wrote, with the published description and with our own.

use std::path::Path;

use exchange::code::StatusInfo;
use exchange::message::{GeneralMessage, Message, SendCertificates};
use tempfile::TempDir;
use tokio::process::Command;

use super::authority::chain_pem;
use super::world::{Plan, World};

/// What the peer was answered.
async fn peer(python: &Path, world: &World, wsdl: &str, status: &str) -> serde_json::Value {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("root.pem", &world.server.root_pem());
    write("chain.pem", &chain_pem(&world.client.issued));
    write("key.pem", &world.client.issued.key.to_pkcs8_pem().unwrap());
    let plan = serde_json::json!([
        { "operation": "RequestCertificate", "callerID": "CZ", "messageID": "m-1", "certificateRequest": "678200" },
        { "operation": "SendCertificates", "callerID": "CZ", "certificates": ["01", "02"], "statusInfo": status },
        { "operation": "GetCACertificates", "callerID": "CZ", "messageID": "m-2" },
        { "operation": "GeneralMessage", "callerID": "CZ", "messageID": "m-3", "subject": "Certificate inaccurate", "body": "Žluťoučký <&>" },
        { "operation": "GeneralMessage", "callerID": "SK", "messageID": "m-4", "subject": "s", "body": "b" },
    ]);
    write("plan.json", plan.to_string().as_bytes());
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/spoc_zeep.py"))
        .arg(wsdl)
        .arg(folder.path())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn expected() -> serde_json::Value {
    serde_json::json!([
        { "result": "ok_cert_available", "certificates": ["678200", "7f21"] },
        { "result": "failure_messageID_unknown" },
        { "result": "ok_reception_ack", "certificates": [] },
        { "result": "ok" },
        { "refused": 401 },
    ])
}

fn assert_arrived(world: &World) {
    let messages = world.application.messages.lock().unwrap();
    assert_eq!(messages.len(), 4);
    assert_eq!(
        messages[1],
        Message::SendCertificates(SendCertificates {
            caller_id: "CZ".to_owned(),
            message_id: None,
            certificates: vec![vec![1], vec![2]],
            status_info: StatusInfo::NewCertAvailableNotification,
        })
    );
    let Message::GeneralMessage(GeneralMessage { body, .. }) = &messages[3] else { panic!("{messages:?}") };
    assert_eq!(body, "Žluťoučký <&>");
}

#[tokio::test]
async fn zeep_completes_all_operations_with_the_published_description_of_2009() {
    let (Some(python), Some(vectors)) = (straznica_testkit::python_with("zeep"), straznica_testkit::vectors()) else {
        return;
    };
    let world = World::begin(Plan::default()).await;
    let published = std::fs::read_to_string(vectors.join("wsdl/csn369791-2009-spoc.wsdl.xml")).unwrap();
    let ours = published.replace("http://spoc-server/SPOC", &format!("https://{}/SPOC", world.address));
    assert_ne!(published, ours);
    let folder = TempDir::new().unwrap();
    let wsdl = folder.path().join("spoc.wsdl");
    std::fs::write(&wsdl, ours).unwrap();
    let said = peer(&python, &world, wsdl.to_str().unwrap(), "new_cer_available_notification").await;
    assert_eq!(said, expected());
    assert_arrived(&world);
}

#[tokio::test]
async fn zeep_completes_all_operations_with_the_description_the_node_serves() {
    let Some(python) = straznica_testkit::python_with("zeep") else { return };
    for (profile, status) in [("2009", "new_cer_available_notification"), ("icao", "new_cert_available_notification")] {
        let world = World::begin(Plan { profile, ..Plan::default() }).await;
        let wsdl = format!("https://{}/SPOC?wsdl", world.address);
        assert_eq!(peer(&python, &world, &wsdl, status).await, expected(), "{profile}");
        assert_arrived(&world);
    }
}
