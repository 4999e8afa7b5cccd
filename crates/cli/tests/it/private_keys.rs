//! No interface returns a private key: every call of spoc and what REST reads are asked for all there is, and none of it has a key of the store in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::{Buf as _, BufMut as _};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use serde_json::{Value, json};
use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::FILE_DESCRIPTOR_SET;
use straznica_pki::Names;
use straznica_runtime::channel::Channel;
use straznica_spoc::config::KeyStoreConfig;
use straznica_types::{InspectionId, RequestId};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

const FIRST: &str = "OP-07";
const SECOND: &str = "OP-11";
const DESCRIPTION: &str = include_str!("../../../../docs/openapi/gateway.json");

/// Messages as they are on the wire.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, message: Vec<u8>, wire: &mut EncodeBuf<'_>) -> Result<(), Status> {
        wire.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, wire: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; wire.remaining()];
        wire.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}

/// A suite that is asked everything, and what it answered.
struct Interrogation {
    suite: Suite,
    contracts: DescriptorPool,
    /// Whoever calls, by name.
    callers: BTreeMap<&'static str, Channel>,
    /// Everything that came back, refusals too, by the call.
    answers: Vec<(String, Vec<u8>)>,
    /// Calls that were answered.
    answered: BTreeSet<String>,
}

impl Interrogation {
    async fn begin(folder: &Path) -> Self {
        let suite = Suite::start(SuiteOptions::embedded(Some(folder.to_owned()))).await.unwrap();
        let ca = suite.authority().unwrap();
        let of_service = |name: &str| {
            let issued = ca.issue_service(name, &Names::loopback()).unwrap();
            suite.channel(ServiceName::Spoc, &issued).unwrap()
        };
        let of_officer = |name: &str| suite.operator_channel(ServiceName::Spoc, name).unwrap();
        let callers = BTreeMap::from([
            (FIRST, of_officer(FIRST)),
            (SECOND, of_officer(SECOND)),
            ("gateway", of_service("gateway")),
            ("identity", of_service("identity")),
        ]);
        let contracts = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        Self { suite, contracts, callers, answers: Vec::new(), answered: BTreeSet::new() }
    }

    /// Every call of the services behind spoc's listener for this house; partners' calls are for their own certificates.
    fn calls(&self) -> Vec<MethodDescriptor> {
        let services = self.contracts.services().filter(|service| service.package_name() == "straznica.spoc.v1");
        services
            .filter(|service| service.name() != "SpocExchange")
            .flat_map(|one| one.methods().collect::<Vec<_>>())
            .collect()
    }

