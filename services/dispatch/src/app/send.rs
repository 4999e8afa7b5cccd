//! Sends a code.
//!
//! The short-lived state is written first, under a name with a random slot in it; then the transaction, its counters, its message and its journal entry, in one
//! transaction of the database. Whatever fails in between, nothing has been sent, and the caller may say the same again.

use std::sync::Arc;
use std::time::Duration;

use identifiers::PhoneNumber;
use straznica_store::StoreError;
use straznica_types::{Secret, Timestamp};

use super::App;
use super::opening::Opening;
use super::rates::prefix_of;
use crate::domain::{Asking, Bound, CallerClaims, Life, Refusal, State, Subject, Transaction, TransactionId};
use crate::error::DispatchError;
use crate::spool::Room;
use crate::store::{Pending, find_transaction};

/// How long the first of several identical calls has to do the work.
const OPENING: Duration = Duration::from_secs(10);
/// How often the others look whether it is done, and at what intervals.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A wish to send a code.
#[derive(Debug)]
pub(crate) struct SendCode {
    pub(crate) id: TransactionId,
    /// None: the number stands for the person.
    pub(crate) subject: Option<Subject>,
    /// None: there is nobody to send to.
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) binding_text: String,
    pub(crate) language: String,
    pub(crate) life: Life,
    pub(crate) conceal: bool,
    /// The phone may be asked first.
    pub(crate) allow_prompt: bool,
}

/// What the caller may know of a code that was sent, or seems to have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) expires_at: Timestamp,
    pub(crate) resend_at: Timestamp,
    pub(crate) resends_left: u32,
}

/// Who gets the message.
enum Reach {
    Number(PhoneNumber),
    /// Nobody, for this reason.
    Nobody(&'static str),
}

impl App {
    /// Sends a code, or looks as if it did.
    pub(crate) async fn send_code(
        self: &Arc<Self>,
        caller: &CallerClaims,
        asking: Asking,
        wish: SendCode,
    ) -> Result<Sent, DispatchError> {
        let now = self.clock.now();
        let language = self.rules.templates.language(&wish.language)?;
        self.rules.templates.check_binding_text(&wish.binding_text, &language)?;
        let subject = self.subject(&wish)?;
        let fingerprint = self.fingerprint(&asking, &subject, &wish);
        // One of several identical calls at once does the work; the others would count against the shares of the number.
        let opening = self.keys.place("opening", &[wish.id.uuid().as_bytes()]);
        if !self.ephemeral.put_if_absent(&opening, b"", OPENING).await? {
            return self.opened_by_another(wish.id, &fingerprint, now).await;
        }
        let bound = Bound { asking, subject, binding_text: wish.binding_text.clone(), language };
        let failure = match self.send_new(caller, bound, &fingerprint, &wish, now).await {
            Ok(sent) => return Ok(sent),
            Err(failure) => failure,
        };
        if let Err(failure) = self.ephemeral.take(&opening).await {
            // It dies by itself within seconds.
            tracing::warn!(error = %failure, "the mark of a transaction being opened could not be taken back");
        }
        // Refused, or there already: the first call may have been longer ago than its mark lives.
        if !matches!(failure, DispatchError::Refused(_) | DispatchError::Store(StoreError::Duplicate(_))) {
            return Err(failure);
        }
        match find_transaction(self.store.reader(), wish.id).await? {
            Some(known) => self.repeated(&known, &fingerprint, now).await,
            None => Err(failure),
        }
    }

    /// Waits for the call that was first, and answers as it was answered.
    async fn opened_by_another(
        &self,
        id: TransactionId,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<Sent, DispatchError> {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            if let Some(known) = find_transaction(self.store.reader(), id).await? {
                return self.repeated(&known, fingerprint, now).await;
            }
        }
        Err(StoreError::Contended { attempts: LOOKS }.into())
    }

    async fn send_new(
        self: &Arc<Self>,
        caller: &CallerClaims,
        bound: Bound,
        fingerprint: &str,
        wish: &SendCode,
        now: Timestamp,
    ) -> Result<Sent, DispatchError> {
        self.count_institution(&bound.asking.institution).await?;
        let reach = self.reach(wish, &bound.subject).await?;
        let (destination, reason) = match &reach {
            Reach::Number(number) => (number.expose(), None),
            Reach::Nobody(reason) => ("", Some(*reason)),
        };
        let mut slot = [0; 16];
        aws_lc_rs::rand::fill(&mut slot).map_err(|_| DispatchError::Random)?;
        let transaction = Transaction {
            id: wish.id,
            bound,
            slot,
            fingerprint: fingerprint.to_owned(),
            prefix: match &reach {
                Reach::Number(number) => Some(prefix_of(number)),
                Reach::Nobody(_) => None,
            },
            dummy: reason.is_some(),
            concealed: wish.conceal,
            opened_at: now,
            expires_at: now + wish.life.duration(),
            resends: 0,
            state: State::Open,
            ended_at: None,
        };
        let phone = match &reach {
            _ if !wish.allow_prompt => None,
            Reach::Number(number) => self.phones.serving(number),
            // Where there is nobody the same rows are written.
            Reach::Nobody(_) => self.phones.any(),
        };
        let kept = self.keys.draw(wish.id, destination).ok_or(DispatchError::Random)?;
        let life = wish.life.duration();
        self.ephemeral.put_if_absent(&self.code_place(&transaction), kept.expose(), life).await?;
        self.ephemeral.cooldown(&self.pause_place(&transaction), self.resend_pause()).await?;

        let patience = self.rules.prompts.patience(life);
        let prompt = phone.map(|phone| (phone.name().to_owned(), now + patience));
        let room = if prompt.is_none() { self.spool.room_for_a_code() } else { None };
        let message = Pending::of_code(&transaction, 0, now);
        let opening = Opening { caller: caller.clone(), transaction, reason, prompt, message, goes: room.is_some() };
        // What was written as on its way has to be handed over, whether or not the caller still waits.
        let app = self.clone();
        let opened = tokio::spawn(async move { app.open_transaction(opening, room, kept).await });
        let opened = opened.await.map_err(|_| StoreError::NotShared)??;
        Ok(self.sent(&opened, now))
    }

