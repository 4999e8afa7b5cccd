//! Both nodes, what sets an exchange between them going, and what has to hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use straznica_cli::demo::officer::{OFFICERS, Officer};
use straznica_cli::demo::state::{BindingName, Terms, settle};
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{
    ApproveRequestRequest, ConfirmRolloverRequest, ListCaCertificatesRequest, ListRequestsRequest,
    ProposeRolloverRequest, RenewNowRequest, SendMessageRequest,
};
use straznica_store::Engine;
use straznica_types::{Clock, SharedClock, SystemClock, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::ledger::{ByChr, Ledger};
use super::node::{Ground, LOOK, Node, PATIENCE};

pub(super) const CVCA: &str = "UTCVCA";
const ASKER: &str = "PL";
const ISSUER: &str = "UT";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Which of the two is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Asker,
    Issuer,
}

/// What sets the exchange going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// An officer of the asker wants a new certificate.
    Renewal,
    /// The same, and two officers of the issuer have to approve.
    Approval,
    /// The issuer's CVCA gets a new key: its news goes out and the asker renews by itself.
    Rollover,
    /// Officers of the asker write to the issuer.
    Message,
}

/// Where which side is killed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kill {
    pub(super) side: Side,
    pub(super) place: &'static str,
    pub(super) cause: Cause,
}

/// How the two deal with each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dealing {
    pub(super) engine: Engine,
    pub(super) binding: BindingName,
    pub(super) answers: &'static str,
    pub(super) approval: &'static str,
    /// Days a certificate of the verifier is valid, and one of an inspection system.
    pub(super) days: (u32, u32),
    /// How many days ago the verifier got its first certificate.
    pub(super) days_ago: u32,
}

/// Over gRPC, on SQLite; the certificate is the answer.
pub(super) const AT_ONCE: Dealing = Dealing {
    engine: Engine::Sqlite,
    binding: BindingName::Grpc,
    answers: "synchronous",
    approval: "automatic",
    days: (42, 14),
    days_ago: 0,
};
/// The request is acknowledged, and the certificate comes later.
pub(super) const LATER: Dealing = Dealing { answers: "asynchronous", ..AT_ONCE };

/// The time so many days ago.
#[derive(Debug)]
struct DaysAgo(u32);

impl Clock for DaysAgo {
    fn now(&self) -> Timestamp {
        SystemClock.now() - DAY * self.0
    }
}

/// Both nodes.
pub(super) struct Pair {
    pub(super) asker: Node,
    pub(super) issuer: Node,
    /// Whatever was seen under a holder reference must be there for ever.
    seen: ByChr,
}

/// Both ledgers.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) asker: Ledger,
    pub(super) issuer: Ledger,
}

impl Pair {
    /// Founds two states that have met; with `onboarded` the first has its first certificate. `None` without a database server.
    pub(super) async fn found(dealing: Dealing, onboarded: bool) -> Option<Self> {
        let mut pair = Box::pin(Self::at_rest(dealing, onboarded)).await?;
        if onboarded {
            pair.asker.start(None).await;
            pair.issuer.start(None).await;
            let books = pair.books().await;
            assert_eq!(books.asker.held.len(), 1, "the first certificate has come");
            pair.until(Books::are_settled).await;
            let books = pair.books().await;
            pair.check(&books);
        }
        Some(pair)
    }

    /// The same, not started yet.
    pub(super) async fn at_rest(dealing: Dealing, onboarded: bool) -> Option<Self> {
        let Dealing { engine, binding, days: (dv_days, is_days), days_ago, .. } = dealing;
        let grounds = (Ground::prepare(engine, binding).await?, Ground::prepare(engine, binding).await?);
        let clock: SharedClock = Arc::new(DaysAgo(days_ago));
        let (poland, utopia) = (grounds.0.raise(ASKER, &clock).await, grounds.1.raise(ISSUER, &clock).await);
        let terms = Terms { answers: dealing.answers, ..Terms::over(binding) };
        poland.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.unwrap();
        utopia.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.unwrap();
        poland.register(&utopia, &terms).await.unwrap();
        utopia.register(&poland, &terms).await.unwrap();
        if onboarded {
            assert!(settle(&[&poland, &utopia]).await.unwrap());
            poland.confirm_roots_of(&utopia).await.unwrap();
            utopia.confirm_roots_of(&poland).await.unwrap();
            utopia.register_holder("PLDVBORDER", "PLCVCA", dealing.approval, dv_days).await.unwrap();
            poland.subscribe(&utopia, CVCA, "DVBORDER", "TCC", is_days).await.unwrap();
            assert!(settle(&[&poland, &utopia]).await.unwrap());
            if dealing.approval == "two_person" {
                approve_all(&[utopia.officer(0).unwrap(), utopia.officer(1).unwrap()], &[]).await;
                assert!(settle(&[&poland, &utopia]).await.unwrap());
            }
        }
        let (asker, issuer) = (Box::pin(grounds.0.settle(poland)).await, Box::pin(grounds.1.settle(utopia)).await);
        Some(Self { asker, issuer, seen: ByChr::new() })
    }

