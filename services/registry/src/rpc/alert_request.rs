//! Whoever stands at the border, as identity read it → what the use case takes.

use straznica_contracts::registry::v1 as proto;

use crate::app::BorderQuestion;
use crate::domain::Refusal;
use crate::domain::alerts::Profile;
use crate::domain::person::{BirthDate, Country, Name, NameKind, Sex, TravelDocument};

/// Longest name or number of a machine readable zone, with room to spare.
const LONGEST_TEXT: usize = 128;

pub(super) fn border_question(
    holder: Option<proto::BorderHolder>,
    document: Option<proto::BorderDocument>,
) -> Result<BorderQuestion, Refusal> {
    let mut holder = holder.ok_or(Refusal::Missing { member: "/holder" })?;
    let mut document = document.ok_or(Refusal::Missing { member: "/document" })?;
    let name = Name {
        kind: NameKind::Main,
        original_surname: String::new(),
        original_given: String::new(),
        latin_surname: text(std::mem::take(&mut holder.latin_surname), "/holder/latin_surname")?,
        latin_given: text(std::mem::take(&mut holder.latin_given), "/holder/latin_given")?,
    };
    let birth = BirthDate::parse(&holder.birth_date).map_err(|_| Refusal::Invalid {
        member: "/holder/birth_date",
        expected: "YYYY-MM-DD, YYYY-MM, YYYY or nothing",
    })?;
    let nationality = Some(&holder.nationality).filter(|code| !code.is_empty());
    let profile = Profile {
        names: vec![name.check().map_err(|_| Refusal::Missing { member: "/holder/latin_surname" })?],
        births: Some(birth).filter(|birth| *birth != BirthDate::Unknown).into_iter().collect(),
        nationalities: nationality
            .map(|code| Country::parse(code, "/holder/nationality"))
            .transpose()?
            .into_iter()
            .collect(),
        sex: match holder.sex() {
            proto::Sex::Unspecified => None,
            proto::Sex::Female => Some(Sex::Female),
            proto::Sex::Male => Some(Sex::Male),
            proto::Sex::Other => Some(Sex::Other),
        },
    };
    let number = text(std::mem::take(&mut document.number), "/document/number")?;
    if number.trim().is_empty() {
        return Err(Refusal::Missing { member: "/document/number" });
    }
    let kind = std::mem::take(&mut document.kind);
    if kind.is_empty() || kind.len() > 64 || !kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(Refusal::Invalid { member: "/document/kind", expected: "lower case letters and '_'" });
    }
    let issuer = Country::parse(&document.issuing_state, "/document/issuing_state")?;
    Ok(BorderQuestion { holder: profile, document: TravelDocument { kind, number, issuer, expires_on: None } })
}

fn text(text: String, member: &'static str) -> Result<String, Refusal> {
    if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member, expected: "up to 128 characters" });
    }
    Ok(text)
}
