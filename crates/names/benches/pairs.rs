//! The labelled pairs, from text to score, beside the usual measure: words in ASCII, each with its nearest by Jaro-Winkler. Prints microseconds a pair
//! and `ratio name_pair <value>`, ours to theirs; the aim is 20 microseconds a pair.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use names::{Name, score};

type Pairs = Vec<(String, String)>;

fn pairs() -> Option<Pairs> {
    let file = straznica_testkit::vectors()?.join("names/person-name-pairs.csv");
    let mut reader = csv::Reader::from_path(file).ok()?;
    reader.records().map(|record| record.ok().map(|record| (record[0].to_owned(), record[1].to_owned()))).collect()
}

fn ours(pairs: &Pairs) -> f64 {
    pairs.iter().map(|(left, right)| score(&Name::parse(left), &Name::parse(right))).sum()
}

fn theirs(pairs: &Pairs) -> f64 {
    let words = |name: &str| -> Vec<String> {
        any_ascii::any_ascii(name)
            .to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .map(str::to_owned)
            .collect()
    };
    let nearest = |word: &String, others: &[String]| {
        others.iter().map(|other| strsim::jaro_winkler(word, other)).fold(0.0, f64::max)
    };
    let judge = |(left, right): &(String, String)| -> f64 {
        let (left, right) = (words(left), words(right));
        left.iter().map(|word| nearest(word, &right)).chain(right.iter().map(|word| nearest(word, &left))).sum()
    };
    pairs.iter().map(judge).sum()
}

/// Seconds a round takes: the median of many.
fn median(pairs: &Pairs, work: fn(&Pairs) -> f64) -> f64 {
    let mut rounds: Vec<f64> = (0..41)
        .map(|_| {
            let started = Instant::now();
            black_box(work(black_box(pairs)));
            started.elapsed().as_secs_f64()
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "figures for the person who measures")]
fn labelled_pairs(criterion: &mut Criterion) {
    let Some(pairs) = pairs() else { return };
    let (ours_took, theirs_took) = (median(&pairs, ours), median(&pairs, theirs));
    let micros = |seconds: f64| seconds * 1e6 / pairs.len() as f64;
    println!("micros a pair: {:.2}, Jaro-Winkler {:.2}", micros(ours_took), micros(theirs_took));
    println!("ratio name_pair {:.2}", ours_took / theirs_took);
    criterion.bench_function("labelled pairs", |bencher| bencher.iter(|| ours(black_box(&pairs))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(20);
    targets = labelled_pairs
}
criterion_main!(benches);
