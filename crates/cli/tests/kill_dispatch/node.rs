//! `straznica serve dispatch` as a process of its own, which can be stopped at a place and killed.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use straznica_cli::config::NodeConfig;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::notice_service_client::NoticeServiceClient;
use straznica_contracts::dispatch::v1::{
    AddRecipientsRequest, ApproveTemplateRequest, CreateNoticeRequest, NoticeRecipient, ProposeStartRequest,
    ProposeTemplateRequest, RecordChoiceRequest, ResendCodeRequest, SendCodeRequest, StartNoticeRequest, TemplatePlace,
};
use straznica_dispatch::Migrations;
use straznica_pki::{Names, Tls};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::failpoint::{STOP_AT, STOP_MARK};
use straznica_simulators::phone_operator::PhoneOperator;
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_types::{Environment, RequestId, SystemClock};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::Code;

/// Nothing takes longer, on a busy machine either.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// Names the Redis of the tests.
const REDIS_URL: &str = "STRAZNICA_TEST_REDIS_URL";

/// Whom codes go to.
pub(super) const PHONE: &str = "+48501234567";

const INSTITUTION: &str = "udsc";
const TEMPLATE: &str = "payment-day";
/// Proposes.
const ANNA: &str = "a.nowak";
/// Approves.
const JAN: &str = "j.kowalski";

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
[dispatch.prompts]
patience_seconds = 5
[dispatch.notices]
quiet_hours = {{ from = 0, until = 0 }}
look_ms = 100
[dispatch.outbox]
lost_seconds = 4
[[dispatch.operators]]
name = "operator-a"
host = "127.0.0.1"
port = {operator}
system_id = "straznica"
password_file = {password:?}
sender = {{ short = "7055" }}
parts_per_second = 60
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
        self.channel_of("identity")
    }

    fn channel_of(&self, service: &str) -> Channel {
        let clock = SystemClock::shared();
        let ca = NodeConfig::default().development_authority(&self.path("data"), clock.clone()).unwrap();
        let issued = ca.issue_service(service, &Names::loopback()).unwrap();
        let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock).unwrap();
        channel::connect("dispatch", &ChannelConfig::at(self.address), &tls).unwrap()
    }

    async fn send(&self, request: SendCodeRequest) -> Result<(), Code> {
        CodeServiceClient::new(self.channel()).send_code(request).await.map(drop).map_err(|status| status.code())
    }

    /// Has dispatch ask phones there first, from its next start on; the text waits for them as long as [`prepare`](Self::prepare) says.
    pub(super) async fn ask_phones_at(&self, operator: &PhoneOperator) {
        let issuer = operator.listen(SystemClock::shared()).await.unwrap();
        let key = self.path("phone-operator-client.pem");
        fs::write(&key, operator.admit("straznica").unwrap()).unwrap();
        let text = format!(
            r#"
[[dispatch.phones]]
name = "simulator"
kind = "mobile_connect"
issuer = "{issuer}"
client_id = "straznica"
key = {{ file = {key:?}, id = "client-1" }}
acr_values = ["3", "2"]
"#
        );
        File::options().append(true).open(self.path("node.toml")).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Orders a code; the first word of its text tells the message centre what to do.
    pub(super) async fn order(&mut self, word: &str) -> Order {
        self.order_by(word, false).await
    }

    /// The same, with the phone asked first.
    pub(super) async fn order_with_prompt(&mut self, word: &str) -> Order {
        self.order_by(word, true).await
    }

    async fn order_by(&mut self, word: &str, allow_prompt: bool) -> Order {
        self.orders += 1;
        let transaction = RequestId::generate(&SystemClock).to_string();
        let text_begins = format!("{word} {}.", self.orders);
        let request = SendCodeRequest {
            context: Some(context()),
            transaction_id: transaction.clone(),
            subject: "subject-1".to_owned(),
            phone: PHONE.to_owned(),
            institution: "um-lodz".to_owned(),
            binding_text: text_begins.clone(),
            allow_prompt,
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

    /// A notice of messages of two parts, each of which begins with one of the words by turns and has its recipient's reference in both parts; its id.
    pub(super) async fn prepare_notice(&self, words: &[&str], recipients: usize) -> String {
        let mut desk = NoticeServiceClient::new(self.channel_of("gateway"));
        let place = |name: &str| TemplatePlace { name: name.to_owned(), longest: 10 };
        let text = "{word} {reference}. Wyplata zostanie dokonana w terminie podanym w decyzji, w kasie osrodka albo przelewem na rachunek \
                    wskazany przez osobe uprawniona; w razie watpliwosci prosimy o kontakt z osrodkiem. {again}";
        let request = ProposeTemplateRequest {
            context: Some(by(ANNA)),
            institution: INSTITUTION.to_owned(),
            template: TEMPLATE.to_owned(),
            places: ["word", "reference", "again"].map(place).to_vec(),
            texts: HashMap::from([("pl".to_owned(), text.to_owned())]),
            fallback: "pl".to_owned(),
        };
        let version = desk.propose_template(request).await.unwrap().into_inner().version;
        let request = ApproveTemplateRequest {
            context: Some(by(JAN)),
            institution: INSTITUTION.to_owned(),
            template: TEMPLATE.to_owned(),
            version,
        };
        desk.approve_template(request).await.unwrap();
        let notice = RequestId::generate(&SystemClock).to_string();
        let request = CreateNoticeRequest {
            context: Some(by(ANNA)),
            notice_id: notice.clone(),
            institution: INSTITUTION.to_owned(),
            template: TEMPLATE.to_owned(),
            version,
            valid_hours: 48,
        };
        desk.create_notice(request).await.unwrap();
        let recipient = |number: usize| {
            let reference = format!("n-{number:04}");
            let values = [("word", words[number % words.len()]), ("reference", &reference), ("again", &reference)];
            NoticeRecipient {
                values: values.map(|(place, value)| (place.to_owned(), value.to_owned())).into(),
                phone: format!("+48501{number:06}"),
                language: "pl".to_owned(),
                reference,
            }
        };
        let recipients: Vec<_> = (0..recipients).map(recipient).collect();
        for recipient in &recipients {
            let request = RecordChoiceRequest {
                context: Some(by(ANNA)),
                institution: INSTITUTION.to_owned(),
                phone: recipient.phone.clone(),
                wants_notices: true,
            };
            desk.record_choice(request).await.unwrap();
        }
        let request = AddRecipientsRequest {
            context: Some(by(ANNA)),
            institution: INSTITUTION.to_owned(),
            notice_id: notice.clone(),
            recipients,
        };
        desk.add_recipients(request).await.unwrap();
        notice
    }

    /// One officer proposes that it begins, another lets it.
    pub(super) async fn begin_notice(&self, notice: &str) {
        let mut desk = NoticeServiceClient::new(self.channel_of("gateway"));
        let (institution, notice_id) = (INSTITUTION.to_owned(), notice.to_owned());
        let request = ProposeStartRequest {
            context: Some(by(ANNA)),
            institution: institution.clone(),
            notice_id: notice_id.clone(),
        };
        desk.propose_start(request).await.unwrap();
        desk.start_notice(StartNoticeRequest { context: Some(by(JAN)), institution, notice_id }).await.unwrap();
    }

    /// Where every recipient is, by reference: while their message lies in the outbox it knows.
    pub(super) async fn recipients(&self) -> BTreeMap<String, String> {
        let sql = "SELECT recipient.reference, CASE WHEN recipient.state = 'queued' THEN COALESCE(outbox.state, 'queued') \
                   ELSE recipient.state END FROM notice_recipient AS recipient LEFT JOIN outbox \
                   ON recipient.state = 'queued' AND outbox.transaction_id = recipient.id AND outbox.sequence = 0";
        let reader = self.database.store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        let row = |row: &QueryResult| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        rows.iter().map(row).collect()
    }

    /// Waits until the last message of a transaction is in a state.
    pub(super) async fn becomes(&self, transaction: &str, state: &str) {
        let id = self.written(transaction);
        let sql = format!("SELECT state FROM outbox WHERE transaction_id = {id} ORDER BY sequence DESC LIMIT 1");
        self.texts_become(&sql, |found| found == [state], state).await;
    }

    /// Waits until a transaction's prompt is in a state.
    pub(super) async fn prompt_is(&self, transaction: &str, state: &str) {
        let sql = format!("SELECT state FROM prompt WHERE transaction_id = {}", self.written(transaction));
        self.texts_become(&sql, |found| found == [state], state).await;
    }

    /// An id as the engine writes it.
    fn written(&self, id: &str) -> String {
        match self.database.store().engine() {
            Engine::Sqlite => format!("X'{}'", id.replace('-', "")),
            Engine::Postgres => format!("'{id}'"),
        }
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
    pub(super) fn log(&self) -> String {
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

/// An officer at a desk.
fn by(officer: &str) -> CallContext {
    CallContext { officer: officer.to_owned(), case_number: "RP.5345.7.2026".to_owned(), ..context() }
}

/// Waits until a place is reached.
pub(super) async fn reached(mark: &Path) {
    let end = Instant::now() + PATIENCE;
    while !mark.exists() {
        assert!(Instant::now() < end, "the place was not reached");
        sleep(LOOK).await;
    }
}
