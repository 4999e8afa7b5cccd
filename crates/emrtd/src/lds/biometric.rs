//! The frame around biometric data in DG2, DG3 and DG4 (Doc 9303-10 §4.7.2, ISO/IEC 7816-11, ISO/IEC 19785).
//!
//! `75 { 7F61 { 02 count, 7F60 { A1 header { 87 format owner, 88 format type, … }, 5F2E | 7F2E data block }… } }`.
//! For a face the header of ISO/IEC 19794-5 is checked for sanity: magic, length, counts and image types. No image or
//! template is ever decoded or copied.

use super::{LdsError, file};
use crate::asn1::{Reader, Tag};

/// More templates than any document holds.
const MAX_TEMPLATES: usize = 16;
const RULE: &str = "Doc 9303-10 §4.7.2";
const FACE_RULE: &str = "ISO/IEC 19794-5 §5";

/// One biometric information template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Format owner of the header: 0101 is ISO/IEC JTC 1 SC 37.
    pub format_owner: u16,
    /// Format type of the header: 0008 is a face image (ISO/IEC 19794-5), 0007 a finger image (19794-4).
    pub format_type: u16,
    /// Biometric type of the header (02 face, 08 finger, 10 iris), where given.
    pub biometric_type: Option<u32>,
    /// Length of the data block in bytes.
    pub data_length: usize,
    /// What the header of a face record says.
    pub face: Option<FaceRecord>,
}

/// Encoding of a face image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageType {
    /// JPEG
    Jpeg,
    /// JPEG 2000
    Jpeg2000,
}

/// What the headers of a face record say; the images themselves stay unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceRecord {
    /// Encoding, width and height in pixels of each image, as its header says.
    pub images: Vec<(ImageType, u16, u16)>,
}

/// Reads the frame of DG2 (face).
///
/// # Errors
/// [`LdsError`] when the bytes are not DG2, hold no template, or a face record contradicts itself.
pub fn parse_dg2(bytes: &[u8]) -> Result<Vec<Template>, LdsError> {
    let templates = parse(bytes, 0x75)?;
    if templates.is_empty() {
        return Err(LdsError::Value { field: "number of faces", rule: RULE });
    }
    Ok(templates)
}

/// Reads the frame of DG3 (fingers); it may be empty, for a person without usable fingers.
///
/// # Errors
/// [`LdsError`] when the bytes are not DG3.
pub fn parse_dg3(bytes: &[u8]) -> Result<Vec<Template>, LdsError> {
    parse(bytes, 0x63)
}

fn parse(bytes: &[u8], tag: u32) -> Result<Vec<Template>, LdsError> {
    let mut fields = file(bytes, tag)?.reader().only()?.expect(Tag::new(0x7F61))?.reader();
    let count = fields.expect(Tag::INTEGER)?.u64()?;
    let mut templates = Vec::new();
    while let Some(group) = fields.optional(Tag::new(0x7F60))? {
        if templates.len() == MAX_TEMPLATES {
            return Err(LdsError::Value { field: "biometric templates", rule: "a sane number of entries" });
        }
        templates.push(template(group.reader())?);
    }
    // An empty DG3 may carry random bytes (53) so that its hash tells nothing (TR-03110-1).
    fields.optional(Tag::new(0x53))?;
    fields.finish()?;
    if u64::try_from(templates.len()) != Ok(count) {
        return Err(LdsError::Value { field: "number of biometric templates", rule: RULE });
    }
    Ok(templates)
}

fn template(mut fields: Reader<'_>) -> Result<Template, LdsError> {
    let mut header = fields.expect(Tag::context(1))?.reader();
    let (mut owner, mut kind, mut biometric_type) = (None, None, None);
    while let Some(object) = header.next_if_any()? {
        match object.tag().identifier() {
            0x87 => owner = Some(two_octets(object.contents())?),
            0x88 => kind = Some(two_octets(object.contents())?),
            0x81 => biometric_type = small(object.contents()),
            _ => {}
        }
    }
    let (Some(format_owner), Some(format_type)) = (owner, kind) else {
        return Err(LdsError::Value { field: "biometric format owner and type", rule: RULE });
    };
    let block = match fields.optional(Tag::new(0x5F2E))? {
        Some(primitive) => primitive.contents(),
        None => fields.expect(Tag::new(0x7F2E))?.contents(),
    };
    fields.finish()?;
    let face = if (format_owner, format_type) == (0x0101, 0x0008) { Some(face_record(block)?) } else { None };
    Ok(Template { format_owner, format_type, biometric_type, data_length: block.len(), face })
}

fn two_octets(contents: &[u8]) -> Result<u16, LdsError> {
    let octets: [u8; 2] =
        contents.try_into().map_err(|_| LdsError::Value { field: "biometric format owner or type", rule: RULE })?;
    Ok(u16::from_be_bytes(octets))
}

