//! Two people count: what they found against what should be there.

use std::collections::BTreeSet;

/// What a count says, in the order of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Should be there, and is not.
    pub missing: Vec<u32>,
    /// Was missing, and is there.
    pub found_again: Vec<u32>,
    /// Is there, and should not be: issued, spoilt, destroyed, another office's, or never delivered.
    pub surplus: Vec<u32>,
}

/// Compares what is there with what is in stock by the books, and with what was missing before.
#[must_use]
pub fn compare(in_stock: &[u32], missing: &[u32], found: &[u32]) -> Counted {
    let set = |numbers: &[u32]| numbers.iter().copied().collect::<BTreeSet<u32>>();
    let (in_stock, missed, found) = (set(in_stock), set(missing), set(found));
    Counted {
        missing: in_stock.difference(&found).copied().collect(),
        found_again: found.intersection(&missed).copied().collect(),
        surplus: found
            .iter()
            .copied()
            .filter(|number| !in_stock.contains(number) && !missed.contains(number))
            .collect(),
    }
}
