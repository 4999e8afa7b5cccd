//! An official at the register: who they are is the session's to say, why they look and in which case the request's, in two headers. What is read as well as what is changed has them,
//! so they stand where both can carry them, and in no address.

use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderName, request::Parts};
use straznica_contracts::common::v1::CallContext;

use super::seen::{tagged, told_in};
use crate::{
    app::Gateway,
    domain::{
        idempotency::{BodyDigest, StoredAnswer},
        people::person::{NoRight, Role},
    },
    error::GatewayError,
    rest::{caller::OfficialCaller, once::Once},
};

const PURPOSE: HeaderName = HeaderName::from_static("x-purpose");
const CASE: HeaderName = HeaderName::from_static("x-case");
const LONGEST: usize = 64;

/// An official at work on a case.
#[derive(Debug)]
pub(super) struct Desk {
    caller: OfficialCaller,
    purpose: String,
    case: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Desk {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        let caller = OfficialCaller::from_request_parts(parts, state).await?;
        let purpose = told(&parts.headers, &PURPOSE, "X-Purpose")?.ok_or(GatewayError::HeaderMissing("X-Purpose"))?;
        let case = told(&parts.headers, &CASE, "X-Case")?.unwrap_or_default();
        Ok(Self { caller, purpose, case })
    }
}

/// 1 to 64 visible ASCII characters, once.
fn told(headers: &HeaderMap, name: &HeaderName, shown: &'static str) -> Result<Option<String>, GatewayError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let bytes = value.as_bytes();
    let plain = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if values.next().is_some() || !plain {
        return Err(GatewayError::HeaderMalformed(shown));
    }
    String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| GatewayError::HeaderMalformed(shown))
}

impl Desk {
    /// The call context for registry: officer and device from the session, purpose and case as they say.
    pub(super) fn context(&self) -> Option<CallContext> {
        self.caller.context(Some(&self.purpose), Some(&self.case))
    }

    /// The same where a person is at stake: no person without a case.
    pub(super) fn on_a_person(&self) -> Result<Option<CallContext>, GatewayError> {
        if self.case.is_empty() {
            return Err(GatewayError::HeaderMissing("X-Case"));
        }
        Ok(self.context())
    }

    /// That they may change something: in one of these roles, for an institution that may act. Others may only read.
    pub(super) fn may_change(&self, roles: &[Role]) -> Result<(), GatewayError> {
        let rights = &self.caller.rights;
        let acts = rights.acts_in(roles, self.caller.named.as_deref());
        if acts { Ok(()) } else { Err(GatewayError::NoRight(NoRight::Role)) }
    }

    /// Does `work` once, or gives the answer it gave before; what it made or changed is tagged with its version.
    pub(super) async fn once(
        &self,
        gateway: &Gateway,
        once: Once,
        sha256: &BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<Response, GatewayError> {
        let answer = self.answer(gateway, once, sha256, work).await?;
        let version = told_in(&answer.json).ok_or(GatewayError::CorruptRow { table: "idempotency_key" })?;
        tagged(version, answer.written()?)
    }

    /// The same of what has no version.
    pub(super) async fn once_unversioned(
        &self,
        gateway: &Gateway,
        once: Once,
        sha256: &BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<Response, GatewayError> {
        self.answer(gateway, once, sha256, work).await?.written()
    }

    async fn answer(
        &self,
        gateway: &Gateway,
        once: Once,
        sha256: &BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<StoredAnswer, GatewayError> {
        // Made for another purpose or case it is another request.
        let digest = gateway.keyed_digest(sha256, &format!("{} {}", self.purpose, self.case));
        once.answer(gateway, &self.caller.owner, digest, work).await
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn purpose_and_case_are_told_once_in_visible_characters() {
        let longest = "x".repeat(LONGEST);
        for (values, expected) in [
            (&[][..], Some(None)),
            (&["protection_proceedings"], Some(Some("protection_proceedings"))),
            (&["protection/2026/000017"], Some(Some("protection/2026/000017"))),
            (&[longest.as_str()], Some(Some(longest.as_str()))),
            (&[""], None),
            (&["two words"], None),
            (&["żółw"], None),
            (&[&"x".repeat(LONGEST + 1)], None),
            (&["one", "two"], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(&CASE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let found = told(&headers, &CASE, "X-Case").ok();
            assert_eq!(found.as_ref().map(|found| found.as_deref()), expected, "{values:?}");
        }
    }
}
