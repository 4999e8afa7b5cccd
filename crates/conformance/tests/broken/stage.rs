//! A made-up partner and the kit, joined in memory: what does not concern TLS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cvc::StandardisedCurve;
use exchange::identity::{AllowedBindings, Demands, RegisteredRoot, Registration, RootState};
use exchange::message::{Answer, GetCaCertificatesAnswer, Message, RequestCertificateAnswer};
use exchange::profile::{Catalogue, ExtendedKeyUsage, Profile};
use exchange::{Binding, Country, Side};
use straznica_conformance::bench::today;
use straznica_conformance::carrier::Kept;
use straznica_conformance::cvca::Cvca;
use straznica_conformance::document::Document;
use straznica_conformance::frame::Frame;
use straznica_conformance::listener::Listener;
use straznica_conformance::seen::Seen;
use straznica_conformance::tester::{Credentials, yesterday};
use straznica_conformance::{Carrier, Hands, HandsError, Holders, Line, Lists, Patience, Target, Tester};
use straznica_exchange_wire::{Admission, Application, CallError, Caller, NotAdmitted, PartnerClient};
use straznica_simulators::spoc_partner::{self, Approval, Decision, Neighbour, SpocPartner};
use straznica_types::{Clock, ManualClock, Timestamp};

use crate::unread::Unread;
use crate::{grpc, soap};

/// Revocation lists by address, for those who publish and those who fetch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Lists for Shelf {
    fn uri(&self, name: &str) -> String {
        format!("http://lists.test/{name}")
    }

    fn put(&self, name: &str, list: Vec<u8>) {
        self.0.lock().unwrap().insert(self.uri(name), list);
    }
}

#[async_trait]
impl spoc_partner::Lists for Shelf {
    async fn fetch(&self, uri: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(uri).cloned()
    }
}

/// The shelf of one state: its names do not meet those of another.
#[derive(Clone, Debug)]
struct OwnShelf(Shelf, Country);

impl Lists for OwnShelf {
    fn uri(&self, name: &str) -> String {
        self.0.uri(&format!("{}/{name}", self.1))
    }

    fn put(&self, name: &str, list: Vec<u8>) {
        self.0.put(&format!("{}/{name}", self.1), list);
    }
}

/// Everything a run needs.
pub(crate) struct Stage {
    pub(crate) partner: Arc<SpocPartner>,
    pub(crate) target: Target,
}

impl Stage {
    /// A partner UT whose CVCA is in its third generation (the first on another curve), and the kit as XA beside a second state XC. With a profile codes are told as over SOAP.
    pub(crate) fn set(profile: Option<&str>) -> Self {
        let clock = ManualClock::starting_at("2026-03-02T12:00:00Z".parse().unwrap());
        let (now, shelf) = (clock.now(), Shelf::default());
        let partner = a_partner(&clock, &shelf);
        let tester = a_tester("XA", now, &shelf);
        let other = a_tester("XC", now, &shelf);
        partner.register(neighbour(&tester, now));
        partner.register(neighbour(&other, now));

        let listener = Arc::new(Listener::new(tester.cvca.certificates()));
        let told_by = profile.map(|name| Catalogue::built_in().unwrap().get(name).unwrap().clone());
        let mailbox = Arc::new(Mailbox(listener.clone(), told_by.clone()));
        let binding = if told_by.is_some() { Binding::Soap } else { Binding::Grpc };
        let profile = told_by.clone().unwrap_or_else(|| Catalogue::built_in().unwrap().get("icao").unwrap().clone());
        let carrier = Arc::new(Direct {
            partner: partner.clone(),
            mailbox: mailbox.clone(),
            told_by,
            documents: soap::Reader::new(profile.clone(), None),
        });
        let line = Line { binding, carrier, profile, tester, other: Some(other), listener };
        let hands = Arc::new(InProcess { partner: partner.clone(), mailbox, clock: clock.clone() });
        let moment = Duration::from_millis(20);
        let target = Target {
            country: "UT".parse().unwrap(),
            cvca: None,
            lines: vec![line],
            patience: Patience { answer: moment, callback: moment, silence: moment },
            clock: clock.shared(),
            hands: Some(hands),
        };
        Self { partner, target }
    }
}

