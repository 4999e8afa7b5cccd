//! RequestCertificate, answered at once with every check, over the wire (mutual TLS 1.3 on a kept connection), against what it cannot do without in
//! the same run: the bare signature operations in it — both signatures of the request verified, the certificate signed, and that signature verified
//! before it leaves —, a bare commit of the rows it leaves (the message with its answer, the request, the certificate, the journal's entry with its
//! event) in tables of its own of the same engine and settings, and the wire. Each is measured by itself, and all together as the *bare call*: the same
//! messages between the same client and server, behind which those operations and that commit are done, off the async threads as the node does them, and
//! nothing is looked up, checked or refused. Parts alone do not add up to a call on a machine whose processors sleep between two steps; the bare call
//! waits as often as the call does. Four nodes are asked in turns, so that the machine is the same for all: one with 3 partners and few certificates
//! issued, one with 30 partners, one with 10,000 certificates, one with longer keys.
//!
//! Prints `ratio request_certificate …`: one, and what the median call takes longer than the median bare call, in signature operations; aim: at most 1.5. Then the
//! same with everything but commit and signatures in it, the share of each part, and how the call grows with partners and with certificates.
//! `STRAZNICA_TEST_POSTGRES_URL` puts every database on that server; without it they are SQLite files.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use criterion::Criterion;
use cvc::private_key::{PrivateKey, Signer};
use cvc::{AuthenticatedRequest, Certificate, PublicKey, Reference, StandardisedCurve};
use exchange::Country;
use exchange::code::RequestCertificateCode;
use exchange::message::{Answer, Message, RequestCertificate};
use futures::StreamExt as _;
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use sea_orm_migration::sea_query::{Expr, InsertStatement, Query};
use straznica_cli::demo::state::{BindingName, State, StateOptions};
use straznica_conformance::callbacks;
use straznica_conformance::cvca::Cvca;
use straznica_conformance::request::DvRequest;
use straznica_contracts::spoc::v1::{
    ConfirmCvcaCertificateRequest, ConfirmPartnerRequest, EnteredRoot, ImportCvcaCertificatesRequest,
    ProposePartnerRequest, Registration,
};
use straznica_exchange_wire::development::{DevelopmentSpoc, FixedAdmission, SpocKeys};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig};
use straznica_exchange_wire::{CurrentMaterial, PartnerClient as _};
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, StoreError};
use straznica_tests::{NoMigrations, now};
use straznica_types::{Clock as _, ManualClock, RequestId, SharedClock, SystemClock};
use time::Date;

#[path = "request_certificate/wire.rs"]
mod wire;

use wire::Wire;

/// Certificates issued before anything is measured.
const FEW: usize = 10;
const MANY: usize = 10_000;
/// Partners of a node.
const USUAL: usize = 3;
const ALL_OF_EUROPE: usize = 30;
/// Measured rounds, and those before that are not counted: they repeat a message, so that nothing more is issued.
const ROUNDS: usize = 400;
const WARMING: usize = 40;
/// Measured rounds that tell how the call grows with certificates: until then the node of few has not many.
const EARLY: usize = 100;
/// A node takes so many messages of one partner in an hour (`messages_per_hour` of the policy), with room for what is measured.
const AN_HOUR: usize = 2_500;
const AN_HOUR_LATER: Duration = Duration::from_secs(60 * 60);
/// How long criterion asks a node, which is to be less than the share of an hour.
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);
/// Requests on their way at once while a node is filled.
const AT_ONCE: usize = 8;

fn main() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(Box::pin(run()));
}

