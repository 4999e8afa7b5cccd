//! The fallback by e-mail: what waits for a partner as one signed file, and what a partner sent that way. A bundle is another wire, nothing else: its
//! messages are answered and its answers taken by what does so for the others, so one that comes twice, or also over the link, changes nothing.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use exchange::{
    Country,
    bundle::{Bundle, BundleLimits, Digest, Item, LARGEST_FILE, Opened, Sealed, digest_of},
    identity::Presented,
    message::{Answer, Message, is_message_id},
    operation::Operation,
    profile::Profile,
    soap::{Decoder, Limits},
};
use serde_json::json;
use straznica_exchange_wire::{Binding, Side};
use straznica_types::{Timestamp, typed_id};

use super::{
    super::{App, blocking, call::Call, record},
    admission, ca_certificates, callbacks, delivery, health, inbound, messages, outbox,
    own_certificates::OwnCertificate,
    partners,
};
use crate::{
    domain::exchange::{
        outbox::State,
        partner::{Partner, PartnerState},
        policy::Rule,
    },
    error::SpocError,
    store::{
        entity::{outbox::Model as Letter, taken_in_bundle::Model as TakenIn},
        exchange::{bundles, outbox as store},
    },
};

typed_id! {
    /// A bundle of ours.
    pub struct BundleId;
}

/// Most messages put into one bundle.
const MAX_MESSAGES: u64 = 200;

/// Signs bundles with the certificate partners know us by.
pub(crate) trait BundleSigner: Send + Sync + fmt::Debug {
    /// Signs with the certificate of a binding. Blocks.
    ///
    /// # Errors
    /// [`SpocError::NoCredentials`] when none is configured for it, [`SpocError::SignBundle`].
    fn sign(&self, binding: Binding, bundle: &Bundle, profile: &Profile) -> Result<Vec<u8>, SpocError>;

    /// The certificates in force, of every binding and side.
    fn certificates(&self) -> Vec<OwnCertificate>;
}

/// What waits for a partner.
#[derive(Debug)]
pub(crate) struct Exported {
    /// CMS SignedData; empty when nothing waits.
    pub(crate) bundle: Vec<u8>,
    pub(crate) messages: usize,
    /// Where to send it.
    pub(crate) email: String,
}

/// The messages that wait for a partner, signed, as many as fit into a file; those that never left in one come first, so that whoever exports again sends the others.
/// They stay to be delivered: whichever way is faster counts.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], [`SpocError::PartnerState`] for one that is not dealt with, [`SpocError::NoCredentials`].
pub(crate) async fn export(app: &App, call: &Call, country: Country) -> Result<Exported, SpocError> {
    call.officer_at_desk()?;
    let signer = signer(app)?;
    let partner = partners::load(app.store.reader(), country).await?.ok_or(SpocError::PartnerUnknown(country))?;
    if partner.state != PartnerState::Active {
        return Err(SpocError::PartnerState { country, needed: PartnerState::Active.as_str() });
    }
    let rows = store::for_bundle(app.store.reader(), country, MAX_MESSAGES).await?;
    let email = partner.email.clone();
    if rows.is_empty() {
        return Ok(Exported { bundle: Vec::new(), messages: 0, email });
    }
    let items = rows.iter().map(|row| outbox::message_of(row).map(Item::Message)).collect::<Result<_, _>>()?;
    let Signed { id, file, items: messages } = signed(app, signer, &partner, items, LARGEST_FILE).await?;
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            for row in rows.iter().take(messages) {
                store::exported(tx, row.id, now).await?;
            }
            let detail = json!({ "country": country, "bundle": id, "messages": messages });
            record(app, tx, call, "exchange.bundle_exported", detail).await
        })
        .await?;
    Ok(Exported { bundle: file, messages, email })
}

/// A bundle for a partner.
struct Signed {
    id: String,
    /// CMS SignedData.
    file: Vec<u8>,
    /// How many are in it, the first ones.
    items: usize,
}

/// Signs as many as fit into a file of `largest` bytes, for the partner takes no longer one. One alone always fits.
async fn signed(
    app: &App,
    signer: Arc<dyn BundleSigner>,
    partner: &Partner,
    mut items: Vec<Item>,
    largest: usize,
) -> Result<Signed, SpocError> {
    let (binding, profile, now) = (partner.binding, profile(app, partner)?, app.clock.now());
    loop {
        let id = BundleId::generate_at(now).to_string();
        let (sender, receiver) = (app.country, partner.country);
        let bundle = Bundle { id: id.clone(), created: now, sender, receiver, items };
        let (signer, profile) = (Arc::clone(&signer), Arc::clone(&profile));
        let signing = move || signer.sign(binding, &bundle, &profile).map(|file| (file, bundle));
        let (file, bundle) = blocking(signing).await?;
        items = bundle.items;
        if file.len() <= largest || items.len() == 1 {
            return Ok(Signed { id, file, items: items.len() });
        }
        items.truncate(items.len() / 2);
    }
}

