//! GetCertificateChain over mutual TLS against the emptiest call there is on the same channel (gRPC health), while the trust behind it is replaced
//! ten times a second: 30 CVCAs of 5 generations each. Every chain that comes back is verified from the trust point it was asked for: none may be
//! stale or mixed.
//!
//! Prints `ratio certificate_chain_over_mtls …`: the median of the one over the median of the other, taken in turns.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use criterion::Criterion;
use cvc::algorithm::Algorithm;
use cvc::certificate::Certificate;
use cvc::domain_parameters::StandardisedCurve;
use cvc::report::VerifyReport;
use cvc::verify::VerifyOptions;
use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::terminal_control_centre_service_client::TerminalControlCentreServiceClient;
use straznica_contracts::spoc::v1::{ChainResult, GetCertificateChainRequest, OpenInspectionRequest};
use straznica_pki::Names;
use straznica_runtime::channel::Channel;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_tests::{OFFICER, TERMINAL, now, operator};
use straznica_types::{InspectionId, RequestId};
use time::Date;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const AUTHORITIES: usize = 30;
const GENERATIONS: i64 = 5;
const REPLACED_EVERY: Duration = Duration::from_millis(100);
const PAIRS: usize = 4_000;

/// A CVCA and the newest inspection system issued under it, which every later chain has to end at.
struct Held {
    name: String,
    authority: AccessAuthority,
    /// Sequence of issuing, so that an older system is told from a newer one.
    issued: AtomicUsize,
}

fn main() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(Box::pin(run()));
}

async fn run() {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let today = now(&suite).date();
    let held: Arc<Vec<Held>> = Arc::new(onboard(&suite, today).await);
    let (mut centre, mut health, context, inspection) = terminal_side(&suite).await;

    let stop = Arc::new(AtomicBool::new(false));
    let replacing = tokio::spawn(replace(operator(&suite, "OP-07"), held.clone(), stop.clone()));
    let (mut chains, mut empty) = (Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS));
    for round in 0..PAIRS + 200 {
        let one = &held[round % AUTHORITIES];
        let oldest = one.authority.root(round % GENERATIONS as usize).unwrap();
        let issued_before = one.issued.load(Ordering::SeqCst);
        let request = GetCertificateChainRequest {
            context: Some(context.clone()),
            inspection_id: inspection.clone(),
            cars: vec![oldest.chr().to_string()],
        };
        let began = Instant::now();
        let answer = centre.get_certificate_chain(request).await.unwrap().into_inner();
        let chain = began.elapsed();
        assert_eq!(answer.result(), ChainResult::OkCertificateChainAvailable, "{}", answer.detail);
        let certificates: Vec<Certificate> =
            answer.certificates.iter().map(|one| Certificate::parse(one.der.as_slice()).unwrap().to_owned()).collect();
        let report = VerifyReport::verify(std::slice::from_ref(oldest), &certificates, &VerifyOptions::at(today));
        assert!(report.valid, "{report}");
        let sequence = sequence(&answer.is_chr);
        assert!(sequence >= issued_before, "stale: {} after {issued_before} were issued", answer.is_chr);

        let began = Instant::now();
        health.check(HealthCheckRequest::default()).await.unwrap();
        let nothing = began.elapsed();
        if round >= 200 {
            chains.push(chain);
            empty.push(nothing);
        }
    }
    report(&mut centre, &mut health, &context, &inspection, &held);
    stop.store(true, Ordering::SeqCst);
    let replaced = replacing.await.unwrap();
    let (chain, nothing) = (median(&mut chains), median(&mut empty));
    println!(
        "certificate chain {chain:?}, empty call {nothing:?} (medians of {PAIRS}); trust replaced {replaced} times; p99 {:?} and {:?}",
        chains[PAIRS * 99 / 100],
        empty[PAIRS * 99 / 100]
    );
    println!("ratio certificate_chain_over_mtls {:.3}", chain.as_secs_f64() / nothing.as_secs_f64());
    suite.stop().await.unwrap();
}

