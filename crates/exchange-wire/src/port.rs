//! What stands behind the bindings.

use async_trait::async_trait;
use exchange::Country;
use exchange::code::{GeneralMessageCode, SendCertificatesCode};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use exchange::operation::Operation;
pub use exchange::{Binding, Side};

/// A SPOC that was let in: what its certificate says, held against its registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The state.
    pub country: Country,
    /// How it reached us, or we it.
    pub binding: Binding,
    /// The certificates it presented, its own first, DER.
    pub presented: Vec<Vec<u8>>,
}

/// The peer is not let in. Why is told to the operator where the decision is made, and to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not admitted")]
pub struct NotAdmitted;

/// Decides who is let in.
#[async_trait]
pub trait Admission: Send + Sync + 'static {
    /// Judges a peer whose handshake succeeded: possession of the first certificate's key is proven, nothing else. Path to a registered root, extended
    /// key usage, country, fresh revocation list, state of the partner.
    ///
    /// # Errors
    /// [`NotAdmitted`], the reason having been recorded.
    async fn admit(&self, presented: Vec<Vec<u8>>, side: Side<'_>, binding: Binding) -> Result<Caller, NotAdmitted>;

    /// Whether a peer admitted before still is: asked before every message. `caller_id` is whom the message says it is from.
    ///
    /// # Errors
    /// [`NotAdmitted`], the reason having been recorded.
    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted>;

    /// Whether a partner we connected to is still admitted: asked before every further message over a connection that is kept. Nothing was heard of it by that.
    ///
    /// # Errors
    /// [`NotAdmitted`], the reason having been recorded.
    async fn readmit_server(&self, server: &Caller) -> Result<(), NotAdmitted> {
        self.readmit(server, server.country.as_str()).await
    }
}

/// Judges messages. Every method answers: what fails inside is failure_internal_error, and in the log.
#[async_trait]
pub trait Application: Send + Sync + 'static {
    /// RequestCertificate.
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer;

    /// SendCertificates.
    async fn send_certificates(&self, caller: &Caller, message: SendCertificates) -> SendCertificatesCode;

    /// GetCACertificates.
    async fn get_ca_certificates(&self, caller: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer;

    /// GeneralMessage.
    async fn general_message(&self, caller: &Caller, message: GeneralMessage) -> GeneralMessageCode;

    /// A message answered failure_syntax before it came here: a field of it is longer than the standard allows, or holds a code nobody knows. For
    /// those who keep a record.
    async fn refused(&self, _caller: &Caller, _operation: Operation) {}
}