fn signer(app: &App) -> Result<Arc<dyn BundleSigner>, SpocError> {
    app.bundles.get().map(Arc::clone).ok_or(SpocError::NoCredentials)
}

fn profile(app: &App, partner: &Partner) -> Result<Arc<Profile>, SpocError> {
    let profile = app.profiles.get(&partner.profile).map(Arc::clone);
    profile.ok_or_else(|| SpocError::Policy(format!("the profile {} is not loaded", partner.profile)))
}

/// What became of a bundle.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) country: Country,
    pub(crate) outcomes: Vec<Outcome>,
    /// The answers to its messages as a bundle for the sender; empty when it brought none.
    pub(crate) answers: Vec<u8>,
    /// When the same bundle was taken in before, if it was: then nothing has changed.
    pub(crate) before: Option<TakenIn>,
}

/// What became of one thing in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) operation: &'static str,
    pub(crate) message_id: Option<String>,
    /// The standard's word; [`UNEXPECTED`] or [`LEFT_OUT`].
    pub(crate) result: &'static str,
}

/// Nobody waits any more for this answer.
const UNEXPECTED: &str = "unexpected";
/// The answer to this message does not fit into the file with the answers: it is given when the message comes again.
const LEFT_OUT: &str = "left_out";

/// Takes in a bundle of a partner: judged as its connections are, then every message answered and every answer put into effect.
///
/// # Errors
/// [`SpocError::BundleRefused`] with the rule it breaks, also for other content under an identifier used before, [`SpocError::NoCredentials`].
pub(crate) async fn import(app: &App, call: &Call, bytes: Vec<u8>) -> Result<Imported, SpocError> {
    import_answering(app, call, bytes, LARGEST_FILE).await
}

/// The same with answers of at most so many bytes.
async fn import_answering(app: &App, call: &Call, bytes: Vec<u8>, largest: usize) -> Result<Imported, SpocError> {
    let officer = call.officer_at_desk()?;
    let signer = signer(app)?;
    let (partner, opened) = match opened(app, bytes).await? {
        Ok(opened) => opened,
        Err((rule, reason)) => return Err(refused(app, call, rule, reason).await?),
    };
    let country = partner.country;
    let (before, row) = match begin(app, call, officer, &opened).await? {
        Begun::New(row) => (None, row),
        Begun::Again(row) => (Some(row.clone()), row),
        Begun::Other(row) => {
            let (id, day) = (&row.bundle_id, Timestamp::from_millis(row.taken_in_at).date());
            let reason =
                format!("its identifier {id} is that of another bundle, which {} took in on {day}", row.officer);
            return Err(refused(app, call, Rule::Bundle, reason).await?);
        }
    };
    let (mut outcomes, mut answers) = (Vec::with_capacity(opened.items.len()), Vec::new());
    // Where among the outcomes those are that have an answer.
    let mut answered = Vec::new();
    for item in opened.items {
        match item.item {
            Item::Message(message) => {
                let message_id = id_of(&message);
                let answer = answer(app, country, message).await;
                answered.push(outcomes.len());
                outcomes.push(outcome(&answer, message_id.clone()));
                answers.push(Item::Answer { message_id, to: item.digest, answer });
            }
            Item::Answer { message_id, to, answer } => {
                let mut outcome = outcome(&answer, message_id.clone());
                match waiting(app, &partner, message_id.as_deref(), to, answer.operation()).await? {
                    Some(row) => delivery::answered(app, country, row, answer).await?,
                    None => outcome.result = UNEXPECTED,
                }
                outcomes.push(outcome);
            }
        }
    }
    let mut file = Vec::new();
    if !answers.is_empty() {
        let signed = signed(app, signer, &partner, answers, largest).await?;
        for place in answered.into_iter().skip(signed.items) {
            if let Some(outcome) = outcomes.get_mut(place) {
                outcome.result = LEFT_OUT;
            }
        }
        file = signed.file;
    }
    let results: Vec<&str> = outcomes.iter().map(|outcome| outcome.result).collect();
    let detail = json!({ "country": country, "bundle": opened.id, "results": results, "again": before.is_some() });
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            // The first end counts, whoever comes to it.
            if let Some(begun) = bundles::find(tx, &row.sender, &row.bundle_id).await?.filter(|row| !row.is_finished())
            {
                bundles::finish(tx, begun, now).await?;
            }
            record(app, tx, call, "exchange.bundle_imported", detail.clone()).await
        })
        .await?;
    Ok(Imported { country, outcomes, answers: file, before })
}

