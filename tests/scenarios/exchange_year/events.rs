//! What happens to the states, in the morning of its day.

use std::collections::BTreeMap;

use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{
    DecideProposalRequest, ListHoldersRequest, ListMessagesRequest, RenewNowRequest, SendMessageRequest, Subscription,
    SuspendHolderRequest,
};

use super::plan::{DocumentPlan, Event, Plan};
use super::world::{World, holder_name};

/// Events that are still to come, and what has to be done at the end of others.
pub(super) struct Course {
    documents: Vec<DocumentPlan>,
    to_come: Vec<Event>,
    /// By day.
    endings: BTreeMap<u32, Vec<Ending>>,
}

enum Ending {
    Outage { state: String, renewal_of: String, document: DocumentPlan, verifier: String },
    Compromise { state: String, issuer: String, document: DocumentPlan },
}

impl Course {
    pub(super) fn of(plan: &Plan) -> Self {
        Self { documents: plan.documents.clone(), to_come: plan.events.clone(), endings: BTreeMap::new() }
    }

    /// Nothing was left out.
    pub(super) fn is_over(&self) {
        assert!(self.to_come.is_empty(), "not every event has come: {:?}", self.to_come);
        assert!(self.endings.is_empty(), "something has not ended: days {:?}", self.endings.keys());
    }

    fn document(&self, kind: &str) -> DocumentPlan {
        self.documents.iter().find(|document| document.kind == kind).expect("a kind of document").clone()
    }

    /// Before the first turn of a day.
    pub(super) async fn morning(&mut self, world: &mut World, day: u32) {
        for ending in self.endings.remove(&day).unwrap_or_default() {
            match ending {
                Ending::Outage { state, renewal_of, document, verifier } => {
                    outage_ends(world, day, &state, &renewal_of, &document, &verifier).await;
                }
                Ending::Compromise { state, issuer, document } => {
                    replaced(world, day, &state, &issuer, &document).await;
                }
            }
        }
        let mut later = Vec::new();
        for event in std::mem::take(&mut self.to_come) {
            match &event {
                Event::Rollover { day: on, state, document, algorithm, parameters } if *on == day => {
                    rollover(world, day, state, &self.document(document), algorithm, parameters).await;
                }
                Event::Outage { state, renewal_of, document, not_before_day, days } if *not_before_day <= day => {
                    let document = self.document(document);
                    let Some(verifier) = due_today(world, renewal_of, state, &document).await else {
                        later.push(event);
                        continue;
                    };
                    println!(
                        "day {day:3}: {state} is cut off for {days} days; {renewal_of} has {} until {} and renews today",
                        verifier.dv_chr, verifier.expires
                    );
                    world.connect(state, false);
                    let ending = Ending::Outage {
                        state: state.clone(),
                        renewal_of: renewal_of.clone(),
                        document,
                        verifier: verifier.dv_chr,
                    };
                    self.endings.entry(day + days).or_default().push(ending);
                }
                Event::Compromise { day: on, state, issuer, document, days } if *on == day => {
                    let document = self.document(document);
                    compromised(world, day, state, issuer, &document).await;
                    let ending = Ending::Compromise { state: state.clone(), issuer: issuer.clone(), document };
                    self.endings.entry(day + days).or_default().push(ending);
                }
                _ => later.push(event),
            }
        }
        self.to_come = later;
    }
}

async fn rollover(
    world: &mut World,
    day: u32,
    state: &str,
    document: &DocumentPlan,
    algorithm: &str,
    parameters: &str,
) {
    let place = world.place_mut(state);
    let chr = place.state.roll_over(&document.cvca, algorithm, parameters).await.unwrap();
    place.personalise_under_newest_roots().await;
    println!("day {day:3}: {state} rolls the CVCA of its {}s over to {chr} ({algorithm}, {parameters})", document.kind);
    assert!(world.settle().await, "the new root reaches every partner");
}

/// How `reader`'s subscription to a CVCA of `issuer` stands.
async fn subscription(world: &World, reader: &str, issuer: &str, document: &DocumentPlan) -> Subscription {
    let cvca = document.cvca_of(issuer);
    let all = world.place(reader).state.subscriptions().await.unwrap();
    all.into_iter().find(|subscription| subscription.cvca == cvca).unwrap()
}

/// The subscription, when its renewal begins this day.
async fn due_today(world: &World, reader: &str, issuer: &str, document: &DocumentPlan) -> Option<Subscription> {
    let stands = subscription(world, reader, issuer, document).await;
    let now = straznica_types::Clock::now(&world.clock).millis();
    (stands.renewal_at_ms == now && stands.open_request.is_empty()).then_some(stands)
}

