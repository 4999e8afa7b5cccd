//! SIGKILL in the middle of a load of writes: afterwards the journal verifies, what was acknowledged is there, and no case is there by half.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use straznica_contracts::registry::v1::case_service_client::CaseServiceClient;
use straznica_contracts::registry::v1::person_service_client::PersonServiceClient;
use straznica_contracts::registry::v1::{OpenCaseRequest, RecordEventRequest, RegisterPersonRequest};
use straznica_journal::JournalConfig;
use straznica_journal::verify::{Options, verify_database};
use straznica_pki::{DevelopmentCa, Names, Tls};
use straznica_registry::{Config, Migrations, PersonKeysConfig};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext};
use straznica_store::testing::TestDatabase;
use straznica_store::{StoreConfig, on_both_engines};
use straznica_types::{Clock as _, Environment, SystemClock};
use tonic::Status;

use crate::house::{context, event, name, statement};

/// Tell the process that is killed where to work.
const DATABASE: &str = "STRAZNICA_KILLED_DATABASE";
const FOLDER: &str = "STRAZNICA_KILLED_FOLDER";
/// Nothing takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);
const WRITERS: usize = 6;
/// Acknowledged writes after which the process dies, in each life.
const LIVES: [usize; 3] = [12, 25, 40];

fn tls(folder: &Path, name: &str) -> Arc<Tls> {
    let ca = DevelopmentCa::open_or_create(&folder.join("ca"), "development.straznica", SystemClock::shared()).unwrap();
    let issued = ca.issue_service(name, &Names::default()).unwrap();
    Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, SystemClock::shared()).unwrap()
}

