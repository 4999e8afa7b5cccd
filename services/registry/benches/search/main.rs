//! How long it takes to find somebody in a register of a million made-up persons, and how often they are found, beside a plain `pg_trgm` query on the same names in the
//! same run.
//!
//! Questions come in turns, one of ours and the same one of the peer's: names misspelt by one or two letters, and names as another state's romanisation has them; each with the
//! date of birth, now and then the year alone. Ours is the whole call: mutual TLS, keys, candidates opened and judged, the journal's commit of who was shown. The peer's is a query on
//! names in clear under a trigram index, from the same process: the most alike first, who was born on that day before others.
//!
//! Prints for each size `ratio search_p99_<engine>_<persons>_<kind>` (ours to the peer's; the aim is below 1) and both recalls at 10 (the aim: ours is the higher). SQLite has no
//! such peer: its times are printed as they are, and compared with those of the smallest register. Arguments are sizes; without any: 10000 100000 (SQLite) and 10000 100000 1000000
//! (PostgreSQL, when `STRAZNICA_TEST_POSTGRES_URL` names a server; a million takes some twelve gigabytes of disk).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

mod people;
mod register;

use std::time::{Duration, Instant};

use straznica_store::Engine;

use people::{Chance, Somebody};
use register::Register;

/// Questions of each kind.
const QUESTIONS: usize = 500;
/// Hits that count.
const SHOWN: usize = 10;
/// SQLite is for registers up to so many.
const EMBEDDED: u64 = 100_000;

fn main() {
    let sizes: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000, 1_000_000] } else { sizes };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(Box::pin(run(&sizes)));
}

async fn run(sizes: &[u64]) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut smallest = None;
        for persons in sizes.iter().copied().filter(|size| engine == Engine::Postgres || *size <= EMBEDDED) {
            let Some(register) = Register::of(engine, persons).await else { continue };
            let median = questions(&register, engine, persons).await;
            let first = *smallest.get_or_insert(median);
            println!(
                "ratio search_growth_{}_{persons} {:.2}",
                format!("{engine:?}").to_lowercase(),
                median.as_secs_f64() / first.as_secs_f64()
            );
            register.close().await;
        }
    }
}

/// Asks everything; tells the median of ours.
async fn questions(register: &Register, engine: Engine, persons: u64) -> Duration {
    let mut all = Vec::new();
    for (kind, seed) in [("misspelt", 1), ("written_otherwise", 2)] {
        let mut chance = Chance(seed << 40 | persons);
        let (mut ours, mut peers) = (Side::default(), Side::default());
        // The first tenth only warms up.
        for turn in 0..QUESTIONS * 11 / 10 {
            let number = chance.next() % persons;
            let somebody = Somebody::number(number);
            let asked = match kind {
                "misspelt" => somebody.misspelt(&mut chance),
                _ => somebody.written_otherwise(&mut chance),
            };
            let warm = turn >= QUESTIONS / 10;
            ours.ask(warm, number, register.search(&asked)).await;
            if engine == Engine::Postgres {
                peers.ask(warm, number, register.trigrams(&asked)).await;
            }
        }
        ours.report("ours", engine, persons, kind);
        if engine == Engine::Postgres {
            peers.report("pg_trgm", engine, persons, kind);
            println!("ratio search_p99_postgres_{persons}_{kind} {:.4}", ours.p99() / peers.p99());
            println!("ratio search_recall_postgres_{persons}_{kind} {:.3}", ours.recall() / peers.recall().max(1e-9));
        }
        all.append(&mut ours.taken);
    }
    all.sort();
    all[all.len() / 2]
}

/// What one side took, and found.
#[derive(Default)]
struct Side {
    taken: Vec<Duration>,
    found: usize,
}

impl Side {
    async fn ask(&mut self, counts: bool, number: u64, answer: impl Future<Output = Vec<u64>>) {
        let start = Instant::now();
        let found = answer.await;
        let taken = start.elapsed();
        if counts {
            self.taken.push(taken);
            self.found += usize::from(found.iter().take(SHOWN).any(|one| *one == number));
        }
    }

    fn at(&self, permille: usize) -> Duration {
        let mut taken = self.taken.clone();
        taken.sort();
        taken[(taken.len() * permille / 1_000).min(taken.len() - 1)]
    }

    fn p99(&self) -> f64 {
        self.at(990).as_secs_f64()
    }

    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    fn recall(&self) -> f64 {
        self.found as f64 / self.taken.len() as f64
    }

    fn report(&self, who: &str, engine: Engine, persons: u64, kind: &str) {
        println!(
            "  {engine:?}, {persons} persons, {kind}, {who}: median {:.2?}, p99 {:.2?}, recall at {SHOWN} {:.3}",
            self.at(500),
            self.at(990),
            self.recall()
        );
    }
}

/// The number of a person, in its id: who is found tells who they are.
const fn numbered(id: u128) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the number")]
    let number = id as u64;
    number & 0x3fff_ffff_ffff_ffff
}
