//! mDokumenty as a state would run it: gateway, identity and dispatch a process each, talkative beyond measure; the register and the people here.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use straznica_cli::config::NodeConfig;
use straznica_cli::person::{Account, Holder, Person};
use straznica_cli::registers::{self, Served};
use straznica_cli::rest::{Answer, RestClient};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_identity::domain::verification::DocumentKind;
use straznica_pki::Tls;
use straznica_simulators::registers::{MadeUp, RegisterSimulator, made_up_people};
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, NoMigrations};
use straznica_testkit::free_port;
use straznica_types::{Clock as _, Environment, RequestId, SystemClock};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::collector::Collector;
use crate::stores::{self, Monitor, Remains};

/// Nothing takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);
/// Names the Redis of the tests.
const REDIS_URL: &str = "STRAZNICA_TEST_REDIS_URL";

const SERVICES: [&str; 3] = ["dispatch", "identity", "gateway"];
const OFFICE: &str = "um-zmyslone";
pub(crate) const PHONE: &str = "+48501987611";

/// How a process ended that crashed.
pub(crate) struct Core {
    pub(crate) service: &'static str,
    /// Whether the system says that it wrote core text, wherever.
    pub(crate) written: bool,
    /// What it wrote into the working directory of the process.
    pub(crate) text: Vec<u8>,
}

pub(crate) struct Town {
    pub(crate) holder: MadeUp,
    folder: TempDir,
    databases: Vec<TestDatabase>,
    collector: Collector,
    redis: Monitor,
    /// Begins every key of this town's in Redis.
    namespace: String,
    processes: Vec<(&'static str, Child)>,
    terminals: SocketAddr,
    people: SocketAddr,
    /// Runs no service: its authority and its folder are the processes'.
    suite: Suite,
    register: Option<Served>,
}

#[track_caller]
fn done(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.json());
    answer.json()
}

fn signal(process: &Child, which: &str) {
    let sent = Command::new("kill").args([which, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn local() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()))
}

