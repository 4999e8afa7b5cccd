//! Clients nobody here wrote complete all four operations with a whole node: one made from the proto file in Python (grpcio), and a SOAP client (zeep)
//! with the description published in 2009 and with the node's own. They speak for Poland, whose requests Poland's own node made; what they bring back,
//! that node takes.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use exchange::profile::built_in_file;
use serde_json::{Value, json};
use straznica_cli::demo::state::{BindingName, State, Terms};
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{
    CreateDvRequestRequest, GetMessageRequest, ImportDvCertificateRequest, ListHoldersRequest, ListIssuedRequest,
    ListMessagesRequest,
};
use straznica_exchange_wire::development::{SpocKeys, write_pem};
use straznica_testkit::{python_with, vectors};
use tempfile::TempDir;
use tokio::process::Command;

use super::exchange::meet_with_profiles;

/// What a state says in a GeneralMessage; letters and signs an encoding may lose.
const BODY: &str = "Žluťoučký kůň <&> „zażółć gęślą jaźń”";

/// Configuration of OpenSSL under the SOAP client: without brainpool among its groups it cannot meet a SPOC's certificate.
const BRAINPOOL: &str = "\
openssl_conf = openssl
[openssl]
ssl_conf = tls
[tls]
system_default = all
[all]
Groups = brainpoolP256r1:brainpoolP384r1:P-256:P-384
";

/// Poland's side without its node: credentials, and what there is to say.
struct Spoken {
    poland: State,
    utopia: State,
    binding: BindingName,
    /// The CVCA certificate Poland brings news of, by its holder reference.
    news: String,
    folder: TempDir,
}

impl Spoken {
    /// Two states that have met, without explicit parameters in their SOAP certificates: OpenSSL under the peers refuses these. A request
    /// of Poland's document verifier and a new generation of Poland's CVCA, none of it sent.
    async fn prepare(terms: &Terms, notification: &str) -> Self {
        Box::pin(Self::prepare_with_profiles(terms, notification, &[])).await
    }

