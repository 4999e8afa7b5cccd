//! Other authorities that read the register, called consumers.
//!
//! A consumer has a [`Profile`]: a file that says for which purposes it may ask, by what law, how, what it reads, how often, until when. [`Profile::admit`] holds a question
//! against it, [`release`] holds a person against the law, and [`disclose`] makes an answer of exactly the fields of the grant: of a person that was released, and of no other.

mod answer;
mod book;
mod document;
mod origin;
mod profile;
mod state;
#[cfg(test)]
mod tests;

pub use answer::{Answer, KnownCase, Told, disclose};
pub use book::{Consumers, ProfileError};
pub use document::AskedDocument;
pub use origin::{Origin, Reach, Released, Subject, release};
pub use profile::{Denied, Field, Grant, Profile, Way, state_of};
pub use state::{OWN, State};
