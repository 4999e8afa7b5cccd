//! What a decision says: the operative part, the grounds, how a panel voted, what can be done against it; how it reached the person; the letter.

mod instruction;
mod letter;
mod panel;
mod service;
mod text;

pub use instruction::remedies;
pub use letter::{Addressee, Letter};
pub use panel::{Vote, signs};
pub use service::{Manner, Served, ServiceRecord};
pub use text::{Ground, Ruling, Translation};
