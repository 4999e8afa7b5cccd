//! What a text, and a whole sending, will take and cost.

use crate::text::{Encoding, Forcing, ReferenceWidth, TextError, parts};

/// What a text will take and cost, before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How it is carried.
    pub encoding: Encoding,
    /// Septets or UTF-16 units.
    pub units: usize,
    /// Parts sent and billed.
    pub parts: usize,
    /// The price, in grosz.
    pub grosz: i64,
    /// What forces UCS-2, if anything.
    pub forced_by: Vec<Forcing>,
}

impl Preview {
    /// Of a text, at so many grosz a part.
    ///
    /// # Errors
    /// When the text cannot be sent.
    pub fn of(text: &str, width: ReferenceWidth, grosz_a_part: i64) -> Result<Self, TextError> {
        let parts = parts(text, width)?;
        let count = i64::try_from(parts.count()).unwrap_or(i64::MAX);
        Ok(Self {
            encoding: parts.encoding(),
            units: parts.units(),
            parts: parts.count(),
            grosz: count.saturating_mul(grosz_a_part),
            forced_by: parts.forced_by().to_vec(),
        })
    }
}

/// What a whole sending will take and cost: the sum of its previews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Messages counted.
    pub messages: u64,
    /// Of these, in UCS-2.
    pub in_ucs2: u64,
    /// Parts, which is what the link's rate counts.
    pub parts: u64,
    /// The price, in grosz.
    pub grosz: i64,
}

impl Estimate {
    /// Counts one message in.
    pub fn add(&mut self, preview: &Preview) {
        self.messages += 1;
        self.in_ucs2 += u64::from(preview.encoding == Encoding::Ucs2);
        self.parts += preview.parts as u64;
        self.grosz = self.grosz.saturating_add(preview.grosz);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_tells_parts_and_cost_and_an_estimate_their_sum() {
        let plain = Preview::of(&"a".repeat(161), ReferenceWidth::Eight, 7).unwrap();
        assert_eq!((plain.encoding, plain.units, plain.parts, plain.grosz), (Encoding::Gsm7, 161, 2, 14));
        let polish = Preview::of("Wypłata", ReferenceWidth::Eight, 7).unwrap();
        assert_eq!((polish.encoding, polish.units, polish.parts, polish.grosz), (Encoding::Ucs2, 7, 1, 7));
        assert_eq!(polish.forced_by, [Forcing { character: 'ł', at: 3 }]);
        let mut estimate = Estimate::default();
        estimate.add(&plain);
        estimate.add(&polish);
        assert_eq!(estimate, Estimate { messages: 2, in_ucs2: 1, parts: 3, grosz: 21 });
        assert_eq!(Preview::of("", ReferenceWidth::Eight, 7), Err(TextError::Empty));
    }
}
