//! How much each level of each field weighs, estimated from the files that are linked.

use std::collections::HashMap;

use super::level::{Evidence, Level, Levels};
use super::record::{FIELDS, Field, Record};

const LEVELS: usize = Level::ALL.len();

/// Observations the typical probabilities count for: files of a few rows are judged by what is typical, files of thousands by themselves.
const TYPICAL_COUNTS: f64 = 10.0;
/// Rounds of estimation; the figures stand still long before.
const ROUNDS: usize = 50;

/// For each level of each field, how often it is met among records of one person and of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    one_person: [[f64; LEVELS]; FIELDS],
    two_people: [[f64; LEVELS]; FIELDS],
    /// Share of all pairs that are of one person.
    prior: f64,
}

impl Weights {
    /// What is typical, where there is nothing to estimate from: for the question whether one of `candidates` records is the person asked for.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a register has fewer than 2^52 persons")]
    pub fn typical(candidates: usize) -> Self {
        let prior = 1.0 / (candidates.max(1) as f64 + 1.0);
        Self { one_person: Field::ALL.map(|_| ONE_PERSON), two_people: Field::ALL.map(by_chance), prior }
    }

    /// How likely two records are of one person, from 0 to 1, and what every field that both have filled in says to that, the weightiest first.
    #[must_use]
    pub fn explain(&self, left: &Record, right: &Record) -> (f64, Vec<Evidence>) {
        let levels = Levels::of(left, right);
        let mut evidence: Vec<Evidence> = self.evidence(&levels).collect();
        evidence.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
        (probability(self.weigh(&levels)), evidence)
    }

    /// log2 of the odds that records of these levels are of one person.
    pub(super) fn weigh(&self, levels: &Levels) -> f64 {
        let odds = self.prior / (1.0 - self.prior);
        odds.log2() + self.evidence(levels).map(|evidence| evidence.weight).sum::<f64>()
    }

    fn evidence(&self, levels: &Levels) -> impl Iterator<Item = Evidence> {
        Field::ALL.into_iter().zip(levels.0).filter_map(|(field, level)| {
            let level = level?;
            let (at, of) = (field as usize, level as usize);
            Some(Evidence { field, level, weight: (self.one_person[at][of] / self.two_people[at][of]).log2() })
        })
    }

    /// Estimates from the levels of pairs that may be of one person, and of pairs drawn at random, nearly all of which are not. `all` is how many pairs there are.
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs stay below 2^52")]
    pub(super) fn estimate(candidates: &[Levels], random: &[Levels], people: usize, all: usize) -> Self {
        let mut weights = Self::typical(people);
        // In small files a pair of one person is drawn often enough to matter: it counts as far as it is unlikely to be one.
        let drawn: Vec<_> = random.iter().map(|levels| (levels, 1.0 - probability(weights.weigh(levels)))).collect();
        weights.two_people = shares(drawn.into_iter(), &weights.two_people);
        let mut patterns: HashMap<&Levels, f64> = HashMap::new();
        for levels in candidates {
            *patterns.entry(levels).or_default() += 1.0;
        }
        // An order that does not depend on the map's: the sums, and so the scores, are the same in every run.
        let mut patterns: Vec<(&Levels, f64)> = patterns.into_iter().collect();
        patterns.sort_unstable_by_key(|(levels, _)| levels.0);
        let total = (candidates.len() as f64).max(1.0);
        let mut matching = (people as f64 / 2.0).clamp(0.5, total / 2.0);
        for _ in 0..ROUNDS {
            weights.prior = matching / total;
            let judged: Vec<(&Levels, f64)> =
                patterns.iter().map(|(levels, count)| (*levels, count * probability(weights.weigh(levels)))).collect();
            matching = judged.iter().map(|(_, share)| share).sum::<f64>().clamp(1e-3, total * 0.999);
            weights.one_person = shares(judged.into_iter(), &Field::ALL.map(|_| ONE_PERSON));
        }
        weights.prior = (matching / (all as f64).max(1.0)).clamp(1e-12, 0.5);
        weights
    }
}

/// Levels among records of one person, as long practice has them: mostly the same, now and then a slip, seldom a change.
const ONE_PERSON: [f64; LEVELS] = [0.85, 0.09, 0.03, 0.03];

/// Levels among records of two people.
const fn by_chance(field: Field) -> [f64; LEVELS] {
    match field {
        Field::Sex => [0.5, 0.001, 0.001, 0.498],
        Field::Nationality | Field::Region => [0.15, 0.001, 0.001, 0.848],
        Field::Born => [0.0001, 0.0015, 0.01, 0.9884],
        Field::Identifier | Field::Document => [0.000_01, 0.000_09, 0.0009, 0.999],
        Field::GivenName => [0.01, 0.01, 0.02, 0.96],
        Field::Surname => [0.003, 0.004, 0.013, 0.98],
        Field::StreetNumber => [0.02, 0.02, 0.001, 0.959],
        Field::Street | Field::AddressLine | Field::Place | Field::Postcode => [0.005, 0.005, 0.01, 0.98],
    }
}

/// The share of each level, with what is assumed beforehand counted in.
fn shares<'a>(
    weighted: impl Iterator<Item = (&'a Levels, f64)>,
    assumed: &[[f64; LEVELS]; FIELDS],
) -> [[f64; LEVELS]; FIELDS] {
    let mut counts = assumed.map(|levels| levels.map(|share| share * TYPICAL_COUNTS));
    for (levels, weight) in weighted {
        for (counts, level) in counts.iter_mut().zip(levels.0) {
            if let Some(level) = level {
                counts[level as usize] += weight;
            }
        }
    }
    counts.map(|counts| {
        let total: f64 = counts.iter().sum();
        counts.map(|count| count / total)
    })
}

/// A probability from log2 of its odds.
pub(super) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp2())
}

#[cfg(test)]
mod tests {
    use super::{Field, Level, Record, Weights};

    fn asked() -> Record {
        let name = Record::new("asked").with(Field::GivenName, "Hanna").with(Field::Surname, "Szewczuk");
        name.with(Field::Born, "1988-02-11").with(Field::Nationality, "UKR")
    }

    #[test]
    fn a_question_to_a_register_is_answered_with_reasons() {
        let weights = Weights::typical(10_000);
        let same = Record::new("1").with(Field::GivenName, "Ганна").with(Field::Surname, "Шевчук");
        let same = same.with(Field::Born, "1988-11-02").with(Field::Nationality, "UKR");
        let (score, evidence) = weights.explain(&asked(), &same);
        assert!(score > 0.5, "{score} {evidence:?}");
        assert_eq!(evidence.len(), 4);
        let born = evidence.iter().find(|evidence| evidence.field == Field::Born).unwrap();
        assert!(born.level == Level::Near && born.weight > 0.0);
        assert!(born.to_string().starts_with("date of birth: near (+"));
        let namesake = Record::new("2").with(Field::GivenName, "Hanna").with(Field::Surname, "Szewczuk");
        let namesake = namesake.with(Field::Born, "1951-06-30").with(Field::Nationality, "BLR");
        assert!(weights.explain(&asked(), &namesake).0 < 0.1);
    }

    #[test]
    fn the_same_field_weighs_less_where_more_records_are_asked() {
        let other = Record::new("1").with(Field::GivenName, "Hanna").with(Field::Surname, "Szewczuk");
        let score = |records| Weights::typical(records).explain(&asked(), &other).0;
        assert!(score(100) > 0.9 && score(10_000_000) < 0.1);
    }
}
