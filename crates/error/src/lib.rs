//! What can go wrong, said once.
//!
//! Each service declares its codes as constants ([`Code`]) and its errors as enums that implement [`Coded`]. From there two mappings exist,
//! and they exist only here:
//! - [`status`] makes a gRPC status, with the code and what the caller may know in its details ([`ErrorDetail`]); causes are logged, never
//!   sent;
//! - [`Problem`] is the problem document (RFC 9457) the gateway answers with, made from a status of an inner service or from an error of its
//!   own.
//!
//! [`Class`] is the coarse kind of an error and decides both numbers: the gRPC code and the HTTP status.

mod class;
mod code;
mod detail;
mod problem;
mod rpc;

pub use class::{Class, UnknownClass};
pub use code::{Code, Coded, common};
pub use detail::{ErrorDetail, FieldError};
pub use problem::{Problem, ProblemField};
pub use rpc::{class_of, detail_of, status};
