//! A message centre that does exactly what a test tells it, in the order it is told; and what else the tests of links share.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use rusmpp::pdus::{BindReceiverResp, BindTransceiverResp, BindTransmitterResp, SubmitSm, SubmitSmResp};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::COctetString;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use sms::smpp::{
    Account, Class, Handler, Incoming, Link, LinkConfig, LinkName, Message, NotKept, Outcome, Recipient, Sender,
};
use sms::text::{ReferenceWidth, parts};
use straznica_types::{Clock, Secret, SystemClock};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::codec::Framed;

/// Nothing in a test takes longer.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Waits, but not for ever.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(SOON, future).await.expect("it should have happened by now")
}

/// Listens for links.
pub(crate) struct Smsc {
    listener: TcpListener,
    pub(crate) port: u16,
}

impl Smsc {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// The next connection, not yet bound.
    pub(crate) async fn accept(&self) -> Session {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        Session(Framed::new(stream, CommandCodec::new()))
    }

    /// The next connection, bound.
    pub(crate) async fn bound(&self) -> Session {
        let mut session = self.accept().await;
        let bind = session.next().await;
        session.answer_bind(&bind, 0).await;
        session
    }
}

/// One connection of a link.
pub(crate) struct Session(pub(crate) Framed<TcpStream, CommandCodec>);

impl Session {
    /// The next PDU, which has to come.
    pub(crate) async fn next(&mut self) -> Command {
        soon(self.0.next()).await.expect("the link hung up").unwrap()
    }

    /// The next PDU unless nothing comes for a while.
    pub(crate) async fn next_within(&mut self, span: Duration) -> Option<Command> {
        tokio::time::timeout(span, self.0.next()).await.ok().flatten().map(Result::unwrap)
    }

    /// Whether the link hangs up, whatever it says before.
    pub(crate) async fn hung_up(&mut self) -> bool {
        soon(async { while matches!(self.0.next().await, Some(Ok(_))) {} }).await;
        true
    }

    pub(crate) async fn send(&mut self, pdu: impl Into<Pdu>, status: u32, sequence: u32) {
        self.0.send(Command::new(CommandStatus::from(status), sequence, pdu)).await.unwrap();
    }

    pub(crate) async fn send_octets(&mut self, octets: &[u8]) {
        self.0.get_mut().write_all(octets).await.unwrap();
    }

    pub(crate) async fn answer_bind(&mut self, bind: &Command, status: u32) {
        let id = COctetString::from_string("smsc".to_owned()).unwrap();
        let answer: Pdu = match bind.id() {
            CommandId::BindTransceiver => BindTransceiverResp::new(id, None).into(),
            CommandId::BindTransmitter => BindTransmitterResp::new(id, None).into(),
            CommandId::BindReceiver => BindReceiverResp::new(id, None).into(),
            other => panic!("{other:?} instead of a bind"),
        };
        self.send(answer, status, bind.sequence_number()).await;
    }

    /// The next PDU, which has to be a submission.
    pub(crate) async fn submission(&mut self) -> (u32, SubmitSm) {
        let command = self.next().await;
        let Some(Pdu::SubmitSm(submit)) = command.pdu() else { panic!("{command:?} instead of a submission") };
        (command.sequence_number(), submit.clone())
    }

    pub(crate) async fn take(&mut self, sequence: u32, id: &str) {
        let id = COctetString::from_string(id.to_owned()).unwrap();
        self.send(SubmitSmResp::new(id, Vec::new()), 0, sequence).await;
    }

    pub(crate) async fn refuse(&mut self, sequence: u32, status: u32) {
        self.send(SubmitSmResp::new(COctetString::null(), Vec::new()), status, sequence).await;
    }

    /// Delivers a receipt as its octets.
    pub(crate) async fn receipt(&mut self, sequence: u32, text: &str) {
        let mut body = b"\0\x01\x0148600100200\0\x05\0Straznica\0\x04\0\0\0\0\0\0\0\0".to_vec();
        body.push(u8::try_from(text.len()).unwrap());
        body.extend(text.as_bytes());
        self.send_octets(&pdu(0x05, sequence, &body)).await;
    }
}

/// The octets of a PDU.
pub(crate) fn pdu(id: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap();
    [&length.to_be_bytes()[..], &id.to_be_bytes(), &[0; 4], &sequence.to_be_bytes(), body].concat()
}

/// Keeps what comes in memory, unless told to fail or dawdle.
#[derive(Clone, Default)]
pub(crate) struct Keeper {
    pub(crate) kept: Arc<Mutex<Vec<Incoming>>>,
    /// Fails so many times first.
    pub(crate) failures: Arc<Mutex<u32>>,
    pub(crate) dawdles: Duration,
}

impl Keeper {
    pub(crate) fn kept(&self) -> Vec<Incoming> {
        self.kept.lock().unwrap().clone()
    }

    /// Waits until so many are kept.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Incoming> {
        soon(async {
            while self.kept().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        self.kept()
    }
}

impl Handler for Keeper {
    async fn keep(&self, _link: &LinkName, incoming: Incoming) -> Result<(), NotKept> {
        tokio::time::sleep(self.dawdles).await;
        {
            let mut failures = self.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err(NotKept);
            }
        }
        self.kept.lock().unwrap().push(incoming);
        Ok(())
    }
}

/// A configuration with the patience of a test.
pub(crate) fn config(port: u16) -> LinkConfig {
    let account = Account {
        system_id: "straznica".to_owned(),
        password: Secret::new("tajne".to_owned()),
        system_type: String::new(),
    };
    let mut config = LinkConfig::new(LinkName::new("operator-a").unwrap(), "127.0.0.1", port, account);
    config.rate = NonZeroU32::new(2_000).unwrap();
    config.window = NonZeroU16::new(4).unwrap();
    config.first_pause = Duration::from_millis(20);
    config.longest_pause = Duration::from_millis(200);
    config.connect_time = Duration::from_secs(2);
    config.drain_time = Duration::from_secs(2);
    config
}

/// A link that is bound, and the other end of it.
pub(crate) async fn bound_link(smsc: &Smsc, keeper: &Keeper, change: impl FnOnce(&mut LinkConfig)) -> (Link, Session) {
    let mut config = config(smsc.port);
    change(&mut config);
    let link = Link::start(config, SystemClock::shared(), keeper.clone()).unwrap();
    let session = smsc.bound().await;
    soon(link.bound()).await;
    (link, session)
}

/// A message that is of use for five minutes.
pub(crate) fn message(tag: &str, text: &str, class: Class) -> Message {
    Message {
        tag: tag.to_owned(),
        to: Recipient::new("+48600100200").unwrap(),
        from: Sender::name("Straznica").unwrap(),
        parts: parts(text, ReferenceWidth::Eight).unwrap(),
        class,
        expires: SystemClock.now() + Duration::from_secs(300),
    }
}

/// Hands a message over and goes on; what is submitted has come to the link when this returns.
pub(crate) async fn submit(link: &Link, message: Message) -> JoinHandle<Outcome> {
    let before = link.state();
    let handed = before.codes_waiting + before.bulk_waiting + usize::try_from(before.counters.written).unwrap();
    let task = tokio::spawn({
        let link = link.clone();
        async move { link.submit(message).await }
    });
    soon(async {
        loop {
            let state = link.state();
            if state.codes_waiting + state.bulk_waiting + usize::try_from(state.counters.written).unwrap() > handed {
                break;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    task
}

pub(crate) async fn outcome(task: JoinHandle<Outcome>) -> Outcome {
    soon(task).await.unwrap()
}
