//! What every request passes through, from the outside in: [`finish`] makes a whole answer of whatever comes back; [`admit`] looks it up in the authorisation table and lets it in or not.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http::{HeaderValue, header};
use straznica_pki::{PeerIdentity, PeerRole, Presented};
use straznica_types::{OfficerId, RequestId, TerminalId};

use super::{
    body,
    caller::{AuthorityCaller, BodyCaller, ConsumerCaller, OperatorCaller, SecurityCaller, TerminalCaller},
    people, problem,
    routes::{Access, Lookup, lookup},
};
use crate::{
    app::{Gateway, admission::Asker},
    error::GatewayError,
};

/// The outermost layer of this crate; correlation id, span, trace and figures are the listener's.
pub(crate) async fn finish(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let request_id = *request.extensions_mut().get_or_insert_with(|| RequestId::generate(gateway.clock().as_ref()));
    let response = answer_or_fault(next.run(request)).await;
    let mut response = problem::complete(response, request_id);
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A handler that panics has an answer too, and one that tells nothing.
async fn answer_or_fault(handling: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(handling).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        GatewayError::Panicked.into_response()
    })
}

/// Lets a request in, or not: by the table, the certificate or the session, and what the database says of the terminal or the person at this moment.
pub(crate) async fn admit(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let Err(refusal) = standing(&gateway, &mut request).await else { return next.run(request).await };
    // Whoever sends a document before reading an answer is to learn why it is refused. Of strangers nothing is read on.
    if request.extensions().get::<Arc<PeerIdentity>>().is_some() {
        body::discard(request.into_body());
    }
    refusal
}

/// Notes the row of the table and the caller in the request; the answer is the refusal.
async fn standing(gateway: &Gateway, request: &mut Request) -> Result<(), Response> {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return Err(GatewayError::UnknownRoute.into_response());
    };
    let route = match lookup(request.method(), path.as_str()) {
        Lookup::Found(route) => route,
        Lookup::OtherMethods(allowed) => {
            let mut response = GatewayError::MethodNotAllowed.into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
            return Err(response);
        }
        Lookup::Unknown => return Err(GatewayError::UnknownRoute.into_response()),
    };
    request.extensions_mut().insert(route);
    identify(gateway, route.access, request).await.map_err(GatewayError::into_response)
}

async fn identify(gateway: &Gateway, access: Access, request: &mut Request) -> Result<(), GatewayError> {
    if access == Access::Anyone {
        return Ok(());
    }
    let request_id =
        *request.extensions().get::<RequestId>().ok_or(GatewayError::IncompleteAnswer("a correlation id"))?;
    if let Access::Newcomer | Access::Person | Access::Citizen | Access::Roles(_) = access {
        return people::admission::identify(gateway, access, request_id, request).await;
    }
    let peer = request.extensions().get::<Arc<PeerIdentity>>().cloned().ok_or(GatewayError::NoCertificate)?;
    match (access, &peer.role) {
        (Access::Terminal, PeerRole::Terminal(id)) => {
            let terminal = TerminalId::parse(id).map_err(|_| GatewayError::WrongPeer)?;
            gateway.take_token(Asker::Peer(peer.role.clone()))?;
            gateway.admit(&terminal, &peer.sha256).await?;
            request.extensions_mut().insert(TerminalCaller { terminal, request_id });
            Ok(())
        }
        (Access::Operator, PeerRole::Operator(id)) => {
            let operator = OfficerId::parse(id).map_err(|_| GatewayError::WrongPeer)?;
            request.extensions_mut().insert(OperatorCaller { operator, request_id });
            Ok(())
        }
        (Access::SecurityOfficer, PeerRole::SecurityOfficer(id)) => {
            let officer = OfficerId::parse(id).map_err(|_| GatewayError::WrongPeer)?;
            gateway.take_token(Asker::Peer(peer.role.clone()))?;
            request.extensions_mut().insert(SecurityCaller { officer, request_id });
            Ok(())
        }
        (Access::Authority, PeerRole::Authority(institution)) => {
            gateway.take_token(Asker::Peer(peer.role.clone()))?;
            let institution = institution.clone();
            request.extensions_mut().insert(AuthorityCaller { institution, request_id });
            Ok(())
        }
        (Access::Consulted, role) => {
            let caller = BodyCaller::by_certificate(role, request_id).ok_or(GatewayError::WrongPeer)?;
            gateway.take_token(Asker::Peer(role.clone()))?;
            request.extensions_mut().insert(caller);
            Ok(())
        }
        (Access::Consumer, PeerRole::Consumer(_)) => {
            gateway.take_token(Asker::Peer(peer.role.clone()))?;
            let presented = request.extensions().get::<Presented>().cloned().ok_or(GatewayError::NoCertificate)?;
            request.extensions_mut().insert(ConsumerCaller::new(presented, request_id));
            Ok(())
        }
        _ => Err(GatewayError::WrongPeer),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use straznica_types::SystemClock;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_for_without_its_words() {
        let answer = answer_or_fault(async { panic!("KOWALSKA at line 17") }).await;
        let answer = problem::complete(answer, RequestId::generate(&SystemClock));
        assert_eq!(answer.status(), 500);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], "common.internal");
        assert!(!problem.to_string().contains("KOWALSKA"), "{problem}");
    }
}
