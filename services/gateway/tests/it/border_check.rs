//! A border check, call by call: what the terminal sends arrives at identity and spoc, and their answers come back.

use serde_json::{Value, json};
use straznica_contracts::{identity::v1 as identity, spoc::v1 as spoc};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    doubles::{Asked, CHECK, INSPECTION},
    house::{House, TERMINAL},
};

/// An inspection with everything in it.
pub(crate) fn whole_inspection() -> Value {
    json!({
        "documentRef": "lane-17/000417",
        "access": "pace_cam",
        "mrzOptical": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "sod": "dwEC",
        "com": "YAA=",
        "dataGroups": {"1": "YQE=", "2": "dQE=", "14": "bgE=", "15": "bwE="},
        "digests": {"3": "q80=", "4": "zas="},
        "unreadable": [{"dg": 3, "statusWord": "6982"}],
        "chipAuthentication": {"protocol": "ca_v1", "result": "successful", "evidence": "BAEC", "keyId": 1},
        "activeAuthentication": {"challengeId": "0197a3c0-52b1-7c0e-9d0f-3f1f6b1d2a10", "response": "/w=="},
        "cardAccess": "MQA=",
        "cardSecurity": "MAA=",
        "readAt": "2026-05-28T11:29:58.125+02:00",
        "officer": "SG-20418",
        "purpose": "border_check",
        "case": "V-2026/1183",
        "line": "second",
    })
}