fn journal(folder: &Path) -> JournalConfig {
    JournalConfig::embedded("registry.test/journal", folder.join("journal"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that is killed: the other tests of this file start it"]
async fn serves_until_it_is_killed() {
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let config = Config {
        database: StoreConfig::new(std::env::var(DATABASE).unwrap()),
        journal: journal(&folder),
        person_keys: PersonKeysConfig { directory: folder.join("persons"), create: true },
        ..Config::default()
    };
    let context = ServiceContext::new("registry", Environment::Test, SystemClock::shared(), tls(&folder, "registry"));
    let parts = straznica_registry::build(&config, &context).await.unwrap();
    let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
    let told = folder.join("address.new");
    std::fs::write(&told, listeners.addresses.grpc.to_string()).unwrap();
    std::fs::rename(told, folder.join("address")).unwrap();
    service::run(listeners, parts, context).await.unwrap();
}

/// The process, while it lives.
struct Node {
    process: Child,
    channel: Channel,
}

impl Node {
    async fn start(folder: &Path, database: &TestDatabase) -> Self {
        let address = folder.join("address");
        let _ = std::fs::remove_file(&address);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["kill::serves_until_it_is_killed", "--exact", "--ignored"]);
        command.env(DATABASE, database.config().url.expose()).env(FOLDER, folder);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let end = tokio::time::Instant::now() + PATIENCE;
        while !address.exists() {
            assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(tokio::time::Instant::now() < end, "it does not start");
            tokio::time::sleep(LOOK).await;
        }
        let address: std::net::SocketAddr = std::fs::read_to_string(&address).unwrap().parse().unwrap();
        let patient = ChannelConfig { timeout_ms: 60_000, connect_timeout_ms: 20_000, ..ChannelConfig::at(address) };
        let channel = channel::connect("registry", &patient, &tls(folder, "gateway")).unwrap();
        Self { process, channel }
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Registers people and opens and moves cases until the process is gone; each case with the version that was acknowledged.
async fn write(channel: Channel, written: Arc<Mutex<Vec<(String, u64)>>>) -> Status {
    loop {
        if let Err(gone) = one_case(&channel, &written).await {
            return gone;
        }
    }
}

async fn one_case(channel: &Channel, written: &Mutex<Vec<(String, u64)>>) -> Result<(), Status> {
    let mut persons = PersonServiceClient::new(channel.clone());
    let mut cases = CaseServiceClient::new(channel.clone());
    let now = SystemClock.now();
    let statements = vec![statement(name("Iwanow", "Іванов"))];
    let request = RegisterPersonRequest { context: Some(context("first")), statements };
    let person = persons.register_person(request).await?.into_inner().person_id;
    let request = OpenCaseRequest {
        context: Some(context("first")),
        case_type: "protection".to_owned(),
        person_ids: vec![person],
        event: Some(event("intention_declared", now)),
    };
    let opened = cases.open_case(request).await?.into_inner();
    let number = written
        .lock()
        .map(|mut all| {
            all.push((opened.case_id.clone(), 1));
            all.len() - 1
        })
        .unwrap();
    for (version, happens) in [(1, "application_registered"), (2, "tztc_issued")] {
        let request = RecordEventRequest {
            context: Some(context("first")),
            case_id: opened.case_id.clone(),
            expected_version: version,
            event: Some(event(happens, now)),
            joining_person_ids: Vec::new(),
        };
        let recorded = cases.record_event(request).await?.into_inner();
        written.lock().unwrap()[number].1 = recorded.version;
    }
    Ok(())
}

async fn number(database: &TestDatabase, sql: &str) -> i64 {
    let reader = database.store().reader();
    let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// What holds of the tables however the writer died.
async fn nothing_by_half(database: &TestDatabase) {
    for (what, sql) in [
        (
            "a case without what opened it",
            "SELECT COUNT(*) FROM case_file WHERE NOT EXISTS (SELECT 1 FROM case_event WHERE case_id = case_file.id)",
        ),
        (
            "a case without anybody",
            "SELECT COUNT(*) FROM case_file WHERE NOT EXISTS (SELECT 1 FROM case_person WHERE case_id = case_file.id)",
        ),
        (
            "a person without a name",
            "SELECT COUNT(*) FROM person WHERE NOT EXISTS (SELECT 1 FROM statement WHERE person_id = person.id)",
        ),
        (
            "a version without its event",
            "SELECT COUNT(*) FROM case_file WHERE version <> (SELECT COUNT(*) FROM case_event WHERE case_id = case_file.id)",
        ),
        (
            "a change without its entry",
            "SELECT (SELECT COUNT(*) FROM case_event) - (SELECT COUNT(*) FROM journal WHERE kind IN ('case.opened', 'case.event_recorded'))",
        ),
        (
            "an entry without its payload",
            "SELECT (SELECT COUNT(*) FROM journal) - (SELECT COUNT(*) FROM journal_payload)",
        ),
        (
            "a person without an entry",
            "SELECT (SELECT COUNT(*) FROM person) - (SELECT COUNT(*) FROM journal WHERE kind = 'person.registered')",
        ),
    ] {
        assert_eq!(number(database, sql).await, 0, "{what}");
    }
}

on_both_engines! {
    Migrations;

    async fn whenever_the_registry_dies_nothing_acknowledged_is_lost_and_nothing_is_there_by_half(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let written = Arc::new(Mutex::new(Vec::new()));
        for life in LIVES {
            let node = Node::start(folder.path(), &database).await;
            let before = written.lock().unwrap().len();
            let writers: Vec<_> = (0..WRITERS)
                .map(|_| tokio::spawn(write(node.channel.clone(), written.clone())))
                .collect();
            let end = tokio::time::Instant::now() + PATIENCE;
            while written.lock().unwrap().len() < before + life {
                assert!(tokio::time::Instant::now() < end, "nothing is written");
                tokio::time::sleep(LOOK).await;
            }
            node.kill();
            for writer in writers {
                writer.await.unwrap();
            }
            nothing_by_half(&database).await;
            let acknowledged = written.lock().unwrap().clone();
            for (case, version) in acknowledged {
                let id = match database.store().engine() {
                    straznica_store::Engine::Sqlite => format!("X'{}'", case.replace('-', "")),
                    straznica_store::Engine::Postgres => format!("'{case}'"),
                };
                let sql = format!("SELECT COALESCE(MAX(version), 0) FROM case_file WHERE id = {id}");
                let kept = number(&database, &sql).await;
                assert!(kept >= i64::try_from(version).unwrap(), "{case}: {kept} < {version}");
            }
        }
        // The next life numbers what the last one left.
        let node = Node::start(folder.path(), &database).await;
        let log_key = Some(journal(folder.path()).verifier_key().unwrap());
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let options = Options { log_key: log_key.clone(), ..Options::default() };
            let report = verify_database(database.store(), &options).await.unwrap();
            assert!(report.valid, "{report:?}");
            if report.unsequenced == 0 && report.size > 0 {
                break;
            }
            assert!(tokio::time::Instant::now() < end, "{report:?}");
            tokio::time::sleep(LOOK).await;
        }
        node.kill();
    }
}
