//! What a reader makes of what is no message.

use exchange::message::Answer;
use exchange::soap::Fault;
use straznica_conformance::seen::Seen;

/// What came of bytes that brought no message.
#[derive(Debug)]
pub(crate) enum Unread {
    /// An answer all the same.
    Answer(Answer),
    /// An HTTP status.
    Http(u16),
    /// A gRPC status.
    Grpc(u16),
    /// A SOAP fault.
    Fault(Fault),
    /// A message of the contract with nothing in it.
    Empty,
    /// The reader is at it still.
    Busy,
    /// The reader fell, and is up again a moment later.
    Fell,
}

impl Unread {
    /// What its sender sees where there is no line between; what takes a line, only a careless reader comes to.
    pub(crate) fn seen(self) -> Seen {
        match self {
            Self::Answer(answer) => Seen::of(&Ok(answer)),
            Self::Http(status) => Seen::Unprocessed(format!("HTTP {status}")),
            Self::Grpc(status) => Seen::Unprocessed(format!("gRPC status {status}")),
            Self::Fault(fault) => Seen::Unprocessed(fault.code.as_str().to_owned()),
            Self::Empty | Self::Busy | Self::Fell => panic!("a reader in order: {self:?}"),
        }
    }
}
