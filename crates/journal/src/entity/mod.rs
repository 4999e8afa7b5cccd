//! The tables, as sea-orm sees them. What each is for stands in `migration.rs`.
#![allow(clippy::wildcard_imports, unreachable_pub, reason = "sea-orm's derives expect its prelude and public models")]

pub(crate) mod checkpoint;
pub(crate) mod cosignature;
pub(crate) mod event;
pub(crate) mod follower_position;
pub(crate) mod journal;
pub(crate) mod lease;
pub(crate) mod payload;
pub(crate) mod tile;
pub(crate) mod witness_state;
