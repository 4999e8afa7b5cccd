//! Text messages (SMS) as an authority sends them: exactly encoded, exactly counted, and with an outcome that is known or said to be unknown.
//!
//! It promises that
//! - a text is encoded as the handset will show it ([`text`]): never a silent `?`, long messages cut where no character breaks, and the number of
//!   parts, which is what the operator bills and the rate counts, known before anything is sent;
//! - a template says the same in every language ([`template`]): no placeholder is unknown, forgotten or longer than it may be;
//!   what it takes and costs is known beforehand ([`preview`]);
//! - the state of a message only moves forward ([`life`]), whatever order receipts come in;
//! - a receipt is understood in every form operators send it ([`receipt`]), and an identifier that fits two messages is said to do so;
//! - a message handed to an operator's link ([`smpp`]) has exactly one outcome, and *unknown* is one: nothing is sent twice on the chance that it
//!   was lost.
//!
//! It stores nothing and logs no text, number or code. Start reading in [`text`], then [`life`], then [`smpp`].

pub mod life;
pub mod preview;
pub mod receipt;
pub mod smpp;
pub mod template;
pub mod text;
