//! The forms, as they are written: lines of a heading, a blank and a value, in the order of the headings, each once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use straznica_types::CivilDate;

use super::{Content, FileNumber, Form, Heading, Notice, NoticeLetter, Reply, Request, Unifier};
use crate::domain::consultation::Subject;
use crate::domain::person::{BirthDate, Country, Sex};

/// Most bytes of a message.
pub const LARGEST_BODY: usize = 16 * 1024;
/// Most characters of a value.
const LONGEST_VALUE: usize = 200;
const NO_OBJECTION: &str = "0";
const OBJECTION: &str = "1";

/// A form as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `<file number>.<letter>`; of a delivery notification, the unifier in place of a file number.
    pub subject: String,
    /// The lines.
    pub body: String,
}

/// A text that is no form. Says what is wrong, never with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);

type Values = BTreeMap<Heading, String>;

/// Writes a form.
#[must_use]
pub fn encode(form: &Form) -> Message {
    let mut values = Values::from([(Heading::Unifier, form.unifier.to_string())]);
    let mut put = |heading, value: &str| {
        let value = value.trim();
        if !value.is_empty() {
            values.insert(heading, value.to_owned());
        }
    };
    match &form.content {
        Content::Request(request) => {
            let subject = &request.subject;
            put(Heading::Reference, request.reference.as_str());
            put(Heading::Surname, &subject.surname);
            put(Heading::GivenNames, &subject.given_names);
            put(Heading::Birth, &subject.birth.to_string());
            put(Heading::Sex, sex_letter(subject.sex));
            put(Heading::Nationality, subject.nationality.as_str());
            put(Heading::DocumentNumber, &subject.document_number);
            put(Heading::VisaType, &subject.matter);
        }
        Content::Reply(reply) => {
            put(Heading::Reference, reply.reference.as_str());
            put(Heading::ReplyReference, reply.reply_reference.as_str());
            put(Heading::Reply, if reply.objects { OBJECTION } else { NO_OBJECTION });
            put(Heading::RepliedOn, &reply.on.to_string().replace('-', ""));
        }
        Content::Cancellation { reference } => put(Heading::Reference, reference.as_str()),
        Content::Notice(notice) => {
            put(numbered_by(notice.letter), notice.file_number.as_str());
            put(Heading::Text, &notice.text);
        }
        Content::Receipt => {}
    }
    let named = form.content.file_number().map_or(form.unifier.as_str(), FileNumber::as_str);
    let mut body = String::new();
    for (heading, value) in &values {
        // Writing to a text does not fail.
        let _ = write!(body, "{:03} {value}\r\n", heading.number());
    }
    Message { subject: format!("{named}.{}", form.content.letter()), body }
}

/// Reads a form. What it would be written otherwise is none.
///
/// # Errors
/// [`Unreadable`].
pub fn decode(message: &Message) -> Result<Form, Unreadable> {
    let (_, letter) = message.subject.rsplit_once('.').ok_or(Unreadable("the subject names no form"))?;
    let mut letters = letter.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else {
        return Err(Unreadable("the subject names no form"));
    };
    let mut values = values(&message.body)?;
    let unifier = Unifier::parse(&needed(&mut values, Heading::Unifier)?)?;
    let content = content(letter, &mut values)?;
    if !values.is_empty() {
        return Err(Unreadable("a heading is not of this form"));
    }
    let form = Form { unifier, content };
    // One form, one text: two readers cannot understand it differently, and a digest of the text is one of the form.
    if encode(&form) == *message { Ok(form) } else { Err(Unreadable("the form is not written as it should be")) }
}

