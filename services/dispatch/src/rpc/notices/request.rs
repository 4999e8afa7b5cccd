//! Requests → what the use cases of notices take.

use std::str::FromStr as _;

use identifiers::PhoneNumber;
use sms::template::Language;
use straznica_contracts::dispatch::v1 as proto;
use straznica_types::check_name;

use crate::app::NewNotice;
use crate::domain::{NoticeId, Place, Recipient, Refusal, TemplateWords};

const NAME: &str = "1 to 64 letters, digits, '.', '_' or '-'";
const PHONE: &str = "a phone number (E.164, or nine digits for Poland)";
const LANGUAGE: &str = "a language tag (BCP 47)";
const TOKEN: &str = "a token of this list";
/// Recipients of one request.
const MOST_RECIPIENTS: usize = 500;
/// Rows of a page, where nothing is said and at most.
const PAGE: u32 = 50;
const MOST_ROWS: u32 = 500;
/// Longest life of a notice: two weeks.
const MOST_HOURS: u32 = 336;

pub(super) fn name(text: &str, member: &'static str) -> Result<String, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Missing { member });
    }
    check_name(text).map_err(|_| Refusal::Invalid { member, expected: NAME })?;
    Ok(text.to_owned())
}

pub(super) fn optional_name(text: &str, member: &'static str) -> Result<Option<String>, Refusal> {
    if text.is_empty() { Ok(None) } else { name(text, member).map(Some) }
}

pub(super) fn notice_id(text: &str) -> Result<NoticeId, Refusal> {
    let member = "/notice_id";
    if text.is_empty() {
        return Err(Refusal::Missing { member });
    }
    NoticeId::from_str(text).map_err(|_| Refusal::Invalid { member, expected: "a UUID" })
}

pub(super) fn version(number: u32) -> Result<u32, Refusal> {
    if number == 0 { Err(Refusal::Missing { member: "/version" }) } else { Ok(number) }
}

pub(super) fn phone(text: &str) -> Result<PhoneNumber, Refusal> {
    let member = "/phone";
    if text.is_empty() {
        return Err(Refusal::Missing { member });
    }
    PhoneNumber::parse(text).map_err(|_| Refusal::Invalid { member, expected: PHONE })
}

pub(super) fn page_size(asked: u32) -> usize {
    let rows = if asked == 0 { PAGE } else { asked.min(MOST_ROWS) };
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// After which version a page of templates begins: `name/version`.
pub(super) fn after_template(token: &str) -> Result<Option<(&str, u32)>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let parts = token.split_once('/').filter(|(name, _)| check_name(name).is_ok());
    let after = parts.and_then(|(name, version)| Some((name, version.parse().ok()?)));
    after.map(Some).ok_or(Refusal::Invalid { member: "/page_token", expected: TOKEN })
}

/// Before which notice a page begins.
pub(super) fn before_notice(token: &str) -> Result<Option<NoticeId>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let id = NoticeId::from_str(token);
    id.map(Some).map_err(|_| Refusal::Invalid { member: "/page_token", expected: TOKEN })
}

/// After which recipient a page begins; empty: from the first.
pub(super) fn after_recipient(token: &str) -> Result<&str, Refusal> {
    if token.is_empty() || check_name(token).is_ok() {
        return Ok(token);
    }
    Err(Refusal::Invalid { member: "/page_token", expected: TOKEN })
}

pub(super) fn words(message: &mut proto::ProposeTemplateRequest) -> TemplateWords {
    let places = std::mem::take(&mut message.places);
    TemplateWords {
        places: places.into_iter().map(|place| Place { name: place.name, longest: place.longest }).collect(),
        texts: std::mem::take(&mut message.texts).into_iter().collect(),
        fallback: std::mem::take(&mut message.fallback),
    }
}

pub(super) fn new_notice(message: &proto::CreateNoticeRequest) -> Result<NewNotice, Refusal> {
    if !(1..=MOST_HOURS).contains(&message.valid_hours) {
        return Err(Refusal::Invalid { member: "/valid_hours", expected: "1 to 336" });
    }
    Ok(NewNotice {
        id: notice_id(&message.notice_id)?,
        template: name(&message.template, "/template")?,
        version: version(message.version)?,
        valid_hours: message.valid_hours,
    })
}

pub(super) fn recipients(page: Vec<proto::NoticeRecipient>) -> Result<Vec<Recipient>, Refusal> {
    if !(1..=MOST_RECIPIENTS).contains(&page.len()) {
        return Err(Refusal::Invalid { member: "/recipients", expected: "1 to 500 recipients" });
    }
    page.into_iter().enumerate().map(|(at, recipient)| one_recipient(at, recipient)).collect()
}

fn one_recipient(at: usize, recipient: proto::NoticeRecipient) -> Result<Recipient, Refusal> {
    let refused = |member, expected| Refusal::Recipient { at, member, expected };
    check_name(&recipient.reference).map_err(|_| refused("reference", NAME))?;
    Ok(Recipient {
        phone: PhoneNumber::parse(&recipient.phone).map_err(|_| refused("phone", PHONE))?,
        language: Language::new(&recipient.language).ok_or(refused("language", LANGUAGE))?,
        reference: recipient.reference,
        values: recipient.values.into_iter().collect(),
    })
}
