//! A code on its way through the suite: identity asks, the citizen reads it off the phone, and only what it was sent for accepts it.

use std::time::Duration;

use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::{SendCodeRequest, ValidateCodeRequest};
use straznica_pki::Names;
use tonic::Code;

const PHONE: &str = "+48501234567";

fn context(officer: &str) -> Option<CallContext> {
    Some(CallContext {
        officer: officer.to_owned(),
        purpose: "identity_confirmation".to_owned(),
        ..CallContext::default()
    })
}

fn guess(officer: &str, transaction: &str, code: &str) -> ValidateCodeRequest {
    ValidateCodeRequest {
        context: context(officer),
        transaction_id: transaction.to_owned(),
        institution: "um-lodz".to_owned(),
        code: code.to_owned(),
    }
}

async fn arrived(suite: &Suite) -> String {
    for _ in 0..3_000 {
        if let Some(message) = suite.messages().messages_to(PHONE).pop() {
            return message.text;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no message came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_goes_from_identity_to_the_citizens_phone_and_back() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let client = |service| {
        let issued = suite.authority().unwrap().issue_service(service, &Names::loopback()).unwrap();
        CodeServiceClient::new(suite.channel(ServiceName::Dispatch, &issued).unwrap())
    };
    let transaction = "0197156e-3c5b-7d2a-9c11-0242ac120002";
    let wish = SendCodeRequest {
        context: context("j.kowalska"),
        transaction_id: transaction.to_owned(),
        subject: "subject-1".to_owned(),
        phone: PHONE.to_owned(),
        institution: "um-lodz".to_owned(),
        binding_text: "UM Łódź: dowód osobisty".to_owned(),
        conceal: true,
        ..SendCodeRequest::default()
    };

    // spoc has no business with codes.
    let refused = client("spoc").send_code(wish.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let mut identity = client("identity");
    identity.send_code(wish).await.unwrap();
    let text = arrived(&suite).await;
    assert!(
        text.ends_with("to kod: UM Lodz: dowod osobisty. Podaj go tylko, jesli sie zgadzasz. Wazny 5 min."),
        "{text}"
    );
    let code = &text[..6];
    identity.validate_code(guess("a.nowak", transaction, code)).await.unwrap_err();
    identity.validate_code(guess("j.kowalska", transaction, code)).await.unwrap();
    identity.validate_code(guess("j.kowalska", transaction, code)).await.unwrap_err();
    suite.stop().await.unwrap();
}
