//! The data groups of a specimen: machine readable zone, a face and fingers that are made up.

use time::Date;
use time::macros::date;

use super::BuilderError;
use crate::asn1::{Tag, encode};
use crate::lds::data_group_tag;
use crate::mrz::Sex;

/// Who the specimen says it belongs to. Printed by `Debug` as `***`, as every holder is.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Surname.
    pub primary_identifier: String,
    /// Given names.
    pub secondary_identifier: String,
    /// Nationality, ICAO code; `None` takes the issuing state's.
    pub nationality: Option<String>,
    /// Date of birth. Specimens are born before 1900 or in the future; the zone keeps two digits of the year.
    pub date_of_birth: Date,
    /// Sex.
    pub sex: Sex,
}

impl Holder {
    /// Somebody who cannot exist.
    #[must_use]
    pub fn specimen() -> Self {
        Self {
            primary_identifier: "PRZYKŁADOWSKA-WZORCOWA".into(),
            secondary_identifier: "Specymena Fikcja".into(),
            nationality: None,
            date_of_birth: date!(1867 - 11 - 07),
            sex: Sex::Female,
        }
    }
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(***)")
    }
}

/// What the zone says beside the holder.
pub(super) struct Zone<'a> {
    pub(super) holder: &'a Holder,
    pub(super) document_code: &'a str,
    pub(super) issuing_state: &'a str,
    pub(super) document_number: &'a str,
    pub(super) expires: Date,
    pub(super) card: bool,
}

/// The zone's lines, joined by line breaks.
pub(super) fn zone(zone: &Zone<'_>) -> Result<String, BuilderError> {
    let fits = (1..=9).contains(&zone.document_number.len())
        && zone.document_number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !fits {
        return Err(BuilderError::Unfit("document number"));
    }
    let nationality = zone.holder.nationality.as_deref().unwrap_or(zone.issuing_state);
    let sex = mrz::Sex::from_zone(match zone.holder.sex {
        Sex::Female => 'F',
        Sex::Male => 'M',
        Sex::Unspecified | Sex::NonConformant => '<',
    });
    if zone.card {
        return Ok(mrz::format_td1(&mrz::Td1Fields {
            document_code: zone.document_code.into(),
            issuing_country: zone.issuing_state.into(),
            document_number: zone.document_number.into(),
            surname: zone.holder.primary_identifier.clone(),
            given_names: zone.holder.secondary_identifier.clone(),
            nationality: nationality.into(),
            date_of_birth: mrz_date(zone.holder.date_of_birth),
            sex,
            date_of_expiry: mrz_date(zone.expires),
            ..Default::default()
        }));
    }
    Ok(mrz::format_td3(&mrz::Td3Fields {
        document_code: zone.document_code.into(),
        issuing_country: zone.issuing_state.into(),
        document_number: zone.document_number.into(),
        surname: zone.holder.primary_identifier.clone(),
        given_names: zone.holder.secondary_identifier.clone(),
        nationality: nationality.into(),
        date_of_birth: mrz_date(zone.holder.date_of_birth),
        sex,
        date_of_expiry: mrz_date(zone.expires),
        personal_number: None,
    }))
}

fn mrz_date(day: Date) -> mrz::MrzDate {
    mrz::MrzDate::Calendar(mrz::Date::new(day.year(), u32::from(u8::from(day.month())), u32::from(day.day())))
}

/// The outermost object of a data group.
pub(super) fn group(number: u8, contents: &[u8]) -> Vec<u8> {
    encode(Tag::new(u32::from(data_group_tag(number).unwrap_or_default())), contents)
}

pub(super) fn dg1(zone: &str) -> Vec<u8> {
    let characters: String = zone.chars().filter(|c| *c != '\n').collect();
    group(1, &encode(Tag::new(0x5F1F), characters.as_bytes()))
}

/// A face record of ISO/IEC 19794-5 around an image that is none: 413 × 531, "JPEG".
pub(super) fn dg2() -> Vec<u8> {
    let image = b"\xFF\xD8\xFF\xE0 specimen: no face was used \xFF\xD9";
    let mut block = vec![0; 2 + 14];
    block.extend([0x01, 0x00, 0x01, 0x9D, 0x02, 0x13, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00]);
    block.extend(image);
    let mut record = b"FAC\x00010\x00".to_vec();
    record.extend(length(14 + 4 + block.len()));
    record.extend([0, 1]);
    record.extend(length(4 + block.len()));
    record.extend(block);
    biometric_group(2, &[template(&[0x81, 0x01, 0x02], 0x0008, &record)])
}

/// Two finger records of ISO/IEC 19794-4 in name only: made up, unlike for each document.
pub(super) fn dg3(document_number: &str) -> Vec<u8> {
    let finger = |position: u8| {
        let record = format!("FIR\0010\0 specimen: no finger was used, position {position}, {document_number}");
        template(&[0x81, 0x01, 0x08, 0x82, 0x01, position], 0x0007, record.as_bytes())
    };
    // Right and left index finger: 01001 and 01010 with the biometric subtype's sides.
    biometric_group(3, &[finger(0x09), finger(0x0A)])
}

fn length(octets: usize) -> [u8; 4] {
    u32::try_from(octets).unwrap_or(u32::MAX).to_be_bytes()
}

fn template(kind: &[u8], format_type: u16, record: &[u8]) -> Vec<u8> {
    let header = [kind, &[0x87, 0x02, 0x01, 0x01, 0x88, 0x02], &format_type.to_be_bytes()].concat();
    let data = encode(Tag::new(0x5F2E), record);
    encode(Tag::new(0x7F60), &[encode(Tag::context(1), &header), data].concat())
}

fn biometric_group(number: u8, templates: &[Vec<u8>]) -> Vec<u8> {
    let count = encode(Tag::INTEGER, &[u8::try_from(templates.len()).unwrap_or(u8::MAX)]);
    group(number, &encode(Tag::new(0x7F61), &[count, templates.concat()].concat()))
}

/// EF.COM for these data groups, LDS 1.7 or 1.8.
pub(super) fn com(lds_version: &str, groups: impl Iterator<Item = u8>) -> Vec<u8> {
    let tags: Vec<u8> = groups.filter_map(data_group_tag).collect();
    let contents = [
        encode(Tag::new(0x5F01), lds_version.as_bytes()),
        encode(Tag::new(0x5F36), b"040000"),
        encode(Tag::new(0x5C), &tags),
    ]
    .concat();
    encode(Tag::new(0x60), &contents)
}
