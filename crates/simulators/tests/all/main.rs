//! The simulators keep the rules they are there to enforce.

mod chip;
mod home;
mod partner_state;
