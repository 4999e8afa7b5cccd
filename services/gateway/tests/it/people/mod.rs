//! People at the gateway: sessions, local accounts, and what they ask identity for.

mod accounts;
mod administration;
pub(crate) mod browser;
mod canary;
mod certificates;
pub(crate) mod double;
mod hostile;
mod journal;
mod notices;
mod peer;
mod peer_checks;
mod privileges;
mod provider;
mod repeated;
mod rest;
mod sessions;