fn values(body: &str) -> Result<Values, Unreadable> {
    if body.len() > LARGEST_BODY {
        return Err(Unreadable("the message is too long"));
    }
    let mut values = Values::new();
    let lines = body.strip_suffix("\r\n").ok_or(Unreadable("the last line does not end"))?;
    for line in lines.split("\r\n") {
        let (number, value) = line.split_once(' ').ok_or(Unreadable("a line has no heading"))?;
        let digits = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits).ok_or(Unreadable("a heading is no number"))?;
        let heading = Heading::from_number(number).ok_or(Unreadable("a heading is unknown"))?;
        let fits = value.chars().count() <= LONGEST_VALUE && !value.chars().any(char::is_control);
        if !fits || value.is_empty() || value.trim() != value {
            return Err(Unreadable("a value is too long, empty or no text"));
        }
        if values.insert(heading, value.to_owned()).is_some() {
            return Err(Unreadable("a heading stands twice"));
        }
    }
    Ok(values)
}

fn content(letter: char, values: &mut Values) -> Result<Content, Unreadable> {
    let number = |values: &mut Values, heading| FileNumber::parse(&needed(values, heading)?);
    Ok(match letter {
        'A' => {
            let reference = number(values, Heading::Reference)?;
            Content::Request(Request { reference, subject: subject(values)? })
        }
        'B' => Content::Reply(Reply {
            reference: number(values, Heading::Reference)?,
            reply_reference: number(values, Heading::ReplyReference)?,
            objects: match needed(values, Heading::Reply)?.as_str() {
                NO_OBJECTION => false,
                OBJECTION => true,
                _ => return Err(Unreadable("the reply is no code")),
            },
            on: day(&needed(values, Heading::RepliedOn)?)?,
        }),
        'C' => Content::Cancellation { reference: number(values, Heading::Reference)? },
        'R' => Content::Receipt,
        other => {
            let letter = NoticeLetter::from_letter(other).ok_or(Unreadable("there is no such form"))?;
            let file_number = number(values, numbered_by(letter))?;
            let text = values.remove(&Heading::Text).unwrap_or_default();
            Content::Notice(Notice { letter, file_number, text })
        }
    })
}

fn subject(values: &mut Values) -> Result<Subject, Unreadable> {
    let mut text = |heading| values.remove(&heading).unwrap_or_default();
    let subject = Subject {
        surname: text(Heading::Surname),
        given_names: text(Heading::GivenNames),
        birth: BirthDate::parse(&text(Heading::Birth)).map_err(|_| Unreadable("the birth is no date"))?,
        sex: match text(Heading::Sex).as_str() {
            "" => None,
            "F" => Some(Sex::Female),
            "M" => Some(Sex::Male),
            "X" => Some(Sex::Other),
            _ => return Err(Unreadable("the sex is no letter")),
        },
        nationality: Country::parse(&text(Heading::Nationality), "")
            .map_err(|_| Unreadable("the nationality is none"))?,
        document_number: text(Heading::DocumentNumber),
        matter: text(Heading::VisaType),
    };
    subject.check().map_err(|_| Unreadable("the alien has no name, or too long a one"))
}

const fn sex_letter(sex: Option<Sex>) -> &'static str {
    match sex {
        None => "",
        Some(Sex::Female) => "F",
        Some(Sex::Male) => "M",
        Some(Sex::Other) => "X",
    }
}

/// The heading of its file number: 048 in form E, 001 in the others.
const fn numbered_by(letter: NoticeLetter) -> Heading {
    match letter {
        NoticeLetter::E => Heading::LtvFileNumber,
        NoticeLetter::F | NoticeLetter::G | NoticeLetter::H => Heading::Reference,
    }
}

fn needed(values: &mut Values, heading: Heading) -> Result<String, Unreadable> {
    values.remove(&heading).ok_or(Unreadable("a heading is missing"))
}

/// `YYYYMMDD`.
fn day(text: &str) -> Result<CivilDate, Unreadable> {
    const WRONG: Unreadable = Unreadable("the day of the reply is none");
    if text.len() != 8 || !text.is_ascii() {
        return Err(WRONG);
    }
    let (year, rest) = text.split_at_checked(4).ok_or(WRONG)?;
    let (month, day) = rest.split_at_checked(2).ok_or(WRONG)?;
    format!("{year}-{month}-{day}").parse().map_err(|_| WRONG)
}
