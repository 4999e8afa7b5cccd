//! One token: found by its name, opened by its PIN, used through a pool of sessions that are opened anew when the token has lost them.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as CallError, RvError},
    session::{Session, SessionState, UserType},
    slot::{Slot, TokenInfo},
    types::AuthPin,
};

use super::error::TokenError;
use crate::keystore::KeyStoreError;

/// How long a call waits for a session.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a token is told from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenName {
    /// By the label it was initialised with.
    Label(String),
    /// By the number of its slot.
    Slot(u64),
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "labelled {label:?}"),
            Self::Slot(slot) => write!(f, "in slot {slot}"),
        }
    }
}

/// A token and the sessions held with it.
pub(super) struct Token {
    module: Pkcs11,
    name: TokenName,
    pin: AuthPin,
    limit: usize,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    /// Idle ones and those in use.
    open: usize,
    /// Rises with every loss: object handles noted before it are worth nothing.
    era: u64,
    pin_refused: bool,
}

/// A session in use.
pub(super) struct Lease<'a> {
    pub(super) session: &'a Session,
    /// Object handles noted in another era are worth nothing.
    pub(super) era: u64,
}

impl Lease<'_> {
    /// A search that finds nothing proves something only while the token regards us as logged in: private objects are invisible otherwise.
    ///
    /// # Errors
    /// [`TokenError::LoggedOut`] when it does not.
    pub(super) fn is_logged_in(&self) -> Result<(), TokenError> {
        match self.session.get_session_info()?.session_state() {
            SessionState::RwUser | SessionState::RoUser => Ok(()),
            SessionState::RoPublic | SessionState::RwPublic | SessionState::RwSecurityOfficer => {
                Err(TokenError::LoggedOut)
            }
        }
    }
}

impl Token {
    /// Finds the token and logs in, so that a wrong name or PIN shows at once.
    pub(super) fn open(module: Pkcs11, name: TokenName, pin: AuthPin, sessions: usize) -> Result<Self, KeyStoreError> {
        let pool = Mutex::new(Pool::default());
        let token = Self { module, name, pin, limit: sessions.max(1), pool, returned: Condvar::new() };
        token.with(|lease| Ok(lease.is_logged_in()?))?;
        Ok(token)
    }

