//! The user data header that joins the parts of a long message (3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8).

/// Information element: concatenation with an 8-bit reference.
const EIGHT_BIT: u8 = 0x00;
/// Information element: concatenation with a 16-bit reference.
const SIXTEEN_BIT: u8 = 0x08;

/// How wide the reference is that the parts of one message share. Eight bits are what every handset and operator knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReferenceWidth {
    /// Information element 0x00: 153 septets or 67 units a part.
    #[default]
    Eight,
    /// Information element 0x08, where the operator asks for it: 152 septets or 66 units a part.
    Sixteen,
}

/// The number the parts of one message share. It need not be secret, only different from those of the messages just before to the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// One octet.
    Eight(u8),
    /// Two octets.
    Sixteen(u16),
}

impl Reference {
    /// Of this width, from a counter that goes round.
    #[expect(clippy::cast_possible_truncation, reason = "going round is what a reference does")]
    pub const fn from_counter(width: ReferenceWidth, counter: u32) -> Self {
        match width {
            ReferenceWidth::Eight => Self::Eight(counter as u8),
            ReferenceWidth::Sixteen => Self::Sixteen(counter as u16),
        }
    }

    /// Its width.
    pub const fn width(self) -> ReferenceWidth {
        match self {
            Self::Eight(_) => ReferenceWidth::Eight,
            Self::Sixteen(_) => ReferenceWidth::Sixteen,
        }
    }
}

/// Which part of which message a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// Shared by all parts.
    pub reference: Reference,
    /// How many there are, from 1.
    pub total: u8,
    /// Which one this is, from 1 to `total`.
    pub number: u8,
}

impl Concatenation {
    /// The header with its length octet first.
    pub fn header(self) -> Vec<u8> {
        match self.reference {
            Reference::Eight(reference) => vec![5, EIGHT_BIT, 3, reference, self.total, self.number],
            Reference::Sixteen(reference) => {
                let [high, low] = reference.to_be_bytes();
                vec![6, SIXTEEN_BIT, 4, high, low, self.total, self.number]
            }
        }
    }
}

/// Takes a header off the front of user data: what it says of concatenation, if anything, and what follows it. `None` when the header is longer
/// than the data. Elements other than concatenation are passed over; a number outside 1 to total is no concatenation (§9.2.3.24.1).
pub fn split_header(user_data: &[u8]) -> Option<(Option<Concatenation>, &[u8])> {
    let (length, rest) = user_data.split_first()?;
    let (mut elements, text) = rest.split_at_checked(usize::from(*length))?;
    let mut concatenation = None;
    while let [identifier, length, rest @ ..] = elements {
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        elements = rest;
        let (reference, total, number) = match (*identifier, value) {
            (EIGHT_BIT, [reference, total, number]) => (Reference::Eight(*reference), *total, *number),
            (SIXTEEN_BIT, [high, low, total, number]) => {
                (Reference::Sixteen(u16::from_be_bytes([*high, *low])), *total, *number)
            }
            _ => continue,
        };
        if (1..=total).contains(&number) {
            concatenation = Some(Concatenation { reference, total, number });
        }
    }
    Some((concatenation, text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers_have_the_octets_of_the_standard() {
        let eight = Concatenation { reference: Reference::Eight(0xA7), total: 3, number: 2 };
        assert_eq!(eight.header(), [0x05, 0x00, 0x03, 0xA7, 0x03, 0x02]);
        let sixteen = Concatenation { reference: Reference::Sixteen(0x1A7B), total: 3, number: 1 };
        assert_eq!(sixteen.header(), [0x06, 0x08, 0x04, 0x1A, 0x7B, 0x03, 0x01]);
        assert_eq!(Reference::from_counter(ReferenceWidth::Eight, 0x1_23), Reference::Eight(0x23));
        assert_eq!(Reference::from_counter(ReferenceWidth::Sixteen, 0x5_1234).width(), ReferenceWidth::Sixteen);
    }

    #[test]
    fn other_elements_are_passed_over_and_impossible_numbers_are_no_concatenation() {
        let with_port = [0x0B, 0x05, 0x04, 0x15, 0x81, 0, 0, 0x00, 0x03, 9, 2, 1, b'x'];
        let (concatenation, text) = split_header(&with_port).unwrap();
        assert_eq!(concatenation, Some(Concatenation { reference: Reference::Eight(9), total: 2, number: 1 }));
        assert_eq!(text, b"x");
        for impossible in [[5, 0, 3, 9, 2, 3], [5, 0, 3, 9, 2, 0], [5, 0, 3, 9, 0, 0]] {
            assert_eq!(split_header(&impossible), Some((None, [].as_slice())), "{impossible:?}");
        }
        for cut_short in [&[][..], &[5, 0, 3], &[3, 0, 9, 1]] {
            assert_eq!(split_header(cut_short), None, "{cut_short:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(wide: bool, reference: u16, total in 1_u8.., number in 1_u8.., text: Vec<u8>) {
            let width = if wide { ReferenceWidth::Sixteen } else { ReferenceWidth::Eight };
            let number = number.min(total);
            let written = Concatenation { reference: Reference::from_counter(width, reference.into()), total, number };
            let octets = [written.header(), text.clone()].concat();
            prop_assert_eq!(split_header(&octets), Some((Some(written), text.as_slice())));
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>) {
            let _ = split_header(&octets);
        }
    }
}
