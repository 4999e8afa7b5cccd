//! `straznica serve dispatch` as a process of its own, which can be stopped at a place and killed.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use straznica_cli::config::NodeConfig;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::{ResendCodeRequest, SendCodeRequest};
use straznica_dispatch::Migrations;
use straznica_pki::{Names, Tls};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::failpoint::{STOP_AT, STOP_MARK};
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_types::{Environment, RequestId, SystemClock};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::Code;

/// Nothing takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
/// Names the Redis of the tests.
const REDIS_URL: &str = "STRAZNICA_TEST_REDIS_URL";

/// A code that was ordered.
pub(super) struct Order {
    pub(super) transaction: String,
    /// How its text begins: no other does.
    pub(super) text_begins: String,
}

pub(super) struct Node {
    folder: TempDir,
    database: TestDatabase,
    address: SocketAddr,
    process: Option<Child>,
    stops: usize,
    orders: usize,
}

impl Node {
    /// `None`, said, where there is no server for the engine or no Redis.
    pub(super) async fn prepare(engine: Engine, operator: u16) -> Option<Self> {
        let database = TestDatabase::fresh::<Migrations>(engine).await?;
        let redis = std::env::var(REDIS_URL).ok().filter(|url| !url.is_empty());
        assert!(redis.is_some() || std::env::var("CI").as_deref() != Ok("true"), "{REDIS_URL} has to name a server");
        let Some(redis) = redis else {
            println!("skipped: {REDIS_URL} names no server for the tests");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, straznica_testkit::free_port()));
        fs::write(folder.path().join("operator.password"), "tajne").unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        NodeConfig::default().development_authority(&folder.path().join("data"), SystemClock::shared()).unwrap();
        let text = format!(
            r#"
data_dir = {data:?}
[dispatch.server.listen]
grpc = "{free}"
[dispatch.database]
url = {database:?}
[dispatch.ephemeral]
namespace = "kill-{unique}"
engine = {{ kind = "redis", url = {redis:?} }}
[dispatch.rates]
number = 1000
[dispatch.limits]
messages_per_subject_and_day = 1000
resend_seconds = 0
[dispatch.messages]
language = "pl"
texts = {{ pl = "{{binding}} {{code}} {{minutes}}" }}
[dispatch.outbox]
lost_seconds = 4
[[dispatch.operators]]
name = "operator-a"
host = "127.0.0.1"
port = {operator}
system_id = "straznica"
password_file = {password:?}
sender = {{ short = "7055" }}
answer_seconds = 2
"#,
            data = folder.path().join("data"),
            database = database.config().url.expose(),
            unique = RequestId::generate(&SystemClock),
            password = folder.path().join("operator.password"),
        );
        fs::write(folder.path().join("node.toml"), text).unwrap();
        Some(Self { folder, database, address: free, process: None, stops: 0, orders: 0 })
    }

    /// Kills the process there is, and starts another, to be stopped at `place` where there is one. Returns the file that is there once the place is reached.
    pub(super) async fn start(&mut self, place: Option<&str>) -> PathBuf {
        self.kill();
        self.stops += 1;
        let mark = self.path(&format!("stopped-{}", self.stops));
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
        command.args(["serve", "dispatch", "--config"]).arg(self.path("node.toml")).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        if let Some(place) = place {
            command.env(STOP_AT, place).env(STOP_MARK, &mark);
        }
        self.process = Some(command.spawn().unwrap());
        let end = Instant::now() + PATIENCE;
        // It answers once it is there; with what does not matter.
        while self.send(SendCodeRequest::default()).await == Err(Code::Unavailable) {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
            assert!(ended.is_none() && Instant::now() < end, "the node does not start: {}", self.log());
            sleep(LOOK).await;
        }
        mark
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn channel(&self) -> Channel {
        let clock = SystemClock::shared();
        let ca = NodeConfig::default().development_authority(&self.path("data"), clock.clone()).unwrap();
        let issued = ca.issue_service("identity", &Names::loopback()).unwrap();
        let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock).unwrap();
        channel::connect("dispatch", &ChannelConfig::at(self.address), &tls).unwrap()
    }

    async fn send(&self, request: SendCodeRequest) -> Result<(), Code> {
        CodeServiceClient::new(self.channel()).send_code(request).await.map(drop).map_err(|status| status.code())
    }

    /// Orders a code; the first word of its text tells the message centre what to do.
    pub(super) async fn order(&mut self, word: &str) -> Order {
        self.orders += 1;
        let transaction = RequestId::generate(&SystemClock).to_string();
        let text_begins = format!("{word} {}.", self.orders);
        let request = SendCodeRequest {
            context: Some(context()),
            transaction_id: transaction.clone(),
            subject: "subject-1".to_owned(),
            phone: "+48501234567".to_owned(),
            institution: "um-lodz".to_owned(),
            binding_text: text_begins.clone(),
            ..SendCodeRequest::default()
        };
        assert_eq!(self.send(request).await, Ok(()), "{}", self.log());
        Order { transaction, text_begins }
    }

    /// Has the code of an order sent again: it goes by way of the queue.
    pub(super) async fn order_again(&self, order: &Order) {
        let request = ResendCodeRequest {
            context: Some(context()),
            transaction_id: order.transaction.clone(),
            institution: "um-lodz".to_owned(),
        };
        let again = CodeServiceClient::new(self.channel()).resend_code(request).await;
        assert!(again.is_ok(), "{again:?}: {}", self.log());
    }

    /// Waits until the last message of a transaction is in a state.
    pub(super) async fn becomes(&self, transaction: &str, state: &str) {
        let id = match self.database.store().engine() {
            Engine::Sqlite => format!("X'{}'", transaction.replace('-', "")),
            Engine::Postgres => format!("'{transaction}'"),
        };
        let sql = format!("SELECT state FROM outbox WHERE transaction_id = {id} ORDER BY sequence DESC LIMIT 1");
        self.texts_become(&sql, |found| found == [state], state).await;
    }

    /// Waits until so many receipts are parked.
    pub(super) async fn parked_becomes(&self, count: usize) {
        let sql = "SELECT state FROM parked_receipt";
        self.texts_become(sql, |found| found.len() == count, &format!("{count} parked")).await;
    }

    async fn texts_become(&self, sql: &str, as_expected: impl Fn(&[String]) -> bool, what: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let reader = self.database.store().reader();
            let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
            let found: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            if as_expected(&found) {
                return;
            }
            assert!(Instant::now() < end, "{sql}: {found:?}, not {what}: {}", self.log());
            sleep(LOOK).await;
        }
    }

    /// What `straznica journal verify` says of its journal.
    pub(super) fn journal_is_sound(&self) -> bool {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
        let output = command.args(["journal", "verify", "dispatch", "--config"]).arg(self.path("node.toml")).output();
        let output = output.unwrap();
        print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        output.status.success()
    }

    /// The end of what it wrote.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn context() -> CallContext {
    CallContext {
        officer: "j.kowalska".to_owned(),
        purpose: "identity_confirmation".to_owned(),
        ..CallContext::default()
    }
}

/// Waits until a place is reached.
pub(super) async fn reached(mark: &Path) {
    let end = Instant::now() + PATIENCE;
    while !mark.exists() {
        assert!(Instant::now() < end, "the place was not reached");
        sleep(LOOK).await;
    }
}
