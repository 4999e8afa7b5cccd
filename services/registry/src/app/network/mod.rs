//! The consultation network: what is to be told other states goes into a durable outbox with its cause, what they tell is applied once with its delivery notification.
//!
//! - A form is written in the transaction of what it tells, handed to the network afterwards, and again by the rule until its delivery notification (form R) comes. One that does not
//!   come is found and reported.
//! - Whatever comes is notified, each time it comes, and applied the first time. What names something that has not come yet is kept, and applied when that does.
//! - How far the network was read moves on in the transaction of the effect: a stop between the two loses nothing and repeats nothing.

mod incoming;
mod outgoing;
mod report;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use straznica_contracts::consultation::v1 as contract;
use straznica_contracts::consultation::v1::consultation_network_client::ConsultationNetworkClient;
use straznica_pki::Tls;
use straznica_runtime::channel::{self, Channel, ChannelError};
use straznica_types::check_name;
use tonic::Status;

pub(crate) use report::{NetworkReport, ShownNotice};

use crate::config::NetworkConfig;
use crate::domain::scn::{Message, ResendRule, State, Unreadable};
use crate::keys::Bound;

/// Why the configured network cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NetworkError {
    /// A name that can stand in no certificate.
    #[error("the consultation network needs a name of letters, digits, '.', '_' or '-'")]
    Name,
    /// Our own state.
    #[error("consultation.network.state: {0}")]
    State(Unreadable),
    /// The channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// A message the network has for us.
pub(super) struct Collected {
    position: u64,
    from: String,
    message: Message,
}

/// The adapter before the network.
pub(crate) struct Network {
    /// As which state we send.
    state: State,
    client: ConsultationNetworkClient<Channel>,
    rule: ResendRule,
    /// How long a form is one replica's to hand over, in milliseconds.
    hand_over: i64,
}

impl Network {
    /// As configured. The adapter need not be there yet.
    pub(crate) fn new(config: &NetworkConfig, tls: &Arc<Tls>) -> Result<Self, NetworkError> {
        let service = format!("consultation-{}", config.name);
        if config.name.is_empty() || check_name(&service).is_err() {
            return Err(NetworkError::Name);
        }
        let channel = channel::connect(&service, &config.channel, tls)?;
        Ok(Self {
            state: State::parse(&config.state).map_err(NetworkError::State)?,
            client: ConsultationNetworkClient::new(channel),
            rule: config.rule(),
            hand_over: outgoing::hand_over(config.channel.timeout_ms),
        })
    }

    async fn submit(&self, to: &str, message: Message) -> Result<(), Status> {
        let mut envelope = contract::Envelope::default();
        envelope.from = self.state.to_string();
        envelope.to = to.to_owned();
        envelope.subject = message.subject;
        envelope.body = message.body;
        self.client.clone().submit(contract::SubmitRequest { envelope: Some(envelope) }).await?;
        Ok(())
    }

    async fn collect(&self, after: u64, limit: u32) -> Result<Vec<Collected>, Status> {
        let answer = self.client.clone().collect(contract::CollectRequest { after, limit }).await?.into_inner();
        let collected = |collected: contract::Collected| {
            // The envelope wipes itself, so texts are taken out of it.
            let mut envelope = collected.envelope.unwrap_or_default();
            let message =
                Message { subject: std::mem::take(&mut envelope.subject), body: std::mem::take(&mut envelope.body) };
            Collected { position: collected.position, from: std::mem::take(&mut envelope.from), message }
        };
        Ok(answer.messages.into_iter().map(collected).collect())
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    out
}

/// What is sealed of a form we sent opens with that one only.
fn bound_to_sent(unifier: &str) -> Bound {
    sha256(&format!("scn sent {unifier}"))
}

/// Of one that came, likewise.
fn bound_to_received(state: &str, unifier: &str) -> Bound {
    sha256(&format!("scn received {state} {unifier}"))
}