async fn run() {
    let engine = match std::env::var_os(straznica_store::testing::POSTGRES_URL) {
        Some(_) => Engine::Postgres,
        None => Engine::Sqlite,
    };
    let clock = ManualClock::starting_at(SystemClock.now());
    let mut nodes = Vec::new();
    let usual = Kind { algorithm: "id-TA-ECDSA-SHA-256", curve: StandardisedCurve::BrainpoolP256r1 };
    let longer = Kind { algorithm: "id-TA-ECDSA-SHA-384", curve: StandardisedCurve::BrainpoolP384r1 };
    for (keys, partners, certificates) in
        [(usual, USUAL, FEW), (usual, ALL_OF_EUROPE, FEW), (usual, USUAL, MANY), (longer, USUAL, FEW)]
    {
        let began = Instant::now();
        let mut node = Box::pin(Node::raise(engine, keys, partners, &clock)).await;
        Box::pin(node.fill(certificates, &clock)).await;
        println!("a node of {partners} partners has issued {certificates} certificates; {:.1?}", began.elapsed());
        nodes.push(node);
    }

    let mut measured: Vec<Measured> = nodes.iter().map(|_| Measured::default()).collect();
    let mut wires = Vec::new();
    for node in &nodes {
        wires.push(Wire::lay(node.bare.clone(), &clock.shared()).await);
    }
    let mut known = Vec::new();
    for node in &mut nodes {
        let message = node.message();
        granted(node.ask(&message).await);
        known.push(message);
    }
    for round in 0..WARMING + ROUNDS {
        for (((node, known), wire), measured) in nodes.iter_mut().zip(&known).zip(&wires).zip(&mut measured) {
            let message = if round < WARMING { known.clone() } else { node.message() };
            let began = Instant::now();
            let answer = node.ask(&message).await;
            let call = began.elapsed();
            let certificate = granted(answer);
            let began = Instant::now();
            let again = node.ask(&message).await;
            let repeated = began.elapsed();
            assert_eq!(granted(again).as_der(), certificate.as_der(), "one answer to one message");
            let [verified, signed] = node.bare.signature_operations(&message, &certificate);
            let committed = node.bare.commit(asked(&message), &certificate).await;
            let carried = wire.carry(&message, &certificate).await;
            let bare = wire.bare_call(&message, &certificate).await;
            if round >= WARMING {
                measured.calls.push(call);
                measured.repeated.push(repeated);
                measured.verifying.push(verified);
                measured.signing.push(signed);
                measured.committing.push(committed);
                measured.carrying.push(carried);
                measured.bare.push(bare);
            }
        }
    }
    clock.advance(AN_HOUR_LATER);
    criterion_reports(&mut nodes[0]);
    let [few, partners, certificates, longer] = measured
        .try_into()
        .map(|measured: [Measured; 4]| measured.map(Medians::from))
        .unwrap_or_else(|_| unreachable!());
    println!("RequestCertificate on {engine:?}, medians of {ROUNDS}");
    few.report("brainpoolP256r1", "request_certificate");
    longer.report("brainpoolP384r1", "request_certificate_p384");
    println!(
        "{ALL_OF_EUROPE} partners instead of {USUAL}: {:.1?}; {MANY} certificates and up to {} more instead of {FEW} and as many more: {:.1?} instead of {:.1?}",
        partners.call,
        EARLY + 1,
        certificates.early,
        few.early
    );
    let growth = |grown: Duration, from: Duration| grown.as_secs_f64() / from.as_secs_f64();
    println!("ratio request_certificate_30_partners {:.3}", growth(partners.call, few.call));
    println!("ratio request_certificate_10000_certificates {:.3}", growth(certificates.early, few.early));
    for node in nodes {
        node.state.suite.stop().await.unwrap();
    }
}

/// What calls to one node took, and in the same rounds what they cannot do without.
#[derive(Default)]
struct Measured {
    calls: Vec<Duration>,
    /// The same message again: the wire, admission, and the look at what was answered.
    repeated: Vec<Duration>,
    verifying: Vec<Duration>,
    signing: Vec<Duration>,
    committing: Vec<Duration>,
    carrying: Vec<Duration>,
    /// All of it in one call.
    bare: Vec<Duration>,
}

struct Medians {
    /// Of the first rounds.
    early: Duration,
    call: Duration,
    repeated: Duration,
    verify: Duration,
    sign: Duration,
    commit: Duration,
    wire: Duration,
    bare: Duration,
}