/// UT, whose CVCA is in its third generation, the first on another curve.
pub(crate) fn a_partner(clock: &ManualClock, shelf: &Shelf) -> Arc<SpocPartner> {
    let founded = today(clock.now()) - time::Duration::days(300);
    let country = "UT".parse().unwrap();
    let partner = SpocPartner::found(country, clock.shared(), Arc::new(shelf.clone()), founded).unwrap();
    partner
        .with_authority(|cvca| {
            let (algorithm, curve) = (cvc::Algorithm::EcdsaSha256, StandardisedCurve::P256);
            cvca.renew(algorithm, curve, founded + time::Duration::days(100))?;
            cvca.renew(algorithm, curve, founded + time::Duration::days(200))
        })
        .unwrap();
    Arc::new(partner)
}

pub(crate) fn a_tester(country: &str, now: Timestamp, shelf: &Shelf) -> Tester {
    let country: Country = country.parse().unwrap();
    let holders =
        Holders { automatic: "DVONE".into(), second: Some("DVTWO".into()), two_person: Some("DVPEOPLE".into()) };
    let lists = Box::new(OwnShelf(shelf.clone(), country));
    let authority = Tester::found_root(country, now, lists.as_ref()).unwrap();
    // the curve of P-256 is the fastest there is, and the list is run many times
    let cvca = Cvca::found(country.as_str(), StandardisedCurve::P256, today(now)).unwrap();
    let tester = Tester::new(country, authority, lists, cvca, holders, 1);
    tester.publish_list(now).unwrap();
    tester
}

pub(crate) fn neighbour(tester: &Tester, now: Timestamp) -> Neighbour {
    let root = tester.root();
    let fingerprint = emrtd::x509::Certificate::parse(&root).unwrap().fingerprint();
    let used = (yesterday(now), now + Duration::from_secs(3650 * 86_400));
    let root = RegisteredRoot::new(&root, fingerprint, used, AllowedBindings::BOTH, RootState::Confirmed).unwrap();
    let purposes = ExtendedKeyUsage::of_both_standards();
    let registration =
        Registration { country: tester.country, roots: vec![root], demands: Demands::STANDARD, purposes };
    let holders = [("DVONE", Approval::Automatic), ("DVTWO", Approval::Automatic), ("DVPEOPLE", Approval::People)];
    let holders = holders.map(|(name, approval)| (name.to_owned(), approval));
    Neighbour::new(registration, &tester.cvca.certificates(), holders).unwrap()
}

/// Brings what the partner delivers to the kit's listener.
struct Mailbox(Arc<Listener>, Option<Arc<Profile>>);

#[async_trait]
impl PartnerClient for Mailbox {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        let Message::SendCertificates(message) = message else { panic!("the partner asks: {message:?}") };
        let mut message = message.clone();
        if let Some(profile) = &self.1 {
            message.status_info = profile.told_as(message.status_info);
        }
        let caller = Caller { country: "UT".parse().unwrap(), binding: Binding::Grpc, presented: Vec::new() };
        Ok(Answer::SendCertificates(self.0.send_certificates(&caller, message).await))
    }
}

/// From the kit to the partner, past admission as if there were a line.
struct Direct {
    partner: Arc<SpocPartner>,
    mailbox: Arc<Mailbox>,
    told_by: Option<Arc<Profile>>,
    documents: soap::Reader,
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Direct")
    }
}

#[async_trait]
impl Carrier for Direct {
    async fn send(&self, as_whom: Option<&Credentials>, message: &Message) -> Result<Answer, CallError> {
        let presented = as_whom.map(|credentials| credentials.issued.presented()).unwrap_or_default();
        let admitted = self.partner.admit(presented, Side::Client, Binding::Grpc).await;
        self.ask(&admitted.map_err(|_| CallError::RefusedByPeer)?, message).await
    }

    async fn keep<'a>(&'a self, as_whom: &Credentials) -> Result<Box<dyn Kept + 'a>, CallError> {
        let admitted = self.partner.admit(as_whom.issued.presented(), Side::Client, Binding::Grpc).await;
        Ok(Box::new(Open { line: self, caller: admitted.map_err(|_| CallError::RefusedByPeer)? }))
    }

    async fn look_at_server(&self, _: &Credentials) -> Seen {
        Seen::Recognised
    }

    async fn post(&self, as_whom: &Credentials, document: &Document) -> Seen {
        self.answer(as_whom, self.documents.read("XA", document)).await
    }

    async fn call(&self, as_whom: &Credentials, frame: &Frame) -> Seen {
        self.answer(as_whom, grpc::read(None, frame)).await
    }
}

