//! Problem documents: RFC 9457.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use straznica_types::RequestId;
use tonic::Status;

use crate::{
    Class, Code, Coded, ErrorDetail, FieldError, class_of,
    code::{common, urn},
    detail_of,
};

/// A problem document (`application/problem+json`): how every refusal and failure looks to a caller over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:straznica:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Stable code, `<service>.<what happened>`.
    pub code: String,
    /// Correlation id, to be quoted when asking for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// Which members of the request are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// For the header `Retry-After`; not part of the document.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// One wrong member of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemField {
    /// JSON pointer (RFC 6901) into the request.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    /// Media type of the document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A code with its own words for this time.
    pub fn new(code: &Code, detail: impl Into<String>) -> Self {
        Self {
            kind: code.urn(),
            title: code.title.to_owned(),
            status: code.class.http().as_u16(),
            detail: detail.into(),
            code: code.id.to_owned(),
            request_id: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// The problem an error of this process is. Faults are logged with their causes, as [`status`](crate::status) does.
    pub fn from_coded(error: &dyn Coded) -> Self {
        Self::from_status(&crate::status(error))
    }

    /// The problem a status from an inner service is.
    ///
    /// A status without [`ErrorDetail`] was made by the transport or by tonic: its message may hold internals and is not passed on.
    pub fn from_status(status: &Status) -> Self {
        let class = class_of(status);
        match detail_of(status) {
            Some(detail) => Self::from_detail(class, detail),
            None => {
                tracing::debug!(code = ?status.code(), "status without detail: {}", status.message());
                let code = common::of(class);
                Self::new(code, code.title)
            }
        }
    }

    fn from_detail(class: Class, detail: ErrorDetail) -> Self {
        Self {
            kind: urn(&detail.code),
            title: detail.title,
            status: class.http().as_u16(),
            detail: detail.detail,
            code: detail.code,
            request_id: None,
            errors: detail.errors.into_iter().map(ProblemField::from).collect(),
            retry_after: detail.retry_after_ms.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis),
        }
    }

    /// With the correlation id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: RequestId) -> Self {
        self.request_id = Some(id);
        self
    }

    /// With the members of the request that are wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.errors = errors.into_iter().map(ProblemField::from).collect();
        self
    }

    /// The HTTP status to answer with.
    pub fn http_status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<FieldError> for ProblemField {
    fn from(error: FieldError) -> Self {
        Self { pointer: error.pointer, detail: error.detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: Code =
        Code::new("spoc.inspection_too_old", Class::FailedPrecondition, "The inspection is too old for a signature");

    #[derive(Debug, thiserror::Error)]
    #[error("inspection opened at 2026-05-28T09:30:00.000Z")]
    struct TooOld;

    impl Coded for TooOld {
        fn code(&self) -> &'static Code {
            &REFUSAL
        }

        fn detail(&self) -> String {
            "the inspection was opened 11 minutes ago, 10 are allowed".to_owned()
        }

        fn retry_after(&self) -> Option<Duration> {
            Some(Duration::from_millis(1_500))
        }

        fn field_errors(&self) -> Vec<FieldError> {
            vec![FieldError::new("/inspectionId", "too old")]
        }
    }

    #[test]
    fn a_refusal_of_an_inner_service_reaches_the_caller_as_a_problem() {
        let id = RequestId::parse("0197156e-3c5b-7d2a-9c11-0242ac120002").unwrap();
        let problem = Problem::from_status(&crate::status(&TooOld)).with_request_id(id);
        assert_eq!(problem, Problem::from_coded(&TooOld).with_request_id(id));
        assert_eq!(problem.retry_after, Some(Duration::from_millis(1_500)));
        insta::assert_json_snapshot!(problem, @r#"
        {
          "type": "urn:straznica:problem:spoc.inspection_too_old",
          "title": "The inspection is too old for a signature",
          "status": 409,
          "detail": "the inspection was opened 11 minutes ago, 10 are allowed",
          "code": "spoc.inspection_too_old",
          "requestId": "0197156e-3c5b-7d2a-9c11-0242ac120002",
          "errors": [
            {
              "pointer": "/inspectionId",
              "detail": "too old"
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_message_of_a_status_the_transport_made_is_not_passed_on() {
        let problem = Problem::from_status(&Status::unavailable("tcp connect error: 10.0.0.7:8443"));
        insta::assert_json_snapshot!(problem, @r#"
        {
          "type": "urn:straznica:problem:common.unavailable",
          "title": "Temporarily unavailable",
          "status": 503,
          "detail": "Temporarily unavailable",
          "code": "common.unavailable"
        }
        "#);
    }

    #[test]
    fn every_class_has_its_http_status() {
        let table: Vec<_> =
            Class::ALL.iter().map(|class| format!("{class} {:?} {}", class.grpc(), class.http().as_u16())).collect();
        insta::assert_snapshot!(table.join("\n"), @r"
        invalid_argument InvalidArgument 400
        unauthenticated Unauthenticated 401
        permission_denied PermissionDenied 403
        not_found NotFound 404
        method_not_allowed Unimplemented 405
        already_exists AlreadyExists 409
        conflict Aborted 409
        precondition_failed Aborted 412
        precondition_required InvalidArgument 428
        failed_precondition FailedPrecondition 409
        payload_too_large OutOfRange 413
        unsupported_media_type InvalidArgument 415
        unprocessable_content InvalidArgument 422
        too_many_requests ResourceExhausted 429
        unimplemented Unimplemented 501
        unavailable Unavailable 503
        deadline_exceeded DeadlineExceeded 504
        internal Internal 500
        ");
    }
}