    /// One exchange during which one side is killed, and everything that must hold afterwards.
    pub(super) async fn survives(&mut self, kill: &Kill) {
        let begun = Instant::now();
        let before = self.books().await;
        let mark = self.side(kill.side).start(Some(kill.place)).await;
        let cause = self.bring_about(kill.cause).await;
        self.wait_for(&mark).await;
        self.side(kill.side).kill();
        cause.abort();
        let at_death = self.books().await;
        assert!(at_death.of(kill.side).is_of_a_death_at(kill.place, before.of(kill.side)), "{kill:?}: {at_death:#?}");
        self.side(kill.side).start(None).await;
        let again = self.bring_about_again(kill.cause, &before, &at_death).await;
        self.until(|books| books.are_settled() && books.have_gone_beyond(&before, kill.cause)).await;
        again.abort();
        let after = self.books().await;
        numbers_went_on(at_death.of(kill.side), after.of(kill.side), kill);
        self.check(&after);
        println!("{:?} killed at {}: {:?}", kill.side, kill.place, begun.elapsed());
    }

    fn side(&mut self, side: Side) -> &mut Node {
        match side {
            Side::Asker => &mut self.asker,
            Side::Issuer => &mut self.issuer,
        }
    }

    pub(super) async fn books(&self) -> Books {
        Books {
            asker: Ledger::read(self.asker.store(), ASKER).await,
            issuer: Ledger::read(self.issuer.store(), ISSUER).await,
        }
    }

    /// Sets the exchange going; the call may never return, for its node stops.
    async fn bring_about(&self, cause: Cause) -> JoinHandle<()> {
        let (asker, issuer) = (self.asker.officer(0), self.issuer.officer(0));
        let second = self.issuer.officer(1);
        tokio::spawn(async move {
            match cause {
                Cause::Renewal => renew(&asker).await,
                Cause::Approval => {
                    renew(&asker).await;
                    approve_all(&[issuer, second], &[]).await;
                }
                Cause::Rollover => {
                    propose_rollover(&issuer).await;
                    confirm_rollover(&second).await;
                }
                Cause::Message => write(&asker).await,
            }
        })
    }

    /// What officers do after the restart when they see that nothing has come of it. What had been begun goes on without them: whose approval was on
    /// record at the death does not approve again.
    async fn bring_about_again(&self, cause: Cause, before: &Books, at_death: &Books) -> JoinHandle<()> {
        let approved: Vec<(String, &'static str)> = at_death
            .issuer
            .applications
            .iter()
            .flat_map(|one| OFFICERS.map(|officer| (one.message_id.clone(), officer)))
            .filter(|(message_id, officer)| at_death.issuer.has_approval(message_id, officer))
            .collect();
        let books = self.books().await;
        let is_asked = books.asker.requests.len() > before.asker.requests.len();
        let has_root = books.issuer.roots.len() > before.issuer.roots.len();
        let (asker, issuers) = (self.asker.officer(0), [self.issuer.officer(0), self.issuer.officer(1)]);
        tokio::spawn(async move {
            if matches!(cause, Cause::Renewal | Cause::Approval) && !is_asked {
                renew(&asker).await;
            }
            if cause == Cause::Approval {
                approve_all(&issuers, &approved).await;
            }
            if cause == Cause::Rollover && !has_root {
                confirm_rollover(&issuers[1]).await;
            }
        })
    }

    /// Waits until a node has stopped.
    pub(super) async fn wait_for(&self, mark: &Path) {
        let end = Instant::now() + PATIENCE;
        while !mark.exists() {
            assert!(Instant::now() < end, "the place was never reached\n{}", self.logs());
            sleep(LOOK).await;
        }
    }

    /// Waits until the ledgers are as they should be.
    pub(super) async fn until(&self, are_done: impl Fn(&Books) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let books = self.books().await;
            if are_done(&books) {
                return;
            }
            assert!(Instant::now() < end, "not completed: {books:#?}\n{}", self.logs());
            sleep(LOOK).await;
        }
    }