fn small(contents: &[u8]) -> Option<u32> {
    (1..=3).contains(&contents.len()).then(|| contents.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
}

/// Big-endian fields of a record, in order.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], LdsError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(LdsError::Value { field: "length of the face record", rule: FACE_RULE })?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, length: usize) -> Result<usize, LdsError> {
        Ok(self.take(length)?.iter().fold(0, |value, octet| value << 8 | usize::from(*octet)))
    }
}

/// Facial record header (14 bytes), then per face: facial information (20), feature points (8 each), image information
/// (12) and the image.
fn face_record(block: &[u8]) -> Result<FaceRecord, LdsError> {
    let value = |field| LdsError::Value { field, rule: FACE_RULE };
    let mut record = Fields(block);
    if record.take(8)? != b"FAC\x00010\x00" {
        return Err(value("magic and version of the face record"));
    }
    if record.number(4)? != block.len() {
        return Err(value("length of the face record"));
    }
    let count = record.number(2)?;
    if !(1..=MAX_TEMPLATES).contains(&count) {
        return Err(value("number of images"));
    }
    let mut images = Vec::with_capacity(count);
    for _ in 0..count {
        let length = record.number(4)?;
        let rest = length.checked_sub(4).ok_or(value("length of an image block"))?;
        let mut image = Fields(record.take(rest)?);
        let points = image.number(2)?;
        image.take(14 + 8 * points)?;
        image.take(1)?;
        let kind = match image.number(1)? {
            0 => ImageType::Jpeg,
            1 => ImageType::Jpeg2000,
            _ => return Err(value("image data type")),
        };
        let (width, height) = (image.number(2)?, image.number(2)?);
        image.take(6)?;
        if image.0.is_empty() {
            return Err(value("image data"));
        }
        images.push((kind, u16::try_from(width).unwrap_or(u16::MAX), u16::try_from(height).unwrap_or(u16::MAX)));
    }
    if !record.0.is_empty() {
        return Err(value("length of the face record"));
    }
    Ok(FaceRecord { images })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;
    use proptest::prelude::*;

    fn face(image: &[u8]) -> Vec<u8> {
        let block = 4 + 16 + 12 + image.len();
        let mut record = b"FAC\x00010\x00".to_vec();
        record.extend(u32::try_from(14 + block).unwrap().to_be_bytes());
        record.extend([0, 1]);
        record.extend(u32::try_from(block).unwrap().to_be_bytes());
        record.extend([0; 16]);
        record.extend([1, 0, 1, 0x9D, 2, 0x13, 0, 0, 0, 0, 0, 0]);
        record.extend(image);
        record
    }

    fn dg2(count: u8, block: &[u8]) -> Vec<u8> {
        let header = encode(Tag::context(1), b"\x81\x01\x02\x87\x02\x01\x01\x88\x02\x00\x08");
        let template = encode(Tag::new(0x7F60), &[header, encode(Tag::new(0x5F2E), block)].concat());
        encode(Tag::new(0x75), &encode(Tag::new(0x7F61), &[&[2, 1, count], template.as_slice()].concat()))
    }

    #[test]
    fn a_face_is_described_and_not_decoded() {
        let templates = parse_dg2(&dg2(1, &face(b"no image at all"))).unwrap();
        assert_eq!(templates[0].biometric_type, Some(2));
        assert_eq!(templates[0].face.as_ref().unwrap().images, [(ImageType::Jpeg, 0x019D, 0x0213)]);
    }

    #[test]
    fn records_that_contradict_themselves_are_refused() {
        let good = face(b"image");
        let with = |position: usize, octet: u8| {
            let mut record = good.clone();
            record[position] = octet;
            dg2(1, &record)
        };
        for (file, field) in [
            (dg2(2, &good), "number of biometric templates"),
            (with(0, b'X'), "magic and version of the face record"),
            (with(11, 1), "length of the face record"),
            (with(13, 0), "number of images"),
            (with(13, 2), "length of the face record"),
            (with(17, 1), "length of an image block"),
            (with(19, 9), "length of the face record"),
            (with(35, 7), "image data type"),
            (dg2(1, &face(b"")), "image data"),
        ] {
            match parse_dg2(&file) {
                Err(LdsError::Value { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_empty_dg3_is_a_person_without_usable_fingers_and_an_empty_dg2_is_no_document() {
        let empty = |tag| encode(Tag::new(tag), &encode(Tag::new(0x7F61), b"\x02\x01\x00\x53\x04abcd"));
        assert_eq!(parse_dg3(&empty(0x63)).unwrap(), []);
        assert!(parse_dg2(&empty(0x75)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..96), position in 0usize..60, octet in any::<u8>()) {
            let _ = parse_dg2(&bytes);
            let _ = parse_dg2(&dg2(1, &bytes));
            let mut record = face(b"image");
            if let Some(place) = record.get_mut(position) {
                *place = octet;
            }
            let _ = parse_dg2(&dg2(1, &record));
        }
    }
}
