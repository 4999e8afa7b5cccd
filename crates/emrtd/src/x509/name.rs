//! Distinguished names.

use std::fmt;

use crate::asn1::{Asn1Error, Oid, Tag, Tlv};

const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];

/// A distinguished name (RFC 5280 §4.1.2.4) with its original encoding. Prints its attributes in their order: `C=UT,O=…,CN=…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    der: Vec<u8>,
    attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Attribute {
    oid: Vec<u8>,
    /// As written.
    text: String,
    /// For comparison: lower case, outer spaces gone, inner runs one space (RFC 5280 §7.1 in the small).
    folded: String,
}

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// When the element is none.
    pub fn read(element: Tlv<'_>) -> Result<Self, Asn1Error> {
        let mut attributes = Vec::new();
        let mut sets = element.expect(Tag::SEQUENCE)?.reader();
        while let Some(set) = sets.next_if_any()? {
            let mut set = set.expect(Tag::SET)?.reader();
            while let Some(attribute) = set.next_if_any()? {
                let mut fields = attribute.expect(Tag::SEQUENCE)?.reader();
                let oid = fields.next()?.oid()?.contents().to_vec();
                let text = text_of(&fields.next()?);
                fields.finish()?;
                let folded = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                attributes.push(Attribute { oid, text, folded });
            }
        }
        Ok(Self { der: element.raw().to_vec(), attributes })
    }

    /// The encoding as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The country, as written.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.countries().next()
    }

    /// Every country it names, as written: more than one contradict each other.
    pub fn countries(&self) -> impl Iterator<Item = &str> {
        self.texts(COUNTRY)
    }

    /// The organisations, as written.
    pub fn organisations(&self) -> impl Iterator<Item = &str> {
        self.texts(ORGANISATION)
    }

    fn texts(&self, oid: &'static [u8]) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(move |attribute| attribute.oid == oid).map(|attribute| attribute.text.as_str())
    }

    /// The same attributes in the same order, whatever the string type, case and spacing.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.keys().eq(other.keys())
    }

    /// The same attributes in any order.
    #[must_use]
    pub fn matches_in_any_order(&self, other: &Self) -> bool {
        let sorted = |name: &Self| {
            let mut keys: Vec<_> = name.keys().map(|(oid, text)| (oid.to_vec(), text.to_owned())).collect();
            keys.sort();
            keys
        };
        self.attributes.len() == other.attributes.len() && sorted(self) == sorted(other)
    }

    /// A key under which names that match are found together.
    #[must_use]
    pub fn folded(&self) -> String {
        let mut keys: Vec<_> = self.keys().map(|(oid, text)| format!("{}={text}", Oid::constant(oid))).collect();
        keys.sort();
        keys.join("\n")
    }

    fn keys(&self) -> impl Iterator<Item = (&[u8], &str)> {
        self.attributes.iter().map(|attribute| (attribute.oid.as_slice(), attribute.folded.as_str()))
    }
}

/// The text of a directory string; what is none is shown in hexadecimal.
fn text_of(value: &Tlv<'_>) -> String {
    let bytes = value.contents();
    let readable = match value.tag().identifier() {
        0x0C | 0x12 | 0x13 | 0x16 | 0x1A => std::str::from_utf8(bytes).ok().map(str::to_owned),
        0x1E if bytes.len().is_multiple_of(2) => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|unit| unit.iter().fold(0, |sum, octet| sum << 8 | u16::from(*octet)))
                .collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    };
    match (readable, value.tag().identifier()) {
        (Some(text), _) => text,
        // TeletexString, and what claims to be UTF-8 and is not: Latin-1 in practice.
        (None, 0x14 | 0x0C | 0x13 | 0x16) => bytes.iter().map(|octet| char::from(*octet)).collect(),
        (None, _) => crate::hex(bytes),
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, attribute) in self.attributes.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            let text = attribute.text.replace(|character: char| character.is_control(), "?");
            match attribute.oid.as_slice() {
                [0x55, 0x04, 0x03] => write!(f, "CN={text}")?,
                [0x55, 0x04, 0x05] => write!(f, "SERIALNUMBER={text}")?,
                [0x55, 0x04, 0x06] => write!(f, "C={text}")?,
                [0x55, 0x04, 0x07] => write!(f, "L={text}")?,
                [0x55, 0x04, 0x08] => write!(f, "ST={text}")?,
                [0x55, 0x04, 0x0A] => write!(f, "O={text}")?,
                [0x55, 0x04, 0x0B] => write!(f, "OU={text}")?,
                oid => write!(f, "{}={text}", Oid::constant(oid))?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
