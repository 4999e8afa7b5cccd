//! How messages get to the target.

use std::fmt;

use async_trait::async_trait;
use exchange::message::{Answer, Message};
use straznica_exchange_wire::CallError;

use crate::document::Document;
use crate::frame::Frame;
use crate::seen::Seen;
use crate::tester::Credentials;

/// A connection that stays.
#[async_trait]
pub trait Kept: Send {
    /// Sends a message on it and brings the answer.
    ///
    /// # Errors
    /// [`CallError`]
    async fn send(&mut self, message: &Message) -> Result<Answer, CallError>;
}

/// Carries messages over one binding, each on a connection of its own: whom a case pretends to be is decided by connection.
#[async_trait]
pub trait Carrier: Send + Sync + fmt::Debug {
    /// Sends a message and brings the answer; without credentials no certificate is shown.
    ///
    /// # Errors
    /// [`CallError`]
    async fn send(&self, as_whom: Option<&Credentials>, message: &Message) -> Result<Answer, CallError>;

    /// Connects, for several messages on the same connection.
    ///
    /// # Errors
    /// [`CallError`]
    async fn keep<'a>(&'a self, as_whom: &Credentials) -> Result<Box<dyn Kept + 'a>, CallError>;

    /// Sends a document of the SOAP binding as it stands.
    async fn post(&self, as_whom: &Credentials, document: &Document) -> Seen;

    /// Connects, and looks at who answers.
    async fn look_at_server(&self, as_whom: &Credentials) -> Seen;

    /// Sends a message of the gRPC binding as it stands.
    async fn call(&self, as_whom: &Credentials, frame: &Frame) -> Seen;
}
