//! A private Redis (or Valkey) for one run of the tests: free loopback port, nothing on disk, gone afterwards.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::run::TaskError;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    port: u16,
    /// Its working directory: it would write there if it wrote.
    _directory: tempfile::TempDir,
}

impl Server {
    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started, or does not listen within five seconds.
    pub(crate) fn start(program: &Path) -> Result<Self, TaskError> {
        let directory = tempfile::Builder::new().prefix("straznica-redis-").tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new(program)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string(), "--dir"])
            .arg(directory.path())
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self { process, port, _directory: directory };
        for _ in 0..250 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(TaskError::Failed(program.display().to_string()))
    }

    /// URL of the server; each test takes a namespace of its own.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            eprintln!("xtask: Redis did not stop: {error}");
        }
    }
}
