//! Who is let in: a peer's certificate held against its state's registration, at every connection and before every message. The peer learns nothing; the
//! operator everything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use emrtd::x509::Fingerprint;
use exchange::{
    Country,
    identity::{
        AllowedBindings, IdentityRefusal, Presented, RegisteredRoot, Registration, RootState as IdentityRootState,
    },
};
use serde_json::json;
use straznica_exchange_wire::{Admission, Binding, Caller, NotAdmitted, Refused, Side};
use straznica_types::{RequestId, Timestamp};
use thiserror::Error;

use super::{
    super::{App, call::Call, record},
    contacts, partner_certificates,
};
use crate::{
    domain::exchange::{
        partner::{Partner, PartnerRoot, RootState, Standing},
        policy::Rule,
        refusals::{Note, Refusals},
    },
    error::SpocError,
    store::exchange::contacts::Contact,
};

/// How long a judgement of an open connection serves for further messages. Lists are fetched less often than that.
const JUDGEMENT_SERVES: Duration = Duration::from_secs(5);
/// Most judgements remembered; all are forgotten when there are more.
const MAX_JUDGEMENTS: usize = 1024;

/// Which side of the connection the peer was, in records.
const CLIENT: &str = "client";
const SERVER: &str = "server";

/// Why a peer is refused, worded for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    /// Its certificate.
    #[error(transparent)]
    Identity(#[from] IdentityRefusal),
    /// Its state is no partner.
    #[error("{0} is not registered")]
    NotRegistered(Country),
    /// Its state is a partner that is not dealt with now.
    #[error("the partner {0} is suspended")]
    Suspended(Country),
    /// Likewise.
    #[error("the partner {0} is outside its period of use")]
    OutOfUse(Country),
    /// Likewise.
    #[error("the registration of {0} was withdrawn")]
    Withdrawn(Country),
    /// It is registered for the other binding.
    #[error("the partner {country} is registered for {registered}, not for {used}")]
    OtherBinding {
        /// The partner.
        country: Country,
        /// Its binding.
        registered: Binding,
        /// The one it was met over.
        used: Binding,
    },
    /// A message says it is from somebody else.
    #[error("{country} calls itself {caller_id:?}")]
    CallerId {
        /// Of its certificate.
        country: Country,
        /// Of its message.
        caller_id: String,
    },
    /// A root of the registration cannot be read.
    #[error("the registration of {0} cannot be used: {1}")]
    Registration(Country, String),
}

impl Refusal {
    /// A short name for metrics and records, which never changes.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Identity(why) => why.code(),
            Self::NotRegistered(_) => "not_registered",
            Self::Suspended(_) => "suspended",
            Self::OutOfUse(_) => "out_of_use",
            Self::Withdrawn(_) => "withdrawn",
            Self::OtherBinding { .. } => "other_binding",
            Self::CallerId { .. } => "caller_id",
            Self::Registration(..) => "registration",
        }
    }

    /// The rule that is broken.
    pub(crate) const fn rule(&self) -> Rule {
        match self {
            Self::Identity(why) => rule_of(why),
            Self::NotRegistered(_) | Self::Suspended(_) | Self::OutOfUse(_) | Self::Withdrawn(_) => Rule::Partner,
            Self::OtherBinding { .. } | Self::Registration(..) => Rule::Binding,
            Self::CallerId { .. } => Rule::Message,
        }
    }

    /// Whether it is the partner who was refused: a path to one of its roots was found.
    const fn is_of_the_partner(&self) -> bool {
        match self {
            Self::CallerId { .. } => true,
            Self::Identity(why) => matches!(
                why,
                IdentityRefusal::NoKeyUsage
                    | IdentityRefusal::KeyUsage
                    | IdentityRefusal::NoExtendedKeyUsage
                    | IdentityRefusal::ExtendedKeyUsage { .. }
                    | IdentityRefusal::NoCrl { .. }
                    | IdentityRefusal::CrlSignature { .. }
                    | IdentityRefusal::WeakCrl { .. }
                    | IdentityRefusal::IssuerMayNotRevoke { .. }
                    | IdentityRefusal::CrlFromTheFuture { .. }
                    | IdentityRefusal::CrlExpired { .. }
                    | IdentityRefusal::CrlTooOld { .. }
                    | IdentityRefusal::Revoked { .. }
            ),
            Self::NotRegistered(_)
            | Self::Suspended(_)
            | Self::OutOfUse(_)
            | Self::Withdrawn(_)
            | Self::OtherBinding { .. }
            | Self::Registration(..) => false,
        }
    }
}

