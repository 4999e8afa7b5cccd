//! A code on its way through the suite: identity asks, the citizen reads it off the phone, and only what it was sent for accepts it.

use std::time::Duration;

use serde_json::json;
use straznica_cli::arguments::ServiceName;
use straznica_cli::command::journal;
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

/// Waits until what dispatch wrote down is cosigned by the gateway.
async fn cosigned(suite: &Suite) {
    for _ in 0..200 {
        let reports = journal::verify_node(suite.config(), suite.clock()).await.unwrap();
        let (_, report) = reports.into_iter().find(|(service, _)| *service == ServiceName::Dispatch).unwrap();
        assert!(report.0.valid, "{report}");
        if report.0.cosigned_size > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody cosigned the journal of dispatch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_authority_has_a_code_sent_over_rest_and_validated() {
    const SEND: &str = "/v1/one-time-codes/send-code";
    const VALIDATE: &str = "/v1/one-time-codes/validate-code";
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let authority = |name| suite.rest(&suite.authority().unwrap().issue_authority(name).unwrap()).unwrap();
    let (lodz, gdynia) = (authority("um-lodz"), authority("um-gdynia"));
    let wish = |phone: &str| json!({ "phoneNumber": phone, "message": "UM Łódź: dowód osobisty", "officer": "j.kowalska", "purpose": "identity_confirmation" });
    let sent = lodz.post(SEND, &wish(PHONE)).await.unwrap();
    assert_eq!(sent.status.as_u16(), 200, "{}", sent.json());
    let id = sent.json()["authenticationId"].as_str().unwrap().to_owned();
    let code = arrived(&suite).await[..6].to_owned();
    let read_out = |code: &str| json!({ "authenticationId": id, "code": code, "officer": "j.kowalska", "purpose": "identity_confirmation" });

    // Another institution learns nothing of it, and whoever is no authority is not let in.
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for (who, body, status, problem) in [
        (&gdynia, read_out(&code), 400, "dispatch.verification_expired"),
        (&lodz, read_out(wrong), 400, "dispatch.invalid_otp"),
        (&suite.operator_rest("OP-07").unwrap(), read_out(&code), 403, "gateway.wrong_peer"),
    ] {
        let answer = who.post(VALIDATE, &body).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), (status, problem));
    }
    assert_eq!(lodz.post(VALIDATE, &read_out(&code)).await.unwrap().status.as_u16(), 204);
    let again = lodz.post(VALIDATE, &read_out(&code)).await.unwrap();
    assert_eq!((again.status.as_u16(), again.json()["code"].as_str()), (400, Some("dispatch.verification_expired")));

    for (phone, status, problem) in [
        ("+48701123456", 403, "dispatch.phone_number_not_allowed"),
        ("+4850", 400, "dispatch.invalid_request"),
        ("not a number", 400, "dispatch.invalid_request"),
    ] {
        let answer = lodz.post(SEND, &wish(phone)).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), (status, problem), "{phone}");
        assert!(!answer.json().to_string().contains(phone), "{}", answer.json());
    }
    cosigned(&suite).await;
    suite.stop().await.unwrap();
}
