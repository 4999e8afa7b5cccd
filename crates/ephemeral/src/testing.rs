//! The same test on both engines, and a Redis of a test's own.
//!
//! Redis needs a server of the tests' own: `STRAZNICA_TEST_REDIS_URL` names it (the test command starts one and sets the variable). Without it that
//! half prints that it is skipped, and fails when `CI=true`. Tests share the server; each has a namespace of its own.
//!
//! [`on_both_ephemeral_engines!`](crate::on_both_ephemeral_engines) makes two tests, `<name>::in_process` and `<name>::redis`, of one body.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that has no server fails, or says that it is skipped"
)]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use straznica_types::{RequestId, Secret, SharedClock, SystemClock};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::{EphemeralConfig, EphemeralEngine};

/// Names the Redis server the tests may use, e.g. `redis://127.0.0.1:6380`.
pub const REDIS_URL: &str = "STRAZNICA_TEST_REDIS_URL";

/// Makes two tests of one body, `<name>::in_process` and `<name>::redis`.
#[macro_export]
macro_rules! on_both_ephemeral_engines {
    ($( $(#[$attribute:meta])* async fn $name:ident($state:ident: Ephemeral) $body:block )*) => { $(
        mod $name {
            #[allow(unused_imports, reason = "what the body needs of the surrounding module")]
            use super::*;

            $(#[$attribute])*
            async fn scenario($state: $crate::Ephemeral) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_process() {
                scenario($crate::Ephemeral::in_process($crate::testing::clock())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn redis() {
                if let Some(config) = $crate::testing::shared_redis() {
                    scenario($crate::Ephemeral::open(&config, $crate::testing::clock()).unwrap()).await;
                }
            }
        }
    )* };
}

/// The clock of the tests: Redis has its own, so both engines get the system's.
pub fn clock() -> SharedClock {
    SystemClock::shared()
}

/// The server named for the tests, with a namespace of this test's own.
///
/// # Panics
/// When none is named although `CI=true`.
pub fn shared_redis() -> Option<EphemeralConfig> {
    let named = std::env::var(REDIS_URL).ok().filter(|url| !url.is_empty());
    assert!(
        named.is_some() || std::env::var("CI").as_deref() != Ok("true"),
        "{REDIS_URL} has to name a server when CI=true"
    );
    let Some(url) = named else {
        println!("skipped: {REDIS_URL} names no server for the tests");
        return None;
    };
    Some(config(EphemeralEngine::Redis { url: Secret::new(url), tls: None }))
}

fn config(engine: EphemeralEngine) -> EphemeralConfig {
    EphemeralConfig { engine, namespace: RequestId::generate(&SystemClock).to_string() }
}

/// A Redis server of one test, to be killed and started again. Gone when dropped.
pub struct PrivateRedis {
    program: PathBuf,
    port: u16,
    directory: tempfile::TempDir,
    process: Option<Child>,
    more: Vec<String>,
}

impl PrivateRedis {
    /// Starts one on a free loopback port, without persistence. `None` when the machine has no `redis-server` or `valkey-server`.
    ///
    /// # Panics
    /// When it cannot be started, and when there is none although `CI=true`.
    pub async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    /// One that speaks TLS beside, with this certificate and key, and asks for one of this authority (files, PEM). The port for TLS is the second.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_tls(certificate: &Path, key: &Path, ca: &Path) -> Option<(Self, u16)> {
        let port = free_port();
        let text = |path: &Path| path.display().to_string();
        let more = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", text(certificate)),
            ("--tls-key-file", text(key)),
            ("--tls-ca-cert-file", text(ca)),
        ];
        let more: Vec<String> = more.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        Some((Self::start_with(&more).await?, port))
    }

    /// A cluster of one node that has all slots.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_cluster() -> Option<Self> {
        let server = Self::start_with(&["--cluster-enabled", "yes"]).await?;
        let client = redis::Client::open(server.url()).expect("the address is one");
        let mut connection = client.get_multiplexed_async_connection().await.expect("the server answers");
        let _: () = redis::cmd("CLUSTER")
            .arg("ADDSLOTSRANGE")
            .arg(0)
            .arg(16_383)
            .query_async(&mut connection)
            .await
            .expect("all slots go to the one node");
        loop {
            let info: String =
                redis::cmd("CLUSTER").arg("INFO").query_async(&mut connection).await.expect("the server answers");
            if info.contains("cluster_state:ok") {
                return Some(server);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn start_with(more: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "redis-server has to be there when CI=true");
            println!("skipped: neither redis-server nor valkey-server is installed");
            return None;
        };
        let port = free_port();
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let more = more.iter().map(|option| (*option).to_owned()).collect();
        let mut server = Self { program, port, directory, process: None, more };
        server.restart().await;
        Some(server)
    }

    /// Starts it again on the same port, empty.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn restart(&mut self) {
        let process = Command::new(&self.program)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &self.port.to_string()])
            .args(&self.more)
            .arg("--dir")
            .arg(self.directory.path())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        self.process = Some(process);
        for _ in 0..250 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("the server listens within five seconds");
    }

    /// Kills it (SIGKILL) and waits until it is dead.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.expect("a server of our own can be killed");
        }
    }

    /// `redis://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// How to open it, with a namespace of this test's own.
    #[must_use]
    pub fn config(&self) -> EphemeralConfig {
        config(EphemeralEngine::Redis { url: Secret::new(self.url()), tls: None })
    }

    /// How to open it as a cluster.
    #[must_use]
    pub fn cluster_config(&self) -> EphemeralConfig {
        config(EphemeralEngine::RedisCluster { urls: vec![Secret::new(self.url())], tls: None })
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ["redis-server", "valkey-server"]
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}

/// A port of 127.0.0.1 nobody uses, below those the system gives to whoever asks for any, and beside those other tests hand out: it is free again when the
/// server is.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() * 41 % 2_700).unwrap_or_default();
    loop {
        let port = 30_000 + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 2_700;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
