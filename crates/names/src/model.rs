//! The score: a logistic function of the features.
//!
//! How the weights came about: `cargo run --release -p names --example fit -- FILE.csv` fits them to a file of labelled pairs by penalised maximum likelihood and
//! prints them with what five-fold cross-validation gives. The threshold is not fitted: a pair matches from one half on, where the model holds both
//! answers equally likely.

use crate::features::{FEATURES, Features};

/// From this score on two names are taken for one person's.
pub const THRESHOLD: f64 = 0.5;

/// A logistic function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// The logit of two names nothing is known about.
    pub bias: f64,
    /// What each feature adds to it, a unit.
    pub weights: [f64; FEATURES],
}

/// The model in use.
pub const MODEL: Model =
    Model { bias: 2.535, weights: [-0.331, -0.956, -0.356, -1.808, -3.855, -0.510, -1.725, -0.508, 0.964] };

impl Model {
    /// The score, above 0 and below 1.
    #[must_use]
    pub fn score(&self, features: &Features) -> f64 {
        let logit: f64 =
            self.bias + self.weights.iter().zip(features.0).map(|(weight, value)| weight * value).sum::<f64>();
        1.0 / (1.0 + (-logit).exp())
    }
}
