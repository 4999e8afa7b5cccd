//! A throw-away state for demonstration, training and tests, never in production: an authority ([`exchange::development`]) whose revocation list is served
//! over loopback, credentials made with it, and an admission with a fixed set of registrations.

mod admission;
mod responder;
mod state;

pub use admission::{FixedAdmission, Why};
pub use responder::CrlResponder;
pub use state::{DevelopmentSpoc, DevelopmentSpocError, SpocKeys, credential, write_pem};
