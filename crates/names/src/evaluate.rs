//! How well scores agree with what people decided.

/// One labelled pair, scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// What the comparison gave.
    pub score: f64,
    /// What people decided.
    pub is_match: bool,
    /// Whether either name has a character outside ASCII.
    pub non_ascii: bool,
}

/// Counts of agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Called a match, and one.
    pub true_positive: usize,
    /// Called a match, and none.
    pub false_positive: usize,
    /// Not called a match, and one.
    pub false_negative: usize,
    /// Not called a match, and none.
    pub true_negative: usize,
}

impl Counts {
    /// Counts pairs at a threshold.
    pub fn of<'a>(pairs: impl IntoIterator<Item = &'a Judged>, threshold: f64) -> Self {
        let mut counts = Self::default();
        for pair in pairs {
            let count = match (pair.score >= threshold, pair.is_match) {
                (true, true) => &mut counts.true_positive,
                (true, false) => &mut counts.false_positive,
                (false, true) => &mut counts.false_negative,
                (false, false) => &mut counts.true_negative,
            };
            *count += 1;
        }
        counts
    }

    /// Of those called a match, the share that is one. 0 when none is called so.
    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Of the matches, the share called so. 0 when there are none.
    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// The harmonic mean of both.
    #[must_use]
    pub fn f1(self) -> f64 {
        share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs stay far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Judged};

    #[test]
    fn figures_are_those_of_the_textbook() {
        let pair = |score, is_match| Judged { score, is_match, non_ascii: false };
        let pairs =
            [pair(0.9, true), pair(0.8, true), pair(0.7, false), pair(0.5, true), pair(0.4, true), pair(0.1, false)];
        let counts = Counts::of(&pairs, 0.5);
        assert_eq!(counts, Counts { true_positive: 3, false_positive: 1, false_negative: 1, true_negative: 1 });
        assert!((counts.precision() - 0.75).abs() < 1e-9 && (counts.recall() - 0.75).abs() < 1e-9);
        assert!((counts.f1() - 0.75).abs() < 1e-9);
        assert!(Counts::default().f1().abs() < 1e-9);
    }
}