    fn logs(&self) -> String {
        format!("--- asker\n{}\n--- issuer\n{}", self.asker.log(), self.issuer.log())
    }

    /// One certificate, one answer, no reference given twice.
    pub(super) fn check(&mut self, books: &Books) {
        let Books { asker, issuer } = books;
        let issued: ByChr = issuer.issued.iter().cloned().collect();
        assert_eq!(issued.len(), issuer.issued.len(), "one certificate a request: {:?}", issuer.issued);
        assert_eq!(issued, asker.held, "what was issued is what is held");
        assert_eq!(asker.requests.keys().collect::<Vec<_>>(), asker.held.keys().collect::<Vec<_>>(), "none is open");

        assert_eq!(issuer.application_bytes, asker.requests, "each request arrived as it was made");
        assert_eq!(issuer.applications.len(), asker.requests.len(), "and once: {:?}", issuer.applications);
        assert!(issuer.applications.iter().all(|application| application.state == "issued"));
        let ids: BTreeSet<&str> = issuer.applications.iter().map(|one| one.message_id.as_str()).collect();
        assert_eq!(ids.len(), issuer.applications.len(), "each under an identifier of its own");

        every_message_was_answered_once(asker, issuer);
        every_message_was_answered_once(issuer, asker);
        let asked: Vec<_> = asker.letters.iter().filter(|letter| letter.operation == "request_certificate").collect();
        assert_eq!(asked.len(), asker.requests.len());

        let with_system: BTreeSet<&str> = asker.systems.iter().map(|(_, car)| car.as_str()).collect();
        assert_eq!(with_system.len(), asker.systems.len(), "one inspection system a verifier: {:?}", asker.systems);

        for (chr, bytes) in asker
            .requests
            .iter()
            .map(|(chr, bytes)| (format!("request {chr}"), bytes))
            .chain(asker.held.iter().map(|(chr, bytes)| (format!("certificate {chr}"), bytes)))
        {
            let first = self.seen.entry(chr.clone()).or_insert_with(|| bytes.clone());
            assert_eq!(first, bytes, "{chr} is what it was");
        }
    }

    /// Kills both and verifies their journals.
    pub(super) fn end(mut self) {
        for side in [Side::Asker, Side::Issuer] {
            let node = self.side(side);
            node.kill();
            assert!(node.journal_is_sound(), "the journal of the {side:?}");
        }
    }
}

impl Books {
    const fn of(&self, side: Side) -> &Ledger {
        match side {
            Side::Asker => &self.asker,
            Side::Issuer => &self.issuer,
        }
    }

    /// Nothing is under way on either side.
    pub(super) fn are_settled(&self) -> bool {
        let quiet = self.asker.is_quiet() && self.issuer.is_quiet() && self.asker.unfulfilled.is_empty();
        let newest = self.asker.held.keys().next_back();
        quiet && newest.is_none_or(|newest| self.asker.systems.iter().any(|(_, car)| car == newest))
    }

    fn have_gone_beyond(&self, before: &Self, cause: Cause) -> bool {
        match cause {
            Cause::Renewal | Cause::Approval => self.asker.held.len() > before.asker.held.len(),
            // the asker renews by itself under the new root
            Cause::Rollover => {
                self.issuer.roots.len() == before.issuer.roots.len() + 1
                    && self.asker.held.len() > before.asker.held.len()
                    && self.issuer.own_cvcas == self.asker.foreign_cvcas
            }
            Cause::Message => self.issuer.messages.len() == before.issuer.messages.len() + 1,
        }
    }
}

