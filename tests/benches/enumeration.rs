//! Whether somebody can be found out by the clock: an official opens verifications about people who are known, whose document is not activated, who are unknown
//! and who are locked, one after the other in random order, over mutual TLS to identity and from there to dispatch, and the time of each is taken.
//!
//! For each class but the first: the 95 % bootstrap interval of the difference of the medians, as a share of the median; aim: within ±2 %. Then the same
//! with 200 µs spent more on the unknown: the interval must not lie within ±2 %, or the benchmark could not see a leak.
//! Prints `ratio enumeration_<class> …`, the end of the interval that is farther from nothing; exits with an error where an aim is missed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use straznica_cli::arguments::ServiceName;
use straznica_cli::registers::{self, Served};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::identity::v1::citizen_service_client::CitizenServiceClient;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::identity::v1::verification_service_client::VerificationServiceClient;
use straznica_contracts::identity::v1::{
    ActivateDocumentsRequest, ConfirmCodeRequest, ConfirmPhoneRequest, OpenVerificationRequest, RegisterPhoneRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::domain::verification::DocumentKind as Kind;
use straznica_pki::Names;
use straznica_runtime::channel::Channel;
use straznica_simulators::registers::RegisterSimulator;
use straznica_tests::office::{self, OFFICE};
use straznica_types::SystemClock;

/// Requests of each class, and those before that are not counted.
const EACH: usize = 20_000;
const WARMING: usize = 500;
/// People of each class: nobody's row is always the warm one.
const PEOPLE: usize = 50;
const LEAK: Duration = Duration::from_micros(200);
const RESAMPLES: usize = 2_000;
/// The share of the median a difference has to stay within.
const MARGIN: f64 = 0.02;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Known,
    Inactive,
    Unknown,
    Locked,
}

impl Group {
    const ALL: [Self; 4] = [Self::Known, Self::Inactive, Self::Unknown, Self::Locked];

    const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Inactive => "inactive",
            Self::Unknown => "unknown",
            Self::Locked => "locked",
        }
    }

    /// A made-up person of the 23rd century.
    fn pesel(self, number: usize) -> String {
        pesel(&format!("{:02}81{:02}{:03}{}", 10 + number % 80, 1 + number % 28, number, self as usize))
    }

    fn phone(self, number: usize) -> String {
        format!("+48501{}{number:05}", self as usize + 1)
    }
}

fn main() -> ExitCode {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(Box::pin(run()))
}

