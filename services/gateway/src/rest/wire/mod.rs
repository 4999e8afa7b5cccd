//! The JSON of the interface, one module a subject, and its translation to and from the contracts. Members are camelCase, bytes are
//! base64, instants are RFC 3339; a member nobody knows is refused.

pub(crate) mod agreement;
pub(crate) mod border_alerts;
pub(crate) mod codes;
pub(crate) mod data_groups;
pub(crate) mod inspection;
pub(crate) mod reason;
pub(crate) mod scalars;
pub(crate) mod terminal_authentication;
pub(crate) mod terminals;
pub(crate) mod trust;