    /// Runs `work` with a session. When the token turns out to have lost it, or fails for the moment, `work` runs once more with a new one, so it has to bear
    /// being begun twice.
    pub(super) fn with<T>(&self, work: impl Fn(&Lease<'_>) -> Result<T, KeyStoreError>) -> Result<T, KeyStoreError> {
        let mut again = true;
        loop {
            let (session, era) = self.take()?;
            match work(&Lease { session: &session, era }) {
                Ok(value) => {
                    self.give_back(session, era)?;
                    return Ok(value);
                }
                Err(KeyStoreError::Token(failure)) if failure.is_lost() => {
                    self.lose(session, era)?;
                    if !again {
                        return Err(failure.into());
                    }
                    tracing::warn!(token = %self.name, error = %failure, "a session with the token was lost; it is opened anew");
                    again = false;
                }
                Err(KeyStoreError::Token(failure)) if again && failure.is_momentary() => {
                    self.close(session)?;
                    tracing::warn!(token = %self.name, error = %failure, "the token failed at something; it is begun anew in another session");
                    again = false;
                }
                Err(failure) => {
                    if matches!(failure, KeyStoreError::Token(TokenError::Call(_))) {
                        // Whatever was begun in it may still be going on, so it is not used again.
                        self.close(session)?;
                    } else {
                        self.give_back(session, era)?;
                    }
                    return Err(failure);
                }
            }
        }
    }

    fn take(&self) -> Result<(Session, u64), TokenError> {
        let until = Instant::now() + PATIENCE;
        let mut pool = self.pool()?;
        loop {
            if let Some(session) = pool.idle.pop() {
                return Ok((session, pool.era));
            }
            if pool.open < self.limit {
                break;
            }
            let left = until.checked_duration_since(Instant::now()).ok_or(TokenError::Busy)?;
            pool = self.returned.wait_timeout(pool, left).map_err(|_| TokenError::Poisoned)?.0;
        }
        if pool.pin_refused {
            return Err(TokenError::PinRefused);
        }
        // With the pool locked: two logins at once would be two tries of a wrong PIN.
        let opened = self.log_in();
        match &opened {
            Ok(_) => pool.open += 1,
            Err(TokenError::PinRefused | TokenError::PinLocked) => pool.pin_refused = true,
            Err(_) => {}
        }
        Ok((opened?, pool.era))
    }

    /// Opens a session and logs in, unless the process is logged in already.
    fn log_in(&self) -> Result<Session, TokenError> {
        let (slot, info) = match self.find() {
            Err(TokenError::Call(CallError::Pkcs11(RvError::CryptokiNotInitialized, _))) => {
                initialize(&self.module)?;
                self.find()?
            }
            found => found?,
        };
        let session = self.module.open_rw_session(slot)?;
        if session.get_session_info()?.session_state() == SessionState::RwUser {
            return Ok(session);
        }
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked);
        }
        if info.user_pin_final_try() {
            return Err(TokenError::PinLastTry);
        }
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(CallError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(failure) => Err(TokenError::of_login(failure)),
        }
    }

    fn find(&self) -> Result<(Slot, TokenInfo), TokenError> {
        let mut found = Vec::new();
        for slot in self.module.get_slots_with_initialized_token()? {
            let info = self.module.get_token_info(slot)?;
            let is_it = match &self.name {
                TokenName::Label(label) => info.label() == label,
                TokenName::Slot(number) => slot.id() == *number,
            };
            if is_it {
                found.push((slot, info));
            }
        }
        let count = found.len();
        match (found.pop(), count) {
            (Some(one), 1) => Ok(one),
            (None, _) => Err(TokenError::Absent(self.name.to_string())),
            (Some(_), found) => Err(TokenError::NotUnique { name: self.name.to_string(), found }),
        }
    }

    fn give_back(&self, session: Session, era: u64) -> Result<(), TokenError> {
        let mut pool = self.pool()?;
        if pool.era == era {
            pool.idle.push(session);
        } else {
            pool.open -= 1;
        }
        drop(pool);
        self.returned.notify_one();
        Ok(())
    }

    /// Drops a session the token has lost, and with it the idle ones of its era: what took one has taken them all.
    fn lose(&self, session: Session, era: u64) -> Result<(), TokenError> {
        let mut pool = self.pool()?;
        pool.open -= 1;
        if pool.era == era {
            pool.era += 1;
            pool.open -= pool.idle.len();
            pool.idle.clear();
        }
        drop(session);
        drop(pool);
        self.returned.notify_all();
        Ok(())
    }

    fn close(&self, session: Session) -> Result<(), TokenError> {
        drop(session);
        self.pool()?.open -= 1;
        self.returned.notify_one();
        Ok(())
    }

    fn pool(&self) -> Result<MutexGuard<'_, Pool>, TokenError> {
        self.pool.lock().map_err(|_| TokenError::Poisoned)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("name", &self.name).field("pin", &"***").finish_non_exhaustive()
    }
}

/// Loads a module, once a process: C_Initialize is the process's, and modules do not bear being unloaded while a copy is in use elsewhere in it.
pub(super) fn module(path: &Path) -> Result<Pkcs11, TokenError> {
    static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().map_err(|_| TokenError::Poisoned)?;
    if let Some(module) = loaded.get(path) {
        return Ok(module.clone());
    }
    let unusable = |source| TokenError::Module { path: path.to_owned(), source };
    let module = Pkcs11::new(path).map_err(unusable)?;
    match initialize(&module) {
        Err(TokenError::Call(source)) => return Err(unusable(source)),
        outcome => outcome?,
    }
    loaded.insert(path.to_owned(), module.clone());
    Ok(module)
}

fn initialize(module: &Pkcs11) -> Result<(), TokenError> {
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(CallError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}
