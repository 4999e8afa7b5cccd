//! Who is calling, and whether they may.

use std::sync::Arc;

use straznica_contracts::calls::{self, Caller};
use straznica_error::{Code, Coded, common};
use straznica_pki::{PeerIdentity, PeerRole};
use straznica_types::RequestId;
use tonic::{Request, Status};

#[derive(Debug, thiserror::Error)]
#[error("the request came without a peer")]
struct NoPeer;

impl Coded for NoPeer {
    fn code(&self) -> &'static Code {
        &common::UNAUTHENTICATED
    }
}

/// The peer that makes this call, from its certificate.
///
/// # Errors
/// UNAUTHENTICATED when there is none, which the server has ruled out before a service is asked.
pub fn peer<T>(request: &Request<T>) -> Result<&PeerIdentity, Status> {
    let peer = request.extensions().get::<Arc<PeerIdentity>>();
    peer.map(AsRef::as_ref).ok_or_else(|| straznica_error::status(&NoPeer))
}

/// The correlation id of this call. `None` only outside of [`service::run`](crate::service::run).
pub fn request_id<T>(request: &Request<T>) -> Option<RequestId> {
    request.extensions().get().copied()
}

/// Whether this peer may make this call at this service, by calls.toml. What is not listed nobody may.
pub fn may_call(service: &str, path: &str, peer: &PeerRole) -> bool {
    calls::callers(service, path).iter().any(|caller| match (caller, peer) {
        (Caller::AnyPeer, _) => true,
        (Caller::Service(name), PeerRole::Service(id)) => name == id,
        (Caller::Operator, PeerRole::Operator(_)) => true,
        (Caller::SecurityOfficer, PeerRole::SecurityOfficer(_)) => true,
        (Caller::Consumer, PeerRole::Consumer(_)) => true,
        (Caller::Consulted, PeerRole::Consulted(_)) => true,
        // Partners come by the exchange's own port and are judged there.
        (
            Caller::Service(_)
            | Caller::Operator
            | Caller::SecurityOfficer
            | Caller::Consumer
            | Caller::Consulted
            | Caller::Partner,
            _,
        ) => false,
    })
}
