//! The other side of a border check, played by the book: a chip, a terminal's hands, a partner state, the state's own registers.
//!
//! - [`chip`]: the contactless chip of a travel document. It enforces TR-03110 on its side, with rules written here and
//!   not borrowed from the code they test: it trusts at most two CVCAs, knows the date only from certificates, opens
//!   fingerprints only after Chip and Terminal Authentication and only to a terminal whose whole chain has the right.
//! - [`terminal`]: the sequence of commands an inspection system sends to read such a chip, step by step, so that a
//!   control centre can be asked in between.
//! - [`partner_state`]: a foreign state with a signing authority for documents, a CVCA with generations and links, which
//!   answers requests of our document verifiers and personalises passports: good ones and the bad ones a border meets.
//! - [`spoc_partner`]: the SPOC of a foreign state, complete and in memory, which does wrong on command.
//! - [`consultation_network`]: the network by which states consult each other, with the states behind it; it delays, loses, repeats and reorders.
//! - [`operator_console`]: a mobile operator that puts every message on a console instead of on a phone.
//! - [`phone_operator`]: a mobile operator that asks people on their phones, by Mobile Connect; what the phone shows is printed, and a test answers.
//! - [`alerts`]: the Schengen Information System with made-up alerts.
//! - [`registers`]: the state's registers of persons, vehicles, wanted people, lighter documents and visas, with made-up people in them.
//!
//! For the demonstration and the tests; never in a real node. Every date is given from outside, nothing reads a clock of its own.
//! Commands are typed calls instead of APDUs; secure messaging is assumed, its keys are real.

pub mod alerts;
pub mod chip;
pub mod consultation_network;
pub mod operator_console;
pub mod partner_state;
pub mod phone_operator;
pub mod registers;
pub mod spoc_partner;
pub mod terminal;