/// What one side sent, the other has on record once; nothing else is there.
fn every_message_was_answered_once(sender: &Ledger, receiver: &Ledger) {
    for operation in ["request_certificate", "get_ca_certificates", "general_message"] {
        let sent = sender.letters.iter().filter(|letter| letter.operation == operation);
        let sent: Vec<&str> = sent.filter_map(|letter| letter.message_id.as_deref()).collect();
        let answered = receiver.answered.iter().filter(|(answered, _)| answered == operation);
        let answered: Vec<&str> = answered.map(|(_, id)| id.as_str()).collect();
        assert_eq!(
            sent.iter().collect::<BTreeSet<_>>(),
            answered.iter().collect::<BTreeSet<_>>(),
            "{operation}: what was sent was answered"
        );
        assert_eq!(sent.len(), answered.len(), "{operation}: once");
        assert_eq!(sender.letters_in(operation, &["done"]), sent.len(), "{operation}: and the sender knows");
    }
    let mut callbacks: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in sender.letters.iter().filter(|letter| letter.operation == "send_certificates") {
        assert_eq!(letter.state, "done", "{letter:?}");
        if let Some(id) = &letter.message_id {
            *callbacks.entry(id.as_str()).or_default() += 1;
        }
    }
    assert!(callbacks.values().all(|times| *times == 1), "one answer a message: {callbacks:?}");
}

/// A number used up by the time of the death is never given again: what was not on record then has a later one.
fn numbers_went_on(at_death: &Ledger, after: &Ledger, kill: &Kill) {
    let given = at_death.given();
    for chr in after.given().difference(&given) {
        let (holder, sequence) = chr.split_at(chr.len() - 5);
        let used = at_death.numbers.get(holder).copied().unwrap_or_default();
        let number: i64 = sequence.parse().unwrap();
        assert!(number > used, "{kill:?}: {chr} although number {used} was given");
    }
}

async fn renew(officer: &Officer) {
    let request = RenewNowRequest { context: officer.context(), cvca: CVCA.to_owned(), initial: false };
    told(officer.subscriptions().renew_now(request).await);
}

async fn propose_rollover(officer: &Officer) {
    let request = ProposeRolloverRequest {
        context: officer.context(),
        mnemonic: "CVCA".to_owned(),
        ..ProposeRolloverRequest::default()
    };
    told(officer.issuing().propose_rollover(request).await);
}

async fn confirm_rollover(officer: &Officer) {
    let listed = officer.issuing().list_ca_certificates(ListCaCertificatesRequest {}).await;
    let proposals = listed.map(|answer| answer.into_inner().proposals).unwrap_or_default();
    let proposal = proposals.into_iter().find(|one| one.cvca == CVCA).map(|one| one.proposal).unwrap_or_default();
    let request = ConfirmRolloverRequest { context: officer.context(), cvca: CVCA.to_owned(), proposal };
    told(officer.issuing().confirm_rollover(request).await);
}

async fn write(officer: &Officer) {
    let request = SendMessageRequest {
        context: officer.context(),
        country: ISSUER.to_owned(),
        subject: "An exercise".to_owned(),
        body: "Nothing has to be done.".to_owned(),
        ..SendMessageRequest::default()
    };
    told(MessageServiceClient::new(officer.channel()).send_message(request).await);
}

/// Both officers approve what waits, until nothing does; not where an approval is among those `given`, message and officer.
async fn approve_all(officers: &[Officer; 2], given: &[(String, &'static str)]) {
    let end = Instant::now() + PATIENCE;
    let mut approved = false;
    while Instant::now() < end {
        let request = ListRequestsRequest { state: "waiting".to_owned(), ..ListRequestsRequest::default() };
        let waiting = officers[0].issuing().list_requests(request).await.map(tonic::Response::into_inner);
        let waiting = waiting.map(|waiting| waiting.requests).unwrap_or_default();
        if waiting.is_empty() && approved {
            return;
        }
        for request in &waiting {
            for (officer, name) in officers.iter().zip(OFFICERS) {
                if given.iter().any(|(message_id, by)| *message_id == request.message_id && *by == name) {
                    continue;
                }
                let request = ApproveRequestRequest { context: officer.context(), id: request.id.clone() };
                told(officer.issuing().approve_request(request).await);
            }
            approved = true;
        }
        sleep(LOOK).await;
    }
}

/// An officer whose node dies sees an error and looks what has come of it.
fn told<T>(answer: Result<T, tonic::Status>) {
    if let Err(status) = answer {
        println!("an officer is told: {status}");
    }
}
