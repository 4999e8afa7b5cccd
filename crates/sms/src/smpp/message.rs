//! What is handed to a link, and what comes of it.

use std::fmt;
use std::time::Duration;

use straznica_types::Timestamp;

use super::config::LinkName;
use crate::life::{Failure, State};
use crate::receipt::MessageId;
use crate::text::{Parts, encode_gsm};

/// A phone number in E.164: 5 to 15 digits, no `+`. It prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(String);

impl Recipient {
    /// `None` for what is no such number. A leading `+` is taken off.
    pub fn new(number: &str) -> Option<Self> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = digits.bytes().all(|octet| octet.is_ascii_digit()) && !digits.starts_with('0');
        (is_number && (5..=15).contains(&digits.len())).then(|| Self(digits.to_owned()))
    }

    /// The digits, for the one place that needs them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whom a message comes from, as the handset shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender(SenderKind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum SenderKind {
    Name(String),
    Number(String),
    Short(String),
}

impl Sender {
    /// A name of 1 to 11 ASCII characters the default alphabet has. `None` for another.
    pub fn name(name: &str) -> Option<Self> {
        let fits = name.is_ascii() && (1..=11).contains(&name.len()) && encode_gsm(name).is_some();
        (fits && !name.contains(['\n', '\r'])).then(|| Self(SenderKind::Name(name.to_owned())))
    }

    /// A number of E.164. `None` for what is none.
    pub fn number(number: &str) -> Option<Self> {
        Recipient::new(number).map(|number| Self(SenderKind::Number(number.0)))
    }

    /// A short number of the operator: 3 to 8 digits. `None` for another.
    pub fn short(number: &str) -> Option<Self> {
        let fits = (3..=8).contains(&number.len()) && number.bytes().all(|octet| octet.is_ascii_digit());
        fits.then(|| Self(SenderKind::Short(number.to_owned())))
    }

    /// Type of number and numbering plan (SMPP 3.4 §5.2.5 and §5.2.6) and the address.
    pub(super) fn address(&self) -> (u8, u8, &str) {
        match &self.0 {
            SenderKind::Name(name) => (5, 0, name),
            SenderKind::Number(number) => (1, 1, number),
            SenderKind::Short(number) => (3, 0, number),
        }
    }
}

/// What goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Somebody stands at a counter waiting for it.
    Code,
    /// It may wait.
    Bulk,
}

/// A message for a link.
#[derive(Clone, Debug)]
pub struct Message {
    /// The caller's own name for it; it never leaves the node. It comes back with an answer that was too late for the outcome.
    pub tag: String,
    /// To whom.
    pub to: Recipient,
    /// From whom.
    pub from: Sender,
    /// What.
    pub parts: Parts,
    /// What goes first.
    pub class: Class,
    /// When it is of no more use: not written afterwards, and not kept by the SMSC for longer.
    pub expires: Timestamp,
}

/// What became of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartOutcome {
    /// The SMSC took it under this id; `None` when it gave none that can be read, so that no receipt will be matched.
    Accepted(Option<MessageId>),
    /// The SMSC did not take it.
    Refused {
        /// command_status of the answer.
        status: u32,
        /// What that means.
        failure: Failure,
    },
    /// Its time ran out before it was written.
    Expired,
    /// It was written, and no answer came. It may be on its way.
    Unknown,
    /// It was never written, and will not be.
    NotSent,
}

/// What became of a message, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// On which link; `None` when it was given to none.
    pub link: Option<LinkName>,
    /// Each part, in order.
    pub parts: Vec<PartOutcome>,
    /// How long it waited until its first part was written; `None` when nothing was.
    pub waited: Option<Duration>,
}

/// An outcome in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The SMSC took every part.
    Accepted,
    /// It refused one; the parts after it were not sent.
    Refused {
        /// Of the first refused part.
        status: u32,
        /// What that means.
        failure: Failure,
    },
    /// Its time ran out before everything was written.
    Expired,
    /// A part may or may not be on its way.
    Unknown,
    /// Nothing was written: it may go again, here or elsewhere.
    NotSent,
}

