//! Where the short-lived state of a transaction lies.

use straznica_ephemeral::Key;

use super::App;
use crate::domain::Transaction;

impl App {
    /// Nonce and sealed number.
    pub(super) fn code_place(&self, transaction: &Transaction) -> Key {
        self.place_of("code", transaction)
    }

    /// Attempts so far.
    pub(super) fn attempts_place(&self, transaction: &Transaction) -> Key {
        self.place_of("attempts", transaction)
    }

    /// The pause before it is sent again.
    pub(super) fn pause_place(&self, transaction: &Transaction) -> Key {
        self.place_of("pause", transaction)
    }

    fn place_of(&self, part: &'static str, transaction: &Transaction) -> Key {
        self.keys.place(part, &[transaction.id.uuid().as_bytes(), &transaction.slot])
    }
}
