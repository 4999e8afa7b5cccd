//! The watch against servers of SNTP that lie on demand.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use straznica_types::{Environment, ManualClock};
use tokio::{net::UdpSocket, task::JoinHandle};

use super::{Doubt, TimeWatch, TimeWatchFault};
use crate::config::TimeWatchConfig;

/// Seconds from 1900 to 1970.
const NTP_EPOCH: i64 = 2_208_988_800;

/// How a server answers.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// With the clock's time, put forward by so many milliseconds.
    Ahead(i64),
    /// That it is not to be asked.
    KissOfDeath,
    /// That its own clock is not synchronised.
    Unsynchronised,
    /// To somebody else's question.
    OtherQuestion,
    /// Half an answer.
    Short,
    Never,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    serving: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    pub(crate) async fn new(clock: &ManualClock, answer: Answer) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (answer, clock) = (Arc::new(Mutex::new(answer)), clock.shared());
        let said = Arc::clone(&answer);
        let serving = tokio::spawn(async move {
            let mut question = [0; 128];
            loop {
                let (length, from) = socket.recv_from(&mut question).await.unwrap();
                assert_eq!(length, 48);
                let answer = *said.lock().unwrap();
                if let Some(bytes) = reply(&question, answer, clock.now().millis()) {
                    socket.send_to(&bytes, from).await.unwrap();
                }
            }
        });
        Self { address, answer, serving }
    }

    fn now_answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }
}

/// RFC 5905 figure 8.
fn reply(question: &[u8], answer: Answer, millis: i64) -> Option<Vec<u8>> {
    let ahead = if let Answer::Ahead(ahead) = answer { ahead } else { 0 };
    let time = millis + ahead;
    let fraction = u64::try_from(time.rem_euclid(1000)).unwrap() * (1 << 32) / 1000;
    let stamp = (u64::try_from(time.div_euclid(1000) + NTP_EPOCH).unwrap() << 32) | fraction;
    let mut reply = vec![0; 48];
    reply[0] = 0b00_100_100;
    reply[1] = 1;
    reply[3] = 0xEC;
    reply[24..32].copy_from_slice(&question[40..48]);
    reply[32..40].copy_from_slice(&stamp.to_be_bytes());
    reply[40..48].copy_from_slice(&stamp.to_be_bytes());
    match answer {
        Answer::Ahead(_) => {}
        Answer::KissOfDeath => {
            reply[1] = 0;
            reply[12..16].copy_from_slice(b"DENY");
        }
        Answer::Unsynchronised => reply[0] |= 0b11_000_000,
        Answer::OtherQuestion => reply[24] ^= 1,
        Answer::Short => reply.truncate(47),
        Answer::Never => return None,
    }
    Some(reply)
}

/// A node's clock, its uptime and its sources.
struct Node {
    clock: ManualClock,
    uptime: Arc<Mutex<Duration>>,
    servers: Vec<Server>,
    watch: TimeWatch,
}

impl Node {
    async fn with(answers: &[Answer], required: Option<bool>) -> Self {
        let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
        let mut servers = Vec::new();
        for answer in answers {
            servers.push(Server::new(&clock, *answer).await);
        }
        let sources = servers.iter().map(|server| server.address.to_string()).collect();
        let config = TimeWatchConfig { sources, required, ..TimeWatchConfig::default() };
        let uptime = Arc::new(Mutex::new(Duration::ZERO));
        let up = Arc::clone(&uptime);
        let up = move || *up.lock().unwrap();
        let watch = TimeWatch::with_uptime(&config, Environment::Production, clock.shared(), up).unwrap();
        Self { clock, uptime, servers, watch }
    }

    fn time_passes(&self, time: Duration) {
        *self.uptime.lock().unwrap() += time;
        self.clock.advance(time);
    }
}

#[tokio::test]
async fn a_node_issues_nothing_before_a_source_confirmed_its_clock() {
    let node = Node::with(&[Answer::Ahead(0)], None).await;
    assert_eq!(node.watch.doubt(), Err(Doubt::NeverCompared));
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
}

