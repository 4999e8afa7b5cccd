//! Three states over a year, one of them with SOAP alone: every day every state opens fingerprints in every kind of document of the others, but on the
//! days the scenario file lists.
#![expect(clippy::print_stdout, reason = "the course of the year is for whoever reads what the scenario did")]

mod accounts;
mod events;
mod passports;
mod plan;
mod world;

use std::fmt;
use std::time::{Duration, Instant};

use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, StoreConfig};
use straznica_tests::{NoMigrations, Shut};
use straznica_types::ManualClock;

use self::events::Course;
use self::passports::{Outcome, Reading};
use self::plan::Plan;
use self::world::{World, holder_name};

const STEPS: u32 = 2;
const STEP: Duration = Duration::from_secs(24 * 60 * 60 / STEPS as u64);
/// The step after which passports are opened: noon.
const NOON: u32 = STEPS / 2;
/// Days between renewals of the transport's certificates and revocation lists, which last thirty days and more.
const TRANSPORT_DAYS: u32 = 14;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_states_open_each_others_passports_every_day_of_a_year_but_those_listed() {
    let plan = Plan::read(include_str!("exchange_year.toml"));
    let world = Box::pin(live(&plan, Vec::new())).await.unwrap();
    Box::pin(settle_accounts(&plan, world)).await;
}

/// Shorter, each node's database on a PostgreSQL server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_states_open_each_others_passports_for_sixty_days_on_postgresql() {
    let plan = Plan::read(include_str!("exchange_sixty_days.toml"));
    let mut databases = Vec::new();
    for _ in &plan.states {
        let Some(database) = TestDatabase::fresh::<NoMigrations>(Engine::Postgres).await else { return };
        databases.push(database);
    }
    let configs = databases.iter().map(|database| database.config().clone()).collect();
    let world = Box::pin(live(&plan, configs)).await.unwrap();
    Box::pin(settle_accounts(&plan, world)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_states_are_caught_when_a_passport_opens_on_a_day_listed_as_closed() {
    let plan = Plan::read(include_str!("exchange_sixty_days.toml"));
    let plan = plan.for_days(3).without_events().closed_for("UT", "XB", "residence card", 1);
    let Err(caught) = Box::pin(live(&plan, Vec::new())).await else { panic!("nobody has noticed") };
    assert_eq!(caught.what(), (1, "UT", "XB", "residence card"), "{caught}");
    assert!(caught.why.contains("UTDVALIENS"), "what opened it is named: {caught}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_states_are_caught_when_a_passport_stays_closed_on_a_day_that_is_not_listed() {
    let plan = Plan::read(include_str!("exchange_sixty_days.toml"));
    // a day that is listed for another kind of document excuses none of this
    let plan = plan.for_days(3).with_the_compromise_on(1).with_closed_days_of_another("residence card");
    let Err(caught) = Box::pin(live(&plan, Vec::new())).await else { panic!("nobody has noticed") };
    assert_eq!(caught.what(), (1, "PL", "UT", "passport"), "{caught}");
    assert!(caught.why.contains("failure_request_not_accepted"), "the cause is named: {caught}");
}

/// What is not as the scenario file has it.
struct Contradiction {
    day: u32,
    reader: String,
    issuer: String,
    document: String,
    why: String,
}

impl Contradiction {
    fn what(&self) -> (u32, &str, &str, &str) {
        (self.day, &self.reader, &self.issuer, &self.document)
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, reader, issuer, document, why } = self;
        write!(f, "day {day}: {reader} with a {document} of {issuer}: {why}")
    }
}

impl fmt::Debug for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Lives through a scenario, day by day, to its end or to the first day that contradicts the file.
async fn live(plan: &Plan, databases: Vec<StoreConfig>) -> Result<World, Contradiction> {
    let began = Instant::now();
    let clock = ManualClock::starting_at(plan.start());
    let mut world = Box::pin(World::raise(plan, clock, databases)).await;
    let mut course = Course::of(plan);
    println!("day   0: {} states have met; real time {:.1?}", plan.states.len(), began.elapsed());
    for day in 0..plan.days {
        if day > 0 && day % TRANSPORT_DAYS == 0 {
            world.renew_transport();
        }
        for step in 0..STEPS {
            if step == 0 {
                Box::pin(course.morning(&mut world, day)).await;
            }
            world.turn().await;
            if step == NOON {
                Box::pin(open_all(plan, &mut world, day)).await?;
            }
            world.clock.advance(STEP);
        }
        if day % 30 == 29 {
            println!("day {day:3}: real time {:.1?}", began.elapsed());
        }
    }
    course.is_over();
    Ok(world)
}

async fn settle_accounts(plan: &Plan, world: World) {
    assert!(world.settle().await, "everything is delivered");
    accounts::balance(plan, &world).await;
    for place in world.places {
        place.state.suite.stop().await.unwrap();
    }
}

/// Every state reads every kind of document of every other one; whether it can is as the scenario file says. On the last day those come out that nobody
/// has read before.
async fn open_all(plan: &Plan, world: &mut World, day: u32) -> Result<(), Contradiction> {
    world.issue_passports(plan.begins() + time::Duration::days(day.into()));
    for reading in world.readings() {
        for outcome in world.open_passports(reading).await {
            compare(plan, world, day, reading, outcome).await?;
        }
        if day + 1 == plan.days {
            let outcome = world.open_kept_passport(reading).await;
            compare(plan, world, day, reading, outcome).await?;
        }
    }
    Ok(())
}

async fn compare(
    plan: &Plan,
    world: &mut World,
    day: u32,
    reading: Reading,
    (passport, outcome): Outcome,
) -> Result<(), Contradiction> {
    let (from, of) = (&world.places[reading.reader], &world.places[reading.issuer]);
    let document = &plan.documents[reading.document];
    let (reader, issuer) = (from.plan.country.clone(), of.plan.country.clone());
    let verifier = document.verifier_of(&reader);
    let why = match (outcome, plan.is_closed(day, &reader, &issuer, &document.kind)) {
        (Ok(opened), false) if holder_name(&opened.verifier) != verifier => {
            format!("{passport:?} opens to {opened:?}, and is for {verifier} to open")
        }
        (Ok(opened), false) => {
            world.openings.note(reading, opened);
            return Ok(());
        }
        // by the control centre's own decision, not because somebody stumbled
        (Err(Shut::NoChain { .. }), true) => return Ok(()),
        (Ok(opened), true) => format!("{passport:?} opens to {opened:?} on a day listed as closed"),
        (Err(other), true) => format!("{passport:?} stays closed as listed, but for another reason: {other:?}"),
        (Err(why), false) => {
            let state = accounts::state_of(from, &document.cvca_of(&issuer)).await;
            format!("{passport:?} stays closed: {why:?}; {state}")
        }
    };
    Err(Contradiction { day, reader, issuer, document: document.kind.clone(), why })
}