/// The two calls one after the other, as criterion measures them, for its reports. The ratio is taken above, in turns: a machine that slows down in
/// between would spoil it here.
fn report(
    centre: &mut TerminalControlCentreServiceClient<Channel>,
    health: &mut HealthClient<Channel>,
    context: &CallContext,
    inspection: &str,
    held: &[Held],
) {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let cars = vec![held[0].authority.root(0).unwrap().chr().to_string()];
    let request =
        GetCertificateChainRequest { context: Some(context.clone()), inspection_id: inspection.to_owned(), cars };
    tokio::task::block_in_place(|| {
        let handle = tokio::runtime::Handle::current();
        criterion.bench_function("certificate_chain_over_mtls", |bencher| {
            bencher.iter(|| handle.block_on(centre.get_certificate_chain(request.clone())).unwrap());
        });
        criterion.bench_function("empty_call_over_mtls", |bencher| {
            bencher.iter(|| handle.block_on(health.check(HealthCheckRequest::default())).unwrap());
        });
        criterion.final_summary();
    });
}

/// Thirty states, each with its generations, our DV certificate and our first inspection system under each.
async fn onboard(suite: &Suite, today: Date) -> Vec<Held> {
    let (mut first, mut second) = (operator(suite, "OP-07"), operator(suite, "OP-11"));
    let own = first.create_national_cvca().await.unwrap();
    let mut held = Vec::new();
    for number in 0..AUTHORITIES {
        let country = format!("{}{}", char::from(b'A' + (number / 26) as u8), char::from(b'A' + (number % 26) as u8));
        let founded = today - time::Duration::days(500);
        let mut authority = AccessAuthority::found(&country, "BENCH", founded).unwrap();
        for generation in 1..GENERATIONS {
            let on = founded + time::Duration::days(100 * generation);
            authority.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1, on).unwrap();
        }
        authority.register(std::slice::from_ref(&own)).unwrap();
        let name = format!("{country}BENCH");
        first.subscribe(&mut second, &mut authority, &name, "DVBENCH", today).await.unwrap();
        let system = first.issue_inspection_system(&name, &format!("T{number:03}")).await.unwrap();
        held.push(Held { name, authority, issued: AtomicUsize::new(sequence(&system)) });
    }
    held
}

/// A control centre as the gateway sees it, an empty service on the same channel, and an inspection identity opened.
async fn terminal_side(
    suite: &Suite,
) -> (TerminalControlCentreServiceClient<Channel>, HealthClient<Channel>, CallContext, String) {
    let authority = suite.authority().unwrap();
    let as_service =
        |name| suite.channel(ServiceName::Spoc, &authority.issue_service(name, &Names::loopback()).unwrap());
    let context = CallContext {
        terminal_id: TERMINAL.to_owned(),
        officer: OFFICER.to_owned(),
        purpose: "border_check".to_owned(),
        case_number: String::new(),
        request_id: RequestId::generate(suite.clock().as_ref()).to_string(),
    };
    let inspection = InspectionId::generate(suite.clock().as_ref()).to_string();
    let opening = OpenInspectionRequest {
        context: Some(context.clone()),
        inspection_id: inspection.clone(),
        opened_at_ms: suite.clock().now().millis(),
    };
    TerminalControlCentreServiceClient::new(as_service("identity").unwrap()).open_inspection(opening).await.unwrap();
    let gateway = as_service("gateway").unwrap();
    (TerminalControlCentreServiceClient::new(gateway.clone()), HealthClient::new(gateway), context, inspection)
}

/// Issues a new inspection system somewhere every tenth of a second: each replaces the whole table of chains.
async fn replace(
    mut operator: straznica_cli::demo::preparation::Operator,
    held: Arc<Vec<Held>>,
    stop: Arc<AtomicBool>,
) -> usize {
    let mut ticks = tokio::time::interval(REPLACED_EVERY);
    let mut replaced = 0;
    while !stop.load(Ordering::SeqCst) {
        ticks.tick().await;
        let one = &held[replaced % AUTHORITIES];
        let number = replaced % AUTHORITIES;
        let system = operator.issue_inspection_system(&one.name, &format!("T{number:03}")).await.unwrap();
        one.issued.store(sequence(&system), Ordering::SeqCst);
        replaced += 1;
    }
    replaced
}

/// The sequence number at the end of a holder reference.
fn sequence(chr: &str) -> usize {
    chr[chr.len() - 5..].parse().unwrap()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
