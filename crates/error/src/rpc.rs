//! An error as a gRPC status, and back.

use std::error::Error;

use prost::Message;
use tonic::Status;

use crate::{Class, Coded, ErrorDetail, detail::RpcStatus};

/// Makes the gRPC status of an error: its class gives the number, [`Coded::detail`] the message, an [`ErrorDetail`] travels in the details.
///
/// A fault of our own ([`Class::is_fault`]) is logged here with all its causes; they are never sent.
pub fn status(error: &dyn Coded) -> Status {
    let code = error.code();
    if code.class.is_fault() {
        tracing::error!(code = code.id, causes = %causes(error), "{error}");
    } else {
        tracing::debug!(code = code.id, "{error}");
    }
    with_detail(code.class, detail(error))
}

pub(crate) fn detail(error: &dyn Coded) -> ErrorDetail {
    let code = error.code();
    ErrorDetail {
        code: code.id.to_owned(),
        title: code.title.to_owned(),
        detail: error.detail(),
        class: code.class.as_str().to_owned(),
        retry_after_ms: error.retry_after().map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
        errors: error.field_errors(),
    }
}

fn with_detail(class: Class, detail: ErrorDetail) -> Status {
    let message = detail.detail.clone();
    let any = prost_types::Any { type_url: <ErrorDetail as prost::Name>::type_url(), value: detail.encode_to_vec() };
    let body = RpcStatus { code: class.grpc() as i32, message: message.clone(), details: vec![any] };
    Status::with_details(class.grpc(), message, body.encode_to_vec().into())
}

/// The causes beneath an error, outermost first.
fn causes(error: &dyn Coded) -> String {
    let mut causes = Vec::new();
    let mut next: Option<&dyn Error> = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

/// The [`ErrorDetail`] of a status, if it carries one.
pub fn detail_of(status: &Status) -> Option<ErrorDetail> {
    let body = RpcStatus::decode(status.details()).ok()?;
    let url = <ErrorDetail as prost::Name>::type_url();
    let any = body.details.into_iter().find(|any| any.type_url == url)?;
    ErrorDetail::decode(any.value.as_slice()).ok()
}

/// The class of a status: from its [`ErrorDetail`], else from its number.
///
/// A class that contradicts the number is not believed.
pub fn class_of(status: &Status) -> Class {
    detail_of(status)
        .and_then(|detail| detail.class.parse::<Class>().ok())
        .filter(|class| class.grpc() == status.code())
        .unwrap_or_else(|| Class::of_grpc(status.code()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{Code, FieldError, code::common};

    #[derive(Debug, thiserror::Error)]
    #[error("secret internals")]
    struct Cause;

    #[derive(Debug, thiserror::Error)]
    #[error("what the log says")]
    struct Failure {
        code: &'static Code,
        #[source]
        cause: Cause,
    }

    impl Coded for Failure {
        fn code(&self) -> &'static Code {
            self.code
        }

        fn detail(&self) -> String {
            "what the caller may know".to_owned()
        }

        fn retry_after(&self) -> Option<Duration> {
            Some(Duration::from_secs(2))
        }

        fn field_errors(&self) -> Vec<FieldError> {
            vec![FieldError::new("/context/officer", "is missing")]
        }
    }

    #[test]
    fn every_class_survives_the_wire() {
        for class in Class::ALL {
            let status = status(&Failure { code: common::of(*class), cause: Cause });
            assert_eq!(status.code(), class.grpc(), "{class}");
            assert_eq!(class_of(&status), *class);
            let detail = detail_of(&status).unwrap();
            assert_eq!(detail.code, common::of(*class).id);
            assert_eq!(detail.retry_after_ms, Some(2_000));
            assert_eq!(detail.errors, [FieldError::new("/context/officer", "is missing")]);
        }
    }

    #[test]
    fn causes_are_not_sent() {
        let status = status(&Failure { code: &common::INTERNAL, cause: Cause });
        let sent = format!("{status:?} {:?}", String::from_utf8_lossy(status.details()));
        assert!(sent.contains("what the caller may know"));
        assert!(!sent.contains("secret internals") && !sent.contains("what the log says"), "{sent}");
    }

    #[test]
    fn a_class_that_contradicts_the_status_code_is_not_believed() {
        let detail = ErrorDetail { class: Class::NotFound.as_str().to_owned(), ..ErrorDetail::default() };
        let lie = with_detail(Class::PermissionDenied, detail);
        assert_eq!(class_of(&lie), Class::PermissionDenied);
    }

    #[test]
    fn a_bare_status_is_classed_by_its_number() {
        for (code, class) in [
            (tonic::Code::Cancelled, Class::DeadlineExceeded),
            (tonic::Code::OutOfRange, Class::PayloadTooLarge),
            (tonic::Code::Unknown, Class::Internal),
            (tonic::Code::Unavailable, Class::Unavailable),
        ] {
            assert_eq!(class_of(&Status::new(code, "")), class);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_in_the_details_make_it_panic(bytes: Vec<u8>) {
            let status = Status::with_details(tonic::Code::NotFound, "", bytes.into());
            prop_assert_eq!(class_of(&status), Class::NotFound);
        }
    }
}
