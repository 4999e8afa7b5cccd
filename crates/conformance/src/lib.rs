//! A published list of cases that any SPOC can be held against, over either binding, and what runs it.
//!
//! The kit plays a state ([`tester`]): its SPOC root, its revocation lists, its CVCA with one generation expired and one in use, its document verifiers.
//! The SPOC under test ([`target`]) has registered that state beforehand, as it would any partner. The kit then does what partners do, right and wrong:
//! [`cases`] is the list, every case with the rule it rests on, what is done, and what has to come of it. What the standards leave open is left open.
//!
//! - What cannot be found out about a target (nobody acts for its officers, its clock stands still for nobody) is reported as not run, never as passed.
//! - A refusal counts only while the proper credentials are served: a SPOC that is down refuses everybody.
//! - An answer that comes later counts like one that comes at once, so that synchronous and asynchronous partners are held against the same list.
//! - Certificates are checked here by the rules and not by the node's code ([`issued`]).
//!
//! Start reading in [`kit`] for the run, in [`case`] for what a case is, in [`bench`] for what it works with. `docs/conformance.md` is made from the
//! list.

pub mod bench;
pub mod callbacks;
pub mod carrier;
pub mod case;
pub mod cases;
pub mod codes;
pub mod cvca;
pub mod document;
pub mod dossier;
pub mod frame;
pub mod issued;
pub mod kit;
pub mod listener;
pub mod network;
pub mod report;
pub mod request;
pub mod seen;
pub mod target;
pub mod tester;

pub use carrier::Carrier;
pub use case::{Case, Group};
pub use kit::{Progress, run};
pub use report::{Entry, Report, Verdict};
pub use target::{Hands, HandsError, Line, Patience, Target};
pub use tester::{Holders, Lists, Tester};
