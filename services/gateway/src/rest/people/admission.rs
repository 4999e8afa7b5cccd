//! Letting people in: by the session their browser holds, the token that shows a request is no forgery, and what they may do at this moment.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::{ConnectInfo, Request};
use http::{HeaderMap, HeaderName, Method};
use straznica_pki::{PeerIdentity, PeerRole};
use straznica_types::{RequestId, TerminalId};

use super::cookie;
use crate::{
    app::{
        Gateway,
        admission::Asker,
        people::sessions::{Arrival, LiveSession},
    },
    domain::people::person::{NoRight, PersonKind, Role},
    error::GatewayError,
    rest::{
        caller::{CitizenCaller, OfficialCaller, SessionCaller},
        routes::{Access, Route},
    },
};

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
const INSTITUTION: HeaderName = HeaderName::from_static("x-institution");
/// Fetch Metadata Request Headers, W3C: where the page is from that asks. Browsers set it, pages cannot.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets somebody in who is about to log in, or is logged in with what the table asks for; what they are is noted in the request.
pub(in crate::rest) async fn identify(
    gateway: &Gateway,
    access: Access,
    request_id: RequestId,
    request: &mut Request,
) -> Result<(), GatewayError> {
    let peer = request.extensions().get::<Arc<PeerIdentity>>().cloned();
    let certificate = peer.as_ref().map(|peer| peer.sha256);
    // The certificate is the device, the login the person: nobody works at a device that is suspended.
    let terminal = match peer.as_ref().map(|peer| (&peer.role, &peer.sha256)) {
        Some((PeerRole::Terminal(id), sha256)) => {
            let terminal = TerminalId::parse(id).map_err(|_| GatewayError::WrongPeer)?;
            gateway.admit(&terminal, sha256).await?;
            Some(terminal)
        }
        _ => None,
    };
    if access == Access::Newcomer {
        gateway.take_token(at_address(request)?)?;
        same_site(request.method(), request.headers())?;
        let previous = cookie::earlier(request.headers());
        request.extensions_mut().insert(Arrival { request_id, certificate, previous });
        return Ok(());
    }
    let id = cookie::session(request.headers()).ok_or(GatewayError::NotLoggedIn)?;
    let asker = Asker::Session(id.digest());
    // A session nobody has come with before may be made up: whoever makes up many is counted by where they are.
    let is_new = !gateway.has_asked(&asker);
    gateway.take_token(if is_new { at_address(request)? } else { asker.clone() })?;
    let live = Arc::new(gateway.session(id, certificate).await?);
    if is_new {
        gateway.take_token(asker)?;
    }
    no_forgery(request.method(), request.headers(), &live)?;
    match access {
        Access::Roles(roles) => {
            let caller = official(gateway, roles, &live, request_id, request.headers()).await;
            if let Err(GatewayError::NoRight(NoRight::Role)) = caller {
                let route = request.extensions().get::<&'static Route>().copied();
                gateway.record_refused_access(&live, route.map(Route::address), request_id).await?;
            }
            let caller = caller?;
            request.extensions_mut().insert(OfficialCaller { terminal, ..caller });
        }
        Access::Citizen => {
            let citizen = match live.session.kind {
                PersonKind::Citizen => live.citizen().ok_or(GatewayError::NotLoggedIn)?,
                PersonKind::Official => return Err(GatewayError::NoRight(NoRight::Role)),
            };
            let owner = gateway.pseudonym_of(&live.session.person);
            request.extensions_mut().insert(CitizenCaller { citizen, owner, request_id });
        }
        _ => {}
    }
    request.extensions_mut().insert(SessionCaller { live, request_id });
    Ok(())
}

fn at_address(request: &Request) -> Result<Asker, GatewayError> {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    address.map(Asker::at).ok_or(GatewayError::IncompleteAnswer("an address"))
}

/// Rights are asked for at every request: one that was withdrawn, or a lock, counts from the next one on.
async fn official(
    gateway: &Gateway,
    roles: &'static [Role],
    live: &LiveSession,
    request_id: RequestId,
    headers: &HeaderMap,
) -> Result<OfficialCaller, GatewayError> {
    if live.session.kind != PersonKind::Official {
        return Err(GatewayError::NoRight(NoRight::Role));
    }
    let rights = gateway.rights_of(live, request_id).await?;
    if !roles.iter().any(|role| rights.has(*role)) {
        return Err(GatewayError::NoRight(NoRight::Role));
    }
    let named = headers.get(INSTITUTION).map(|name| name.to_str().map_err(|_| GatewayError::NoRight(NoRight::Role)));
    let owner = gateway.pseudonym_of(&live.session.person);
    Ok(OfficialCaller { rights, named: named.transpose()?.map(str::to_owned), terminal: None, owner, request_id })
}

fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

/// What changes something is asked for by this site's own pages, or by no page at all.
fn same_site(method: &Method, headers: &HeaderMap) -> Result<(), GatewayError> {
    let from = headers.get(FETCH_SITE).map(|from| from.as_bytes());
    let own = from.is_none_or(|from| [&b"same-origin"[..], b"none"].contains(&from));
    if own || is_safe(method) { Ok(()) } else { Err(GatewayError::CrossSite) }
}

/// And carries the session's own token, which no other site's page can read.
fn no_forgery(method: &Method, headers: &HeaderMap, live: &LiveSession) -> Result<(), GatewayError> {
    if is_safe(method) {
        return Ok(());
    }
    same_site(method, headers)?;
    let shown = headers.get(CSRF_TOKEN).ok_or(GatewayError::CsrfToken)?;
    if live.id.is_csrf_token(shown.as_bytes()) { Ok(()) } else { Err(GatewayError::CsrfToken) }
}
