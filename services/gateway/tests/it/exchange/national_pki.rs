//! What each address of the state's own side asks of spoc, and how it answers; and two officers who look after it.

use std::time::Duration;

use serde_json::{Value, json};
use straznica_contracts::spoc::v1 as spoc;
use straznica_error::{Class, Code, Coded};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    Case, SameOfficer, case, context,
    double::{FINGERPRINT, ID},
};
use crate::it::{doubles::Asked, house::House};

const ROOT: &str = "UTCVCA00002";
const CONFIRMATION: &str = "/v1/spoc/certificates/waiting/confirmation";

pub(super) fn cases() -> Vec<Case> {
    let (cvca, reason) = (|| "UTCVCA".to_owned(), || "because".to_owned());
    let why = json!({"reason": "because"});
    let (car, chr) = (|| "UTCVCA00001".to_owned(), || "PLDV00007".to_owned());
    vec![
        case(
            "POST",
            "/v1/spoc/certificates/cvca",
            json!({"mnemonic": "CVCA", "algorithm": "id-TA-ECDSA-SHA-256", "parameters": "brainpoolP256r1", "validityDays": 900}),
        )
        .asks(
            "create_national_cvca",
            &spoc::CreateNationalCvcaRequest {
                context: context(),
                mnemonic: "CVCA".to_owned(),
                algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
                parameters: "brainpoolP256r1".to_owned(),
                validity_days: 900,
            },
        )
        .answers(201, json!({"chr": "PLCVCA00001", "certificate": "fyEA"})),
        case("POST", "/v1/spoc/certificates/cvca-imports", json!({"certificates": ["fyEA", "fyEB"]}))
            .asks(
                "import_cvca_certificates",
                &spoc::ImportCvcaCertificatesRequest {
                    context: context(),
                    certificates: vec![vec![0x7f, 0x21, 0], vec![0x7f, 0x21, 1]],
                },
            )
            .answers(200, json!({"imported": [
                {"chr": ROOT, "car": ROOT, "fingerprint": FINGERPRINT, "awaitsConfirmation": true, "findings": ["too long"]},
            ]})),
        case("POST", CONFIRMATION, json!({"fingerprint": FINGERPRINT.to_uppercase()}))
            .asks(
                "confirm_cvca_certificate",
                &spoc::ConfirmCvcaCertificateRequest { context: context(), fingerprint: FINGERPRINT.to_owned(), look_at: String::new() },
            )
            .answers(200, json!({"chr": ROOT, "awaitsSecondOfficer": true, "findings": ["too long"]})),
        case("POST", CONFIRMATION, json!({"fingerprint": FINGERPRINT, "lookOnly": true}))
            .asks(
                "confirm_cvca_certificate",
                &spoc::ConfirmCvcaCertificateRequest { context: context(), fingerprint: String::new(), look_at: FINGERPRINT.to_owned() },
            )
            .answers(200, json!({"chr": ROOT, "awaitsSecondOfficer": true, "findings": ["too long"]})),
        case("POST", "/v1/spoc/certificates/waiting/UTCVCA00002/rejection", why.clone())
            .asks(
                "reject_cvca_certificate",
                &spoc::RejectCvcaCertificateRequest { context: context(), chr: ROOT.to_owned(), reason: reason() },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/certificates/dv-requests", json!({"cvca": "UTCVCA", "dvMnemonic": "DV"}))
            .asks(
                "create_dv_request",
                &spoc::CreateDvRequestRequest { context: context(), cvca: cvca(), dv_mnemonic: "DV".to_owned() },
            )
            .answers(201, json!({"chr": "PLDV00008", "request": "ZwA=", "initial": true})),
        case("POST", "/v1/spoc/certificates/dv-imports", json!({"certificates": ["fyEA"]}))
            .asks(
                "import_dv_certificate",
                &spoc::ImportDvCertificateRequest { context: context(), certificates: vec![vec![0x7f, 0x21, 0]] },
            )
            .answers(
                200,
                json!({"chr": "PLDV00008", "car": "UTCVCA00001", "expires": "2026-07-08", "warnings": ["long"]}),
            ),
        case("POST", "/v1/spoc/certificates/document-verifiers", json!({"cvca": "PLCVCA", "dvMnemonic": "DV"}))
            .asks(
                "issue_domestic_dv",
                &spoc::IssueDomesticDvRequest {
                    context: context(),
                    cvca: "PLCVCA".to_owned(),
                    dv_mnemonic: "DV".to_owned(),
                },
            )
            .answers(201, json!({"chr": "PLDV00008", "waiting": true})),
        case("POST", "/v1/spoc/certificates/inspection-systems", json!({"cvca": "UTCVCA", "mnemonic": "IS"}))
            .asks(
                "issue_inspection_system",
                &spoc::IssueInspectionSystemRequest {
                    context: context(),
                    cvca: cvca(),
                    mnemonic: "IS".to_owned(),
                    validity_days: 0,
                },
            )
            .answers(201, json!({"chr": "PLIS00031", "expires": "2026-06-10", "certificate": "fyEA"})),
        case(
            "POST",
            "/v1/spoc/certificates/exchange-keys",
            json!({"organisation": "Straż Graniczna", "commonName": "PL SPOC", "host": "spoc.example.pl"}),
        )
        .asks(
            "create_exchange_tls_key",
            &spoc::CreateExchangeTlsKeyRequest {
                context: context(),
                organisation: "Straż Graniczna".to_owned(),
                common_name: "PL SPOC".to_owned(),
                host: "spoc.example.pl".to_owned(),
            },
        )
        .answers(201, json!({"keyHandle": format!("tls/{ID}"), "certificateRequest": "MAA="})),
        case("POST", "/v1/spoc/certificates/UTCVCA00001/PLDV00007/suspension", why.clone())
            .asks(
                "suspend_holder",
                &spoc::SuspendHolderRequest { context: context(), car: car(), chr: chr(), reason: reason() },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/spoc/certificates/UTCVCA00001/PLDV00007/resumption", why)
            .asks(
                "resume_holder",
                &spoc::ResumeHolderRequest { context: context(), car: car(), chr: chr(), reason: reason() },
            )
            .answers(200, json!({"awaitsSecondOfficer": true})),
        case("GET", "/v1/spoc/certificates/sequences", Value::Null)
            .asks("list_sequences", &spoc::ListSequencesRequest {})
            .answers(200, json!({"sequences": [{"holder": "PLDV", "last": "PLDV00031"}]})),
        case("POST", "/v1/spoc/certificates/sequences", json!({"chr": "PLDV00042", "reason": "because", "despiteDoubts": true}))
            .asks(
                "raise_sequence",
                &spoc::RaiseSequenceRequest {
                    context: context(),
                    chr: "PLDV00042".to_owned(),
                    reason: reason(),
                    despite_doubts: true,
                },
            )
            .answers(200, json!({"holder": "PLDV", "last": "PLDV00042", "before": "PLDV00031"})),
    ]
}

#[derive(Debug, thiserror::Error)]
#[error("no root has this fingerprint")]
struct Unknown;

impl Coded for Unknown {
    fn code(&self) -> &'static Code {
        const CODE: Code = Code::new("spoc.certificate_unknown", Class::NotFound, "No such certificate is held");
        &CODE
    }
}

on_both_engines! {
    NoMigrations;

    async fn each_officer_compares_a_partners_root_in_their_own_name(database: TestDatabase) {
        let house = House::new(database).await;
        let (first, second) = (house.operator(), house.caller("operator/OP-11"));
        let compared = json!({"fingerprint": FINGERPRINT});
        let asked = || {
            let asked = house.spoc.script.take();
            let Asked::Exchange("confirm_cvca_certificate", request) = &asked[0] else { panic!("{asked:?}") };
            let request: spoc::ConfirmCvcaCertificateRequest = prost::Message::decode(request.as_slice()).unwrap();
            (request.context.unwrap().officer, request.fingerprint)
        };

        let waits = first.post(CONFIRMATION, &compared).await;
        assert_eq!((waits.status.as_u16(), &waits.json()["awaitsSecondOfficer"]), (200, &json!(true)));
        assert_eq!(asked(), ("OP-07".to_owned(), FINGERPRINT.to_owned()));
        house.spoc.script.refuse(straznica_error::status(&SameOfficer));
        first.post(CONFIRMATION, &compared).await.problem(409, "spoc.second_officer_required");
        assert_eq!(asked().0, "OP-07");
        // the other officer's name is not the request's to say
        let somebody = json!({"fingerprint": FINGERPRINT, "officer": "OP-11"});
        first.post(CONFIRMATION, &somebody).await.problem(400, "gateway.invalid_members");
        second.post(CONFIRMATION, &compared).await;
        assert_eq!(asked().0, "OP-11");

        let other = ["0", &FINGERPRINT[1..]].concat();
        house.spoc.script.refuse(straznica_error::status(&Unknown));
        second.post(CONFIRMATION, &json!({ "fingerprint": other })).await.problem(404, "spoc.certificate_unknown");
        assert_eq!(asked().1, other);
        for wrong in [json!(""), json!(FINGERPRINT[1..]), json!([FINGERPRINT]), json!("UTCVCA00002"), Value::Null] {
            let problem = second.post(CONFIRMATION, &json!({ "fingerprint": wrong })).await;
            let problem = problem.problem(400, "gateway.invalid_members");
            assert_eq!(problem["errors"][0]["pointer"], "/fingerprint", "{wrong}");
        }
        assert_eq!(house.spoc.script.count(), 0, "half a fingerprint is nobody's to compare");
        house.end().await;
    }

    async fn a_key_that_takes_its_time_is_waited_for(database: TestDatabase) {
        // calls for a terminal end after two seconds here
        let house = House::new(database).await;
        house.spoc.script.dawdle(Duration::from_millis(2_500));
        let kind = json!({"mnemonic": "CVCA", "algorithm": "id-TA-RSA-PSS-SHA-512", "parameters": "4096"});
        let made = house.operator().post("/v1/spoc/certificates/cvca", &kind).await;
        assert_eq!((made.status.as_u16(), &made.json()["chr"]), (201, &json!("PLCVCA00001")));
        house.end().await;
    }

    async fn a_suspension_without_a_reason_is_not_asked_for(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        for step in ["suspension", "resumption"] {
            let path = format!("/v1/spoc/certificates/UTCVCA00001/PLDV00007/{step}");
            for wrong in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(201)})] {
                operator.post(&path, &wrong).await.problem(400, "gateway.invalid_members");
            }
        }
        assert_eq!(house.spoc.script.count(), 0);
        house.end().await;
    }
}
