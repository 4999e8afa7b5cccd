//! A state's node as a process of its own, which can be stopped at a place and killed, or cut off from its partner; and its officers' desks.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use straznica_cli::config::NodeConfig;
use straznica_cli::demo::officer::{OFFICERS, Officer};
use straznica_cli::demo::state::{BindingName, State, StateOptions};
use straznica_contracts::spoc::v1::ListSubscriptionsRequest;
use straznica_exchange_wire::Binding;
use straznica_exchange_wire::development::DevelopmentSpoc;
use straznica_pki::{DevelopmentCa, Issued, Names, Tls};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::failpoint::{STOP_AT, STOP_MARK};
use straznica_spoc::Migrations;
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, StoreConfig};
use straznica_testkit::free_port;
use straznica_tests::Lane;
use straznica_types::{Environment, SharedClock, SystemClock};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{path, straznica};

/// Nothing takes longer, on a busy machine either.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether something has happened.
pub(super) const LOOK: Duration = Duration::from_millis(100);

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What outlives a node's processes, before the first of them runs.
pub(super) struct Ground {
    folder: TempDir,
    database: Option<TestDatabase>,
    store: StoreConfig,
    binding: BindingName,
    exchange: SocketAddr,
}

impl Ground {
    /// `None` where the engine is PostgreSQL and there is no server.
    pub(super) async fn prepare(engine: Engine, binding: BindingName) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/spoc/policy/tr-03139.toml");
        let policy = fs::read_to_string(shipped).unwrap();
        let hasty = policy.replace("first_seconds = 30", "first_seconds = 1");
        let hasty = hasty.replace("longest_seconds = 3600", "longest_seconds = 2");
        assert!(hasty.contains("first_seconds = 1\nlongest_seconds = 2\n"), "the policy spells its pauses otherwise");
        fs::write(folder.path().join("policy.toml"), hasty).unwrap();
        let (store, database) = match engine {
            Engine::Sqlite => (StoreConfig::sqlite_file(&folder.path().join("data/spoc.db")), None),
            Engine::Postgres => {
                let database = TestDatabase::fresh::<Migrations>(engine).await?;
                (database.config().clone(), Some(database))
            }
        };
        Some(Self { folder, database, store, binding, exchange: local(free_port()) })
    }

    /// The state on this ground, in this process: founded and registered there, it then goes on in a process of its own.
    pub(super) async fn raise(&self, country: &str, clock: &SharedClock) -> State {
        let mut options = StateOptions::spoc_only(country.parse().unwrap(), &[self.binding], clock.clone());
        (options.grpc_listen, options.soap_listen) = (self.exchange, self.exchange);
        options.suite.folder = Some(self.folder.path().join("data"));
        options.suite.config.spoc.policy_file = Some(self.folder.path().join("policy.toml"));
        options.suite.config.spoc.database = self.store.clone();
        Box::pin(State::raise(options)).await.unwrap()
    }

    /// Waits until nobody has the database open: SQLite then puts the write-ahead log away.
    async fn is_closed(&self) {
        let log = self.folder.path().join("data/spoc.db-wal");
        let end = Instant::now() + PATIENCE;
        while log.exists() {
            assert!(Instant::now() < end, "a state that has ended keeps its database open");
            sleep(LOOK).await;
        }
    }

    /// Ends the state in this process; its node can be started.
    pub(super) async fn settle(self, state: State) -> Node {
        let folder = self.folder.path();
        let State { suite, authorities, country, .. } = state;
        let exchange = &suite.config().spoc.exchange;
        let credential = match self.binding {
            BindingName::Grpc => exchange.grpc.as_ref().unwrap().server.clone(),
            BindingName::Soap => exchange.soap.as_ref().unwrap().server.clone(),
        };
        suite.stop().await.unwrap();
        self.is_closed().await;
        let (chain, key) = (folder.join("spoc.pem"), folder.join("spoc.key"));
        fs::copy(&credential.certificate_chain, &chain).unwrap();
        fs::copy(credential.private_key.as_ref().unwrap(), &key).unwrap();
        let operators = local(free_port());
        let text = format!(
            r#"
data_dir = {data:?}
[spoc]
country = "{country}"
policy_file = {policy:?}
watch_seconds = 1
[spoc.server.listen]
grpc = "{operators}"
[spoc.database]
url = {database:?}
[spoc.issuing]
waiting_requests_seconds = 1
[spoc.exchange]
lease_seconds = 12
[spoc.exchange.{binding}]
listen = "{exchange}"
client = {{ certificate_chain = {chain:?}, private_key = {key:?}, passphrase = {passphrase:?} }}
server = {{ certificate_chain = {chain:?}, private_key = {key:?}, passphrase = {passphrase:?} }}
"#,
            binding = Binding::from(self.binding).as_str(),
            passphrase = credential.passphrase.as_ref().unwrap().expose(),
            data = folder.join("data"),
            policy = folder.join("policy.toml"),
            database = self.store.url.expose(),
            exchange = self.exchange,
        );
        let config = folder.join("node.toml");
        fs::write(&config, text).unwrap();
        Node { ground: self, config, operators, authorities, elsewhere: None, process: None, stops: 0 }
    }
}

/// A state's node.
pub(super) struct Node {
    ground: Ground,
    config: PathBuf,
    operators: SocketAddr,
    /// They serve the revocation lists.
    authorities: Vec<(BindingName, DevelopmentSpoc)>,
    /// Where it listens while its line is cut: nobody knows.
    elsewhere: Option<SocketAddr>,
    process: Option<Child>,
    stops: usize,
}