impl From<Measured> for Medians {
    fn from(mut measured: Measured) -> Self {
        Self {
            early: median(&mut measured.calls[..EARLY].to_vec()),
            call: median(&mut measured.calls),
            repeated: median(&mut measured.repeated),
            verify: median(&mut measured.verifying),
            sign: median(&mut measured.signing),
            commit: median(&mut measured.committing),
            wire: median(&mut measured.carrying),
            bare: median(&mut measured.bare),
        }
    }
}

impl Medians {
    fn report(&self, keys: &str, name: &str) {
        let Self { early: _, call, repeated, verify, sign, commit, wire, bare } = *self;
        // inner, outer, and that of the certificate before it leaves
        let signatures = 3 * verify + sign;
        let share = |part: Duration| 100.0 * part.as_secs_f64() / call.as_secs_f64();
        let checks = call.saturating_sub(bare);
        println!("with keys on {keys}: {call:.1?}");
        println!(
            "  signature operations {signatures:.1?} ({:.0} %): 3 × {verify:.1?} verified, {sign:.1?} signed",
            share(signatures)
        );
        println!("  a bare commit of the rows it leaves {commit:.1?} ({:.0} %)", share(commit));
        println!("  the bare wire {wire:.1?} ({:.0} %)", share(wire));
        println!("  all of that as one bare call {bare:.1?} ({:.0} %)", share(bare));
        println!(
            "  all else (what is known of holder and keys, trust, looking again before the commit) {checks:.1?} ({:.0} %)",
            share(checks)
        );
        println!("  the same message again (wire and the look at what was answered) takes {repeated:.1?}");
        let ratio = |took: Duration| took.as_secs_f64() / signatures.as_secs_f64();
        println!("ratio {name} {:.3}", 1.0 + ratio(checks));
        println!("ratio {name}_and_wire {:.3}", ratio(call.saturating_sub(commit)));
    }
}

/// The call and its parts one after the other, as criterion measures them, for its reports. The ratio is taken in turns.
fn criterion_reports(node: &mut Node) {
    let mut criterion =
        Criterion::default().configure_from_args().sample_size(10).warm_up_time(WARM_UP).measurement_time(MEASURED);
    tokio::task::block_in_place(|| {
        let handle = tokio::runtime::Handle::current();
        criterion.bench_function("request_certificate", |bencher| {
            bencher.iter_custom(|times| {
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let message = node.message();
                    let began = Instant::now();
                    granted(handle.block_on(node.ask(&message)));
                    took += began.elapsed();
                }
                took
            });
        });
        let message = node.message();
        let certificate = granted(handle.block_on(node.ask(&message)));
        criterion.bench_function("bare_commit", |bencher| {
            bencher.iter(|| handle.block_on(node.bare.commit(asked(&message), &certificate)));
        });
        criterion.final_summary();
    });
}

/// The kind of keys a node and its neighbours have.
#[derive(Clone, Copy)]
struct Kind {
    algorithm: &'static str,
    curve: StandardisedCurve,
}

/// A node that issues, and the neighbours it knows; the first of them asks.
struct Node {
    state: State,
    /// The node's CVCA: what a request names, and the kind of key it takes.
    authority: Certificate,
    neighbour: Neighbour,
    _others: Vec<Neighbour>,
    _database: TestDatabase,
    sequence: usize,
    bare: Arc<Bare>,
}

