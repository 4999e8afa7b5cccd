//! The tasks themselves, step by step.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{needs, postgres, postgres::Durability, redis};

/// Why a task did not finish.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A tool the tests need is not there.
    #[error("missing:\n  - {0}\n`cargo xtask test --install` installs them")]
    Missing(String),
    /// A command ran and failed; it said why itself.
    #[error("`{0}` failed")]
    Failed(String),
    /// A command could not be started, or a file not be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A command could not be started.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command line.
        command: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// Runs every test: what is needed first, then the servers, the tests, the examples in the documentation.
pub(crate) fn test(install: bool, filter: Option<&str>) -> Result<(), TaskError> {
    let root = root();
    let tools = needs::ensure(&root, install)?;
    let server = postgres::Server::start(&tools.postgres, Durability::None)?;
    println!("private PostgreSQL at {}", server.url());
    let state = redis::Server::start(&tools.redis)?;
    println!("private Redis at {}", state.url());
    let prepare = |command: &mut Command| {
        command
            .current_dir(&root)
            .env("STRAZNICA_TEST_POSTGRES_URL", server.url())
            .env("STRAZNICA_TEST_REDIS_URL", state.url())
            .env("STRAZNICA_PYTHON", &tools.python)
            .env("STRAZNICA_NODE_MODULES", &tools.node_modules);
    };
    let mut tests = cargo();
    if has_nextest() {
        tests.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
        tests.args(filter);
    } else {
        tests.args(["test", "--workspace", "--no-fail-fast"]);
        tests.args(filter);
    }
    prepare(&mut tests);
    succeed(&mut tests)?;
    if filter.is_none() {
        let mut examples = cargo();
        examples.args(["test", "--workspace", "--doc", "--quiet"]);
        prepare(&mut examples);
        succeed(&mut examples)?;
    }
    Ok(())
}

/// Rewrites the committed OpenAPI document by letting its own test do it.
pub(crate) fn openapi() -> Result<(), TaskError> {
    succeed(
        cargo()
            .current_dir(root())
            .args(["test", "--package", "straznica-gateway", "description"])
            .env("UPDATE_OPENAPI", "1"),
    )
}

/// Runs the benchmarks, those with a database on PostgreSQL as it is set in production, and repeats the lines that carry a ratio.
pub(crate) fn bench(package: Option<&str>) -> Result<(), TaskError> {
    let packages = package.map_or_else(
        || vec!["cvc", "emrtd", "names", "sms", "straznica-dispatch", "straznica-tests"],
        |package| vec![package],
    );
    let tools = needs::ensure(&root(), false)?;
    let server = postgres::Server::start(&tools.postgres, Durability::Full)?;
    let state = redis::Server::start(&tools.redis)?;
    let mut ratios = Vec::new();
    for package in packages {
        let output = cargo()
            .current_dir(root())
            .args(["bench", "--package", package, "--benches"])
            .env("STRAZNICA_TEST_POSTGRES_URL", server.url())
            .env("STRAZNICA_TEST_REDIS_URL", state.url())
            .env("STRAZNICA_NODE_MODULES", &tools.node_modules)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{text}");
        ratios.extend(text.lines().filter(|line| line.starts_with("ratio ")).map(str::to_owned));
        if !output.status.success() {
            return Err(TaskError::Failed(format!("cargo bench --package {package}")));
        }
    }
    println!("{}", ratios.join("\n"));
    Ok(())
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started or ends with a failure.
pub(crate) fn succeed(command: &mut Command) -> Result<(), TaskError> {
    let line = format!("{command:?}");
    let status = command.status().map_err(|source| TaskError::Start { command: line.clone(), source })?;
    if status.success() { Ok(()) } else { Err(TaskError::Failed(line)) }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn has_nextest() -> bool {
    cargo()
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Top of the workspace.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}
