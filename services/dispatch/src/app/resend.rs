//! Sends the same code again. Nothing begins anew: no life, no counter.

use serde_json::json;
use straznica_ephemeral::Cooldown;
use straznica_store::Isolation;

use super::entry::entry;
use super::{App, Sent};
use crate::domain::{Asking, CallerClaims, Counted, Refusal, TransactionId};
use crate::error::DispatchError;
use crate::store::{Counters, Tally, bring_forward, count_resend, find_transaction, insert_message};

impl App {
    /// Sends a code again.
    pub(crate) async fn resend_code(
        &self,
        caller: &CallerClaims,
        asking: &Asking,
        id: TransactionId,
    ) -> Result<Sent, DispatchError> {
        let now = self.clock.now();
        let mut known = find_transaction(self.store.reader(), id).await?.ok_or(Refusal::Expired)?;
        known.open_for(asking, now)?;
        let limits = &self.rules.limits;
        if known.resends >= limits.resends {
            return Err(Refusal::CodesExceeded.into());
        }
        let kept = self.ephemeral.get(&self.code_place(&known)).await?.ok_or(Refusal::Expired)?;
        if let Cooldown::Wait(left) = self.ephemeral.cooldown(&self.pause_place(&known), self.resend_pause()).await? {
            return Err(Refusal::Rate { after: Some(left) }.into());
        }
        self.count_institution(&asking.institution).await?;
        let open = self.keys.read(id, kept.expose())?;
        let number = identifiers::PhoneNumber::parse(open.destination.expose()).ok().filter(|_| !known.dummy);
        let withheld = match &number {
            None => {
                self.count_nobody(&known.bound.subject).await?;
                false
            }
            Some(number) => match self.count_number(number).await {
                Ok(()) => false,
                // Only a number that exists has a share of an hour to use up: whoever may not know that is told nothing.
                Err(DispatchError::Refused(Refusal::Rate { .. })) if known.concealed => true,
                Err(failure) => return Err(failure),
            },
        };

        known.resends += 1;
        let (official, subject) = (asking.official(), known.bound.subject.as_str());
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if !count_resend(tx, id, limits.resends).await? {
                    return Err(Refusal::CodesExceeded.into());
                }
                let mut counters =
                    Counters::take(tx, Tally::messages([(official.as_str(), subject)]), now.date()).await?;
                let messages = limits.messages_per_official_and_day;
                match counters.official(&official, now.date()).message_by(now.date(), messages) {
                    Counted::Within => {}
                    Counted::Locked => return Err(Refusal::OfficialLocked.into()),
                    Counted::Spent => return Err(Refusal::CodesExceeded.into()),
                }
                let messages = limits.messages_per_subject_and_day;
                let spent =
                    counters.subject(subject, now.date()).message_about(now.date(), messages) != Counted::Within;
                if spent && !known.concealed {
                    return Err(Refusal::CodesExceeded.into());
                }
                let withheld = withheld || spent;
                counters.save(tx).await?;
                // While the phone was asked and no text has gone out, the first one goes now; to the caller it is the same.
                if !bring_forward(tx, id, now).await? {
                    insert_message(tx, &known, known.resends, withheld, now).await?;
                }
                let detail = json!({ "sequence": known.resends, "withheld": withheld || known.dummy });
                let entry = entry(&self.journal, "code.sent_again", caller, asking, &known.bound.subject, id, detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, DispatchError>(())
            })
            .await?;
        self.spool.wake();
        Ok(self.sent(&known, now))
    }
}