async fn run() -> ExitCode {
    let office = Box::pin(Office::start()).await;
    let mut chance = Chance(0x5eed);
    office.measure(WARMING, None, &mut chance).await;
    let times = office.measure(EACH, None, &mut chance).await;
    let leaking = office.measure(EACH / 2, Some(Group::Unknown), &mut chance).await;
    office.suite.stop().await.unwrap();
    office.register.stop().await.unwrap();

    let known = &times[Group::Known as usize];
    println!("{EACH} requests of each class; median of the known {:?}", Duration::from_secs_f64(median(known)));
    let mut kept = true;
    for group in &Group::ALL[1..] {
        let (low, high) = interval(known, &times[*group as usize], &mut chance);
        let worst = if low.abs() > high.abs() { low } else { high };
        println!("{}: 95 % between {:+.2} % and {:+.2} % of the median", group.name(), low * 100.0, high * 100.0);
        println!("ratio enumeration_{} {worst:.4}", group.name());
        kept &= worst.abs() <= MARGIN;
    }
    let (low, high) = interval(&leaking[Group::Known as usize], &leaking[Group::Unknown as usize], &mut chance);
    println!("with a leak of {LEAK:?}: between {:+.2} % and {:+.2} %", low * 100.0, high * 100.0);
    let seen = high > MARGIN && low > 0.0;
    if !kept {
        println!("somebody can be found out by the clock");
    }
    if !seen {
        println!("a leak of {LEAK:?} would not have been seen");
    }
    if kept && seen { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A node with people of every class, and an official.
struct Office {
    suite: Suite,
    register: Served,
    verifications: VerificationServiceClient<Channel>,
}

impl Office {
    async fn start() -> Self {
        let mut options = SuiteOptions::embedded(None);
        office::appoint_administrators(&mut options.config);
        let register = RegisterSimulator::srp(Vec::new(), SystemClock::shared());
        let register = registers::announce(register, &[Kind::IdentityCard], &mut options.config).await.unwrap();
        let (identity, dispatch) = (&mut options.config.identity, &mut options.config.dispatch);
        // One official asks about two hundred people all day long here.
        (identity.verification.official_daily, identity.verification.subject_daily) = (u32::MAX, u32::MAX);
        let (limits, rates) = (&mut dispatch.limits, &mut dispatch.rates);
        (limits.messages_per_official_and_day, limits.messages_per_subject_and_day) = (u32::MAX, u32::MAX);
        (rates.number, rates.prefix, rates.institution, rates.poland) = (u32::MAX, u32::MAX, u32::MAX, u32::MAX);
        limits.failures_in_a_row = 1;
        options.services = [ServiceName::Dispatch, ServiceName::Identity, ServiceName::Spoc].into();
        let suite = Suite::start(options).await.unwrap();
        let register = register.serve(&suite).unwrap();
        let gateway = suite.authority().unwrap().issue_service("gateway", &Names::loopback()).unwrap();
        let channel = suite.channel(ServiceName::Identity, &gateway).unwrap();
        office::let_the_office_in(channel.clone()).await;
        let office = Self { suite, register, verifications: VerificationServiceClient::new(channel.clone()) };
        let mut citizens = CitizenServiceClient::new(channel);
        for number in 0..PEOPLE {
            for group in [Group::Known, Group::Inactive, Group::Locked] {
                office.join(&mut citizens, group, number).await;
            }
        }
        office
    }

    /// Somebody registers a phone, activates a document, and is locked, as their class wants it.
    async fn join(&self, citizens: &mut CitizenServiceClient<Channel>, group: Group, number: usize) {
        let (pesel, phone) = (group.pesel(number), group.phone(number));
        let request = RegisterPhoneRequest { context: None, pesel: pesel.clone(), phone: phone.clone() };
        let proof_id = citizens.register_phone(request).await.unwrap().into_inner().proof_id;
        let code = loop {
            if let Some(message) = self.suite.messages().messages_to(&phone).first() {
                break message.text[..6].to_owned();
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        let request = ConfirmPhoneRequest { context: None, pesel: pesel.clone(), proof_id, code };
        citizens.confirm_phone(request).await.unwrap();
        let kinds = vec![DocumentKind::IdentityCard.into()];
        if group != Group::Inactive {
            citizens.activate_documents(ActivateDocumentsRequest { context: None, pesel, kinds }).await.unwrap();
        }
        if group == Group::Locked {
            let verification_id = self.open(group, number).await;
            let request = ConfirmCodeRequest {
                context: Some(office::official()),
                institution_id: OFFICE.to_owned(),
                verification_id,
                code: "000000".to_owned(),
            };
            // One in a million is right; what counts is that it was one too many.
            let _ = self.verifications.clone().confirm_code(request).await;
        }
    }

    async fn open(&self, group: Group, number: usize) -> String {
        let request = OpenVerificationRequest {
            context: Some(office::official()),
            institution_id: OFFICE.to_owned(),
            kind: DocumentKind::IdentityCard.into(),
            criterion: Some(Criterion::Pesel(group.pesel(number))),
        };
        let opened = self.verifications.clone().open_verification(request).await.unwrap().into_inner();
        opened.verification.unwrap().id
    }

    /// Seconds of so many requests of each class, in random order.
    async fn measure(&self, each: usize, leaking: Option<Group>, chance: &mut Chance) -> [Vec<f64>; 4] {
        let mut order: Vec<Group> = Group::ALL.iter().flat_map(|group| std::iter::repeat_n(*group, each)).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, chance.below(at + 1));
        }
        let mut times = [const { Vec::new() }; 4];
        for group in order {
            let number = chance.below(PEOPLE);
            let began = Instant::now();
            self.open(group, number).await;
            if leaking == Some(group) {
                let answered = Instant::now();
                while answered.elapsed() < LEAK {
                    std::hint::spin_loop();
                }
            }
            times[group as usize].push(began.elapsed().as_secs_f64());
        }
        times
    }
}

/// Ten digits and the check digit (identity of the PESEL act: weights 1 3 7 9 …).
fn pesel(ten: &str) -> String {
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    let sum: u32 = ten.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{ten}{}", (10 - sum % 10) % 10)
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    let middle = times.len() / 2;
    *times.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The 95 % bootstrap interval (percentiles) of the other median less the first, as a share of the first.
fn interval(first: &[f64], other: &[f64], chance: &mut Chance) -> (f64, f64) {
    let base = median(first);
    let mut resampled = |times: &[f64]| {
        let drawn: Vec<f64> = (0..times.len()).map(|_| times[chance.below(times.len())]).collect();
        median(&drawn)
    };
    let mut differences: Vec<f64> = (0..RESAMPLES).map(|_| (resampled(other) - resampled(first)) / base).collect();
    differences.sort_by(f64::total_cmp);
    (differences[RESAMPLES * 25 / 1_000], differences[RESAMPLES * 975 / 1_000])
}

/// SplitMix64: the same order in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