on_both_engines! {
    NoMigrations;

    async fn an_inspection_arrives_whole_with_the_terminal_of_the_certificate(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let request_id = "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61";
        let headers = [("content-type", "application/json"), ("x-request-id", request_id)];
        let answer = terminal.send(http::Method::POST, "/v1/inspections", &headers, whole_inspection().to_string()).await;

        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.header("location"), format!("/v1/inspections/{INSPECTION}"));
        assert_eq!(answer.header("x-request-id"), request_id);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.json(), json!({
            "id": INSPECTION, "verdict": "genuine", "scope": "document", "issuingState": "UT",
            "checks": [{"check": "sod_signature", "result": "successful", "weight": "mandatory", "evidence": {"algorithm": "ecdsa-with-SHA256"}}],
            "tolerances": [{"code": "bare", "detail": "told"}], "defects": [],
            "openedAt": "2026-05-28T09:30:00.000Z", "updatedAt": "2026-05-28T09:30:00.250Z", "line": "first",
            "trustGeneration": 42, "terminalAuthenticationAvailable": true, "profile": "document-default",
            "alerts": {
                "result": "hit", "unchecked": "stale", "step": "second_line", "checkId": CHECK, "checkedAt": "2026-05-28T09:30:00.100Z",
                "found": [{
                    "category": "refusal_of_entry", "title": {"pl": "Odmowa wjazdu", "en": "Refusal of entry"}, "basis": "art. 24",
                    "action": "refuse_entry", "instruction": {"pl": "Odmówić.", "en": "Refuse."},
                    "discreet": false, "issuingState": "DEU", "possible": false,
                }],
            },
        }));

        let [asked] = &house.identity.script.take()[..] else { panic!("one call") };
        let context = asked.context();
        assert_eq!(
            [&context.terminal_id, &context.officer, &context.purpose, &context.case_number, &context.request_id],
            [TERMINAL, "SG-20418", "border_check", "V-2026/1183", request_id]
        );
        let Asked::Create(request) = asked.clone() else { panic!("{asked:?}") };
        assert_eq!(request.document_ref, "lane-17/000417");
        assert_eq!(request.access(), identity::AccessProtocol::PaceCam);
        assert_eq!(request.line(), identity::InspectionLine::Second);
        assert_eq!(request.read_at_ms, 1_779_960_598_125);
        assert_eq!((request.sod, request.com), (vec![0x77, 1, 2], vec![0x60, 0]));
        assert!(request.mrz_optical.starts_with("P<UTO"));
        let evidence = request.evidence.unwrap();
        assert_eq!(evidence.data_groups[&14], [0x6e, 1]);
        assert_eq!(evidence.data_groups.len(), 4);
        assert_eq!(evidence.digests, [(3, vec![0xab, 0xcd]), (4, vec![0xcd, 0xab])].into());
        assert_eq!(evidence.unreadable, [identity::UnreadableDataGroup { data_group: 3, status_word: 0x6982 }]);
        let performed = evidence.chip_authentication.unwrap();
        assert_eq!((performed.protocol.as_str(), performed.result.as_str(), performed.key_id), ("ca_v1", "successful", Some(1)));
        assert_eq!(evidence.active_authentication.unwrap().response, [0xff]);
        assert_eq!((evidence.card_access, evidence.card_security), (vec![0x31, 0], vec![0x30, 0]));
        house.end().await;
    }

    async fn every_step_of_a_border_check_reaches_its_service(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;

        let challenge = terminal.send(http::Method::POST, "/v1/inspections/challenge", &[], "").await;
        assert_eq!(challenge.json(), json!({
            "challengeId": "0197a3c0-52b1-7c0e-9d0f-3f1f6b1d2a10", "challenge": "AQIDBAUGBwg=", "expiresAt": "2026-05-28T09:35:00.000Z",
        }));
        assert_eq!(terminal.post("/v1/inspections/challenge", &json!({})).await.status, 200, "an empty object will do");

        let at = |rest: &str| format!("/v1/inspections/{INSPECTION}{rest}");
        assert_eq!(terminal.post(&at("/data-groups"), &json!({"digests": {"3": "q80="}})).await.json()["id"], INSPECTION);
        assert_eq!(terminal.get(&at("")).await.json()["id"], INSPECTION);
        let referral = json!({"reason": "document_suspect", "officer": "SG-1"});
        assert_eq!(terminal.post(&at("/referral"), &referral).await.status, 200);
        let outcome = json!({"outcome": "refused_entry", "officer": "SG-2"});
        assert_eq!(terminal.post(&at("/referral/outcome"), &outcome).await.status, 200);
        let compared = json!({"result": "no_match", "officer": "SG-3"});
        assert_eq!(terminal.post(&at("/fingerprint-result"), &compared).await.status, 200);

        let asked = house.identity.script.take();
        let [Asked::Challenge(_), Asked::Challenge(_), Asked::Add(add), Asked::Get(get), Asked::Refer(refer), Asked::Close(close), Asked::Fingerprints(compared)] =
            &asked[..] else { panic!("{asked:?}") };
        assert_eq!(add.evidence.as_ref().unwrap().digests[&3], [0xab, 0xcd]);
        for id in [&add.inspection_id, &get.inspection_id, &refer.inspection_id, &close.inspection_id, &compared.inspection_id] {
            assert_eq!(id, INSPECTION);
        }
        assert_eq!((refer.reason.as_str(), close.outcome.as_str(), compared.result.as_str()), ("document_suspect", "refused_entry", "no_match"));
        let officers: Vec<_> = asked.iter().map(|asked| asked.context().officer).collect();
        assert_eq!(officers, ["", "", "", "", "SG-1", "SG-2", "SG-3"]);
        assert!(asked.iter().all(|asked| asked.context().terminal_id == TERMINAL));
        house.end().await;
    }

    async fn a_terminal_gets_the_chain_and_the_signature(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        terminal.post("/v1/inspections", &whole_inspection()).await;

        let chain = terminal.post(
            "/v1/terminal-authentication/chain",
            &json!({"cars": ["UTCVCA00005", "UTCVCA00004"], "inspectionId": INSPECTION}),
        ).await;
        assert_eq!(chain.json(), json!({
            "carUsed": "UTCVCA00004",
            "certificates": [
                {"chr": "UTCVCA00005", "role": "cvca_link", "der": "fyEA"},
                {"chr": "PLDV00002", "role": "dv_foreign", "der": "fyEA"},
                {"chr": "PLGATE00017", "role": "is", "der": "fyEA"},
            ],
            "isChr": "PLGATE00017", "algorithm": "id-TA-ECDSA-SHA-256", "hash": "SHA-256", "expires": "2026-06-14",
            "rights": {"terminalType": "IS", "bits": "Aw==", "dg3": true, "dg4": true},
        }));

        let by_hash = json!({"inspectionId": INSPECTION, "isChr": "PLGATE00017", "hash": "AQI="});
        let signature = terminal.post("/v1/terminal-authentication/signature", &by_hash).await.json();
        assert_eq!(signature["signature"].as_str().unwrap().len(), 88);
        let by_parts = json!({"inspectionId": INSPECTION, "isChr": "PLGATE00017", "idPicc": "AQ==", "challenge": "AAECAwQFBgc=", "hashPk": "Ag=="});
        assert_eq!(terminal.post("/v1/terminal-authentication/signature", &by_parts).await.status, 200);

        let asked = house.spoc.script.take();
        let [Asked::Chain(chain), Asked::Signature(hash), Asked::Signature(parts)] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(chain.cars, ["UTCVCA00005", "UTCVCA00004"]);
        use spoc::get_ta_signature_request::ToBeSigned;
        assert_eq!(hash.to_be_signed, Some(ToBeSigned::Hash(vec![1, 2])));
        assert!(matches!(&parts.to_be_signed, Some(ToBeSigned::Parts(parts)) if parts.challenge == [0, 1, 2, 3, 4, 5, 6, 7]));
        for context in asked.iter().map(Asked::context) {
            assert_eq!(
                [&context.terminal_id, &context.officer, &context.purpose, &context.case_number],
                [TERMINAL, "SG-20418", "border_check", "V-2026/1183"],
                "on behalf of the officer who opened the inspection"
            );
        }

        let neighbour = house.enrolled("PL-WAW-018").await;
        neighbour.post("/v1/terminal-authentication/signature", &by_hash).await.problem(404, "gateway.inspection_unknown");
        assert_eq!(house.spoc.script.count(), 0, "another terminal's request goes no further");
        house.end().await;
    }

    async fn the_control_centres_refusals_are_problems_of_their_own(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        terminal.post("/v1/inspections", &whole_inspection()).await;
        let ask = json!({"cars": ["XXCVCA00001"], "inspectionId": INSPECTION});
        for (result, status, code) in [
            (spoc::ChainResult::FailureCarUnknown, 404, "gateway.failure_car_unknown"),
            (spoc::ChainResult::FailureSyntax, 400, "gateway.failure_chain_syntax"),
            (spoc::ChainResult::FailureOtherError, 409, "gateway.failure_other_error"),
            (spoc::ChainResult::FailureInternalError, 500, "gateway.failure_internal_error"),
            (spoc::ChainResult::Unspecified, 500, "gateway.failure_internal_error"),
        ] {
            house.spoc.chain.lock().unwrap().result = result.into();
            house.spoc.chain.lock().unwrap().detail = "the DV certificate expired on 2026-05-01".to_owned();
            let problem = terminal.post("/v1/terminal-authentication/chain", &ask).await.problem(status, code);
            assert_eq!(problem["detail"], "the DV certificate expired on 2026-05-01");
        }
        let ask = json!({"inspectionId": INSPECTION, "isChr": "PLGATE00017", "hash": "AQI="});
        for (result, status, code) in [
            (spoc::TaSignatureResult::FailureChrUnknown, 404, "gateway.failure_chr_unknown"),
            (spoc::TaSignatureResult::FailureSyntax, 400, "gateway.failure_signature_syntax"),
            (spoc::TaSignatureResult::FailureInternalError, 500, "gateway.failure_internal_error"),
        ] {
            house.spoc.signature.lock().unwrap().result = result.into();
            terminal.post("/v1/terminal-authentication/signature", &ask).await.problem(status, code);
        }
        house.end().await;
    }
}
