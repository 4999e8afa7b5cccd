//! The Schengen Consultation Network (VISION, today VIS Mail): forms that central visa authorities send each other.
//!
//! What is public of it stands in Council Decision 2009/1024/EU (OJ L 353, 31.12.2009, p. 49) and those it amends: the letters of the forms, the document unifier under heading 000
//! (50 characters at most), that every A, B, C, E, F, G and H has to be matched by an R carrying it, that undelivered forms are sent again without overloading anybody, the
//! headings 001, 023, 026, 027, 040 to 042, 045, 048 and 099 with their formats, and the subject (`<file number>.<letter>`). The rest of the specification is not public: headings of the
//! alien's data, the codes of a reply, what C, F and G are for and how a line separates heading and value are this project's own, and unverified ([`Heading::verified`]).
//!
//! - [`Form`]: a form as it is meant; [`encode`] and [`decode`]: as it is written. Writing is canonical: a form has one text, and no other text is read.
//! - [`ResendRule`]: when a form without a delivery notification is sent again, and from when on it counts as lost.

mod form;
mod heading;
mod resend;
mod unifier;
mod wire;

pub use form::{Content, Form, Notice, NoticeLetter, Reply, Request};
pub use heading::Heading;
pub use resend::ResendRule;
pub use unifier::{FileNumber, State, Unifier};
pub use wire::{LARGEST_BODY, Message, Unreadable, decode, encode};

#[cfg(test)]
mod tests;