/// What is known of a bundle's identifier.
enum Begun {
    /// Nothing, or that it was begun and cut off before its end.
    New(TakenIn),
    /// It was taken in to its end.
    Again(TakenIn),
    /// Another bundle bore it.
    Other(TakenIn),
}

/// Notes a bundle before anything in it counts. One that was cut off is gone through once more: what of it had been seen to is answered as then, and changes
/// nothing.
async fn begin(app: &App, call: &Call, officer: &str, opened: &Opened) -> Result<Begun, SpocError> {
    let row = TakenIn {
        sender: opened.sender.to_string(),
        bundle_id: opened.id.clone(),
        officer: officer.to_owned(),
        taken_in_at: app.clock.now().millis(),
        sha256: Some(content(opened)),
        finished_at: None,
    };
    // Until then whoever began it may be at it, here or at another replica: then nothing is resumed, and both answer each message once.
    let (now, under_way) = (app.clock.now(), health::UNDER_WAY);
    let is_cut_off = |held: &TakenIn| Timestamp::from_millis(held.taken_in_at) + under_way <= now;
    let begun = app
        .store
        .write_tx(async |tx| match bundles::find(tx, &row.sender, &row.bundle_id).await? {
            None => {
                bundles::begin(tx, row.clone()).await?;
                Ok(Begun::New(row.clone()))
            }
            Some(held) if held.sha256.as_ref().is_some_and(|sha256| row.sha256.as_ref() != Some(sha256)) => {
                Ok(Begun::Other(held))
            }
            Some(held) if held.is_finished() => Ok(Begun::Again(held)),
            Some(held) => {
                let begun_at = Timestamp::from_millis(held.taken_in_at);
                let detail = json!({
                    "country": held.sender, "bundle": held.bundle_id, "begunBy": held.officer, "begunAt": begun_at.to_string(),
                });
                let kind = if is_cut_off(&held) { "exchange.bundle_resumed" } else { "exchange.bundle_begun_twice" };
                record(app, tx, call, kind, detail).await?;
                Ok::<_, SpocError>(Begun::New(held))
            }
        })
        .await?;
    if let Begun::New(held) = &begun
        && is_cut_off(held)
    {
        tracing::warn!(
            sender = held.sender,
            bundle = held.bundle_id,
            "a bundle that was not taken in to its end is taken in once more"
        );
    }
    Ok(begun)
}

/// SHA-256 of what a bundle holds: signed once more it is the same.
fn content(opened: &Opened) -> String {
    let mut content = digest::Context::new(&digest::SHA256);
    content.update(&opened.created.millis().to_be_bytes());
    for item in &opened.items {
        content.update(&item.digest);
        if let Item::Answer { message_id, to, .. } = &item.item {
            content.update(to);
            content.update(message_id.as_deref().unwrap_or_default().as_bytes());
        }
    }
    hex::encode(content.finish())
}

/// Puts on record that a bundle is refused, and says so.
async fn refused(app: &App, call: &Call, rule: Rule, reason: String) -> Result<SpocError, SpocError> {
    tracing::warn!(%rule, "a bundle was refused: {reason}");
    let detail = json!({ "rule": rule.as_str(), "reason": reason });
    app.store.write_tx(async |tx| record(app, tx, call, "exchange.bundle_refused", detail.clone()).await).await?;
    Ok(SpocError::BundleRefused { rule, reason })
}

/// The rule a bundle breaks, and how.
type Broken = (Rule, String);

/// Opens a bundle, or says to the operator why not.
async fn opened(app: &App, bytes: Vec<u8>) -> Result<Result<(Arc<Partner>, Opened), Broken>, SpocError> {
    let sealed = tokio::task::spawn_blocking(move || Sealed::read(&bytes, BundleLimits::default())).await?;
    let sealed = match sealed {
        Ok(sealed) => sealed,
        Err(why) => return Ok(Err((Rule::Bundle, why.to_string()))),
    };
    let partner = match judged(app, &sealed).await {
        Ok(partner) => partner,
        Err(why) => return Ok(Err(why)),
    };
    let (receiver, at, profile) = (app.country, app.clock.now(), profile(app, &partner)?);
    let oldest = at - oldest_bundle(app, partner.country);
    let decoder = Decoder::new(Arc::clone(&app.profiles), Limits::default());
    let opened = tokio::task::spawn_blocking(move || sealed.open(receiver, oldest..=at, &decoder, &profile)).await?;
    Ok(opened.map(|opened| (partner, opened)).map_err(|why| (Rule::Bundle, why.to_string())))
}

