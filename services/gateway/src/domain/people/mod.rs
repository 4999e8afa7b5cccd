//! People at the gateway: who they are, how long they stay logged in, and the local accounts of a test node.

pub(crate) mod account;
pub(crate) mod authorisation;
pub(crate) mod person;
pub(crate) mod sealing;
pub(crate) mod second_factor;
pub(crate) mod session;