    /// Writes transaction, counters, prompt, message and journal entry, and hands the message over where there is room for it.
    async fn open_transaction(
        self: &Arc<Self>,
        opening: Opening,
        room: Option<Room>,
        kept: Secret<Vec<u8>>,
    ) -> Result<Transaction, DispatchError> {
        let message = opening.message;
        let opened = self.writes.openings.write(opening).await??;
        self.metrics.sent(opened.dummy);
        match room {
            Some(room) => {
                let (app, transaction) = (self.clone(), opened.clone());
                self.spool.go(message, room, move || app.step_of(message, &transaction, Some(kept.expose())));
            }
            None => {
                self.spool.wake();
                self.prompts.notify_one();
            }
        }
        Ok(opened)
    }

    /// Who gets the message: the number, unless something is against it.
    async fn reach(&self, wish: &SendCode, subject: &Subject) -> Result<Reach, DispatchError> {
        let against = match &wish.phone {
            None => Some((Refusal::NumberBlocked, "unknown")),
            Some(number) => {
                self.rules.destinations.check(number).err().map(|reason| (Refusal::from(reason), "destination"))
            }
        };
        let against = match (against, &wish.phone) {
            (None, Some(number)) => match self.count_number(number).await {
                Ok(()) => return Ok(Reach::Number(number.clone())),
                Err(DispatchError::Refused(refusal)) => (refusal, "rate"),
                Err(failure) => return Err(failure),
            },
            (against, _) => {
                self.count_nobody(subject).await?;
                against.unwrap_or((Refusal::NumberBlocked, "unknown"))
            }
        };
        if wish.conceal { Ok(Reach::Nobody(against.1)) } else { Err(against.0.into()) }
    }

    /// The same call once more: the same answer, and nothing is sent. Where nothing of the first is left, that is said.
    async fn repeated(&self, known: &Transaction, fingerprint: &str, now: Timestamp) -> Result<Sent, DispatchError> {
        if known.fingerprint != fingerprint {
            return Err(Refusal::TransactionExists.into());
        }
        known.open_for(&known.bound.asking, now)?;
        if self.ephemeral.get(&self.code_place(known)).await?.is_none() {
            return Err(Refusal::Expired.into());
        }
        Ok(self.sent(known, known.opened_at))
    }

    pub(super) fn sent(&self, transaction: &Transaction, last: Timestamp) -> Sent {
        Sent {
            expires_at: transaction.expires_at,
            resend_at: last + self.resend_pause(),
            resends_left: self.rules.limits.resends.saturating_sub(transaction.resends),
        }
    }

    pub(super) const fn resend_pause(&self) -> Duration {
        Duration::from_secs(self.rules.limits.resend_seconds)
    }

    fn subject(&self, wish: &SendCode) -> Result<Subject, Refusal> {
        match (&wish.subject, &wish.phone) {
            (Some(subject), _) if wish.phone.is_some() || wish.conceal => Ok(subject.clone()),
            (None, Some(number)) => {
                Subject::parse(&hex::encode(self.keys.digest("subject", &[number.expose().as_bytes()])))
            }
            (_, None) if wish.conceal => Err(Refusal::Missing { member: "/subject" }),
            (_, _) => Err(Refusal::Missing { member: "/phone" }),
        }
    }

    /// What the first call said: a keyed digest, for the number is in it.
    fn fingerprint(&self, asking: &Asking, subject: &Subject, wish: &SendCode) -> String {
        let life = wish.life.duration().as_secs().to_be_bytes();
        let number = wish.phone.as_ref().map_or("", PhoneNumber::expose);
        hex::encode(self.keys.digest(
            "fingerprint",
            &[
                asking.official().as_bytes(),
                asking.purpose.as_bytes(),
                subject.as_str().as_bytes(),
                number.as_bytes(),
                wish.binding_text.as_bytes(),
                wish.language.as_bytes(),
                &life,
                &[u8::from(wish.conceal), u8::from(wish.allow_prompt)],
            ],
        ))
    }
}
