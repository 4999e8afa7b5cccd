//! A mobile operator that asks people on their phones: Mobile Connect, server-initiated, by polling.
//!
//! It checks signature and claims of the request object and of the client's assertions, knows the phones it was told of and no others, shows each
//! question on a phone's screen, which is a line of text here, and gives each answer once. Whoever plays the citizen approves or refuses.

mod tokens;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openssl::error::ErrorStack;
use straznica_types::{SharedClock, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::tokens::OperatorKey;

/// How long the operator keeps a question open.
const LIFE: Duration = Duration::from_secs(600);

/// What a phone's screen shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownPrompt {
    /// The operator's own number for it, from 1.
    pub number: u64,
    /// The phone, E.164.
    pub to: String,
    /// What is asked and by whom.
    pub text: String,
    /// What the citizen said, and when.
    pub answer: Option<(PhoneAnswer, Timestamp)>,
}

/// A made-up number and what its owner is asked do not get into a log by way of a printout.
impl fmt::Debug for ShownPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShownPrompt({}, {:?})", self.number, self.answer)
    }
}

/// What a citizen says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneAnswer {
    /// Yes.
    Approve,
    /// No.
    Refuse,
}

/// What goes wrong at the operator's, on command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneFault {
    /// Every request is answered with 503.
    Down,
    /// Requests are answered after this time.
    Slow(Duration),
    /// Answers are signed with a key nobody published.
    Forged,
    /// Phones are not authenticated as surely as was asked for.
    Weak,
}

/// Why an operator does not work.
#[derive(Debug, thiserror::Error)]
pub enum PhoneOperatorError {
    /// No address to listen at.
    #[error(transparent)]
    Listen(#[from] io::Error),
    /// No keys.
    #[error(transparent)]
    Key(#[from] ErrorStack),
    /// It does not listen yet.
    #[error("the operator does not listen yet")]
    NotListening,
}

/// The operator. Clones are the same one; it listens until the last of them is gone.
#[derive(Clone, Default)]
pub struct PhoneOperator(Arc<Shared>);

#[derive(Default)]
struct Shared(Mutex<Operator>);

#[derive(Default)]
struct Operator {
    out: Option<Box<dyn Write + Send>>,
    listening: Option<Listening>,
    clients: BTreeMap<String, serde_json::Value>,
    phones: BTreeSet<String>,
    prompts: Vec<Prompt>,
    fault: Option<PhoneFault>,
}

struct Listening {
    issuer: String,
    clock: SharedClock,
    key: OperatorKey,
    accepting: JoinHandle<()>,
}

struct Prompt {
    shown: ShownPrompt,
    auth_req_id: String,
    client_id: String,
    nonce: String,
    acr: String,
    until: Timestamp,
    given: bool,
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(listening) = &self.0.get_mut().unwrap_or_else(PoisonError::into_inner).listening {
            listening.accepting.abort();
        }
    }
}

impl fmt::Debug for PhoneOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneOperator")
    }
}

impl PhoneOperator {
    /// Shows questions and prints nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Prints each question as a line.
    #[must_use]
    pub fn printing(out: impl Write + Send + 'static) -> Self {
        let operator = Operator { out: Some(Box::new(out)), ..Operator::default() };
        Self(Arc::new(Shared(Mutex::new(operator))))
    }

    /// Begins to listen on this machine, by this clock; where it does already, it goes on as it is. Its issuer identifier.
    ///
    /// # Errors
    /// Without an address or a key.
    pub async fn listen(&self, clock: SharedClock) -> Result<String, PhoneOperatorError> {
        if let Some(listening) = &self.operator().listening {
            return Ok(listening.issuer.clone());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let key = OperatorKey::generate()?;
        // The listener holds no share of the operator: it ends with the last clone.
        let accepting = tokio::spawn(web::accept(listener, Arc::downgrade(&self.0)));
        self.operator().listening = Some(Listening { issuer: issuer.clone(), clock, key, accepting });
        Ok(issuer)
    }

    /// Registers a client and makes its key: the private key in PKCS#8 (PEM), for the client alone.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn admit(&self, client_id: &str) -> Result<String, PhoneOperatorError> {
        let (pem, jwk) = tokens::client_key()?;
        self.operator().clients.insert(client_id.to_owned(), jwk);
        Ok(pem)
    }

    /// A phone (E.164) that can be asked from now on.
    pub fn connect(&self, phone: &str) {
        self.operator().phones.insert(phone.to_owned());
    }

    /// The questions a phone has shown, oldest first.
    #[must_use]
    pub fn screen(&self, phone: &str) -> Vec<ShownPrompt> {
        self.operator().prompts.iter().map(|prompt| prompt.shown.clone()).filter(|shown| shown.to == phone).collect()
    }

    /// The citizen answers a question; the first answer stays. Tells whether it was the first, and in time.
    pub fn answer(&self, number: u64, answer: PhoneAnswer) -> bool {
        let mut operator = self.operator();
        let Some(now) = operator.listening.as_ref().map(|listening| listening.clock.now()) else { return false };
        let open = |prompt: &&mut Prompt| prompt.shown.number == number && prompt.shown.answer.is_none();
        match operator.prompts.iter_mut().find(open) {
            Some(prompt) if now < prompt.until => {
                prompt.shown.answer = Some((answer, now));
                true
            }
            _ => false,
        }
    }

    /// What goes wrong from now on.
    pub fn script(&self, fault: Option<PhoneFault>) {
        self.operator().fault = fault;
    }

    fn operator(&self) -> MutexGuard<'_, Operator> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operator {
    /// Shows a question on a phone.
    fn show(&mut self, prompt: Prompt) {
        if let Some(out) = &mut self.out {
            let ShownPrompt { to, text, .. } = &prompt.shown;
            // A console that is gone is nobody's answer; the question stands on the screen all the same.
            let _printed = writeln!(out, "PHONE {to} asks: {text}").and_then(|()| out.flush());
        }
        self.prompts.push(prompt);
    }
}