async fn outage_ends(world: &World, day: u32, state: &str, renewal_of: &str, document: &DocumentPlan, verifier: &str) {
    let stands = subscription(world, renewal_of, state, document).await;
    assert_eq!(stands.dv_chr, verifier, "no renewal came through");
    assert!(!stands.problem.is_empty(), "an operator was told");
    assert!(!stands.open_request.is_empty(), "the request waits to be sent: {stands:?}");
    println!(
        "day {day:3}: {state} is back; {verifier} ends on {}; operators of {renewal_of} read: {}",
        stands.expires, stands.problem
    );
    world.connect(state, true);
}

/// The state tells the issuer, whose officer accepts what the message implies; then it uses its verifier no longer. (The other way round it would at once have
/// asked for another certificate, and obtained it.) Its other verifiers go on.
async fn compromised(world: &mut World, day: u32, state: &str, issuer: &str, document: &DocumentPlan) {
    let stands = subscription(world, state, issuer, document).await;
    let officer = world.place(state).state.officer(0).unwrap();
    let parameters = [("reference", stands.dv_chr.as_str()), ("from", "today"), ("reason", "a key store was opened")];
    let request = SendMessageRequest {
        context: officer.context(),
        country: issuer.to_owned(),
        subject: "DV private key compromised".to_owned(),
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: String::new(),
    };
    MessageServiceClient::new(officer.channel()).send_message(request).await.unwrap();
    assert!(world.settle().await, "the message is delivered");

    let holder = &document.verifier_of(state);
    let officer = world.place(issuer).state.officer(0).unwrap();
    let mut messages = MessageServiceClient::new(officer.channel());
    let request =
        ListMessagesRequest { country: state.to_owned(), state: "new".to_owned(), ..ListMessagesRequest::default() };
    let read = messages.list_messages(request).await.unwrap().into_inner().messages;
    let [message] = read.as_slice() else { panic!("one message has come: {read:?}") };
    let proposal = message.proposal.as_ref().expect("it implies something");
    assert_eq!(
        (proposal.kind.as_str(), proposal.candidates.as_slice()),
        ("suspend_holder", [holder.clone()].as_slice())
    );
    let request = DecideProposalRequest {
        context: officer.context(),
        id: message.id.clone(),
        accept: true,
        reason: "as the partner asks".to_owned(),
        ..DecideProposalRequest::default()
    };
    messages.decide_proposal(request).await.unwrap();

    let officer = world.place(state).state.officer(0).unwrap();
    let held = officer.national().list_holders(ListHoldersRequest {}).await.unwrap().into_inner().holders;
    let mut suspended = Vec::new();
    for verifier in held {
        let is_under_issuer = holder_name(&verifier.car) == document.cvca_of(issuer);
        if is_under_issuer && holder_name(&verifier.chr) == holder && verifier.state == "active" {
            let request = SuspendHolderRequest {
                context: officer.context(),
                car: verifier.car,
                chr: verifier.chr.clone(),
                reason: "its key is compromised".to_owned(),
            };
            officer.national().suspend_holder(request).await.unwrap();
            suspended.push(verifier.chr);
        }
    }
    assert!(suspended.contains(&stands.dv_chr), "{suspended:?}");
    world.openings.compromised.extend(suspended.iter().cloned());
    println!(
        "day {day:3}: {state} finds {suspended:?} compromised, tells {issuer} and suspends them; {issuer} suspends the holder"
    );
}

/// The issuer resumes the holder, and the state asks for a certificate its own CVCA vouches for.
async fn replaced(world: &World, day: u32, state: &str, issuer: &str, document: &DocumentPlan) {
    let holder = document.verifier_of(state);
    world.place(issuer).state.resume_holder(&holder, "it has new keys").await.unwrap();
    let officer = world.place(state).state.officer(1).unwrap();
    let request = RenewNowRequest { context: officer.context(), cvca: document.cvca_of(issuer), initial: true };
    let asked = officer.subscriptions().renew_now(request).await.unwrap().into_inner().chr;
    assert!(world.settle().await, "the request is answered");
    let stands = subscription(world, state, issuer, document).await;
    assert_eq!(stands.dv_chr, asked, "{stands:?}");
    println!("day {day:3}: {issuer} resumes the holder; {state} obtains {asked}, countersigned by its CVCA");
}