impl Node {
    /// Starts the process, to be stopped at `place` (a name, or a name and the number of the arrival) where there is one. Returns the file that is there
    /// once the place is reached.
    pub(super) async fn start(&mut self, place: Option<&str>) -> PathBuf {
        self.kill();
        self.stops += 1;
        let mark = self.folder().join(format!("stopped-{}", self.stops));
        let log = File::options().create(true).append(true).open(self.folder().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
        command.args(["serve", "spoc", "--config"]).arg(&self.config).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        if let Some(elsewhere) = self.elsewhere {
            let binding = Binding::from(self.ground.binding).as_str();
            command.args(["--set", &format!("spoc.exchange.{binding}.listen={elsewhere}")]);
        }
        if let Some(place) = place {
            command.env(STOP_AT, place).env(STOP_MARK, &mark);
        }
        self.process = Some(command.spawn().unwrap());
        self.ready().await;
        mark
    }

    async fn ready(&mut self) {
        let end = Instant::now() + PATIENCE;
        loop {
            if self.officer(0).subscriptions().list_subscriptions(ListSubscriptionsRequest {}).await.is_ok() {
                return;
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
            assert!(ended.is_none() && Instant::now() < end, "the node does not start: {}", self.log());
            sleep(LOOK).await;
        }
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts the process where its partner does not find it.
    pub(super) async fn start_cut_off(&mut self) {
        self.elsewhere = Some(local(free_port()));
        self.start(None).await;
    }

    /// Starts the process where its partner looks for it.
    pub(super) async fn start_mended(&mut self) {
        self.elsewhere = None;
        self.start(None).await;
    }

    /// Its state's SPOC authority.
    pub(super) fn authority(&self) -> &DevelopmentSpoc {
        &self.authorities[0].1
    }

    fn development_ca(&self) -> DevelopmentCa {
        NodeConfig::default().development_authority(&self.folder().join("data"), SystemClock::shared()).unwrap()
    }

    fn channel(&self, ca: &DevelopmentCa, issued: &Issued) -> Channel {
        let material = ca.material(issued).unwrap();
        let tls = Tls::from_material(material, Environment::Test, SystemClock::shared()).unwrap();
        // Long enough for a node that has just begun on a busy machine; one that dies is noticed at once.
        let patient =
            ChannelConfig { timeout_ms: 30_000, connect_timeout_ms: 20_000, ..ChannelConfig::at(self.operators) };
        channel::connect("spoc", &patient, &tls).unwrap()
    }

    /// One of the state's officers at the node.
    pub(super) fn officer(&self, which: usize) -> Officer {
        let ca = self.development_ca();
        let issued = ca.issue_operator(OFFICERS[which]).unwrap();
        Officer::at(OFFICERS[which], SystemClock::shared(), self.channel(&ca, &issued))
    }

    /// A lane before its control centre.
    pub(super) fn lane(&self) -> Lane {
        let ca = self.development_ca();
        let service = |name| self.channel(&ca, &ca.issue_service(name, &Names::loopback()).unwrap());
        Lane::between(SystemClock::shared(), service("identity"), service("gateway"))
    }

    /// What an officer types at a desk of the node.
    pub(super) fn types(&self, which: usize, words: &[&str]) -> Output {
        let ca = self.development_ca();
        let folder = self.folder().join("desk");
        let files = ca.write(&ca.issue_operator(OFFICERS[which]).unwrap(), &folder, OFFICERS[which]).unwrap();
        let operators = self.operators.to_string();
        let access = ["--spoc", &operators, "--certificate", files.certificate_chain.to_str().unwrap()];
        straznica(&[words, &access[..]].concat())
    }

    /// The same, where it has to succeed; what is printed.
    pub(super) fn reads(&self, which: usize, words: &[&str]) -> String {
        let output = self.types(which, words);
        let complained = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && complained.is_empty(), "{words:?}: {complained}\n{}", self.log());
        let printed = String::from_utf8(output.stdout).unwrap();
        println!("$ straznica {}\n{printed}", words.join(" "));
        printed
    }

    /// The same as JSON.
    pub(super) fn json(&self, which: usize, words: &[&str]) -> Value {
        serde_json::from_str(&self.reads(which, &[words, &["--json"]].concat())).unwrap()
    }

    /// The same, where it has to be refused; why.
    pub(super) fn refused(&self, which: usize, words: &[&str]) -> String {
        let output = self.types(which, words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(output.stdout.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        let told = String::from_utf8(output.stderr).unwrap();
        println!("$ straznica {}\n{told}", words.join(" "));
        told
    }

    /// A file of its officers.
    pub(super) fn file(&self, name: &str) -> String {
        path(self.folder(), name)
    }

    /// How to open its database.
    pub(super) fn store(&self) -> &StoreConfig {
        &self.ground.store
    }

    /// What `straznica journal verify` says of its journal.
    pub(super) fn journal_is_sound(&self) -> bool {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
        let output = command.args(["journal", "verify", "spoc", "--config"]).arg(&self.config).output();
        let output = output.unwrap();
        print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        output.status.success()
    }

    /// The end of what it wrote.
    pub(super) fn log(&self) -> String {
        let log = fs::read_to_string(self.folder().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn folder(&self) -> &Path {
        self.ground.folder.path()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        // After the process: it holds connections.
        drop(self.ground.database.take());
    }
}
