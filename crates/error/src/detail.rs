//! The messages that carry an error over the wire: `straznica.common.v1.ErrorDetail` and its parts.
//!
//! They are written by hand, because the contracts crate builds on this one; its generated code uses these types, and a test there compares
//! them with proto/straznica/common/v1/error.proto.

use prost::Name;

const PACKAGE: &str = "straznica.common.v1";

/// What a caller may know about a refusal or a failure.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ErrorDetail {
    /// Stable code, `<service>.<what happened>`.
    #[prost(string, tag = "1")]
    pub code: String,
    /// The code in words.
    #[prost(string, tag = "2")]
    pub title: String,
    /// What happened this time, safe for the caller to see.
    #[prost(string, tag = "3")]
    pub detail: String,
    /// Name of the [`Class`](crate::Class).
    #[prost(string, tag = "4")]
    pub class: String,
    /// When a repetition may succeed, milliseconds from now.
    #[prost(int64, optional, tag = "5")]
    pub retry_after_ms: Option<i64>,
    /// Which members of the request are wrong.
    #[prost(message, repeated, tag = "6")]
    pub errors: Vec<FieldError>,
}

impl Name for ErrorDetail {
    const NAME: &'static str = "ErrorDetail";
    const PACKAGE: &'static str = PACKAGE;

    /// With the domain by convention: tools look for it.
    fn type_url() -> String {
        format!("type.googleapis.com/{}", Self::full_name())
    }
}

/// One wrong member of a request.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the member, e.g. `/context/officer`.
    #[prost(string, tag = "1")]
    pub pointer: String,
    /// What is wrong with it, without repeating its value.
    #[prost(string, tag = "2")]
    pub detail: String,
}

impl FieldError {
    /// One wrong member.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl Name for FieldError {
    const NAME: &'static str = "FieldError";
    const PACKAGE: &'static str = PACKAGE;
}

/// `google.rpc.Status`, which every gRPC tool knows how to read out of `grpc-status-details-bin`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<prost_types::Any>,
}
