//! Alerts: what a source says of somebody, what it counts for, and which decisions it stands in the way of.
//!
//! The one rule above all others: whatever is not a complete, well-formed and recent answer is [`Outcome::Unavailable`], and nothing turns that into
//! [`Outcome::NoHit`]. What such an answer says all the same is shown, for a hit in half an answer is a hit.
//!
//! An alert that may be on the person is [`Outcome::Possible`] until two officers have compared ([`Resolution`]). What they compared is kept as a digest with it: when
//! person or alert change, they have to look again. Law that differs from one year to the next (what is owed to the issuing state, before which decisions everybody is
//! checked, how long what was found is kept) is a file ([`AlertLaw`]).

mod before;
mod consultation;
mod finding;
mod law;
mod likeness;
mod outcome;
mod profile;
mod resolution;

pub use before::{Hindrance, LastCheck, hindrance};
pub use consultation::{Consultation, IssuerAnswer, Owed, Progress};
pub use finding::{Action, Category, Finding};
pub use law::{ActionRule, AlertLaw, CategoryRule, CheckRule, ConsultationRule, Held, Retention};
pub use likeness::{Agreement, Likeness, likeness};
pub use outcome::{About, Outcome, Standing, Unavailable, graver, outcome, standing};
pub use profile::Profile;
pub use resolution::{Resolution, ResolutionDecision, ResolutionState, Verdict, check_grounds};
