//! The rules of one-time codes and bulk notices: pure, synchronous, free of generated types.

mod claims;
mod code;
mod counter;
mod destination;
mod limits;
mod message;
mod notice;
mod prompt;
mod refusal;
mod transaction;

pub use claims::{Asking, CallerClaims, Institution, Subject};
pub use code::{CODE_DIGITS, CodeKey, NONCE_LENGTH, Nonce, OneTimeCode};
pub use counter::{Counted, Counter};
pub use destination::{Destinations, NotReachable};
pub use limits::{Limits, RateLimits};
pub use message::{MessageTemplates, Outgoing, TemplatesError};
pub use notice::{
    Acting, MOST_PARTS, NotHours, Notice, NoticeId, NoticeState, NoticeTemplate, Place, QuietHours, Recipient,
    RecipientId, RecipientState, Rendered, SealedRecipient, TemplateWords,
};
pub use prompt::{Prompt, PromptState, Question, Silence, Standing};
pub use refusal::Refusal;
pub use transaction::{Bound, Life, State, Transaction};

straznica_types::typed_id! {
    /// One question to a citizen, answered by a code. The caller chooses it.
    pub struct TransactionId;
}

straznica_types::typed_id! {
    /// One message in the outbox.
    pub struct MessageId;
}

straznica_types::typed_id! {
    /// One receipt that waits for its part.
    pub struct ReceiptId;
}
