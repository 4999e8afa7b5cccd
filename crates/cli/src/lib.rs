//! The one program, `straznica`, as a library: what it can be asked ([`arguments`]), how it does it ([`command`]), the suite in one
//! process ([`suite`]), and the demonstration ([`demo`]).
//!
//! `main` parses, runs and turns the outcome into an exit status; everything else is here so that the scenario tests start the very same suite.

pub mod alert_source;
pub mod arguments;
pub mod beside;
pub mod command;
pub mod config;
pub mod consultation_network;
mod core_text;
pub mod demo;
mod message_console;
pub mod person;
mod phone_console;
pub mod registers;
pub mod rest;
pub mod suite;
pub mod visa_register;