impl Direct {
    /// A message of a caller who was let in.
    async fn ask(&self, caller: &Caller, message: &Message) -> Result<Answer, CallError> {
        let answer = ask(&self.partner, caller, message).await.map_err(|_| CallError::RefusedByPeer)?;
        deliver(&self.partner, &self.mailbox).await;
        Ok(match &self.told_by {
            Some(profile) => told(answer, profile),
            None => answer,
        })
    }

    /// What comes of a message written by hand.
    async fn answer(&self, as_whom: &Credentials, read: Result<Message, Unread>) -> Seen {
        match read {
            Ok(message) => Seen::of(&self.send(Some(as_whom), &message).await),
            Err(unread) => unread.seen(),
        }
    }
}

/// The partner's answer to a message of a caller who was let in, if it still is.
pub(crate) async fn ask(partner: &SpocPartner, caller: &Caller, message: &Message) -> Result<Answer, NotAdmitted> {
    partner.takes(caller, message).await?;
    Ok(match message.clone() {
        Message::RequestCertificate(message) => {
            Answer::RequestCertificate(partner.request_certificate(caller, message).await)
        }
        Message::SendCertificates(message) => {
            Answer::SendCertificates(partner.send_certificates(caller, message).await)
        }
        Message::GetCaCertificates(message) => {
            Answer::GetCaCertificates(partner.get_ca_certificates(caller, message).await)
        }
        Message::GeneralMessage(message) => Answer::GeneralMessage(partner.general_message(caller, message).await),
    })
}

/// A connection that stays, past admission at its beginning.
struct Open<'a> {
    line: &'a Direct,
    caller: Caller,
}

#[async_trait]
impl Kept for Open<'_> {
    async fn send(&mut self, message: &Message) -> Result<Answer, CallError> {
        self.line.ask(&self.caller, message).await
    }
}

/// The answer in the words of an edition.
fn told(answer: Answer, profile: &Profile) -> Answer {
    match answer {
        Answer::RequestCertificate(answer) => {
            Answer::RequestCertificate(RequestCertificateAnswer { result: profile.told_as(answer.result), ..answer })
        }
        Answer::SendCertificates(code) => Answer::SendCertificates(profile.told_as(code)),
        Answer::GetCaCertificates(answer) => {
            Answer::GetCaCertificates(GetCaCertificatesAnswer { result: profile.told_as(answer.result), ..answer })
        }
        Answer::GeneralMessage(code) => Answer::GeneralMessage(profile.told_as(code)),
    }
}

/// Delivers until everything was received, as a partner's periodic work does.
async fn deliver(partner: &SpocPartner, mailbox: &Mailbox) {
    for _ in 0..3 {
        if partner.deliver("XA".parse().unwrap(), mailbox).await == 0 {
            return;
        }
    }
}

struct InProcess {
    partner: Arc<SpocPartner>,
    mailbox: Arc<Mailbox>,
    clock: ManualClock,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl InProcess {
    async fn decide(&self, caller: Country, message_id: &str, decision: Decision) -> Result<(), HandsError> {
        if !self.partner.decide(caller, message_id, decision) {
            return Err(HandsError(format!("nothing waits under {message_id}").into()));
        }
        deliver(&self.partner, &self.mailbox).await;
        Ok(())
    }
}

#[async_trait]
impl Hands for InProcess {
    async fn approve(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.decide(caller, message_id, Decision::Approve).await
    }

    async fn decline(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.decide(caller, message_id, Decision::Decline).await
    }

    async fn roll_over(&self) -> Result<(), HandsError> {
        self.partner.roll_over().map_err(|error| HandsError(error.into()))?;
        deliver(&self.partner, &self.mailbox).await;
        Ok(())
    }

    async fn pass_days(&self, days: u32) -> Result<bool, HandsError> {
        self.clock.advance(Duration::from_secs(u64::from(days) * 86_400));
        Ok(true)
    }
}
