//! Citizens among themselves.

use serde_json::json;
use straznica_contracts::{identity::v1 as identity, sources::v1::DocumentKind};

use super::{
    browser::PESEL,
    double::{ASKER, VERIFICATION},
    rest::{Case, case, nobody, shown, verification},
};

pub(super) fn cases() -> Vec<Case> {
    let (pesel, verification_id) = (PESEL.to_owned(), VERIFICATION.to_owned());
    let at = |rest: &str| format!("/v1/citizen/checks/{VERIFICATION}{rest}");
    let mut opened = json!({
        "verification": verification("challenged"),
        "resend": {"resendAt": "2026-05-28T09:30:30.000Z", "resendsLeft": 3},
    });
    opened["verification"]["bindingText"] = format!("{ASKER}: dowód osobisty").into();
    vec![
        case("POST", "/v1/citizen/checks", json!({"phone": "+48501234567", "kind": "identity_card"}))
            .asks(
                "ask_citizen",
                &identity::AskCitizenRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    given_names: "Anna Maria".to_owned(),
                    surname: "Próbna".to_owned(),
                    criterion: Some(identity::ask_citizen_request::Criterion::AskedPhone("+48501234567".to_owned())),
                    kind: DocumentKind::IdentityCard.into(),
                },
            )
            .answers(201, opened),
        case("POST", &at("/resend"), json!({}))
            .asks(
                "resend_peer_code",
                &identity::ResendPeerCodeRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, json!({"resendAt": "2026-05-28T09:31:00.000Z", "resendsLeft": 2})),
        case("POST", &at("/code"), json!({"code": "204781"}))
            .asks(
                "confirm_peer_code",
                &identity::ConfirmPeerCodeRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                    code: "204781".to_owned(),
                },
            )
            .answers(200, verification("approved")),
        case("POST", &at("/document"), json!({}))
            .asks(
                "show_peer_document",
                &identity::ShowPeerDocumentRequest {
                    context: nobody(),
                    pesel: pesel.clone(),
                    verification_id: verification_id.clone(),
                },
            )
            .answers(200, shown()),
        case("POST", &at("/cancellation"), json!({}))
            .asks("cancel_peer_check", &identity::CancelPeerCheckRequest { context: nobody(), pesel, verification_id })
            .answers(200, verification("refused")),
    ]
}