    /// Asks, with members named as in the contract's JSON; what was answered, as JSON.
    async fn ask(&mut self, caller: &str, name: &str, mut request: Value) -> Option<Value> {
        let call = self.calls().into_iter().find(|call| call.name() == name).unwrap();
        if call.input().get_field_by_name("context").is_some() {
            let at_desk = [FIRST, SECOND].contains(&caller);
            request["context"] = json!({
                "officer": if at_desk { caller } else { "bg-7" },
                "terminalId": if at_desk { "" } else { "PL-WAW-017" },
                "purpose": if at_desk { "maintenance" } else { "border_check" },
                "requestId": RequestId::generate(self.suite.clock().as_ref()).to_string(),
            });
        }
        let message = DynamicMessage::deserialize(call.input(), request).unwrap().encode_to_vec();
        let path = format!("/{}/{name}", call.parent_service().full_name());
        let mut client = tonic::client::Grpc::new(self.callers[caller].clone());
        client.ready().await.unwrap();
        match client.unary(Request::new(message), path.parse().unwrap(), Raw).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let read = DynamicMessage::decode(call.output(), answer.as_slice()).unwrap();
                self.answers.push((name.to_owned(), answer));
                self.answered.insert(name.to_owned());
                Some(serde_json::to_value(&read).unwrap())
            }
            Err(refusal) => {
                self.answers.push((name.to_owned(), format!("{refusal:?}").into_bytes()));
                self.answers.push((name.to_owned(), refusal.details().to_vec()));
                None
            }
        }
    }

    /// The same where an answer is due.
    async fn gets(&mut self, caller: &str, name: &str, request: Value) -> Value {
        let answer = self.ask(caller, name, request).await;
        answer.unwrap_or_else(|| panic!("{name}: {}", String::from_utf8_lossy(&self.answers[self.answers.len() - 2].1)))
    }

    /// Makes a key of every role and uses each.
    async fn uses_every_key(&mut self) {
        self.gets(
            FIRST,
            "CreateNationalCvca",
            json!({ "mnemonic": "CVCA", "algorithm": "id-TA-ECDSA-SHA-256", "parameters": "brainpoolP256r1" }),
        )
        .await;
        let registration =
            json!({ "holder": "PLDVBG", "domesticCvca": "PLCVCA", "approval": "automatic", "dg3": true });
        let proposed = self.gets(FIRST, "RegisterHolder", json!({ "registration": registration })).await;
        self.gets(SECOND, "ConfirmHolder", json!({ "holder": "PLDVBG", "proposal": proposed["proposal"] })).await;
        self.gets(FIRST, "IssueDomesticDv", json!({ "cvca": "PLCVCA", "dvMnemonic": "DVBG" })).await;
        self.gets(FIRST, "CreateDvRequest", json!({ "cvca": "PLCVCA", "dvMnemonic": "DVBG" })).await;
        let system = self.gets(FIRST, "IssueInspectionSystem", json!({ "cvca": "PLCVCA", "mnemonic": "ISBG" })).await;
        self.gets(
            FIRST,
            "CreateExchangeTlsKey",
            json!({ "organisation": "Border Guard", "commonName": "SPOC PL", "host": "spoc.example.pl" }),
        )
        .await;
        let proposed = self.gets(FIRST, "ProposeRollover", json!({ "mnemonic": "CVCA" })).await;
        self.gets(SECOND, "ConfirmRollover", json!({ "cvca": proposed["cvca"], "proposal": proposed["proposal"] }))
            .await;

        let inspection = InspectionId::generate(self.suite.clock().as_ref()).to_string();
        let opened = self.suite.clock().now().millis().to_string();
        self.gets("identity", "OpenInspection", json!({ "inspectionId": inspection, "openedAtMs": opened })).await;
        self.gets("gateway", "GetCertificateChain", json!({ "inspectionId": inspection, "cars": ["PLCVCA00001"] }))
            .await;
        let hash = STANDARD.encode([5; 32]);
        let sign = json!({ "inspectionId": inspection, "isChr": system["chr"], "hash": hash });
        let signed = self.gets("gateway", "GetTaSignature", sign).await;
        assert!(!signed["signature"].as_str().unwrap().is_empty(), "{signed}");
    }

    /// Asks each call there is, with nothing said but who asks.
    async fn asks_for_everything(&mut self) {
        for call in self.calls() {
            for caller in [FIRST, "gateway", "identity"] {
                self.ask(caller, call.name(), json!({})).await;
            }
        }
        let listed = self.gets(FIRST, "ListRequests", json!({})).await;
        self.gets(FIRST, "GetRequest", json!({ "id": listed["requests"][0]["id"] })).await;
    }

    /// Reads every address of the exchange that needs no name.
    async fn reads_over_rest(&mut self) -> usize {
        let officer = self.suite.operator_rest(FIRST).unwrap();
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let mut read = 0;
        for (path, item) in description["paths"].as_object().unwrap() {
            if path.starts_with("/v1/spoc/") && !path.contains('{') && item.get("get").is_some() {
                let answer = officer.get(path).await.unwrap();
                read += usize::from(answer.status.is_success());
                self.answers.push((path.clone(), answer.body.to_vec()));
            }
        }
        read
    }
}

