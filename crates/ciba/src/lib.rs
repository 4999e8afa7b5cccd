//! Asking a citizen's phone: OpenID Connect Client-Initiated Backchannel Authentication (CIBA) Core 1.0, poll and ping, and the server-initiated
//! profile of Mobile Connect.
//!
//! One port for all of it: [`Channel`]. An [`Asking`] (whom, with which text, how surely, for how long) becomes an [`Asked`], and [`wait`] turns
//! that into one [`Outcome`]: approved, refused, expired, unreachable, or unknown. Unknown is what an answer is that cannot be believed or came to
//! be lost; it is never taken for an approval.
//!
//! It promises that
//! - approved means an ID token whose signature, issuer, audience, times, level of assurance and moment of authentication were checked ([`Doubt`] lists
//!   what makes it none), against the provider's present keys and the injected clock;
//! - a phone that cannot be asked is told apart from our own mistakes ([`AskError::remedy`]), so that the caller knows when to use another channel;
//! - a provider that is slow, wordy, silent or hostile costs a bounded time and a bounded number of octets;
//! - nothing is sent in the clear but to this machine itself in a test environment, and no redirection is followed;
//! - numbers, texts, tokens and request ids print as `***`, and what a provider says in free text is not repeated in errors.
//!
//! It keeps no state beyond the provider's description and keys; what has to outlive the process is in [`Asked`], whose fields are the caller's to store.
//! A web server is the caller's too: [`Bells::ring`] takes a notification's header and octets and says what to answer.
//!
//! ```
//! # use ciba::{AskError, Asking, Bells, Channel, NotificationToken, Outcome, wait};
//! # async fn confirm(channel: &dyn Channel, bells: &Bells, asking: Asking, clock: &dyn straznica_types::Clock) -> Result<bool, AskError> {
//! // Listening before asking: the citizen may be quicker than the provider's answer.
//! let token = NotificationToken::random().ok_or(AskError::Random)?;
//! let bell = bells.listen(token.digest());
//! let asked = channel.ask(&asking, Some(&token)).await?;
//! let outcome = wait(channel, &asked, clock, Some(bell)).await;
//! # Ok(matches!(outcome, Outcome::Approved(_)))
//! # }
//! ```
//!
//! Start reading in [`channel`](Channel), then [`Ciba`] and [`MobileConnect`], then `provider` for what both adapters share and `id_token` for what is checked.

mod asking;
mod authentication;
mod cache;
mod channel;
mod ciba;
mod endpoint;
mod error;
mod http;
mod id_token;
mod jose;
mod metadata;
mod mobile_connect;
mod notification;
mod pace;
mod provider;
mod taken;
mod token;

pub use asking::{
    Acr, AcrLevels, AcrValues, Asked, Asking, AuthReqId, BindingMessage, CorrelationId, LoginHint, Nonce,
};
pub use authentication::ClientAuthentication;
pub use channel::{Channel, Look, Outcome, wait};
pub use ciba::{Ciba, Delivery, HintForm};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{AskError, Doubt, ErrorCode, Remedy, Unreachable};
pub use http::{Limits, TlsConfig};
pub use id_token::{Approval, Subject};
pub use jose::{InvalidKey, MemoryKey, SignatureAlgorithm, Signer, SigningFailed};
pub use metadata::MetadataError;
pub use mobile_connect::{LevelOfAssurance, MobileConnect, MobileConnectConfig, Response};
pub use notification::{Bell, Bells, InvalidNotification, Notification, NotificationToken, Rung, TokenDigest, Told};
pub use pace::Pace;
pub use provider::{Ages, ConfigError, Provider, ProviderConfig};
