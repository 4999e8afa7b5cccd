//! Values of primitive types.

use std::borrow::Cow;

use super::{Asn1Error, MAX_DEPTH, Oid, Rules, Tag, Tlv};

impl<'a> Tlv<'a> {
    /// The octets of an OCTET STRING, or of an element with an implicit tag over one. BER's constructed form is joined together.
    ///
    /// # Errors
    /// When a part of a constructed string is no OCTET STRING, or parts are nested too deep.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, Asn1Error> {
        if !self.tag().is_constructed() {
            return Ok(Cow::Borrowed(self.contents()));
        }
        let mut joined = Vec::with_capacity(self.contents().len());
        let mut open = vec![self.reader()];
        while let Some(level) = open.last_mut() {
            let Some(part) = level.next_if_any()? else {
                open.pop();
                continue;
            };
            if part.tag() == Tag::OCTET_STRING {
                joined.extend_from_slice(part.contents());
            } else if part.tag() == Tag::new(0x24) && open.len() < MAX_DEPTH {
                open.push(part.reader());
            } else {
                return Err(Asn1Error::BadValue("constructed OCTET STRING"));
            }
        }
        Ok(Cow::Owned(joined))
    }

    /// The object identifier.
    ///
    /// # Errors
    /// When this is not a well-formed OBJECT IDENTIFIER.
    pub fn oid(&self) -> Result<Oid<'a>, Asn1Error> {
        Oid::from_contents(self.expect(Tag::OID)?.contents())
    }

    /// An INTEGER's contents: two's complement, most significant octet first. Padding is left in place.
    ///
    /// # Errors
    /// When this is not an INTEGER or is empty.
    pub fn integer(&self) -> Result<&'a [u8], Asn1Error> {
        let contents = self.expect(Tag::INTEGER)?.contents();
        if contents.is_empty() { Err(Asn1Error::BadValue("INTEGER")) } else { Ok(contents) }
    }

    /// A non-negative INTEGER without leading zeros, and whether it was padded beyond the one zero octet DER calls for.
    ///
    /// # Errors
    /// When this is not an INTEGER, or a negative one.
    pub fn unsigned(&self) -> Result<(&'a [u8], bool), Asn1Error> {
        let contents = self.integer()?;
        if contents.first().is_some_and(|first| first & 0x80 != 0) {
            return Err(Asn1Error::BadValue("INTEGER: negative"));
        }
        let zeros = contents.iter().take_while(|octet| **octet == 0).count();
        let digits = contents.get(zeros..).unwrap_or_default();
        let needed = match digits.first() {
            None => 1,
            Some(first) if first & 0x80 != 0 => 1,
            Some(_) => 0,
        };
        Ok((digits, zeros > needed))
    }

    /// A small non-negative INTEGER.
    ///
    /// # Errors
    /// When it is none, negative, or does not fit.
    pub fn u64(&self) -> Result<u64, Asn1Error> {
        self.small(Tag::INTEGER)
    }

    /// A small non-negative ENUMERATED.
    ///
    /// # Errors
    /// When it is none, negative, or does not fit.
    pub fn enumerated(&self) -> Result<u64, Asn1Error> {
        self.small(Tag::ENUMERATED)
    }

    fn small(&self, tag: Tag) -> Result<u64, Asn1Error> {
        let contents = self.expect(tag)?.contents();
        if contents.is_empty() || contents.len() > 8 || contents.first().is_some_and(|first| first & 0x80 != 0) {
            return Err(Asn1Error::BadValue("INTEGER"));
        }
        Ok(contents.iter().fold(0, |value, octet| value << 8 | u64::from(*octet)))
    }

    /// A BOOLEAN. DER writes true as FF; BER takes any octet but zero.
    ///
    /// # Errors
    /// When this is not a BOOLEAN of the rules it was read under.
    pub fn boolean(&self) -> Result<bool, Asn1Error> {
        let der = self.rules() == Rules::Der;
        match self.expect(Tag::BOOLEAN)?.contents() {
            [0] => Ok(false),
            [0xFF] => Ok(true),
            [_] if !der => Ok(true),
            _ => Err(Asn1Error::BadValue("BOOLEAN")),
        }
    }

    /// A BIT STRING: the octets, and how many bits of the last one are unused.
    ///
    /// # Errors
    /// When this is not a primitive BIT STRING.
    pub fn bit_string(&self) -> Result<(&'a [u8], u8), Asn1Error> {
        match self.expect(Tag::BIT_STRING)?.contents().split_first() {
            Some((0, empty @ [])) => Ok((empty, 0)),
            Some((unused @ 0..=7, octets)) if !octets.is_empty() => Ok((octets, *unused)),
            _ => Err(Asn1Error::BadValue("BIT STRING")),
        }
    }

    /// A BIT STRING of whole octets, as keys and signatures are.
    ///
    /// # Errors
    /// When this is not one.
    pub fn bit_string_octets(&self) -> Result<&'a [u8], Asn1Error> {
        match self.bit_string()? {
            (octets, 0) => Ok(octets),
            _ => Err(Asn1Error::BadValue("BIT STRING: unused bits")),
        }
    }
}
