//! The fallback by e-mail at both doors: a bundle as long as the format takes is taken in over REST and over gRPC, one as long is given out, and a longer one is refused with
//! the limit it is over.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use exchange::bundle::{Bundle, BundleLimits, Item, LARGEST_FILE, Sealed};
use exchange::code::StatusInfo;
use exchange::message::{MAX_BODY, Message, SendCertificates};
use exchange::profile::Catalogue;
use http::Method;
use serde_json::{Value, json};
use straznica_cli::arguments::ServiceName;
use straznica_cli::demo::state::{BindingName, State, StateOptions, Terms};
use straznica_cli::rest::{Answer, RestClient};
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{ExportBundleRequest, ImportBundleRequest, SendMessageRequest};
use straznica_exchange_wire::bundle::sign;
use straznica_types::SystemClock;

/// A bundle of Utopia's with certificates nobody asked for: so many messages of two hundred certificates, of `bytes` each.
fn bundle(utopia: &State, id: &str, messages: usize, bytes: usize) -> Vec<u8> {
    let message = |place: usize| {
        Item::Message(Message::SendCertificates(SendCertificates {
            caller_id: "UT".to_owned(),
            message_id: Some(format!("{id}-{place}")),
            certificates: vec![vec![0x7f; bytes]; 200],
            status_info: StatusInfo::OkCertAvailable,
        }))
    };
    let (sender, receiver) = ("UT".parse().unwrap(), "PL".parse().unwrap());
    let created = utopia.suite.clock().now();
    let bundle = Bundle { id: id.to_owned(), created, sender, receiver, items: (0..messages).map(message).collect() };
    let (_, authority) = &utopia.authorities[0];
    let profiles = Catalogue::built_in().unwrap();
    sign(&authority.material("127.0.0.1").unwrap().client, &bundle, profiles.get("icao").unwrap()).unwrap()
}

async fn posts(officer: &RestClient, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    officer.send(Method::POST, path, &headers, body.to_string().into()).await.unwrap()
}

fn received(bundle: &[u8]) -> Value {
    json!({ "bundle": BASE64_STANDARD.encode(bundle) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_as_long_as_the_format_takes_passes_both_doors_and_a_longer_one_is_told_the_limit() {
    let raise = async |country: &str, services: &[ServiceName]| {
        let clock = SystemClock::shared();
        let mut options = StateOptions::spoc_only(country.parse().unwrap(), &[BindingName::Grpc], clock);
        options.suite.services = BTreeSet::from_iter(services.iter().copied());
        Box::pin(State::raise(options)).await.unwrap()
    };
    let (poland, utopia) = (raise("PL", &ServiceName::IN_ORDER).await, raise("UT", &[ServiceName::Spoc]).await);
    poland.register(&utopia, &Terms::grpc()).await.unwrap();
    let (desk, rest) = (poland.officer(0).unwrap(), poland.suite.operator_rest("OP-07").unwrap());
    let imports = async |bundle: Vec<u8>| {
        desk.partners().import_bundle(ImportBundleRequest { context: desk.context(), bundle }).await
    };
    let read = |results: &[String]| results.iter().all(|result| result == "failure_messageID_unknown");

    for id in ["by-grpc", "by-rest"] {
        let full = bundle(&utopia, id, 3, 10_350);
        assert!((LARGEST_FILE - 200_000..=LARGEST_FILE).contains(&full.len()), "{}", full.len());
        let results: Vec<String> = if id == "by-rest" {
            let answer = posts(&rest, "/v1/spoc/bundles", &received(&full)).await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.json());
            let outcomes = answer.json()["outcomes"].as_array().unwrap().clone();
            outcomes.iter().map(|outcome| outcome["result"].as_str().unwrap().to_owned()).collect()
        } else {
            let answer = imports(full).await.unwrap().into_inner();
            answer.outcomes.into_iter().map(|outcome| outcome.result).collect()
        };
        assert!(results.len() == 3 && read(&results), "every message of it was read: {results:?}");
    }

    let longer = bundle(&utopia, "longer", 3, 10_700);
    assert!(longer.len() > LARGEST_FILE, "{}", longer.len());
    let refused = imports(longer.clone()).await.unwrap_err();
    assert!(refused.message().contains("longer than 8388608 bytes"), "{refused:?}");
    let answer = posts(&rest, "/v1/spoc/bundles", &received(&longer)).await;
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (413, &json!("gateway.too_large")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("bytes are taken here"), "{problem}");

    // a revocation list as long as the node fetches them: read, and found to be none
    let list = vec![0x30; 1024 * 1024];
    let body = json!({ "crl": BASE64_STANDARD.encode(&list) });
    let answer = posts(&rest, "/v1/spoc/partners/UT/revocation-lists", &body).await;
    assert_eq!(answer.json()["code"], "spoc.crl_refused", "{}", answer.json());
    let body = json!({ "crl": BASE64_STANDARD.encode([&list[..], &[0]].concat()) });
    let answer = posts(&rest, "/v1/spoc/partners/UT/revocation-lists", &body).await;
    let problem = answer.json();
    assert!(problem.to_string().contains("1048577 bytes, 1048576 are taken"), "{problem}");

    // as long a one leaves by both doors, and a second one takes what does not fit
    let mut messages = MessageServiceClient::new(desk.channel());
    for _ in 0..130 {
        let request = SendMessageRequest {
            context: desk.context(),
            country: "UT".to_owned(),
            subject: "An exercise".to_owned(),
            parameters: Default::default(),
            body: "x".repeat(MAX_BODY),
        };
        messages.send_message(request).await.unwrap();
    }
    let request = ExportBundleRequest { context: desk.context(), country: "UT".to_owned() };
    let first = desk.partners().export_bundle(request).await.unwrap().into_inner();
    let exported = first.bundle.len();
    assert!(exported > 4 << 20 && exported <= LARGEST_FILE, "{exported}");
    let second = posts(&rest, "/v1/spoc/partners/UT/bundle", &json!({})).await.json();
    let bytes = BASE64_STANDARD.decode(second["bundle"].as_str().unwrap()).unwrap();
    Sealed::read(&bytes, BundleLimits::default()).unwrap();
    assert_eq!((first.messages, &second["messages"]), (65, &json!(65)));
    poland.suite.stop().await.unwrap();
    utopia.suite.stop().await.unwrap();
}