/// How long after it was made a bundle of a partner is taken.
pub(super) fn oldest_bundle(app: &App, country: Country) -> Duration {
    app.policy.for_partner(country).intake.oldest_bundle()
}

/// The partner whose certificate signed it: what holds for its connections holds here.
async fn judged(app: &App, sealed: &Sealed) -> Result<Arc<Partner>, Broken> {
    let refused = |why: admission::Refusal| (why.rule(), why.to_string());
    let presented = Presented::read(sealed.presented()).map_err(|why| refused(why.into()))?;
    if presented.country() != sealed.sender() {
        let reason = format!("it says it is from {}, its signer is of {}", sealed.sender(), presented.country());
        return Err((Rule::IdentityCountry, reason));
    }
    let not_registered = || (Rule::Partner, format!("{} is not registered", sealed.sender()));
    let partner = app.partners.get(sealed.sender()).ok_or_else(not_registered)?;
    admission::served(app, partner.country, partner.binding).map_err(refused)?;
    let registration = admission::registration(app, &partner).map_err(refused)?;
    let by_hand = app.partners.crls_by_hand(partner.country);
    let judged = app.judge.judge(&presented, &registration, &by_hand, Side::Client, partner.binding).await;
    judged.map(|_| partner).map_err(|why| (admission::rule_of(&why.why), why.to_string()))
}

/// What answers the same message on the wire.
async fn answer(app: &App, caller: Country, message: Message) -> Answer {
    match message {
        Message::RequestCertificate(message) => {
            Answer::RequestCertificate(inbound::request_certificate(app, caller, message).await)
        }
        Message::SendCertificates(message) => {
            Answer::SendCertificates(callbacks::send_certificates(app, caller, message).await)
        }
        Message::GetCaCertificates(message) => {
            Answer::GetCaCertificates(ca_certificates::get_ca_certificates(app, caller, message).await)
        }
        Message::GeneralMessage(message) => {
            Answer::GeneralMessage(messages::general_message(app, caller, message).await)
        }
    }
}

/// The message of ours an answer belongs to, if one still waits for it: by its identifier, or, as a push of new certificates has none, by its digest.
async fn waiting(
    app: &App,
    partner: &Partner,
    message_id: Option<&str>,
    to: Digest,
    operation: Operation,
) -> Result<Option<Letter>, SpocError> {
    let db = app.store.reader();
    let rows = match message_id {
        // Not of our making, and nothing to look for with in a database.
        Some(message_id) if !is_message_id(message_id) => Vec::new(),
        Some(message_id) => store::of_message(db, partner.country, message_id).await?,
        None => store::without_message_id(db, partner.country).await?,
    };
    let profile = profile(app, partner)?;
    for row in rows.into_iter().filter(|row| State::from_name(&row.state) == Some(State::Pending)) {
        let message = outbox::message_of(&row)?;
        let is_it = message.operation() == operation
            && (message_id.is_some() || digest_of(&message, &profile).is_ok_and(|digest| digest == to));
        if is_it {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn id_of(message: &Message) -> Option<String> {
    match message {
        Message::RequestCertificate(message) => Some(message.message_id.clone()),
        Message::SendCertificates(message) => message.message_id.clone(),
        Message::GetCaCertificates(message) => Some(message.message_id.clone()),
        Message::GeneralMessage(message) => Some(message.message_id.clone()),
    }
}

fn outcome(answer: &Answer, message_id: Option<String>) -> Outcome {
    let result = match answer {
        Answer::RequestCertificate(answer) => answer.result.as_str(),
        Answer::SendCertificates(code) => code.as_str(),
        Answer::GetCaCertificates(answer) => answer.result.as_str(),
        Answer::GeneralMessage(code) => code.as_str(),
    };
    Outcome { operation: name(answer.operation()), message_id, result }
}

/// The operation's name in the contract.
const fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::RequestCertificate => "request_certificate",
        Operation::SendCertificates => "send_certificates",
        Operation::GetCaCertificates => "get_ca_certificates",
        Operation::GeneralMessage => "general_message",
    }
}

#[cfg(test)]
mod tests;