/// The rule by which a SPOC's certificate is refused.
pub(crate) const fn rule_of(why: &IdentityRefusal) -> Rule {
    match why {
        IdentityRefusal::NoCertificate
        | IdentityRefusal::TooManyCertificates { .. }
        | IdentityRefusal::Unreadable { .. }
        | IdentityRefusal::IsAuthority
        | IdentityRefusal::UnknownCriticalExtension { .. }
        | IdentityRefusal::RepeatedExtension { .. } => Rule::IdentityForm,
        IdentityRefusal::NoCountry
        | IdentityRefusal::SeveralCountries
        | IdentityRefusal::MalformedCountry { .. }
        | IdentityRefusal::OtherCountry { .. } => Rule::IdentityCountry,
        IdentityRefusal::NotYetValid { .. }
        | IdentityRefusal::Expired { .. }
        | IdentityRefusal::UnknownIssuer { .. }
        | IdentityRefusal::KeyIdentifier { .. }
        | IdentityRefusal::Signature { .. }
        | IdentityRefusal::UnsupportedSignature { .. }
        | IdentityRefusal::WeakSignature { .. }
        | IdentityRefusal::WeakKey { .. }
        | IdentityRefusal::IssuerIsNoAuthority { .. }
        | IdentityRefusal::IssuerMayNotSign { .. }
        | IdentityRefusal::PathLength { .. }
        | IdentityRefusal::PathTooLong => Rule::IdentityPath,
        IdentityRefusal::RootNotRegistered { .. }
        | IdentityRefusal::RootNotConfirmed { .. }
        | IdentityRefusal::RootWithdrawn { .. }
        | IdentityRefusal::RootNotInUse { .. }
        | IdentityRefusal::RootBinding { .. } => Rule::IdentityRoot,
        IdentityRefusal::NoKeyUsage
        | IdentityRefusal::KeyUsage
        | IdentityRefusal::NoExtendedKeyUsage
        | IdentityRefusal::ExtendedKeyUsage { .. }
        | IdentityRefusal::OtherHost { .. } => Rule::IdentityPurpose,
        IdentityRefusal::NoCrl { .. }
        | IdentityRefusal::CrlSignature { .. }
        | IdentityRefusal::WeakCrl { .. }
        | IdentityRefusal::IssuerMayNotRevoke { .. }
        | IdentityRefusal::CrlFromTheFuture { .. }
        | IdentityRefusal::CrlExpired { .. }
        | IdentityRefusal::CrlTooOld { .. }
        | IdentityRefusal::Revoked { .. } => Rule::IdentityRevocation,
    }
}

/// Why each partner was last refused, for those who deliver to it: admission tells the operator, and the wire only that it refused.
#[derive(Debug, Default)]
pub(crate) struct LastRefusals(Mutex<HashMap<Country, String>>);

impl LastRefusals {
    fn keep(&self, country: Country, why: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(country, why);
    }

    /// The reason.
    pub(crate) fn of(&self, country: Country) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&country).cloned()
    }
}

/// Lets partners in.
#[derive(Debug)]
pub(crate) struct PartnerAdmission {
    /// Not held: the application holds the ways to partners, and they ask here. Listeners and jobs hold it as long as anybody can be met.
    app: Weak<App>,
    judgements: Mutex<HashMap<[u8; 32], Judgement>>,
    refusals: Mutex<Refusals>,
}

