//! A private PostgreSQL for one run of the tests: own data directory, free loopback port, gone afterwards.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::needs::is_root;
use crate::run::{TaskError, succeed};

/// What a commit is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production: it survives the power failing. For benchmarks.
    Full,
    /// Durability is the database's own promise; to tests only the speed of a throw-away cluster matters.
    None,
}

/// A running server; dropping it stops it and removes its data.
#[derive(Debug)]
pub(crate) struct Server {
    programs: PathBuf,
    directory: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When a program of PostgreSQL fails; its own words go to standard error.
    pub(crate) fn start(programs: &Path, durability: Durability) -> Result<Self, TaskError> {
        let directory = tempfile::Builder::new().prefix("straznica-postgres-").tempdir()?;
        if is_root() {
            // PostgreSQL refuses to run as root; Debian's package brings this account.
            succeed(Command::new("chown").arg("postgres").arg(directory.path()))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { programs: programs.to_owned(), directory, port };
        succeed(
            server
                .program("initdb")
                .args(["--username=straznica", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
                .arg(server.data())
                .stdout(Stdio::null()),
        )?;
        let fsync = if durability == Durability::Full { "on" } else { "off" };
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync={fsync} -c max_connections=300 -c timezone=UTC"
        );
        succeed(
            server
                .program("pg_ctl")
                .args(["start", "--wait", "--silent", "-o", &options, "-l"])
                .arg(server.directory.path().join("log"))
                .arg("-D")
                .arg(server.data())
                .stdout(Stdio::null()),
        )?;
        Ok(server)
    }

    /// URL of the server; each test makes databases of its own.
    pub(crate) fn url(&self) -> String {
        format!("postgres://straznica@127.0.0.1:{}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path).current_dir(self.directory.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped =
            succeed(self.program("pg_ctl").args(["stop", "--silent", "--mode=immediate", "-D"]).arg(self.data()));
        if let Err(error) = stopped {
            eprintln!("xtask: PostgreSQL did not stop: {error}");
        }
    }
}