    /// The same where both nodes were given profiles beside those that come with the program.
    async fn prepare_with_profiles(terms: &Terms, notification: &str, files: &[PathBuf]) -> Self {
        let (poland, utopia) = Box::pin(meet_with_profiles(terms, SpocKeys::NamedBrainpool, files)).await;
        let officer = poland.officer(0).unwrap();
        let request = CreateDvRequestRequest {
            context: officer.context(),
            cvca: "UTCVCA".to_owned(),
            dv_mnemonic: "DVBORDER".to_owned(),
        };
        let created = officer.national().create_dv_request(request).await.unwrap().into_inner();
        assert!(created.initial);
        let news = poland.roll_over("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.unwrap();
        let own = poland.own_cvcas().await.unwrap();
        let link = own.iter().find(|one| one.chr == news && one.car != one.chr).expect("a link certificate");

        let request_certificate = json!({ "operation": "RequestCertificate", "callerID": "PL", "messageID": "peer-2", "certificateRequest": hex::encode(&created.request) });
        let plan = json!([
            { "operation": "GetCACertificates", "callerID": "PL", "messageID": "peer-1" },
            request_certificate,
            { "operation": "SendCertificates", "callerID": "PL", "certificates": [hex::encode(&link.certificate)], "statusInfo": notification },
            { "operation": "GeneralMessage", "callerID": "PL", "messageID": "peer-3", "subject": "Other", "body": BODY },
            request_certificate,
            { "operation": "SendCertificates", "callerID": "PL", "messageID": "nobody-asked", "certificates": [], "statusInfo": "failure_syntax" },
            { "operation": "GetCACertificates", "callerID": "SK", "messageID": "peer-4" },
        ]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
        std::fs::write(folder.path().join("openssl.cnf"), BRAINPOOL).unwrap();
        let authority = |state: &State| {
            let found = state.authorities.iter().position(|(name, _)| *name == terms.binding);
            found.expect("a binding the state offers")
        };
        let (_, ours) = &poland.authorities[authority(&poland)];
        let (_, theirs) = &utopia.authorities[authority(&utopia)];
        let issued = ours.issue(&ours.request("127.0.0.1")).unwrap();
        write_pem(&issued, &folder.path().join("chain.pem"), &folder.path().join("key.pem"), None).unwrap();
        std::fs::write(folder.path().join("root.pem"), pem(&theirs.root())).unwrap();
        Self { poland, utopia, binding: terms.binding, news, folder }
    }

    /// Runs a peer; what it was answered.
    async fn say(&self, python: &Path, peer: &str, arguments: &[&str]) -> Vec<Value> {
        let output = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer))
            .args(arguments)
            .arg(self.folder.path())
            .env("OPENSSL_CONF", self.folder.path().join("openssl.cnf"))
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What the peer was answered is what both nodes know of.
    async fn holds(self, answers: Vec<Value>, refused: Value) {
        let words = ["ok_cert_available", "ok_received_correctly", "ok", "failure_messageID_unknown"];
        Box::pin(self.holds_in_words(answers, refused, words)).await;
    }

    /// The same, the answers told in these words: certificates are here, received correctly, ok, message identifier unknown.
    async fn holds_in_words(self, answers: Vec<Value>, refused: Value, words: [&str; 4]) {
        let [available, received, ok, unknown] = words;
        let results: Vec<&Value> = answers.iter().map(|answer| &answer["result"]).collect();
        assert_eq!(
            results[..6],
            [available, available, received, ok, available, unknown].map(|word| json!(word)).each_ref(),
            "{answers:?}"
        );
        assert_eq!(answers[4], answers[1], "one answer to one message");
        assert_eq!(answers[6], json!({ "refused": refused }));

        // the certificates of Utopia's CVCA are those it has
        let own: Vec<Vec<u8>> = self.utopia.own_cvcas().await.unwrap().into_iter().map(|one| one.certificate).collect();
        assert_eq!(certificates(&answers[0]), own);
        // Poland's node takes the answer, and Utopia's knows of one certificate issued
        let officer = self.poland.officer(0).unwrap();
        let sequence = certificates(&answers[1]);
        let request = ImportDvCertificateRequest { context: officer.context(), certificates: sequence.clone() };
        let taken = officer.national().import_dv_certificate(request).await.unwrap().into_inner();
        assert_eq!((taken.chr.as_str(), taken.car.as_str()), ("PLDVBORDER00001", "UTCVCA00001"));
        let theirs = self.utopia.officer(0).unwrap();
        let issued = theirs.issuing().list_issued(ListIssuedRequest::default()).await.unwrap().into_inner();
        let issued: Vec<&[u8]> = issued.certificates.iter().map(|one| one.certificate.as_slice()).collect();
        assert_eq!(issued, [sequence[0].as_slice()]);
        // the news is known, and the message is in the inbox letter by letter
        let known = theirs.national().list_holders(ListHoldersRequest {}).await.unwrap().into_inner().holders;
        assert!(known.iter().any(|one| one.chr == self.news), "{known:?}");
        let mut messages = MessageServiceClient::new(theirs.channel());
        let request = ListMessagesRequest { direction: "received".to_owned(), ..ListMessagesRequest::default() };
        let received = messages.list_messages(request).await.unwrap().into_inner().messages;
        let [message] = received.as_slice() else { panic!("{received:?}") };
        let request = GetMessageRequest { id: message.id.clone() };
        let message = messages.get_message(request).await.unwrap().into_inner().message.unwrap();
        assert_eq!(
            (message.country.as_str(), message.message_id.as_str(), message.body.as_str()),
            ("PL", "peer-3", BODY)
        );
        self.poland.suite.stop().await.unwrap();
        self.utopia.suite.stop().await.unwrap();
    }
}

fn certificates(answer: &Value) -> Vec<Vec<u8>> {
    let listed = answer["certificates"].as_array().expect("certificates");
    listed.iter().map(|one| hex::decode(one.as_str().unwrap()).unwrap()).collect()
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[tokio::test]
async fn a_client_made_from_the_proto_file_in_python_exchanges_with_a_node() {
    let (Some(python), Some(_)) = (python_with("grpc"), python_with("grpc_tools")) else { return };
    let spoken = Box::pin(Spoken::prepare(&Terms::grpc(), "new_cert_available_notification")).await;
    let address = spoken.utopia.url(spoken.binding).unwrap();
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto");
    let answers = spoken.say(&python, "spoc_grpc.py", &[protos, address.trim_start_matches("https://")]).await;
    Box::pin(spoken.holds(answers, json!(["UNAUTHENTICATED", ""]))).await;
}

#[tokio::test]
async fn zeep_exchanges_with_a_node_by_the_description_of_2009() {
    let (Some(python), Some(vectors)) = (python_with("zeep"), vectors()) else { return };
    let spoken = Box::pin(Spoken::prepare(&Terms::soap(), "new_cer_available_notification")).await;
    let published = std::fs::read_to_string(vectors.join("wsdl/csn369791-2009-spoc.wsdl.xml")).unwrap();
    let ours = published.replace("http://spoc-server/SPOC", &spoken.utopia.url(spoken.binding).unwrap());
    assert_ne!(published, ours, "the address alone is changed");
    let wsdl = spoken.folder.path().join("spoc.wsdl");
    std::fs::write(&wsdl, ours).unwrap();
    let answers = spoken.say(&python, "spoc_zeep.py", &[wsdl.to_str().unwrap()]).await;
    Box::pin(spoken.holds(answers, json!(401))).await;
}

#[tokio::test]
async fn zeep_exchanges_with_a_node_by_the_nodes_own_description() {
    let Some(python) = python_with("zeep") else { return };
    for (profile, notification) in
        [("2009", "new_cer_available_notification"), ("icao", "new_cert_available_notification")]
    {
        let spoken = Box::pin(Spoken::prepare(&Terms { profile, ..Terms::soap() }, notification)).await;
        let wsdl = format!("{}?wsdl", spoken.utopia.url(spoken.binding).unwrap());
        let answers = spoken.say(&python, "spoc_zeep.py", &[&wsdl]).await;
        Box::pin(spoken.holds(answers, json!(401))).await;
    }
}

/// What a partner's WSDL calls otherwise than the assumed edition of 2018: ours, and theirs.
const OTHERWISE: [(&str, &str); 4] = [
    ("ok_cert_available", "certificates_available"),
    ("ok_received_correctly", "received"),
    ("failure_messageID_unknown", "failure_unknown_message"),
    ("new_cert_available_notification", "new_certificates"),
];
/// Its namespace.
const NAMESPACE_OF_2018: &str = "urn:example:spoc:2018";

#[tokio::test]
async fn zeep_exchanges_with_a_node_whose_profile_of_2018_was_edited_after_the_partners_description() {
    let (Some(python), Some(vectors)) = (python_with("zeep"), vectors()) else { return };
    // as docs/operations/spoc.md has it: printed, edited, named in the configuration
    let folder = tempfile::tempdir().unwrap();
    let edited = folder.path().join("ut-2018.toml");
    let assumed = built_in_file("2018").unwrap();
    let spellings: String = OTHERWISE.map(|(ours, theirs)| format!("{ours} = \"{theirs}\"\n")).concat();
    let profile = assumed
        .replacen("name = \"2018\"", "name = \"2018-ut\"", 1)
        .replacen("verified = false", "verified = true", 1)
        .replacen("http://namespaces.unmz.cz/csn369791", NAMESPACE_OF_2018, 1)
        .replacen("[spelling]\n", &format!("[spelling]\n{spellings}"), 1);
    std::fs::write(&edited, profile).unwrap();
    let terms = Terms { profile: "2018-ut", ..Terms::soap() };
    let spoken = Box::pin(Spoken::prepare_with_profiles(&terms, "new_certificates", &[edited])).await;

    // the partner's client is made from the partner's description: that of 2009 with its namespace and its words
    let published = std::fs::read_to_string(vectors.join("wsdl/csn369791-2009-spoc.wsdl.xml")).unwrap();
    let mut theirs = published
        .replace("http://spoc-server/SPOC", &spoken.utopia.url(spoken.binding).unwrap())
        .replace("http://namespaces.unmz.cz/csn369791", NAMESPACE_OF_2018)
        .replace("new_cer_available_notification", "new_cert_available_notification");
    for (ours, word) in OTHERWISE {
        assert!(theirs.contains(ours), "{ours}");
        theirs = theirs.replace(ours, word);
    }
    let wsdl = spoken.folder.path().join("spoc.wsdl");
    std::fs::write(&wsdl, theirs).unwrap();
    let answers = spoken.say(&python, "spoc_zeep.py", &[wsdl.to_str().unwrap()]).await;
    let own = format!("{}?wsdl", spoken.utopia.url(spoken.binding).unwrap());
    // the node's own description says the same; messages sent again are answered as before
    let again = spoken.say(&python, "spoc_zeep.py", &[&own]).await;
    assert_eq!(again[..2], answers[..2]);
    let words = ["certificates_available", "received", "ok", "failure_unknown_message"];
    Box::pin(spoken.holds_in_words(answers, json!(401), words)).await;
}
