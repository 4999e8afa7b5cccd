//! Portraits of people who do not exist: mosaics of grey squares, as valid baseline JPEGs.

/// Squares across and down; each is one block of eight by eight pixels, so a portrait has 96 × 128.
const ACROSS: usize = 12;
const DOWN: usize = 16;

/// Lengths of the codes for the sizes of DC differences (ISO/IEC 10918-1, table K.3), and those sizes.
const DC_LENGTHS: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_CODES: [(u16, u8); 9] =
    [(0b00, 2), (0b010, 3), (0b011, 3), (0b100, 3), (0b101, 3), (0b110, 3), (0b1110, 4), (0b1_1110, 5), (0b11_1110, 6)];
/// One code, `0`: end of block. A square of one shade has no other coefficients than its mean.
const AC_LENGTHS: [u8; 16] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A face nobody has, always the same for the same seed.
#[must_use]
pub fn portrait(seed: u64) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    let mut quantisation = vec![0];
    // With steps of eight the one coefficient of a uniform block is its shade less 128.
    quantisation.extend([8; 64]);
    segment(&mut jpeg, 0xDB, &quantisation);
    segment(&mut jpeg, 0xC0, &[8, 0, (DOWN * 8) as u8, 0, (ACROSS * 8) as u8, 1, 1, 0x11, 0]);
    let dc: Vec<u8> = [0x00].into_iter().chain(DC_LENGTHS).chain(0..12).collect();
    segment(&mut jpeg, 0xC4, &dc);
    let ac: Vec<u8> = [0x10].into_iter().chain(AC_LENGTHS).chain([0x00]).collect();
    segment(&mut jpeg, 0xC4, &ac);
    segment(&mut jpeg, 0xDA, &[1, 1, 0x00, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut before = 0_i16;
    for shade in mosaic(seed) {
        let value = i16::from(shade) - 128;
        bits.difference(value - before);
        bits.push(0, 1);
        before = value;
    }
    jpeg.extend(bits.finish());
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// Marker, length, content.
fn segment(jpeg: &mut Vec<u8>, marker: u8, content: &[u8]) {
    jpeg.extend([0xFF, marker]);
    jpeg.extend(((content.len() + 2) as u16).to_be_bytes());
    jpeg.extend(content);
}

/// Shades from black, row by row: hair, face, eyes, mouth, shoulders.
fn mosaic(seed: u64) -> impl Iterator<Item = u8> {
    let mut chance = seed;
    let mut next = move |among: u64| {
        // SplitMix64 (Steele, Lea, Flood 2014): enough to tell faces apart.
        chance = chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (chance ^ (chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)) % among
    };
    let (skin, hair, coat) = (150 + next(80) as u8, 20 + next(90) as u8, 40 + next(120) as u8);
    let (hairline, eyes, mouth) = (4 + next(2) as usize, 7, 10 + next(2) as usize);
    (0..DOWN).flat_map(move |row| {
        (0..ACROSS).map(move |column| {
            let beside = column.abs_diff(5).min(column.abs_diff(6));
            match (row, beside) {
                (14.., _) | (13, 0..=3) => coat,
                (2..=12, 0..=3) if row < hairline || (row < 9 && beside == 3) => hair,
                (_, 1 | 2) if row == eyes => skin / 3,
                (_, 0) if row == mouth => skin / 2,
                (2..=12, 0..=3) => skin,
                _ => 235,
            }
        })
    })
}

/// The entropy-coded segment: most significant bit first, a zero after every byte of ones.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u8,
}

impl Bits {
    fn difference(&mut self, difference: i16) {
        let size = (16 - difference.unsigned_abs().leading_zeros()) as u8;
        let (code, length) = DC_CODES[usize::from(size)];
        self.push(code, length);
        // Negative ones are written as the bits below them (§F.1.2.1).
        let bits = if difference < 0 { difference - 1 } else { difference };
        self.push(bits as u16 & ((1_u32 << size) - 1) as u16, size);
    }

    fn push(&mut self, bits: u16, length: u8) {
        self.pending = (self.pending << length) | u32::from(bits);
        self.count += length;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.pending >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// The last byte is filled with ones.
    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let missing = 8 - self.count;
            self.push((1 << missing) - 1, missing);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_codes_lists_as_many_sizes_as_it_has_codes() {
        let jpeg = portrait(1);
        let at = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC4]).unwrap();
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let codes: usize = DC_LENGTHS.iter().map(|count| usize::from(*count)).sum();
        assert_eq!(length, 2 + 1 + 16 + codes);
    }

    #[test]
    fn portraits_are_small_and_their_own() {
        let (one, other) = (portrait(1), portrait(2));
        assert_ne!(one, other);
        assert_eq!(one, portrait(1));
        for jpeg in [one, other] {
            assert!(jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9]));
            assert!(jpeg.len() < 1_024, "{}", jpeg.len());
        }
    }
}