impl Town {
    /// `None`, said, where there is no server for the engine or no Redis.
    pub(crate) async fn found(engine: Engine) -> Option<Self> {
        let redis = std::env::var(REDIS_URL).ok().filter(|url| !url.is_empty());
        assert!(redis.is_some() || std::env::var("CI").as_deref() != Ok("true"), "{REDIS_URL} has to name a server");
        let Some(redis) = redis else {
            println!("skipped: {REDIS_URL} names no server for the tests");
            return None;
        };
        let mut databases = Vec::new();
        for _ in SERVICES {
            databases.push(TestDatabase::fresh::<NoMigrations>(engine).await?);
        }
        let folder = tempfile::tempdir().unwrap();
        for part in ["data", "temporary", "work"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        // Nobody else's: what other tests leave is not found here.
        let mut holder = made_up_people(SystemClock.now().date()).unwrap()[0].clone();
        (holder.given_names, holder.surname, holder.place_of_birth) = ("Wqxzela", "Xkwzanarowska", "Qxzwogrodek");
        let mut asked = NodeConfig::default();
        let register = RegisterSimulator::srp(vec![holder.clone()], SystemClock::shared());
        let register = registers::announce(register, &[DocumentKind::IdentityCard], &mut asked).await.unwrap();
        let mut options = SuiteOptions::embedded(Some(folder.path().join("data")));
        options.services.clear();
        let suite = Suite::start(options).await.unwrap();
        let register = register.serve(&suite).unwrap();
        let (collector, traces) = Collector::start();

        let [dispatch, identity, terminals, people] = std::array::from_fn(|_| local());
        let url = |which: usize| databases[which].config().url.expose();
        let namespace = format!("remains-{}", RequestId::generate(&SystemClock));
        let text = format!(
            r#"
data_dir = {data:?}
[telemetry]
log = "trace"
log_format = "json"
otlp_endpoint = "http://{traces}"
[dispatch.server.listen]
grpc = "{dispatch}"
[dispatch.database]
url = {dispatch_database:?}
max_connections = 4
[dispatch.ephemeral]
namespace = "{namespace}"
engine = {{ kind = "redis", url = {redis:?} }}
[identity.server.listen]
grpc = "{identity}"
[identity.database]
url = {identity_database:?}
max_connections = 4
[identity.dispatch]
address = "{dispatch}"
[[identity.registers]]
name = "srp"
documents = ["identity_card"]
channel = {{ address = "{register}" }}
[[identity.verifiers.central_administrators]]
officer = "mc-0001"
issuer = {issuer:?}
subject = "mc-0001"
[[identity.verifiers.central_administrators]]
officer = "mc-0002"
issuer = {issuer:?}
subject = "mc-0002"
[gateway.server.listen]
grpc = "127.0.0.1:0"
http_mutual = "{terminals}"
http_open = "{people}"
[gateway.database]
url = {gateway_database:?}
max_connections = 4
[gateway.identity]
address = "{identity}"
[gateway.dispatch]
address = "{dispatch}"
[gateway.people.accounts]
enabled = true
"#,
            data = folder.path().join("data"),
            dispatch_database = url(0),
            identity_database = url(1),
            gateway_database = url(2),
            register = asked.identity.registers[0].channel.address,
            issuer = straznica_gateway::LOCAL_ISSUER,
        );
        fs::write(folder.path().join("node.toml"), text).unwrap();
        let redis = Monitor::of(&redis);
        let register = Some(register);
        let processes = Vec::new();
        let mut town = Self {
            holder,
            folder,
            databases,
            collector,
            redis,
            namespace,
            processes,
            terminals,
            people,
            suite,
            register,
        };
        for service in SERVICES {
            town.start(service);
        }
        for service in SERVICES {
            town.ready(service).await;
        }
        Some(town)
    }

    /// A process may write its core text if it is killed by what asks for one.
    fn start(&mut self, service: &'static str) {
        let standard = |name| File::create(self.path(&format!("{service}.{name}"))).unwrap();
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_straznica"),
            "serve",
            service,
        ]);
        command.arg("--config").arg(self.path("node.toml"));
        command.current_dir(self.path("work")).env("TMPDIR", self.path("temporary"));
        command.stdin(Stdio::null()).stdout(standard("out")).stderr(standard("log"));
        self.processes.push((service, command.spawn().unwrap()));
    }

    fn rest(&self, door: SocketAddr) -> RestClient {
        let ca = self.suite.authority().unwrap();
        let material = ca.material(&ca.issue_operator("OP-07").unwrap()).unwrap();
        let tls = Tls::from_material(material, Environment::Test, SystemClock::shared()).unwrap();
        let mut config = (*tls.client_config()).clone();
        // the connector of the client negotiates HTTP itself
        config.alpn_protocols.clear();
        RestClient::new(door, &self.suite.gateway_name(), config).unwrap()
    }

    /// Waits until a process says where it listens.
    async fn ready(&self, service: &str) {
        let end = Instant::now() + PATIENCE;
        let printed = || fs::read_to_string(self.path(&format!("{service}.out"))).unwrap();
        while !printed().contains("gRPC") {
            let log = || fs::read_to_string(self.path(&format!("{service}.log"))).unwrap();
            assert!(Instant::now() < end, "{service} does not start: {}", log());
            sleep(LOOK).await;
        }
    }

    /// Makes an account and logs in to it.
    async fn person(&self, name: &str, holder: Holder<'_>) -> Person {
        let operator = self.rest(self.terminals);
        let account = Account::make(&operator, name, holder).await.unwrap();
        Person::log_in(self.rest(self.people), &account, SystemClock.now()).await.unwrap()
    }

    /// The code of the message that is the `count`th.
    async fn code(&self, count: usize) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let printed = fs::read_to_string(self.path("dispatch.out")).unwrap();
            let mut messages = printed.lines().filter_map(|line| line.strip_prefix("SMS to ")?.split_once(": "));
            if let Some((_, text)) = messages.nth(count - 1) {
                return text[..6].to_owned();
            }
            assert!(Instant::now() < end, "message {count} did not come: {printed}");
            sleep(LOOK).await;
        }
    }

    /// The citizen joins, the office asks, the citizen reads out the code, and the official is shown the document. The answer.
    pub(crate) async fn show(&self) -> Value {
        let central = [self.person("mc-0001", Holder::Official).await, self.person("mc-0002", Holder::Official).await];
        let local = self.person("um-0009", Holder::Official).await;
        let official = self.person("um-0001", Holder::Official).await;
        let pesel = self.holder.pesel.expose().to_owned();
        // They log in under other names than the register has: what is found of those was in the document.
        let whose = Holder::Citizen { pesel: &pesel, given_names: "Anna Maria", surname: "Próbna" };
        let citizen = self.person("citizen-1", whose).await;

        let login = |name: &str| json!({"issuer": straznica_gateway::LOCAL_ISSUER, "subject": name});
        let application = json!({
            "id": OFFICE, "name": "Urząd Gminy Próbne", "kind": "office", "legalBasis": "Act of 6 August 2010, Article 4",
            "contact": "sekretariat@probne.example", "kinds": ["identity_card"], "purposes": ["office_matter"],
            "administrator": "um-0009", "administratorLogins": login("um-0009"),
        });
        done(&central[0].post("/v1/institutions", &application).await.unwrap());
        let decision = json!({"approve": true, "reason": "agreement 1/2026"});
        done(&central[1].post(&format!("/v1/institutions/{OFFICE}/decision"), &decision).await.unwrap());
        let stage = json!({"kind": "identity_card", "from": "2020-01-01T00:00:00Z"});
        done(&central[0].post("/v1/stages", &stage).await.unwrap());
        let grant = json!({"officer": "um-0001", "role": "official", "logins": login("um-0001"), "reason": "new here"});
        done(&local.post(&format!("/v1/institutions/{OFFICE}/officials"), &grant).await.unwrap());

        let proof = done(&citizen.post("/v1/citizen/phone", &json!({"phone": PHONE})).await.unwrap());
        let proof = json!({"proofId": proof["proofId"], "code": self.code(1).await});
        done(&citizen.post("/v1/citizen/phone/confirmation", &proof).await.unwrap());
        done(&citizen.post("/v1/citizen/activations", &json!({"kinds": ["identity_card"]})).await.unwrap());
        let asking =
            json!({"pesel": pesel, "kind": "identity_card", "purpose": "office_matter", "case": "OR.5345.1.2026"});
        let opened = done(&official.post("/v1/verifications", &asking).await.unwrap());
        let verification = format!("/v1/verifications/{}", opened["verification"]["id"].as_str().unwrap());
        let code = json!({"code": self.code(2).await});
        done(&official.post(&format!("{verification}/code"), &code).await.unwrap());
        let shown = official.post(&format!("{verification}/document"), &json!({})).await.unwrap();
        assert_eq!(shown.headers["cache-control"], "no-store");
        done(&shown)
    }

    /// Processes by what they are.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.processes.iter().map(|(service, process)| (*service, process.id()))
    }

    /// What stands in databases, in the log of every process, in files of whatever kind; what Redis was given, and the collector of traces.
    pub(crate) async fn remains(&self) -> Vec<Remains> {
        let mut found = stores::files(self.folder.path());
        for database in &self.databases {
            found.extend(stores::of(database).await);
        }
        let given = self.redis.so_far();
        let ours = String::from_utf8_lossy(&given).contains(&self.namespace);
        assert!(ours, "Redis was given something");
        found.push(("Redis".to_owned(), given));
        found.push(("traces".to_owned(), self.collector.so_far()));
        found
    }

    /// Ends every process by a signal for which the system writes core text where it may.
    pub(crate) fn crash(&mut self) -> Vec<Core> {
        let work = self.path("work");
        let crashed = self.processes.drain(..).map(|(service, mut process)| {
            signal(&process, "-ABRT");
            let written = process.wait().unwrap().core_dumped();
            let text: Vec<u8> = stores::files(&work).into_iter().flat_map(|(_, content)| content).collect();
            for file in fs::read_dir(&work).unwrap() {
                fs::remove_file(file.unwrap().path()).unwrap();
            }
            Core { service, written, text }
        });
        crashed.collect()
    }

    /// Ends every process in order, so that the last spans leave.
    pub(crate) fn end(&mut self) {
        for (service, mut process) in self.processes.drain(..).rev() {
            signal(&process, "-TERM");
            assert!(process.wait().unwrap().success(), "{service}");
        }
    }

    pub(crate) async fn close(mut self) {
        if let Some(register) = self.register.take() {
            register.stop().await.unwrap();
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        for (_, process) in &mut self.processes {
            // Ended by itself, or not: it is over afterwards.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
