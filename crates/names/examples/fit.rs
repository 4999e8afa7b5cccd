//! Fits the model to a file of labelled pairs (`name1,name2,is_match,…`), prints its weights, what five-fold cross-validation gives, and the pairs
//! it gets wrong: `cargo run --release -p names --example fit -- FILE.csv`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    unreachable_pub,
    reason = "a developer's tool"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use names::evaluate::Counts;
use names::{FEATURE_NAMES, THRESHOLD};

fn main() {
    let Some(path) = std::env::args_os().nth(1) else {
        println!("usage: fit FILE.csv, a file of labelled pairs: name1,name2,is_match");
        return;
    };
    let pairs = support::read(path.as_ref());
    let model = support::fit(&pairs);
    println!("bias {:.3}", model.bias);
    for (name, weight) in FEATURE_NAMES.iter().zip(model.weights) {
        println!("{name:>16} {weight:.3}");
    }
    let report = |what: &str, judged: &[names::evaluate::Judged]| {
        let all = Counts::of(judged, THRESHOLD);
        let non_ascii = Counts::of(judged.iter().filter(|pair| pair.non_ascii), THRESHOLD);
        println!(
            "{what}: F1 {:.4} (precision {:.4}, recall {:.4}), non-ASCII {:.4} {non_ascii:?}",
            all.f1(),
            all.precision(),
            all.recall(),
            non_ascii.f1()
        );
    };
    report("cross-validated", &support::cross_validated(&pairs, 0));
    let divided: Vec<_> = (1..=20).flat_map(|division| support::cross_validated(&pairs, division)).collect();
    report("over twenty other divisions into five", &divided);
    let fitted: Vec<_> = pairs.iter().map(|pair| pair.judged(&model)).collect();
    report("fitted", &fitted);
    for (pair, judged) in pairs.iter().zip(&fitted) {
        if (judged.score >= THRESHOLD) != judged.is_match {
            let told: Vec<String> =
                pair.features.iter().flat_map(|told| told.0).map(|value| format!("{value:.2}")).collect();
            println!("{:.2} {} {} | {} [{}]", judged.score, judged.is_match, pair.left, pair.right, told.join(" "));
        }
    }
}