impl Node {
    async fn raise(engine: Engine, keys: Kind, partners: usize, clock: &ManualClock) -> Self {
        let database = TestDatabase::fresh::<NoMigrations>(engine).await.unwrap();
        let mut options = StateOptions::spoc_only(country("UT"), &[BindingName::Grpc], clock.shared());
        options.suite.config.spoc.database = database.config().clone();
        let state = Box::pin(State::raise(options)).await.unwrap();
        state.create_cvca("CVCA", keys.algorithm, &keys.curve.to_string()).await.unwrap();
        let own = state.roots().await.unwrap();
        let authority = Certificate::parse(own[0].as_slice()).unwrap().to_owned();
        let mut neighbours = Vec::new();
        for number in 0..partners {
            let name = format!("X{}", char::from(b'A' + u8::try_from(number % 26).unwrap()));
            let name = if number < 26 { name } else { name.replace('X', "Q") };
            neighbours.push(Neighbour::settle(&state, keys, country(&name), clock.shared()).await);
        }
        let mut neighbours = neighbours.into_iter();
        let neighbour = neighbours.next().unwrap();
        let bare = Arc::new(Bare::prepare(engine, &authority, &neighbour).await);
        Self { state, authority, neighbour, _others: neighbours.collect(), _database: database, sequence: 0, bare }
    }

    /// The next message of the neighbour, for a verifier's key of its own.
    fn message(&mut self) -> Message {
        self.sequence += 1;
        self.neighbour.message(&self.authority, self.sequence)
    }

    async fn ask(&self, message: &Message) -> Answer {
        self.neighbour.ask(message).await
    }

    async fn fill(&mut self, certificates: usize, clock: &ManualClock) {
        let (first, last) = (self.sequence + 1, self.sequence + certificates);
        self.sequence = last;
        for begins in (first..=last).step_by(AN_HOUR) {
            let node = &*self;
            futures::stream::iter(begins..=last.min(begins + AN_HOUR - 1))
                .map(|sequence| async move {
                    let message = node.neighbour.message(&node.authority, sequence);
                    granted(node.ask(&message).await);
                })
                .buffer_unordered(AT_ONCE)
                .collect::<()>()
                .await;
            clock.advance(AN_HOUR_LATER);
        }
    }
}

/// Another state: its SPOC, its CVCA, and a document verifier registered with the node.
struct Neighbour {
    country: Country,
    cvca: Cvca,
    client: GrpcClient,
    _spoc: DevelopmentSpoc,
}

impl Neighbour {
    async fn settle(node: &State, keys: Kind, country: Country, clock: SharedClock) -> Self {
        let today: Date = now(&node.suite).date();
        let spoc = DevelopmentSpoc::start(country, SpocKeys::P256, clock.clone()).await.unwrap();
        let cvca = Cvca::found(country.as_str(), keys.curve, today).unwrap();
        let (first, second) = (node.officer(0).unwrap(), node.officer(1).unwrap());

        let registration = Registration {
            country: country.to_string(),
            name: format!("SPOC of {country}"),
            binding: "grpc".to_owned(),
            profile: "icao".to_owned(),
            url: "https://127.0.0.1:9".to_owned(),
            email: "spoc@bench.invalid".to_owned(),
            contacts: vec!["nobody".to_owned()],
            answers: "synchronous".to_owned(),
            document_years: 10,
            roots: vec![EnteredRoot { certificate: spoc.root(), ..EnteredRoot::default() }],
            ..Registration::default()
        };
        let request = ProposePartnerRequest { context: first.context(), registration: Some(registration) };
        let proposal = first.partners().propose_partner(request).await.unwrap().into_inner().proposal.unwrap();
        let fingerprints = vec![emrtd::x509::Certificate::parse(&spoc.root()).unwrap().fingerprint().to_string()];
        let request = ConfirmPartnerRequest { context: second.context(), proposal_id: proposal.id, fingerprints };
        second.partners().confirm_partner(request).await.unwrap();

        let certificates = cvca.certificates();
        let request = ImportCvcaCertificatesRequest { context: first.context(), certificates };
        let imported = first.national().import_cvca_certificates(request).await.unwrap().into_inner().imported;
        for root in imported.iter().filter(|one| one.awaits_confirmation && one.car == one.chr) {
            let fingerprint = root.fingerprint.clone();
            let request =
                ConfirmCvcaCertificateRequest { context: second.context(), fingerprint, look_at: String::new() };
            second.national().confirm_cvca_certificate(request).await.unwrap();
        }
        let domestic = format!("{country}{}", cvca.current.reference().mnemonic());
        node.register_holder(&format!("{country}DVBENCH"), &domestic, "automatic", 42).await.unwrap();

        let (_, node_spoc) = &node.authorities[0];
        let known = callbacks::registration(node.country, &[node_spoc.root()], clock.now()).unwrap();
        let admission = FixedAdmission::new(callbacks::judge(&clock), [known]);
        let material = CurrentMaterial::new(spoc.material("127.0.0.1").unwrap());
        let url = node.url(BindingName::Grpc).unwrap();
        let client = GrpcClient::new(node.country, &url, material, admission, GrpcClientConfig::default()).unwrap();
        Self { country, cvca, client, _spoc: spoc }
    }

