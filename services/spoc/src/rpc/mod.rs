//! The gRPC services: contract ⇄ domain, nothing else.

mod issuing;
mod message;
mod national_pki;
mod partner;
mod partner_convert;
mod subscription;
mod terminal_control_centre;
mod trust;

use std::sync::Arc;

use straznica_contracts::common::v1::CallContext;
use straznica_pki::{PeerIdentity, PeerRole};
use tonic::Status;

use crate::{
    app::{App, call::Call},
    error::SpocError,
};

/// The three services of spoc, over one application.
#[derive(Debug, Clone)]
pub(crate) struct Handler(Arc<App>);

impl Handler {
    pub(crate) const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

/// On whose behalf a request is made: the peer from its certificate, the rest from the context.
fn call(peer: &PeerIdentity, context: Option<CallContext>) -> Result<Call, SpocError> {
    let context = context.ok_or(SpocError::field("context", "a context is needed"))?;
    let operator = match &peer.role {
        PeerRole::Operator(id) => Some(id.to_string()),
        PeerRole::Service(_)
        | PeerRole::Terminal(_)
        | PeerRole::SecurityOfficer(_)
        | PeerRole::Authority(_)
        | PeerRole::Consumer(_)
        | PeerRole::Consulted(_) => None,
    };
    Ok(Call {
        actor: peer.to_string(),
        operator,
        terminal_id: context.terminal_id,
        officer: context.officer,
        purpose: context.purpose,
        case_number: context.case_number,
        request_id: context.request_id,
    })
}

/// The peer and the message of a request.
fn open<T>(request: tonic::Request<T>) -> Result<(PeerIdentity, T), Status> {
    let peer = straznica_runtime::auth::peer(&request)?.clone();
    Ok((peer, request.into_inner()))
}

fn refuse(error: SpocError) -> Status {
    straznica_error::status(&error)
}
