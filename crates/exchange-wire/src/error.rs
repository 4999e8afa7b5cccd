//! Why a message to a partner brought no answer, the same for both bindings.

/// What lies beneath an error of the transport.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A message was not answered. The text is for the operator of the node that sent it.
///
/// Sending again is always safe: the partner answers a message it has seen with what it answered before (same caller, id and content).
/// [`Self::may_have_been_processed`] says whether a message that is given up may nevertheless have had its effect.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The binding has no way to carry the message: a control character in a text, for XML.
    #[error("the message cannot be sent over this binding")]
    Unsendable(#[source] Cause),
    /// No connection: no such name, nobody listens, no handshake.
    #[error("the partner was not reached")]
    NotReached(#[source] Cause),
    /// Who answered is not the partner we registered. Nothing was sent.
    #[error("the server that answered is not admitted as the partner")]
    NotAdmittedByUs,
    /// The partner does not admit us: HTTP 401, or UNAUTHENTICATED.
    #[error("the partner refuses our certificate")]
    RefusedByPeer,
    /// The connection broke after something had been sent.
    #[error("the connection broke before the answer")]
    Broken(#[source] Cause),
    /// The partner told of a failure of the transport instead of a result: a SOAP fault, or a gRPC status other than UNAUTHENTICATED.
    #[error("the partner answered with a fault of the {fault_of}: {code} ({text})")]
    Fault {
        /// Where the partner sees the cause.
        fault_of: FaultOf,
        /// faultcode, or the name of the gRPC status.
        code: String,
        /// The partner's words, cut to a readable length; they are the partner's, so for showing and for nothing else.
        text: String,
    },
    /// The answer is not what the contract says.
    #[error("the partner's answer is unreadable")]
    Unreadable(#[source] Cause),
    /// The answer is longer than we take.
    #[error("the partner's answer is longer than {limit} bytes")]
    TooLarge {
        /// Bytes taken at most.
        limit: usize,
    },
    /// Sent, but not answered in time.
    #[error("the partner did not answer in time")]
    TimedOut,
    /// An HTTP status that says neither answer nor fault.
    #[error("the partner answered with HTTP status {0}")]
    Http(u16),
}

/// On whose side the partner sees the cause of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultOf {
    /// Our message: SOAP `Client`, `VersionMismatch`, `MustUnderstand`; it was not processed.
    Sender,
    /// The partner's own: SOAP `Server`.
    Receiver,
}

impl std::fmt::Display for FaultOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sender => "sender",
            Self::Receiver => "receiver",
        })
    }
}

impl CallError {
    /// Whether the partner may have done what the message asked, although we have no answer.
    #[must_use]
    pub const fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Unsendable(_)
            | Self::NotReached(_)
            | Self::NotAdmittedByUs
            | Self::RefusedByPeer
            | Self::Fault { fault_of: FaultOf::Sender, .. } => false,
            // 4xx: refused before the message was read.
            Self::Http(status) => !matches!(*status, 400..=499),
            Self::Broken(_)
            | Self::Fault { fault_of: FaultOf::Receiver, .. }
            | Self::Unreadable(_)
            | Self::TooLarge { .. }
            | Self::TimedOut => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CallError, FaultOf};

    #[test]
    fn only_a_message_refused_before_it_was_read_had_certainly_no_effect() {
        let fault = |fault_of| CallError::Fault { fault_of, code: "x".to_owned(), text: "y".to_owned() };
        let cases = [
            (CallError::Unsendable("U+0000".into()), false),
            (CallError::NotReached("no route".into()), false),
            (CallError::NotAdmittedByUs, false),
            (CallError::RefusedByPeer, false),
            (CallError::Broken("reset".into()), true),
            (fault(FaultOf::Sender), false),
            (fault(FaultOf::Receiver), true),
            (CallError::Unreadable("no envelope".into()), true),
            (CallError::TooLarge { limit: 1 }, true),
            (CallError::TimedOut, true),
            (CallError::Http(413), false),
            (CallError::Http(502), true),
        ];
        for (error, expected) in cases {
            assert_eq!(error.may_have_been_processed(), expected, "{error}");
        }
    }
}
