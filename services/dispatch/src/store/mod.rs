//! The database of dispatch: private to the service.

mod counters;
mod entity;
mod migrations;
mod outbox;
mod rows;
mod statistics;
mod transactions;

pub(crate) use counters::{Counters, forgive_failures, is_locked, lift_official, lift_subject};
pub use migrations::Migrations;
pub(crate) use outbox::{
    MessageState, PendingMessage, claim_due, delete_old_messages, end_message, insert_message, insert_messages,
    postpone_message, settle_lost_messages,
};
pub use rows::UnreadableRow;
pub(crate) use statistics::prefix_counts;
pub(crate) use transactions::{
    count_resend, delete_old_transactions, end_transaction, end_validated, expire_transactions, find_transaction,
    insert_transactions, open_attempts, set_attempts,
};
