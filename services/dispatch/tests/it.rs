//! dispatch over its real listener: both databases, both engines of short-lived state, an operator played by a double, phones asked by a simulator and by npm
//! `oidc-provider`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "it/canary.rs"]
mod canary;
#[path = "it/concealment.rs"]
mod concealment;
#[path = "it/flows.rs"]
mod flows;
#[path = "it/guessing.rs"]
mod guessing;
#[path = "it/house.rs"]
mod house;
#[path = "it/loss.rs"]
mod loss;
#[path = "it/notice_desk.rs"]
mod notice_desk;
#[path = "it/notices.rs"]
mod notices;
#[path = "it/notices_run.rs"]
mod notices_run;
#[path = "it/operator.rs"]
mod operator;
#[path = "it/operators.rs"]
mod operators;
#[path = "it/outbox.rs"]
mod outbox;
#[path = "it/phone_peer.rs"]
mod phone_peer;
#[path = "it/phones.rs"]
mod phones;
#[path = "it/pumping.rs"]
mod pumping;
#[path = "it/spool.rs"]
mod spool;
