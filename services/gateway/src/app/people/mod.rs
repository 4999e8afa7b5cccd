//! People: logging in, staying logged in, and what they ask identity for.

pub(crate) mod accounts;
pub(crate) mod hashing;
pub(crate) mod journal;
pub(crate) mod login;
pub(crate) mod oidc;
pub(crate) mod rights;
pub(crate) mod sessions;
pub(crate) mod upstream;
