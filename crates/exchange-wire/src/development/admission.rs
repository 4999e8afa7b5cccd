//! An admission whose registrations never change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use exchange::Country;
use exchange::identity::{IdentityRefusal, Presented, Registration};

use crate::{Admission, Binding, Caller, Judge, NotAdmitted, Side};

/// Admits the SPOCs of a fixed set of states and remembers why it refused others.
#[derive(Debug)]
pub struct FixedAdmission {
    judge: Judge,
    registrations: BTreeMap<Country, Registration>,
    refusals: Mutex<Vec<Why>>,
}

/// Why somebody was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Its certificate.
    #[error(transparent)]
    Identity(#[from] IdentityRefusal),
    /// Its state is not registered.
    #[error("{0} is not registered")]
    NotRegistered(Country),
    /// It says it is somebody else.
    #[error("{country} called itself {caller_id:?}")]
    CallerId {
        /// Of its certificate.
        country: Country,
        /// Of its message.
        caller_id: String,
    },
}

impl FixedAdmission {
    /// With these registrations.
    #[must_use]
    pub fn new(judge: Judge, registrations: impl IntoIterator<Item = Registration>) -> Arc<Self> {
        let registrations = registrations.into_iter().map(|one| (one.country, one)).collect();
        Arc::new(Self { judge, registrations, refusals: Mutex::default() })
    }

    /// Everything refused so far, and why.
    #[must_use]
    pub fn refusals(&self) -> Vec<Why> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn decide(&self, presented: &[Vec<u8>], side: Option<Side<'_>>, binding: Binding) -> Result<Country, Why> {
        let presented = Presented::read(presented)?;
        let country = presented.country();
        let registration = self.registrations.get(&country).ok_or(Why::NotRegistered(country))?;
        let judged = match side {
            Some(side) => self.judge.judge(&presented, registration, &[], side, binding).await,
            None => self.judge.judge_again(&presented, registration, &[], binding).await,
        };
        judged.map(|judged| judged.peer.country).map_err(|refused| Why::Identity(refused.why))
    }

    fn refuse(&self, why: Why) -> NotAdmitted {
        tracing::warn!("a SPOC was refused: {why}");
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(why);
        NotAdmitted
    }
}

#[async_trait]
impl Admission for FixedAdmission {
    async fn admit(&self, presented: Vec<Vec<u8>>, side: Side<'_>, binding: Binding) -> Result<Caller, NotAdmitted> {
        match self.decide(&presented, Some(side), binding).await {
            Ok(country) => Ok(Caller { country, binding, presented }),
            Err(why) => Err(self.refuse(why)),
        }
    }

    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted> {
        let country = caller.country;
        if caller_id != country.as_str() {
            return Err(self.refuse(Why::CallerId { country, caller_id: caller_id.to_owned() }));
        }
        let again = self.decide(&caller.presented, None, caller.binding).await;
        again.map(drop).map_err(|why| self.refuse(why))
    }
}
