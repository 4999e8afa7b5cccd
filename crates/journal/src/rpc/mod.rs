//! The gRPC services of the journal: messages in, messages out. Who may call what is decided before, by the table of calls.

mod events;
mod log;
mod witness;

use std::sync::Arc;

use straznica_contracts::journal::v1::events_service_server::EventsServiceServer;
use straznica_contracts::journal::v1::journal_service_server::JournalServiceServer;
use straznica_contracts::journal::v1::witness_service_server::WitnessServiceServer;
use tonic::{Extensions, Status};

use crate::{Journal, JournalError};

/// Tells the calling peer from what the transport knows of it, e.g. `security-officer/17`. `None` when nobody authenticated calls.
pub type ActorOf = Arc<dyn Fn(&Extensions) -> Option<String> + Send + Sync>;

/// The three services, to be mounted by the service whose journal it is.
pub struct Servers {
    /// Checkpoints, proofs, cosignatures, search.
    pub journal: JournalServiceServer<LogService>,
    /// Cosigning for others.
    pub witness: WitnessServiceServer<WitnessRpc>,
    /// The feed of events.
    pub events: EventsServiceServer<EventsRpc>,
}

/// Makes the three services of a journal.
pub fn servers(journal: &Journal, actor_of: ActorOf) -> Servers {
    Servers {
        journal: JournalServiceServer::new(LogService { journal: journal.clone(), actor_of: actor_of.clone() }),
        witness: WitnessServiceServer::new(WitnessRpc { journal: journal.clone(), actor_of }),
        events: EventsServiceServer::new(EventsRpc { journal: journal.clone() }),
    }
}

/// Serves `JournalService`.
pub struct LogService {
    journal: Journal,
    actor_of: ActorOf,
}

/// Serves `WitnessService`.
pub struct WitnessRpc {
    journal: Journal,
    actor_of: ActorOf,
}

/// Serves `EventsService`.
pub struct EventsRpc {
    journal: Journal,
}

fn actor(actor_of: &ActorOf, extensions: &Extensions) -> Result<String, Status> {
    actor_of(extensions).ok_or_else(|| Status::unauthenticated("no peer certificate"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn refused(failure: JournalError) -> Status {
    straznica_error::status(&failure)
}
