//! Writing to partners: a message is kept in the transaction of what it belongs to, and delivered afterwards.

use exchange::{Country, message::Message};
use sea_orm::DatabaseTransaction;
use straznica_exchange_wire::grpc::convert;
use straznica_types::typed_id;
use uuid::Uuid;

use crate::{
    app::App,
    domain::exchange::outbox::State,
    error::SpocError,
    store::{entity::outbox, exchange::outbox as store},
};

typed_id! {
    /// A message of ours to a partner.
    pub struct LetterId;
}

/// A fresh message identifier: unique for ever among the messages of this node.
pub(crate) fn message_id(app: &App) -> String {
    LetterId::generate(app.clock.as_ref()).to_string()
}

/// Keeps `message` for `country`, to be delivered from now on until it is answered. `subject` is what it is about: the holder reference asked for,
/// the id of an application or of a general message. Returns the name it goes by on the delivery board.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn enqueue(
    app: &App,
    tx: &DatabaseTransaction,
    country: Country,
    message: &Message,
    subject: &str,
) -> Result<Uuid, SpocError> {
    let now = app.clock.now();
    let id = LetterId::generate_at(now).uuid();
    let (operation, payload) = convert::encode(message);
    let message_id = match message {
        Message::RequestCertificate(message) => Some(message.message_id.clone()),
        Message::SendCertificates(message) => message.message_id.clone(),
        Message::GetCaCertificates(message) => Some(message.message_id.clone()),
        Message::GeneralMessage(message) => Some(message.message_id.clone()),
    };
    let row = outbox::Model {
        id,
        country: country.to_string(),
        operation: operation.to_owned(),
        message_id,
        payload,
        subject: subject.to_owned(),
        state: State::Pending.as_str().to_owned(),
        attempts: 0,
        created_at: now.millis(),
        next_attempt_at: now.millis(),
        leased_until: None,
        answered_at: None,
        code: None,
        last_error: None,
        exported_at: None,
    };
    store::insert(tx, row).await?;
    Ok(id)
}

/// Reads the message a row keeps.
///
/// # Errors
/// [`SpocError::Corrupt`] when this program cannot have written it.
pub(crate) fn message_of(row: &outbox::Model) -> Result<Message, SpocError> {
    let corrupt = |why: String| SpocError::Corrupt(format!("message {}: {why}", row.id));
    let message = convert::decode(&row.operation, &row.payload).map_err(|why| corrupt(why.to_string()))?;
    message.ok_or_else(|| corrupt("its operation".to_owned()))
}
