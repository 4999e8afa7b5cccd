//! The mobile operators, over SMPP: the way out of a production node.
//!
//! Each entry of `dispatch.operators` is a link, kept bound as long as the service runs. Messages are shared among them by weight; one that is down or too fast
//! gets less or nothing, and what it provably has not taken goes to another. What operators deliver is answered for once the [`spool`](crate::spool) has kept it.

mod board;
mod config;
mod inbox;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sms::life::Failure;
use sms::smpp::{self, Link, LinkConfig, LinkState, Outcome, PartOutcome, Pool, Recipient, Sender};
use sms::text::{ReferenceWidth, parts};
use straznica_runtime::service::ReadinessCheck;
use straznica_types::{Environment, SharedClock};

use crate::channel::{Channel, Message};
use crate::spool::Recorder;
pub use config::{Bind, OperatorConfig, OperatorConfigError, OperatorTls, SenderConfig, ValidityForm};
use inbox::Inbox;

/// How long a message waits for a link that takes it before it goes back into the outbox.
const PATIENCE: Duration = Duration::from_secs(5);
/// ESME_RINVMSGLEN and ESME_RINVDSTADR: what an operator would say of a text that has no parts, or of what is no number.
const BAD_TEXT: u32 = 0x01;
const BAD_NUMBER: u32 = 0x0B;

/// No link ever was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no link to an operator has been bound since the start")]
struct NeverBound;

/// The links.
pub struct Operators {
    pool: Pool,
    links: Vec<Link>,
    /// Each link has its own; the type of a message wants one.
    sender: Sender,
}

impl fmt::Debug for Operators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operators").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl Operators {
    /// Starts the links, within a tokio runtime; `None` where none is configured. What they deliver goes to the recorder.
    ///
    /// # Errors
    /// [`OperatorConfigError`].
    pub fn start(
        configs: &[OperatorConfig],
        environment: Environment,
        clock: &SharedClock,
        recorder: &Recorder,
    ) -> Result<Option<Arc<Self>>, OperatorConfigError> {
        let checked = config::check(configs, environment, clock)?;
        let Some(sender) = checked.iter().find_map(|(link, _)| link.sender.clone()) else { return Ok(None) };
        let inbox = Inbox::new(recorder.clone());
        let start = |(config, weight): (LinkConfig, NonZeroU32)| {
            let name = config.name.to_string();
            let link = Link::start(config, clock.clone(), inbox.clone());
            link.map(|link| (link, weight)).map_err(|cause| OperatorConfigError::Link { name, cause })
        };
        let weighted = checked.into_iter().map(start).collect::<Result<Vec<_>, _>>()?;
        let links: Vec<Link> = weighted.iter().map(|(link, _)| link.clone()).collect();
        let Some(pool) = Pool::new(weighted, clock.clone()) else { return Ok(None) };
        let operators = Arc::new(Self { pool, links, sender });
        board::observe(&operators);
        Ok(Some(operators))
    }

    /// Ready once any link has been bound since the start: a new node with a wrong password never replaces one that works, and a node whose operators are out
    /// for a while goes on comparing the codes that are on their way.
    pub(crate) fn readiness(self: &Arc<Self>) -> ReadinessCheck {
        let operators = self.clone();
        ReadinessCheck::new("operators", move || {
            let bound = operators.links.iter().any(|link| link.state().counters.bound > 0);
            async move { if bound { Ok(()) } else { Err(NeverBound.into()) } }
        })
    }

    /// Finishes what was begun, and unbinds.
    pub async fn stop(&self) {
        self.pool.stop().await;
    }

    /// How each link is doing.
    pub fn states(&self) -> Vec<LinkState> {
        self.pool.states()
    }

    fn prepared(&self, message: &Message) -> Result<smpp::Message, Outcome> {
        let refused = |status, failure| Outcome {
            link: None,
            parts: vec![PartOutcome::Refused { status, failure }],
            waited: None,
        };
        let to = Recipient::new(message.to.expose()).ok_or_else(|| refused(BAD_NUMBER, Failure::Permanent))?;
        let parts =
            parts(message.text.expose(), ReferenceWidth::Eight).map_err(|_| refused(BAD_TEXT, Failure::Technical))?;
        Ok(smpp::Message {
            tag: message.id.to_string(),
            to,
            from: self.sender.clone(),
            parts,
            class: message.class,
            expires: message.valid_until,
        })
    }
}

#[async_trait]
impl Channel for Operators {
    fn name(&self) -> &'static str {
        "smpp"
    }

    async fn submit(&self, message: Message) -> Outcome {
        match self.prepared(&message) {
            Ok(prepared) => self.pool.submit_within(prepared, PATIENCE).await,
            Err(refused) => refused,
        }
    }

    fn room(&self) -> usize {
        self.links.iter().map(config::room).sum()
    }

    fn gives_receipts(&self) -> bool {
        true
    }
}