/// That a peer was found good, and while that serves.
#[derive(Debug, Clone, Copy)]
struct Judgement {
    /// Of the partners it was held against.
    generation: u64,
    made_at: Timestamp,
    good_until: Timestamp,
}

impl PartnerAdmission {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::downgrade(app), judgements: Mutex::default(), refusals: Mutex::default() }
    }

    async fn judge_new(
        &self,
        app: &App,
        presented: &[Vec<u8>],
        side: Side<'_>,
        binding: Binding,
    ) -> Result<Country, Refusal> {
        let generation = app.partners.generation();
        let read = Presented::read(presented)?;
        let partner = served(app, read.country(), binding)?;
        let registration = registration(app, &partner)?;
        let by_hand = app.partners.crls_by_hand(partner.country);
        let judged = app.judge.judge(&read, &registration, &by_hand, side, binding).await;
        let good_until = told(app, &partner, role(side), judged).await?;
        self.remember(key(presented, binding), Judgement { generation, made_at: app.clock.now(), good_until });
        Ok(partner.country)
    }

    async fn judge_again(&self, app: &App, peer: &Caller, side: &'static str) -> Result<(), Refusal> {
        let generation = app.partners.generation();
        let partner = served(app, peer.country, peer.binding)?;
        let key = key(&peer.presented, peer.binding);
        if self.serves(&key, generation, app.clock.now()) {
            return Ok(());
        }
        let read = Presented::read(&peer.presented)?;
        let registration = registration(app, &partner)?;
        let by_hand = app.partners.crls_by_hand(partner.country);
        let judged = app.judge.judge_again(&read, &registration, &by_hand, peer.binding).await;
        let good_until = told(app, &partner, side, judged).await?;
        self.remember(key, Judgement { generation, made_at: app.clock.now(), good_until });
        Ok(())
    }

    async fn refuse_again(&self, app: &App, why: Refusal, peer: &Caller, side: &'static str) -> NotAdmitted {
        self.refuse(app, why, Some(peer.country), &peer.presented, side, peer.binding).await
    }

    fn serves(&self, key: &[u8; 32], generation: u64, now: Timestamp) -> bool {
        let judgements = self.judgements.lock().unwrap_or_else(PoisonError::into_inner);
        judgements.get(key).is_some_and(|judgement| {
            judgement.generation == generation
                && (judgement.made_at..judgement.made_at + JUDGEMENT_SERVES).contains(&now)
                && now <= judgement.good_until
        })
    }

    fn remember(&self, key: [u8; 32], judgement: Judgement) {
        let mut judgements = self.judgements.lock().unwrap_or_else(PoisonError::into_inner);
        if judgements.len() >= MAX_JUDGEMENTS {
            judgements.clear();
        }
        judgements.insert(key, judgement);
    }

    /// Records a refusal: metric and log always, journal and health board as often as people can read. `partner` is whose it is beyond doubt.
    async fn refuse(
        &self,
        app: &App,
        why: Refusal,
        partner: Option<Country>,
        presented: &[Vec<u8>],
        side: &'static str,
        binding: Binding,
    ) -> NotAdmitted {
        let code = why.code();
        app.metrics.peer_refused(code, binding.as_str(), side);
        if let Some(country) = partner {
            app.last_refusals.keep(country, why.to_string());
        }
        let peer = presented.first().map(|leaf| hex::encode(digest(&[leaf]))).unwrap_or_default();
        let note = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.note(partner, &peer, code, app.clock.now())
        };
        if note == Note::Count {
            tracing::debug!(peer, side, %binding, "a SPOC was refused again: {why}");
            return NotAdmitted;
        }
        tracing::warn!(peer, side, %binding, "a SPOC was refused: {why}");
        if note == Note::RecordAsLast {
            let of = partner.map(|country| country.to_string());
            tracing::error!(of, "so many SPOCs are refused that further ones are only counted for now");
        }
        // What strangers do in a partner's name is not on its board, nor that we do not deal with it now.
        let on_board = partner.filter(|_| side == SERVER || why.is_of_the_partner());
        let kept = match keep(app, &why, &peer, presented, side, binding, note).await {
            Ok(()) => note_failure(app, on_board, &why).await,
            failed => failed,
        };
        if let Err(failure) = kept {
            tracing::error!(error = &failure as &dyn std::error::Error, "a refusal could not be recorded");
        }
        NotAdmitted
    }
}