#[tokio::test]
async fn a_source_that_lies_is_outvoted_and_two_of_three_are_not() {
    let node = Node::with(&[Answer::Ahead(40), Answer::Ahead(-90), Answer::Ahead(0)], None).await;
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
    node.servers[0].now_answers(Answer::Ahead(86_400_000));
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
    node.servers[1].now_answers(Answer::Ahead(86_400_000));
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Err(Doubt::Disagreement(0, 86_400_000)));
    node.servers[2].now_answers(Answer::Ahead(86_400_000));
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Err(Doubt::Offset(86_400_000)));
    // The clock is put right: a jump, which the sources confirm.
    node.clock.advance(Duration::from_secs(86_400));
    for server in &node.servers {
        server.now_answers(Answer::Ahead(0));
    }
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
}

#[tokio::test]
async fn an_answer_that_is_none_confirms_nothing() {
    for answer in [Answer::KissOfDeath, Answer::Unsynchronised, Answer::OtherQuestion, Answer::Short, Answer::Never] {
        let node = Node::with(&[answer], None).await;
        node.watch.look().await;
        assert_eq!(node.watch.doubt(), Err(Doubt::NeverCompared));
        node.servers[0].now_answers(Answer::Ahead(0));
        node.watch.look().await;
        assert_eq!(node.watch.doubt(), Ok(()));
    }
}

#[tokio::test]
async fn silence_is_borne_for_a_while_and_a_jump_in_it_is_not() {
    let node = Node::with(&[Answer::Ahead(0)], None).await;
    node.watch.look().await;
    node.servers[0].now_answers(Answer::KissOfDeath);
    node.time_passes(Duration::from_secs(3_600));
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
    node.clock.advance(Duration::from_secs(7));
    assert_eq!(node.watch.doubt(), Err(Doubt::Jumped(7_000)));
    node.clock.set("2026-05-28T10:30:00Z".parse().unwrap());
    node.time_passes(Duration::from_secs(1));
    assert_eq!(node.watch.doubt(), Err(Doubt::TooOld(Duration::from_secs(3_601))));
}

#[tokio::test]
async fn a_watch_that_is_not_required_warns_and_lets_pass() {
    let node = Node::with(&[Answer::Ahead(60_000)], Some(false)).await;
    node.watch.look().await;
    assert_eq!(node.watch.doubt(), Ok(()));
    assert_eq!(node.watch.judge_after(|_| ()), Err(Doubt::Offset(60_000)));
}

#[test]
fn production_has_sources_or_says_that_it_has_none() {
    let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
    let watch = |config: TimeWatchConfig, environment| {
        TimeWatch::new(&config, environment, clock.shared()).map(|watch| watch.doubt())
    };
    let none = TimeWatchConfig::default();
    let some = TimeWatchConfig { sources: vec!["ntp.invalid:123".to_owned()], ..none.clone() };
    let cases = [
        (none.clone(), Environment::Test, Ok(Ok(()))),
        (none.clone(), Environment::Production, Err(TimeWatchFault::NoSource)),
        (TimeWatchConfig { required: Some(false), ..none.clone() }, Environment::Production, Ok(Ok(()))),
        (
            TimeWatchConfig { required: Some(true), ..none },
            Environment::Test,
            Err(TimeWatchFault::RequiredWithoutSource),
        ),
        (some.clone(), Environment::Test, Ok(Err(Doubt::NeverCompared))),
        (some.clone(), Environment::Production, Ok(Err(Doubt::NeverCompared))),
        (TimeWatchConfig { max_offset_ms: 0, ..some.clone() }, Environment::Test, Err(TimeWatchFault::Zero)),
        (TimeWatchConfig { max_age_seconds: 299, ..some }, Environment::Test, Err(TimeWatchFault::AgeBelowInterval)),
    ];
    for (config, environment, expected) in cases {
        assert_eq!(watch(config.clone(), environment), expected, "{config:?}");
    }
}
