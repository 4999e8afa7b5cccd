//! Card verifiable certificates of BSI TR-03110-3: parse, verify, issue.
//!
//! Sections are those of TR-03110 version 2.21 and TR-03139 version 2.4.
//!
//! Passports open their fingerprints only to a terminal that shows a chain of these small certificates, from a key the
//! chip trusts down to its own, and proves that it holds the last one. This library does everything a public key
//! infrastructure for them needs, short of keeping state.
//!
//! **Reading.** [`Certificate`], [`Request`] and [`AuthenticatedRequest`] parse without copying, hold the exact bytes that
//! were signed, and refuse whatever is not precisely the structure of the standard. Any bytes may be given to them;
//! none make them panic. [`input::Object`] takes files as people have them.
//!
//! **Trusting.** A [`TrustGraph`] holds trust points and what was verified under them: CVCA generations joined by link
//! certificates, document verifiers, terminals. [`verify`](verify::verify) answers for a presented set at a date, with
//! the path, the effective rights and [`Finding`]s that name the rule each rests on; what is tolerated is reported, never
//! silent. [`TrustGraph::chain_for`] finds what to show to a chip.
//!
//! **Issuing.** [`issue`] makes certificates and requests with any [`Signer`]: a [`PrivateKey`] in memory or a key store
//! that keeps its keys to itself. SHA-1 is verified in existing material and never used anew.
//!
//! **Terminal Authentication.** [`terminal_authentication`] builds, signs and checks what a terminal signs, from its
//! parts or as a hash alone.
//!
//! Time is always given, never read from a clock. Nothing here keeps state, opens files or speaks to a network.
//!
//! ```
//! use cvc::{Algorithm, Chat, PrivateKey, Rights, Role, Signer, StandardisedCurve, TrustGraph, VerifyOptions, issue};
//! use time::macros::date;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (from, to) = (date!(2026 - 01 - 01), date!(2027 - 01 - 01));
//! let key = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)?;
//! let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
//! let root = issue::self_signed(&key, &issue::Template::new("PLCVCA00001".parse()?, chat, from, to))?;
//!
//! let dv_key = PrivateKey::generate_like(key.public_key())?;
//! let chat = Chat::new(Role::DvDomestic, Rights::inspection(true, false));
//! let template = issue::Template::new("PLDV00001".parse()?, chat, from, date!(2026 - 03 - 01));
//! let dv = issue::subordinate(&key, root.chr(), dv_key.public_key(), &template)?;
//!
//! let mut trust = TrustGraph::new();
//! trust.trust(&root)?;
//! let answer = cvc::verify::verify(&trust, &[dv], &VerifyOptions::at(date!(2026 - 02 - 01)));
//! assert!(answer.valid);
//! assert_eq!(answer.rights, Some(Rights::inspection(true, false)));
//! # Ok(())
//! # }
//! ```

pub mod algorithm;
pub mod certificate;
pub mod chain;
pub mod chat;
pub mod date;
pub mod domain_parameters;
pub mod error;
pub mod finding;
mod hex;
pub mod input;
pub mod issue;
pub mod policy;
pub mod private_key;
pub mod public_key;
pub mod reference;
pub mod report;
pub mod request;
pub mod signature;
pub mod terminal_authentication;
pub mod tlv;
pub mod trust;
pub mod verify;

pub use algorithm::{Algorithm, Hash};
pub use certificate::Certificate;
pub use chain::{Chain, ChainError};
pub use chat::{Chat, Rights, Role, TerminalType};
pub use domain_parameters::{DomainParameters, StandardisedCurve};
pub use error::{KeyError, ParseError, SignatureError};
pub use finding::{Code, Finding, Severity};
pub use private_key::{PrivateKey, SignError, Signer};
pub use public_key::{ParameterForm, PublicKey};
pub use reference::Reference;
pub use request::{AuthenticatedRequest, Request};
pub use trust::{CertificateId, Refused, TrustGraph};
pub use verify::{Verification, VerifyOptions};
