//! Operators look after the exchange through the gateway: spoc takes the officer the gateway's listener saw, and holds both to the two-officer rule.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use cvc::domain_parameters::StandardisedCurve;
use exchange::development::{Algorithm, Authority, Digest, Validity};
use http::Method;
use serde_json::{Value, json};
use straznica_cli::rest::{Answer, RestClient};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_tests::now;

/// Asks, and expects to be answered with this status.
async fn asks(officer: &RestClient, method: Method, path: &str, body: Option<Value>, status: u16) -> Answer {
    let (headers, body): (&[_], _) = match body {
        Some(body) => (&[("content-type", "application/json")], body.to_string()),
        None => (&[], String::new()),
    };
    let answer = officer.send(method, path, headers, body.into()).await.unwrap();
    assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.json());
    answer
}

async fn gets(officer: &RestClient, path: &str) -> Value {
    asks(officer, Method::GET, path, None, 200).await.json()
}

async fn posts(officer: &RestClient, path: &str, body: Value, status: u16) -> Value {
    asks(officer, Method::POST, path, Some(body), status).await.json()
}

fn registration(root: &Authority) -> Value {
    json!({
        "country": "UT", "name": "Utopian Border Agency", "binding": "grpc", "profile": "icao", "url": "https://spoc.example.ut",
        "email": "spoc@example.ut", "contacts": ["Ada Example"], "answers": "synchronous", "documentYears": 10,
        "roots": [{"certificate": BASE64_STANDARD.encode(root.certificate())}],
        "cvcas": [{"name": "UTCVCA", "documentTypes": "passports"}],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_officers_run_the_exchange_through_the_gateway() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let (first, second) = (suite.operator_rest("OP-07").unwrap(), suite.operator_rest("OP-11").unwrap());
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
    let validity = Validity::days(suite.clock().now() - Duration::from_secs(86_400), 1000);
    let root = Authority::root("UT", "root", algorithm, validity, None, Vec::new()).unwrap();
    let fingerprint = root.fingerprint().unwrap().to_string();

    let wrong = json!({"country": "UT"});
    let problem = posts(&first, "/v1/spoc/partners", wrong, 400).await;
    assert_eq!(problem["code"], "gateway.invalid_members");
    // what is refused names the rule it rests on
    let mut of_nobody = registration(&root);
    of_nobody["profile"] = json!("1999");
    let problem = posts(&first, "/v1/spoc/partners", of_nobody, 422).await;
    assert_eq!(problem["code"], "spoc.partner_refused", "{problem}");
    assert_eq!(problem["detail"], "profile: 1999 is not loaded (registration/profile)");
    let proposed = posts(&first, "/v1/spoc/partners", registration(&root), 201).await;
    assert_eq!((&proposed["proposedBy"], &proposed["fingerprints"]), (&json!("OP-07"), &json!([fingerprint])));
    let confirmation = format!("/v1/spoc/partner-proposals/{}/confirmation", proposed["id"].as_str().unwrap());
    let compared = json!({"fingerprints": [fingerprint]});
    let problem = posts(&first, &confirmation, compared.clone(), 409).await;
    assert_eq!(problem["code"], "spoc.second_officer_required", "the officer is the certificate's: {problem}");
    let partner = posts(&second, &confirmation, compared, 200).await;
    assert_eq!((&partner["state"], &partner["served"]), (&json!("active"), &json!(true)));
    assert_eq!(gets(&first, "/v1/spoc/partners").await["partners"][0]["roots"][0]["fingerprint"], json!(fingerprint));
    assert_eq!(gets(&first, "/v1/spoc/health?country=UT").await["partners"][0]["country"], "UT");

    let holder = json!({"holder": "UTDV", "domesticCvca": "UTCVCA", "approval": "automatic", "dg3": true});
    let proposed = posts(&first, "/v1/spoc/holders", holder, 201).await;
    let seen = json!({ "proposal": proposed["proposal"] });
    asks(&second, Method::POST, "/v1/spoc/holders/UTDV/confirmation", Some(seen), 204).await;
    asks(&first, Method::POST, "/v1/spoc/holders/UTDV/suspension", Some(json!({"reason": "key stolen"})), 204).await;
    let holders = gets(&first, "/v1/spoc/holders").await;
    assert_eq!(holders["holders"][0]["state"], "suspended", "{holders}");

    let text = json!({"country": "UT", "subject": "Test", "body": "Please answer."});
    let message = posts(&first, "/v1/spoc/messages", text, 201).await;
    let address = format!("/v1/spoc/messages/{}", message["id"].as_str().unwrap());
    assert_eq!(gets(&second, &address).await["body"], "Please answer.");
    assert_eq!(gets(&first, "/v1/spoc/requests").await["requests"], json!([]));
    assert_eq!(gets(&first, "/v1/spoc/renewals").await["subscriptions"], json!([]));
    let deliveries = gets(&first, "/v1/spoc/deliveries?country=UT").await;
    assert_eq!(deliveries["deliveries"].as_array().unwrap().len(), 2, "{deliveries}");
    let problem = posts(&first, "/v1/spoc/certificates/rollovers", json!({"mnemonic": "NONE"}), 409).await;
    assert_eq!(problem["code"], "spoc.national_cvca", "{problem}");

    let until = suite.clock().now().date().plus_days(3650);
    let headers = [("accept", "text/calendar")];
    let path = format!("/v1/spoc/calendar?to={until}");
    let calendar = first.send(Method::GET, &path, &headers, bytes::Bytes::new()).await.unwrap();
    assert_eq!(calendar.status.as_u16(), 200, "{}", calendar.json());
    let text = String::from_utf8(calendar.body.to_vec()).unwrap();
    assert!(text.contains("SUMMARY:SPOC root of UT is used no more"), "{text}");

    let suspended = json!({"reason": "their SPOC key is reported stolen"});
    asks(&first, Method::POST, "/v1/spoc/partners/UT/suspension", Some(suspended), 204).await;
    assert_eq!(gets(&first, "/v1/spoc/partners/UT").await["partner"]["served"], false);
    suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_officers_look_after_the_states_own_certificates_through_the_gateway() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let today = now(&suite).date();
    let (first, second) = (suite.operator_rest("OP-07").unwrap(), suite.operator_rest("OP-11").unwrap());
    let at = |place: &str| format!("/v1/spoc/certificates/{place}");
    let bytes = |answer: &Value, member: &str| BASE64_STANDARD.decode(answer[member].as_str().unwrap()).unwrap();
    let mut utopia = AccessAuthority::found("UT", "BYREST", today - time::Duration::days(10)).unwrap();

    let kind = json!({"mnemonic": "CVCA", "algorithm": "id-TA-ECDSA-SHA-256", "parameters": "brainpoolP256r1"});
    let national = posts(&first, &at("cvca"), kind.clone(), 201).await;
    assert_eq!(gets(&second, &at("cvca")).await["certificates"][0]["chr"], national["chr"]);
    assert_eq!(posts(&second, &at("cvca"), kind, 409).await["code"], "spoc.national_cvca");
    utopia.register(&[bytes(&national, "certificate")]).unwrap();

    // Utopia's root counts when another officer gives the fingerprint Utopia told
    let root = utopia.root(0).unwrap().as_der().to_vec();
    let told = hex::encode(emrtd::crypto::HashAlgorithm::Sha256.digest(&root).unwrap());
    let file = json!({"certificates": [BASE64_STANDARD.encode(&root)]});
    let imported = posts(&first, &at("cvca-imports"), file, 200).await;
    let root = "UTBYREST00001";
    let waiting = json!({"chr": root, "car": root, "fingerprint": told, "awaitsConfirmation": true, "findings": []});
    assert_eq!(imported, json!({"imported": [waiting]}));
    let verifier = json!({"cvca": "UTBYREST", "dvMnemonic": "DV"});
    assert_eq!(posts(&first, &at("dv-requests"), verifier.clone(), 404).await["code"], "spoc.cvca_unknown");
    let (confirmation, compared) = (at("waiting/confirmation"), json!({"fingerprint": told}));
    let problem = posts(&first, &confirmation, compared.clone(), 409).await;
    assert_eq!(problem["code"], "spoc.second_officer_required");
    let start = if told.starts_with('0') { "1" } else { "0" };
    let other = [start, &told[1..]].concat();
    let wrong = json!({ "fingerprint": other });
    assert_eq!(posts(&second, &confirmation, wrong, 404).await["code"], "spoc.certificate_unknown");
    // who looks first has confirmed nothing
    let look = json!({"fingerprint": told, "lookOnly": true});
    let nothing_found = json!({"chr": root, "awaitsSecondOfficer": false, "findings": []});
    assert_eq!(posts(&second, &confirmation, look, 200).await, nothing_found);
    assert_eq!(posts(&first, &at("dv-requests"), verifier.clone(), 404).await["code"], "spoc.cvca_unknown");
    assert_eq!(posts(&second, &confirmation, compared, 200).await, nothing_found);

    // a root nobody knows is put away by one
    let stranger = AccessAuthority::found("XA", "NOBODY", today - time::Duration::days(10)).unwrap();
    let file = json!({"certificates": [BASE64_STANDARD.encode(stranger.root(0).unwrap().as_der())]});
    let unknown = posts(&first, &at("cvca-imports"), file, 200).await;
    let chr = unknown["imported"][0]["chr"].as_str().unwrap();
    let rejection = at(&format!("waiting/{chr}/rejection"));
    asks(&first, Method::POST, &rejection, Some(json!({"reason": "nobody at XA knows it"})), 204).await;
    assert!(!gets(&first, "/v1/spoc/certificates").await.to_string().contains(chr));

    let asked = posts(&first, &at("dv-requests"), verifier, 201).await;
    assert_eq!(asked["initial"], true);
    let issued = utopia.process_dv_request(&bytes(&asked, "request"), today).unwrap();
    let file = json!({"certificates": [BASE64_STANDARD.encode(&issued.certificate)]});
    let taken = posts(&first, &at("dv-imports"), file, 200).await;
    assert_eq!((&taken["chr"], &taken["car"]), (&asked["chr"], &json!("UTBYREST00001")));
    let lane = json!({"cvca": "UTBYREST", "mnemonic": "IS"});
    assert!(!bytes(&posts(&first, &at("inspection-systems"), lane.clone(), 201).await, "certificate").is_empty());

    // one officer keeps the verifier out, two let it in again
    let verifier = at(&format!("UTBYREST00001/{}", taken["chr"].as_str().unwrap()));
    let lost = json!({"reason": "key store opened"});
    asks(&first, Method::POST, &format!("{verifier}/suspension"), Some(lost), 204).await;
    assert_eq!(posts(&first, &at("inspection-systems"), lane.clone(), 409).await["code"], "spoc.dv_missing");
    let (resumption, found) = (format!("{verifier}/resumption"), json!({"reason": "found in the second safe"}));
    assert_eq!(posts(&first, &resumption, found.clone(), 200).await, json!({"awaitsSecondOfficer": true}));
    let problem = posts(&first, &resumption, found.clone(), 409).await;
    assert_eq!(problem["code"], "spoc.second_officer_required");
    posts(&first, &at("inspection-systems"), lane.clone(), 409).await;
    assert_eq!(posts(&second, &resumption, found, 200).await, json!({"awaitsSecondOfficer": false}));
    posts(&first, &at("inspection-systems"), lane, 201).await;

    // our own verifier is certified by the rules for others'
    let own = json!({"cvca": "PLCVCA", "dvMnemonic": "DVBG"});
    let problem = posts(&first, &at("document-verifiers"), own.clone(), 409).await;
    assert_eq!(problem["code"], "spoc.request_refused", "{problem}");
    let holder = json!({"holder": "PLDVBG", "domesticCvca": "PLCVCA", "approval": "automatic", "dg3": true});
    let seen = json!({"proposal": posts(&first, "/v1/spoc/holders", holder, 201).await["proposal"]});
    asks(&second, Method::POST, "/v1/spoc/holders/PLDVBG/confirmation", Some(seen), 204).await;
    let issued = posts(&first, &at("document-verifiers"), own, 201).await;
    assert_eq!((&issued["waiting"], issued["expires"].is_string()), (&json!(false), true), "{issued}");

    let name = json!({"organisation": "Straż Graniczna", "commonName": "PL SPOC", "host": "spoc.example.pl"});
    let made = posts(&first, &at("exchange-keys"), name, 201).await;
    let members: Vec<_> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["certificateRequest", "keyHandle"], "a name and a request, and no key");
    assert!(made["keyHandle"].as_str().unwrap().starts_with("tls/"));
    suite.stop().await.unwrap();
}