    fn message(&self, authority: &Certificate, sequence: usize) -> Message {
        let holder = Reference::new(self.country.as_str(), "DVBENCH", &format!("{sequence:05}")).unwrap();
        let key = PublicKey::resolve(&authority.public_key(), None).unwrap();
        let request = DvRequest::new(&key, authority.chr(), holder).unwrap();
        Message::RequestCertificate(RequestCertificate {
            caller_id: self.country.to_string(),
            message_id: format!("bench-{sequence}"),
            certificate_request: request.initial(&self.cvca.current).unwrap(),
        })
    }

    async fn ask(&self, message: &Message) -> Answer {
        self.client.send(message).await.unwrap()
    }
}

/// What a request cannot be answered without.
struct Bare {
    /// Of the same kind as the node's CVCA's.
    key: PrivateKey,
    countersigner: PublicKey,
    database: TestDatabase,
    rows: AtomicI64,
}

impl Bare {
    async fn prepare(engine: Engine, authority: &Certificate, neighbour: &Neighbour) -> Self {
        let authority = PublicKey::resolve(&authority.public_key(), None).unwrap();
        let countersigner = neighbour.cvca.current.root.public_key();
        let database = TestDatabase::fresh::<straznica_spoc::Migrations>(engine).await.unwrap();
        Self {
            key: PrivateKey::generate_like(&authority).unwrap(),
            countersigner: PublicKey::resolve(&countersigner, None).unwrap(),
            database,
            rows: AtomicI64::new(0),
        }
    }

    /// One verification (the mean of the request's two), and one signature.
    fn signature_operations(&self, message: &Message, certificate: &Certificate) -> [Duration; 2] {
        let message = asked(message);
        let request = AuthenticatedRequest::parse(message.certificate_request.as_slice()).unwrap();
        let own = request.request().verify_inner().unwrap();
        let (inner, outer) = (request.request().body().to_vec(), request.signed().to_vec());
        let (inner_signature, outer_signature) =
            (request.request().signature().to_vec(), request.outer_signature().to_vec());
        let began = Instant::now();
        own.verify(&inner, &inner_signature).unwrap();
        self.countersigner.verify(&outer, &outer_signature).unwrap();
        let verified = began.elapsed() / 2;
        let began = Instant::now();
        std::hint::black_box(self.key.sign(certificate.body()).unwrap());
        [verified, began.elapsed()]
    }

    /// Every signature operation of one granted request, the signature made verified as well.
    fn operate(&self, message: &RequestCertificate, certificate: &Certificate) {
        let request = AuthenticatedRequest::parse(message.certificate_request.as_slice()).unwrap();
        request.request().verify_inner().unwrap();
        request.verify_outer(&self.countersigner).unwrap();
        let signature = self.key.sign(certificate.body()).unwrap();
        self.key.public_key().verify(certificate.body(), &signature).unwrap();
    }

    /// The rows of one granted request, committed.
    async fn commit(&self, message: &RequestCertificate, certificate: &Certificate) -> Duration {
        let rows = rows(self.rows.fetch_add(1, Ordering::Relaxed), message, certificate);
        let began = Instant::now();
        self.database.store().write_tx(async |tx| insert(tx, &rows).await).await.unwrap();
        began.elapsed()
    }
}

