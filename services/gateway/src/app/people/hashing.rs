//! Passwords are looked at beside the async threads, a few at a time: each costs memory and processor time on purpose.

use std::{sync::Arc, time::Duration};

use straznica_types::Secret;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    config::people::AccountsConfig,
    domain::people::account::{Derived, SALT_LENGTH},
    error::GatewayError,
};

/// The turns.
#[derive(Debug)]
pub(crate) struct Hashing {
    turns: Arc<Semaphore>,
    wait: Duration,
}

impl Hashing {
    pub(crate) fn new(config: &AccountsConfig) -> Self {
        let turns = Arc::new(Semaphore::new(config.hashing_at_once.max(1)));
        Self { turns, wait: Duration::from_millis(config.hashing_wait_ms) }
    }

    /// What a password gives with a salt.
    pub(crate) async fn derive(
        &self,
        password: Secret<String>,
        salt: [u8; SALT_LENGTH],
    ) -> Result<Derived, GatewayError> {
        let turn = timeout(self.wait, self.turns.clone().acquire_owned()).await.map_err(|_| GatewayError::LoginBusy)?;
        let turn = turn.map_err(|_| GatewayError::LoginBusy)?;
        let deriving = tokio::task::spawn_blocking(move || {
            let derived = Derived::of(password.expose(), &salt);
            drop(turn);
            derived
        });
        Ok(deriving.await.map_err(|_| GatewayError::Panicked)??)
    }
}
