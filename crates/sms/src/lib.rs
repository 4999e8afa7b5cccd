//! Text messages (SMS) as an authority sends them: exactly encoded, exactly counted, and with an outcome that is known or said to be unknown.
//!
//! It promises that
//! - a text is encoded as the handset will show it ([`text`]): never a silent `?`, long messages cut where no character breaks, and the number of
//!   parts, which is what the operator bills and the rate counts, known before anything is sent;
//! - a template says the same in every language ([`template`]): no placeholder is unknown, forgotten or longer than it may be;
//! - the state of a message only moves forward ([`life`]), whatever order receipts come in;
//! - a receipt is understood in every form operators send it ([`receipt`]), and an identifier that fits two messages is said to do so.
//!
//! It stores nothing and logs no text, number or code. Start reading in [`text`], then [`life`].

pub mod life;
pub mod receipt;
pub mod template;
pub mod text;
