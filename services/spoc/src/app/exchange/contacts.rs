//! When partners were reached and heard, and the revocation lists fetched of them.

use std::{
    collections::HashMap,
    mem::{Discriminant, discriminant},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use emrtd::x509::Crl;
use exchange::Country;
use straznica_exchange_wire::{
    crl::{CrlKey, CrlStore, StoredCrl},
    error::Cause,
};
use straznica_store::{Store, StoreError};
use straznica_types::Timestamp;

use super::super::App;
use crate::{
    error::SpocError,
    store::{
        entity::partner_crl,
        exchange::contacts::{self as store, Contact},
    },
};

/// A contact is noted at most this often.
const NOTED_EVERY_MS: i64 = 60_000;

/// When this replica last saw a contact on record: most messages need no look at the database for that.
#[derive(Debug, Default)]
pub(crate) struct Noted(Mutex<HashMap<(Country, Discriminant<Contact>), i64>>);

impl Noted {
    fn last(&self, country: Country, contact: &Contact) -> Option<i64> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(&(country, discriminant(contact))).copied()
    }

    fn remember(&self, country: Country, contact: &Contact, at: i64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert((country, discriminant(contact)), at);
    }
}

/// Notes a contact.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn note(app: &App, country: Country, contact: Contact) -> Result<(), SpocError> {
    let now = app.clock.now();
    app.store.write_tx(async |tx| store::note(tx, country, contact.clone(), now).await).await?;
    Ok(())
}

/// Notes a contact once a minute. That it could not be noted stops no message.
pub(crate) async fn note_softly(app: &App, country: Country, contact: Contact) {
    let now = app.clock.now();
    if !is_due(app.contacts.last(country, &contact), now) {
        return;
    }
    let last = match store::find(app.store.reader(), country).await {
        Ok(row) => row.as_ref().and_then(|row| row.last(&contact)),
        Err(failure) => return unnoted(country, &failure.into()),
    };
    let at = if is_due(last, now) {
        if let Err(failure) = note(app, country, contact.clone()).await {
            return unnoted(country, &failure);
        }
        now.millis()
    } else {
        last.unwrap_or_default()
    };
    app.contacts.remember(country, &contact, at);
}

fn unnoted(country: Country, failure: &SpocError) {
    tracing::warn!(error = failure as &dyn std::error::Error, %country, "a contact could not be noted");
}

fn is_due(last: Option<i64>, now: Timestamp) -> bool {
    // A clock set back is no reason to stay silent.
    last.is_none_or(|last| !(0..NOTED_EVERY_MS).contains(&now.millis().saturating_sub(last)))
}

/// Keeps revocation lists in the service's own database.
pub(crate) struct KeptCrls(pub(crate) Store);

#[async_trait]
impl CrlStore for KeptCrls {
    async fn get(&self, key: &CrlKey) -> Result<Option<StoredCrl>, Cause> {
        let row = store::find_crl(self.0.reader(), &key.uri, &key.issuer.to_string()).await?;
        Ok(row.map(|row| StoredCrl { der: row.crl, fetched_at: Timestamp::from_millis(row.fetched_at) }))
    }

    async fn put(&self, key: &CrlKey, crl: &StoredCrl, before: Option<&StoredCrl>, most: usize) -> Result<bool, Cause> {
        let read = Crl::parse(&crl.der)?;
        let row = partner_crl::Model {
            uri: key.uri.clone(),
            issuer: key.issuer.to_string(),
            country: key.country.to_string(),
            crl: crl.der.clone(),
            this_update: millis(read.this_update()),
            next_update: read.next_update().map(millis),
            fetched_at: crl.fetched_at.millis(),
        };
        let kept = self.0.write_tx(async |tx| {
            let held = store::find_crl(tx, &row.uri, &row.issuer).await?;
            let as_before = held.as_ref().map(|held| &held.crl) == before.map(|before| &before.der);
            if as_before {
                store::replace_crl(tx, row.clone(), most).await?;
            }
            Ok::<_, StoreError>(as_before)
        });
        Ok(kept.await?)
    }
}

fn millis(at: time::OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1000)
}