/// What a granted request leaves in the node's tables.
fn rows(number: i64, message: &RequestCertificate, certificate: &Certificate) -> Vec<InsertStatement> {
    let id = || RequestId::generate(SystemClock::shared().as_ref()).uuid();
    let (application, entry) = (id(), id());
    let (chr, car) = (format!("{}-{number}", certificate.chr()), certificate.car().to_string());
    let der = certificate.as_der().to_vec();
    let digest = format!("{number:064x}");
    let row = |table: &'static str, columns: &[&'static str], values: Vec<Expr>| {
        Query::insert().into_table(table).columns(columns.iter().copied()).values_panic(values).to_owned()
    };
    let text = |text: &str| Expr::val(text);
    vec![
        row(
            "issued_certificate",
            &["car", "chr", "holder", "country", "certificate", "effective", "expires", "application", "issued_at"],
            vec![
                Expr::val(car),
                Expr::val(chr.clone()),
                text("XADVBENCH"),
                text("XA"),
                Expr::val(der.clone()),
                Expr::val(number),
                Expr::val(number),
                Expr::val(application),
                Expr::val(number),
            ],
        ),
        row(
            "journal",
            &[
                "entry_id",
                "at",
                "actor",
                "terminal",
                "officer",
                "purpose",
                "request_id",
                "kind",
                "legal_basis",
                "payload_digest",
                "event_digest",
            ],
            vec![
                Expr::val(entry),
                Expr::val(number),
                text("partner/XA"),
                text(""),
                text(""),
                text("certificate_exchange"),
                Expr::val(entry.to_string()),
                text("exchange.certificate_issued"),
                text(""),
                Expr::val(vec![7_u8; 32]),
                Expr::val(vec![7_u8; 32]),
            ],
        ),
        row(
            "journal_payload",
            &["entry_id", "salt", "subject", "case_number", "detail"],
            vec![Expr::val(entry), Expr::val(vec![7_u8; 32]), text(""), text(""), Expr::val("x".repeat(420))],
        ),
        row(
            "event",
            &["entry_id", "at", "type_name", "payload"],
            vec![Expr::val(entry), Expr::val(number), text("CertificateActivated"), Expr::val(vec![7_u8; 50])],
        ),
        row(
            "inbound_message",
            &["caller", "message_id", "operation", "sha256", "answer", "code", "rule", "received_at"],
            vec![
                text("XA"),
                Expr::val(format!("bare-{number}")),
                text("request_certificate"),
                Expr::val(digest.clone()),
                Expr::val(der),
                text("ok_cert_available"),
                text("tr_03139_initial"),
                Expr::val(number),
            ],
        ),
        row(
            "application",
            &[
                "id",
                "caller",
                "message_id",
                "holder",
                "chr",
                "key_sha256",
                "outer_car",
                "request",
                "state",
                "received_at",
                "due_at",
                "decided_at",
                "code",
                "rule",
            ],
            vec![
                Expr::val(application),
                text("XA"),
                Expr::val(format!("bare-{number}")),
                text("XADVBENCH"),
                Expr::val(chr),
                Expr::val(format!("{digest}-{number}")),
                text("XACVCAKIT00002"),
                Expr::val(message.certificate_request.clone()),
                text("issued"),
                Expr::val(number),
                Expr::val(number),
                Expr::val(number),
                text("ok_cert_available"),
                text("tr_03139_initial"),
            ],
        ),
    ]
}

async fn insert(tx: &DatabaseTransaction, rows: &[InsertStatement]) -> Result<(), StoreError> {
    for row in rows {
        tx.execute(row).await?;
    }
    Ok(())
}

fn asked(message: &Message) -> &RequestCertificate {
    let Message::RequestCertificate(message) = message else { unreachable!("what was asked") };
    message
}

fn granted(answer: Answer) -> Certificate {
    let Answer::RequestCertificate(answer) = answer else { unreachable!("the answer to a request") };
    assert_eq!(answer.result, RequestCertificateCode::OkCertAvailable);
    Certificate::parse(answer.certificates[0].as_slice()).unwrap().to_owned()
}

fn country(name: &str) -> Country {
    name.parse().unwrap()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
