//! One handler an address: reads the request, calls the use case, writes the answer.

pub(crate) mod codes;
pub(crate) mod description;
pub(crate) mod inspections;
pub(crate) mod terminal_authentication;
pub(crate) mod terminals;
pub(crate) mod trust;
