//! Labelled pairs, and fitting a model to them: shared by the test that cross-validates and the example that fits.

use std::path::Path;

use names::evaluate::Judged;
use names::{FEATURES, Features, Model, Name, features, score};

/// Penalty on the square of each weight, of features scaled to unit deviation.
const PENALTY: f64 = 10.0;

/// A pair people decided on.
pub struct Labelled {
    pub left: String,
    pub right: String,
    pub is_match: bool,
    /// `None` where the model is not asked.
    pub features: Option<Features>,
}

impl Labelled {
    pub fn judged(&self, model: &Model) -> Judged {
        let score = self.features.as_ref().map_or_else(
            || score(&Name::parse(&self.left), &Name::parse(&self.right)),
            |features| model.score(features),
        );
        Judged { score, is_match: self.is_match, non_ascii: !self.left.is_ascii() || !self.right.is_ascii() }
    }

    /// One of five, by the names (FNV-1a), whichever of them comes first: a pair that stands in the file twice is never learned from and asked about.
    /// Another `division` divides otherwise.
    pub fn fold(&self, division: u64) -> u64 {
        let mut names = [self.left.as_str(), self.right.as_str()];
        names.sort_unstable();
        let hash = names.join("\n").bytes().fold(0xcbf2_9ce4_8422_2325u64 ^ division, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (hash >> 32) % 5
    }
}

/// Reads `name1,name2,is_match,…`.
pub fn read(path: &Path) -> Vec<Labelled> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let (left, right) = (record[0].to_owned(), record[1].to_owned());
        let features = features(&Name::parse(&left), &Name::parse(&right));
        Labelled { left, right, is_match: &record[2] == "true", features }
    });
    records.collect()
}

/// The model under which the labels are likeliest, less a penalty on its weights (Newton's method).
pub fn fit<'a>(pairs: impl IntoIterator<Item = &'a Labelled>) -> Model {
    let rows: Vec<(&[f64; FEATURES], bool)> =
        pairs.into_iter().filter_map(|pair| pair.features.as_ref().map(|row| (&row.0, pair.is_match))).collect();
    let count = rows.len() as f64;
    let mean: [f64; FEATURES] = std::array::from_fn(|at| rows.iter().map(|(row, _)| row[at]).sum::<f64>() / count);
    let deviation: [f64; FEATURES] = std::array::from_fn(|at| {
        let variance = rows.iter().map(|(row, _)| (row[at] - mean[at]).powi(2)).sum::<f64>() / count;
        variance.sqrt().max(1e-6)
    });
    const WIDTH: usize = FEATURES + 1;
    let scaled = |row: &[f64; FEATURES]| -> [f64; WIDTH] {
        std::array::from_fn(|at| if at == 0 { 1.0 } else { (row[at - 1] - mean[at - 1]) / deviation[at - 1] })
    };
    let mut weights = [0.0; WIDTH];
    for _ in 0..30 {
        let (mut gradient, mut hessian) = ([0.0; WIDTH], [[0.0; WIDTH]; WIDTH]);
        for (row, is_match) in &rows {
            let row = scaled(row);
            let logit: f64 = row.iter().zip(weights).map(|(value, weight)| value * weight).sum();
            let likely = 1.0 / (1.0 + (-logit).exp());
            for one in 0..WIDTH {
                gradient[one] += (f64::from(u8::from(*is_match)) - likely) * row[one];
                for other in 0..WIDTH {
                    hessian[one][other] += likely * (1.0 - likely) * row[one] * row[other];
                }
            }
        }
        for at in 1..WIDTH {
            gradient[at] -= PENALTY * weights[at];
            hessian[at][at] += PENALTY;
        }
        for (weight, step) in weights.iter_mut().zip(solve(hessian, gradient)) {
            *weight += step;
        }
    }
    let unscaled: [f64; FEATURES] = std::array::from_fn(|at| weights[at + 1] / deviation[at]);
    let bias = weights[0] - unscaled.iter().zip(mean).map(|(weight, mean)| weight * mean).sum::<f64>();
    Model { bias, weights: unscaled }
}

/// Gauss's elimination. The matrix is positive definite: the penalty makes it so.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for pivot in 0..N {
        let (known, value) = (matrix[pivot], right[pivot]);
        for row in pivot + 1..N {
            let factor = matrix[row][pivot] / known[pivot];
            for (entry, known) in matrix[row].iter_mut().zip(known).skip(pivot) {
                *entry -= factor * known;
            }
            right[row] -= factor * value;
        }
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// Each pair judged by the model fitted to the four folds it is not in.
pub fn cross_validated(pairs: &[Labelled], division: u64) -> Vec<Judged> {
    let mut judged = Vec::with_capacity(pairs.len());
    for fold in 0..5 {
        let model = fit(pairs.iter().filter(|pair| pair.fold(division) != fold));
        judged.extend(pairs.iter().filter(|pair| pair.fold(division) == fold).map(|pair| pair.judged(&model)));
    }
    judged
}
