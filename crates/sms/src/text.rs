//! What fits into a text message, and what it becomes on the wire.
//!
//! A message of one part holds 160 septets of the default alphabet (3GPP TS 23.038 §6.2.1) or 70 UTF-16 units of UCS-2. A longer one is cut into
//! parts that carry a header telling the handset how to join them (3GPP TS 23.040 §9.2.3.24.1); the header takes 7 septets or 3 units of each part.
//! One character outside the default alphabet makes the whole message UCS-2: [`Parts::forced_by`] says which.

mod ascii;
mod gsm;
mod header;
mod parts;

pub use ascii::{CodeTextError, NoAsciiForm, ascii_form, code_text};
pub use gsm::{decode as decode_gsm, encode as encode_gsm, septets};
pub use header::{Concatenation, Reference, ReferenceWidth, split_header};
pub use parts::{EncodedPart, Encoding, Forcing, MAX_PARTS, Parts, TextError, decode, parts};