#[async_trait]
impl Admission for PartnerAdmission {
    async fn admit(&self, presented: Vec<Vec<u8>>, side: Side<'_>, binding: Binding) -> Result<Caller, NotAdmitted> {
        let app = self.app.upgrade().ok_or(NotAdmitted)?;
        match self.judge_new(&app, &presented, side, binding).await {
            Ok(country) => {
                if let Side::Server { .. } = side {
                    contacts::note_softly(&app, country, Contact::Reached).await;
                }
                Ok(Caller { country, binding, presented })
            }
            Err(why) => {
                let partner = concerned(&app, &why, &presented, side);
                Err(self.refuse(&app, why, partner, &presented, role(side), binding).await)
            }
        }
    }

    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted> {
        let app = self.app.upgrade().ok_or(NotAdmitted)?;
        let country = caller.country;
        if caller_id != country.as_str() {
            let caller_id = caller_id.chars().take(8).collect();
            return Err(self.refuse_again(&app, Refusal::CallerId { country, caller_id }, caller, CLIENT).await);
        }
        match self.judge_again(&app, caller, CLIENT).await {
            Ok(()) => {
                contacts::note_softly(&app, country, Contact::Heard).await;
                Ok(())
            }
            Err(why) => Err(self.refuse_again(&app, why, caller, CLIENT).await),
        }
    }

    async fn readmit_server(&self, server: &Caller) -> Result<(), NotAdmitted> {
        let app = self.app.upgrade().ok_or(NotAdmitted)?;
        match self.judge_again(&app, server, SERVER).await {
            Ok(()) => Ok(()),
            Err(why) => Err(self.refuse_again(&app, why, server, SERVER).await),
        }
    }
}

/// Tells the operator what was noticed about a peer found good, or about the lists of one that was not.
async fn told(
    app: &App,
    partner: &Partner,
    side: &'static str,
    judged: Result<straznica_exchange_wire::Judged, Refused>,
) -> Result<Timestamp, Refusal> {
    let country = partner.country;
    let (Ok(problems) | Err(problems)) =
        judged.as_ref().map(|good| &good.problems).map_err(|refused| &refused.problems);
    for problem in problems {
        tracing::warn!(%country, "a revocation list could not be had: {problem}");
    }
    let judged = judged.map_err(|refused| refused.why)?;
    for warning in &judged.peer.warnings {
        tracing::info!(%country, "a partner's certificate is not quite as it should be: {warning}");
    }
    partner_certificates::note_softly(app, &judged.peer, side).await;
    Ok(judged.peer.good_until)
}

/// Whose a refusal is beyond doubt: the partner's we called, or the one's to whose root a path was found. Whatever else a certificate claims, a stranger
/// may have written.
fn concerned(app: &App, why: &Refusal, presented: &[Vec<u8>], side: Side<'_>) -> Option<Country> {
    let country = match side {
        Side::Server { country, .. } => Some(country),
        Side::Client if why.is_of_the_partner() => Presented::read(presented).ok().map(|read| read.country()),
        Side::Client => None,
    };
    country.filter(|country| app.partners.get(*country).is_some())
}

/// Puts a refusal on the board of the partner it is about.
async fn note_failure(app: &App, country: Option<Country>, why: &Refusal) -> Result<(), SpocError> {
    match country {
        Some(country) => contacts::note(app, country, Contact::Failed(why.to_string())).await,
        None => Ok(()),
    }
}

