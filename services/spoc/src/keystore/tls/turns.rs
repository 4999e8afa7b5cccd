//! How many handshakes sign at a time.

use std::{
    sync::{Condvar, Mutex, MutexGuard},
    time::Duration,
};

use crate::{
    config::{KeyStoreConfig, KeyStoreKind},
    keystore::{KeyStoreError, TokenError},
};

/// How long a handshake waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of so many sessions with a token one signs handshakes.
const SHARE: u16 = 4;

/// Turns of signing handshakes. Whoever reaches the exchange's port makes the node sign, admitted or not: without a limit strangers would take every
/// session of the token, and terminals at the border wait for theirs.
#[derive(Debug)]
pub struct HandshakeTurns {
    most: usize,
    taken: Mutex<usize>,
    given_back: Condvar,
}

impl HandshakeTurns {
    /// So many at a time as leave most of the sessions to others. A token of one session has nothing to leave. Files have no sessions, and no limit.
    #[must_use]
    pub fn of(config: &KeyStoreConfig) -> Self {
        match config.kind {
            KeyStoreKind::File => Self::new(usize::MAX),
            KeyStoreKind::Pkcs11 => Self::new(usize::from(config.pkcs11.sessions / SHARE).max(1)),
        }
    }

    fn new(most: usize) -> Self {
        Self { most, taken: Mutex::default(), given_back: Condvar::new() }
    }

    /// Waits for a turn, and does it. Blocks.
    pub(super) fn take<T>(&self, sign: impl FnOnce() -> Result<T, KeyStoreError>) -> Result<T, KeyStoreError> {
        let waiting = self.given_back.wait_timeout_while(self.taken()?, PATIENCE, |taken| *taken >= self.most);
        let (mut taken, waited) = waiting.map_err(|_| TokenError::Poisoned)?;
        if waited.timed_out() {
            return Err(TokenError::Busy.into());
        }
        *taken += 1;
        drop(taken);
        let signed = sign();
        *self.taken()? -= 1;
        self.given_back.notify_one();
        signed
    }

    fn taken(&self) -> Result<MutexGuard<'_, usize>, TokenError> {
        self.taken.lock().map_err(|_| TokenError::Poisoned)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc, Condvar, Mutex,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
        thread,
        time::{Duration, Instant},
    };

    use cvc::public_key::PublicKey;
    use rustls::SignatureScheme;
    use straznica_types::Environment;

    use super::HandshakeTurns;
    use crate::{
        config::{KeyStoreConfig, KeyStoreKind, Pkcs11Config},
        keystore::{
            GeneratedKey, KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError, open, tls_key_kind, tls_signer,
        },
    };

    /// A token of a few sessions that takes its time with every signature.
    #[derive(Debug)]
    struct SlowToken {
        keys: Arc<dyn KeyStore>,
        free: Mutex<usize>,
        returned: Condvar,
        /// Signatures of other roles than TLS that found no session free.
        kept_waiting: AtomicUsize,
    }

    impl KeyStore for SlowToken {
        fn generate(&self, role: KeyRole, kind: &KeyKind) -> Result<GeneratedKey, KeyStoreError> {
            self.keys.generate(role, kind)
        }

        fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
            self.keys.public_key(handle)
        }

        fn sign_digest(&self, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
            let mut free = self.free.lock().unwrap();
            if *free == 0 && handle.role() != KeyRole::ExchangeTls {
                self.kept_waiting.fetch_add(1, Ordering::SeqCst);
            }
            while *free == 0 {
                free = self.returned.wait(free).unwrap();
            }
            *free -= 1;
            drop(free);
            thread::sleep(Duration::from_millis(20));
            let signed = self.keys.sign_digest(handle, digest);
            *self.free.lock().unwrap() += 1;
            self.returned.notify_one();
            signed
        }

        fn delete(&self, handle: &KeyHandle) -> Result<(), KeyStoreError> {
            self.keys.delete(handle)
        }

        fn list(&self, role: KeyRole) -> Result<Vec<KeyHandle>, KeyStoreError> {
            self.keys.list(role)
        }
    }

    #[test]
    fn handshakes_without_end_keep_no_terminal_waiting() {
        let place = tempfile::tempdir().unwrap();
        let files = KeyStoreConfig { directory: place.path().join("keys"), ..KeyStoreConfig::default() };
        let sessions = 8;
        let token = Arc::new(SlowToken {
            keys: open(&files, Environment::Test, "PL").unwrap(),
            free: Mutex::new(sessions),
            returned: Condvar::new(),
            kept_waiting: AtomicUsize::new(0),
        });
        let config = KeyStoreConfig {
            kind: KeyStoreKind::Pkcs11,
            pkcs11: Pkcs11Config { sessions: 8, ..Pkcs11Config::default() },
            ..KeyStoreConfig::default()
        };
        let tls = token.generate(KeyRole::ExchangeTls, &tls_key_kind()).unwrap().handle;
        let terminals = token.generate(KeyRole::InspectionSystem, &tls_key_kind()).unwrap().handle;
        let signer = tls_signer(token.clone(), tls, Arc::new(HandshakeTurns::of(&config))).unwrap();
        let over = AtomicBool::new(false);
        let handshakes = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    let signer = signer.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).unwrap();
                    while !over.load(Ordering::SeqCst) {
                        signer.sign(b"a stranger's handshake").unwrap();
                        handshakes.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            let begun = Instant::now();
            while handshakes.load(Ordering::SeqCst) < 8 && begun.elapsed() < Duration::from_secs(20) {
                thread::sleep(Duration::from_millis(5));
            }
            let border: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| (0..10).for_each(|_| drop(token.sign_digest(&terminals, &[7; 32]).unwrap()))))
                .collect();
            let ended: Vec<_> = border.into_iter().map(|one| one.join().is_ok()).collect();
            over.store(true, Ordering::SeqCst);
            assert!(ended.iter().all(|ended| *ended));
        });
        assert_eq!(token.kept_waiting.load(Ordering::SeqCst), 0);
        assert!(handshakes.load(Ordering::SeqCst) >= 8, "handshakes are signed meanwhile");
    }
}