impl Outcome {
    /// In a word. Refused counts for more than unknown, for the message cannot be whole any more.
    pub fn verdict(&self) -> Verdict {
        let refused = self.parts.iter().find_map(|part| match part {
            PartOutcome::Refused { status, failure } => Some(Verdict::Refused { status: *status, failure: *failure }),
            _ => None,
        });
        let any = |wanted: &PartOutcome| self.parts.contains(wanted);
        let accepted = self.parts.iter().any(|part| matches!(part, PartOutcome::Accepted(_)));
        match refused {
            Some(refused) => refused,
            None if any(&PartOutcome::Unknown) => Verdict::Unknown,
            None if any(&PartOutcome::Expired) => Verdict::Expired,
            None if any(&PartOutcome::NotSent) && !accepted => Verdict::NotSent,
            // Broken off in the middle: the handset may wait for the rest.
            None if any(&PartOutcome::NotSent) => Verdict::Unknown,
            None => Verdict::Accepted,
        }
    }

    /// The state it leads to; `None` when nothing was written and the message is handed back ([`State::handed_back`]).
    pub fn state(&self) -> Option<State> {
        match self.verdict() {
            Verdict::Accepted => Some(State::Accepted),
            Verdict::Refused { failure, .. } => Some(State::Failed(failure)),
            Verdict::Expired => Some(State::Expired),
            Verdict::Unknown => Some(State::Unknown),
            Verdict::NotSent => None,
        }
    }

    /// Whether the message is known not to be on its way and may be handed over again: nothing was written, or the SMSC could not take any of it
    /// just now.
    pub fn may_go_again(&self) -> bool {
        match self.verdict() {
            Verdict::NotSent => true,
            Verdict::Refused { failure: Failure::Temporary, .. } => self.untaken(),
            _ => false,
        }
    }

    /// Whether no part was taken, nor may have been.
    pub(super) fn untaken(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, PartOutcome::Refused { .. } | PartOutcome::NotSent))
    }

    /// The ids the SMSC gave, with the number of the part (from 0).
    pub fn ids(&self) -> impl Iterator<Item = (usize, &MessageId)> {
        self.parts.iter().enumerate().filter_map(|(number, part)| match part {
            PartOutcome::Accepted(Some(id)) => Some((number, id)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_a_number_and_prints_as_none() {
        for (number, valid) in [
            ("+48600100200", true),
            ("48600100200", true),
            ("12345", true),
            ("1234", false),
            ("0600100200", false),
            ("+48 600", false),
            ("1234567890123456", false),
            ("", false),
        ] {
            assert_eq!(Recipient::new(number).is_some(), valid, "{number}");
        }
        assert_eq!(format!("{:?}", Recipient::new("+48600100200")), "Some(***)");
    }

    #[test]
    fn senders_have_the_address_types_operators_expect() {
        assert_eq!(Sender::name("Straznica").unwrap().address(), (5, 0, "Straznica"));
        assert_eq!(Sender::number("+48600100200").unwrap().address(), (1, 1, "48600100200"));
        assert_eq!(Sender::short("7055").unwrap().address(), (3, 0, "7055"));
        for name in ["", "Strażnica", "twelve chars", "a\nb", "a`b"] {
            assert_eq!(Sender::name(name), None, "{name:?}");
        }
        assert_eq!(Sender::short("12"), None);
    }

    #[test]
    fn an_outcome_is_no_better_than_its_worst_part() {
        use PartOutcome::{Accepted, Expired, NotSent, Refused, Unknown};
        let refused = Refused { status: 0x0B, failure: Failure::Permanent };
        let as_verdict = Verdict::Refused { status: 0x0B, failure: Failure::Permanent };
        for (parts, verdict) in [
            (vec![Accepted(None), Accepted(None)], Verdict::Accepted),
            (vec![Accepted(None), refused.clone(), NotSent], as_verdict),
            (vec![Unknown, refused], as_verdict),
            (vec![Accepted(None), Unknown, NotSent], Verdict::Unknown),
            (vec![Accepted(None), Expired], Verdict::Expired),
            (vec![NotSent, NotSent], Verdict::NotSent),
            (vec![Accepted(None), NotSent], Verdict::Unknown),
        ] {
            let outcome = Outcome { link: None, parts, waited: None };
            assert_eq!(outcome.verdict(), verdict, "{:?}", outcome.parts);
            assert_eq!(outcome.state().is_none(), verdict == Verdict::NotSent);
            assert_eq!(outcome.may_go_again(), verdict == Verdict::NotSent);
        }
        let busy = Refused { status: 0x08, failure: Failure::Temporary };
        for (parts, again) in [(vec![busy.clone(), NotSent], true), (vec![Accepted(None), busy], false)] {
            let outcome = Outcome { link: None, parts, waited: None };
            assert_eq!(outcome.may_go_again(), again, "{:?}", outcome.parts);
        }
    }
}
