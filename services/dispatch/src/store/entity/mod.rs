//! Rows as they lie in the database.
#![expect(unreachable_pub, reason = "sea-orm's derive wants rows public; the module is not")]

pub(super) mod code_transaction;
pub(super) mod message_part;
pub(super) mod notice;
pub(super) mod notice_choice;
pub(super) mod notice_recipient;
pub(super) mod notice_template;
pub(super) mod outbox;
pub(super) mod parked_receipt;
pub(super) mod prompt;