/// The private scalars in a key store of files, by role.
fn scalars(store: &KeyStoreConfig) -> BTreeMap<String, Vec<Vec<u8>>> {
    let kek = std::fs::read(store.key_file.as_ref().unwrap()).unwrap();
    let kek = RandomizedNonceKey::new(&AES_256_GCM, &kek).unwrap();
    let mut found: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for role in ["cvca", "dv", "is", "tls"] {
        for file in std::fs::read_dir(store.directory.join(role)).unwrap() {
            let path = file.unwrap().path();
            let id = path.file_stem().unwrap().to_str().unwrap();
            let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let context = format!("straznica key 1\0test\0{role}/{id}\0{}", file["algorithm"].as_str().unwrap());
            let member = |name: &str| hex::decode(file["sealed"][name].as_str().unwrap()).unwrap();
            let nonce: [u8; 12] = member("nonce").try_into().unwrap();
            let mut key = member("ciphertext");
            let key = kek.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut key);
            let key = key.unwrap();
            // ECPrivateKey of RFC 5915: version 1, then the scalar, 32 octets
            let at = key.windows(5).position(|part| part == [0x02, 0x01, 0x01, 0x04, 0x20]).unwrap();
            found.entry(role.to_owned()).or_default().push(key[at + 5..at + 37].to_vec());
        }
    }
    found
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

/// In which form a secret is in an answer: as it is, in hexadecimal of either case, or in base64 of either alphabet, wherever in the encoded bytes.
fn form_of(secret: &[u8], answer: &[u8]) -> Option<&'static str> {
    if contains(answer, secret) {
        return Some("raw");
    }
    if contains(&answer.to_ascii_lowercase(), hex::encode(secret).as_bytes()) {
        return Some("hexadecimal");
    }
    let encoded = |ahead: usize, engine: &base64::engine::GeneralPurpose| {
        let text = engine.encode([vec![0; ahead], secret.to_vec()].concat());
        // letters that hold bits of the secret alone
        let (first, last) = ((ahead * 8).div_ceil(6), (ahead + secret.len()) * 8 / 6);
        text[first..last].to_owned()
    };
    let in_base64 = (0..3)
        .any(|ahead| [STANDARD, URL_SAFE].iter().any(|engine| contains(answer, encoded(ahead, engine).as_bytes())));
    in_base64.then_some("base64")
}

#[test]
fn a_secret_is_found_in_whatever_form_it_is_given_away() {
    let secret: Vec<u8> = (0..32).map(|number| number * 7 + 3).collect();
    for ahead in 0..4 {
        let within = [vec![0xff; ahead], secret.clone(), vec![0xaa; 5]].concat();
        assert_eq!(form_of(&secret, &within), Some("raw"));
        assert_eq!(form_of(&secret, hex::encode(&within).as_bytes()), Some("hexadecimal"));
        assert_eq!(form_of(&secret, hex::encode_upper(&within).as_bytes()), Some("hexadecimal"));
        for engine in [STANDARD, URL_SAFE] {
            assert_eq!(form_of(&secret, engine.encode(&within).as_bytes()), Some("base64"), "{ahead}");
        }
    }
    let other: Vec<u8> = (0..32).map(|number| number * 7 + 4).collect();
    assert_eq!(form_of(&secret, &other), None);
    assert_eq!(form_of(&secret, STANDARD.encode(&other).as_bytes()), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_has_a_private_key_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = Interrogation::begin(folder.path()).await;
    node.uses_every_key().await;
    node.asks_for_everything().await;
    let read = node.reads_over_rest().await;

    let keys = scalars(&node.suite.config().spoc.keystore);
    let count = |role: &str| keys.get(role).map_or(0, Vec::len);
    assert_eq!([count("cvca"), count("dv"), count("is"), count("tls")], [2, 2, 1, 1], "{:?}", keys.keys());
    // The answers are there to look through: certificates and requests of each of these keys among them.
    for name in [
        "ListHolders",
        "ListIssued",
        "ListCaCertificates",
        "ListOutbox",
        "GetCalendar",
        "ListPartners",
        "GetTrustSnapshot",
    ] {
        assert!(node.answered.contains(name), "{name} was not answered: {:?}", node.answered);
    }
    assert!(node.answered.len() >= 25, "{:?}", node.answered);
    assert!(read >= 8, "{read} addresses");
    for (call, answer) in &node.answers {
        for (role, scalars) in &keys {
            for scalar in scalars {
                assert_eq!(form_of(scalar, answer), None, "{call} gives a key of the role {role} away");
            }
        }
    }
    node.suite.stop().await.unwrap();
}