/// Puts a refusal on record.
async fn keep(
    app: &App,
    why: &Refusal,
    peer: &str,
    presented: &[Vec<u8>],
    side: &'static str,
    binding: Binding,
    note: Note,
) -> Result<(), SpocError> {
    let claimed = Presented::read(presented).ok();
    let call = Call::of_node("admission", RequestId::generate(app.clock.as_ref()));
    let detail = json!({
        "reason": why.code(), "rule": why.rule().as_str(), "text": why.to_string(), "certificate": peer, "side": side, "binding": binding.as_str(),
        "claimsToBe": claimed.as_ref().map(Presented::country),
        "subject": claimed.as_ref().map(|read| read.leaf().subject().to_string()),
        "furtherOnesOnlyCounted": note == Note::RecordAsLast,
    });
    app.store.write_tx(async |tx| record(app, tx, &call, "exchange.peer_refused", detail.clone()).await).await
}

/// The side of the connection the peer is, in records.
const fn role(side: Side<'_>) -> &'static str {
    match side {
        Side::Client => CLIENT,
        Side::Server { .. } => SERVER,
    }
}

/// The partner, if messages are exchanged with it over this binding.
///
/// # Errors
/// [`Refusal`]
pub(crate) fn served(app: &App, country: Country, binding: Binding) -> Result<Arc<Partner>, Refusal> {
    let partner = app.partners.get(country).ok_or(Refusal::NotRegistered(country))?;
    match partner.standing(app.clock.now()) {
        Standing::Suspended => Err(Refusal::Suspended(country)),
        Standing::OutOfUse => Err(Refusal::OutOfUse(country)),
        Standing::Withdrawn => Err(Refusal::Withdrawn(country)),
        Standing::Served if partner.binding != binding => {
            Err(Refusal::OtherBinding { country, registered: partner.binding, used: binding })
        }
        Standing::Served => Ok(partner),
    }
}

/// The partner as its certificates are held against it.
///
/// # Errors
/// [`Refusal::Registration`] when a root is not what was registered, or the profile is not loaded.
pub(crate) fn registration(app: &App, partner: &Partner) -> Result<Registration, Refusal> {
    let roots = partner.roots.iter().map(registered_root).collect::<Result<_, _>>();
    let roots = roots.map_err(|why| Refusal::Registration(partner.country, why))?;
    let demands = app.policy.for_partner(partner.country).demands();
    let profile = app.profiles.get(&partner.profile);
    let profile = profile.ok_or_else(|| {
        Refusal::Registration(partner.country, format!("the profile {} is not loaded", partner.profile))
    })?;
    let purposes = profile.extended_key_usage().clone();
    Ok(Registration { country: partner.country, roots, demands, purposes })
}

fn registered_root(root: &PartnerRoot) -> Result<RegisteredRoot, String> {
    let fingerprint: Fingerprint = root.fingerprint.parse().map_err(|_| "a fingerprint".to_owned())?;
    let state = match root.state {
        RootState::Proposed => IdentityRootState::Proposed,
        RootState::Confirmed => IdentityRootState::Confirmed,
        RootState::Withdrawn => IdentityRootState::Withdrawn,
    };
    let bindings =
        AllowedBindings { grpc: root.bindings.allow(Binding::Grpc), soap: root.bindings.allow(Binding::Soap) };
    // Their period includes its last moment, ours does not.
    let last = root.in_use.until().map_or(i64::MAX, |until| until.millis() - 1);
    let used = (root.in_use.from(), Timestamp::from_millis(last));
    RegisteredRoot::new(&root.certificate, fingerprint, used, bindings, state).map_err(|why| why.to_string())
}

/// What a judgement is remembered under.
fn key(presented: &[Vec<u8>], binding: Binding) -> [u8; 32] {
    let parts: Vec<&[u8]> =
        std::iter::once(binding.as_str().as_bytes()).chain(presented.iter().map(Vec::as_slice)).collect();
    digest(&parts)
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(part);
    }
    // SHA-256 is thirty-two bytes.
    digest.finish().as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests;
