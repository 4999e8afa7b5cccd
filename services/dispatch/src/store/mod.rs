//! The database of dispatch: private to the service.

mod arrays;
mod chunks;
mod counters;
mod entity;
mod migrations;
mod notice_schema;
mod notices;
mod outbox;
mod parts;
mod prompt_schema;
mod prompts;
mod recipients;
mod rows;
mod statistics;
mod templates;
mod transactions;

pub(crate) use counters::{Counters, Tally, forgive_failures, lift_official, lift_subject, locked_since};
pub use migrations::Migrations;
pub(crate) use notices::{
    count_open_notices, delete_old_notices, find_notice, find_notices, insert_notice, move_notice, notices_before,
    running_notices,
};
pub(crate) use outbox::{
    First, bring_forward, claim_due, delete_old_messages, enqueue, expire_overdue, insert_message, insert_messages,
    move_messages, postpone_messages, settle_lost, settle_silent,
};
pub use outbox::{MessageState, Pending};
pub(crate) use parts::{
    Parked, Part, any_parked, delete_old_parked, find_matched, find_named_parts, find_parked, find_parts, insert_parts,
    move_parts, name_part, park, parts_of, unpark,
};
pub(crate) use prompts::{
    PromptEnd, ask_later, claim_prompts, delete_old_prompts, end_prompt, find_prompt, find_prompt_by_handle, give_bell,
    insert_prompts, look_later, look_now, prompt_asked, rung_early,
};
pub(crate) use recipients::{
    Count, KeptRecipient, LanguageCount, Told, count_in_outbox, count_recipients, count_unsettled, find_recipients,
    fingerprints, hold_bulk, insert_recipients, language_counts, leave_recipients, move_recipients, next_recipients,
    settle_recipients, told_after, told_counts, withdraw_queued,
};
pub use rows::UnreadableRow;
pub(crate) use statistics::prefix_counts;
pub(crate) use templates::{
    KeptTemplate, approve_template, count_templates, find_template, insert_template, latest_version, put_choice,
    templates_after, wanting,
};
pub(crate) use transactions::{
    approve_transaction, count_attempts, count_resend, delete_old_transactions, end_transaction, end_validated,
    expire_transactions, find_transaction, find_transactions, insert_transactions,
};
