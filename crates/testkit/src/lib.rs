//! What the tests of every crate share: where the test vectors and the independent peers are, and what it means when they are not.
//!
//! A test that needs something outside the project asks here. Absent, it gets `None`, a line says what was skipped and the test returns; where
//! `CI=true`, absence is a failure, so a green run there has run everything.
//!
//! With the feature `canary` it also searches what a service leaves behind for values a test has planted.
#![expect(clippy::print_stdout, reason = "skipping is said where the test runner shows it")]

#[cfg(feature = "canary")]
pub mod canary;
mod message_centre;
pub mod old_register;
mod ports;
mod softhsm;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use message_centre::MessageCentre;
pub use ports::free_port;
pub use softhsm::{SoftHsm, on_softhsm, softhsm_module};

/// Folder of the published test vectors: `$STRAZNICA_VECTORS`, else `../shared/vectors` beside the workspace.
///
/// # Panics
/// When the folder is absent and `CI=true` or `STRAZNICA_VECTORS` is set.
pub fn vectors() -> Option<PathBuf> {
    let named = std::env::var_os("STRAZNICA_VECTORS");
    let folder = named
        .as_ref()
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    absent(&format!("test vectors not found at {}", folder.display()), named.is_some());
    None
}

/// A Python interpreter that can import `module`: `$STRAZNICA_PYTHON`, else `python3`.
///
/// # Panics
/// When it cannot and `CI=true`.
pub fn python_with(module: &str) -> Option<PathBuf> {
    let python = std::env::var_os("STRAZNICA_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    if succeeds(Command::new(&python).args(["-c", &format!("import {module}")])) {
        return Some(python);
    }
    absent(&format!("Python module {module} not importable by {}", python.display()), false);
    None
}

/// The folder of a Python package whose files are read and whose code is not run, so that what it imports need not be there.
///
/// # Panics
/// When it is not installed and `CI=true`.
pub fn python_package(package: &str) -> Option<PathBuf> {
    let python = std::env::var_os("STRAZNICA_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let script = format!("import importlib.util as u; print(u.find_spec('{package}').submodule_search_locations[0])");
    let output = Command::new(&python).args(["-c", &script]).stderr(Stdio::null()).output().ok();
    let found =
        output.filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok());
    if let Some(folder) = found.map(|found| PathBuf::from(found.trim())) {
        return Some(folder);
    }
    absent(&format!("Python package {package} not found by {}", python.display()), false);
    None
}

/// Node.js, ready to run a script that can `require` (or `import` by what `require.resolve` says) this npm package from `$STRAZNICA_NODE_MODULES`, else
/// from `target/node-peers/node_modules`.
///
/// # Panics
/// When there is none and `CI=true`.
pub fn node_with(package: &str) -> Option<Command> {
    let modules = std::env::var_os("STRAZNICA_NODE_MODULES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/node-peers/node_modules"),
        PathBuf::from,
    );
    let node = || {
        let mut node = Command::new("node");
        node.env("NODE_PATH", &modules);
        node
    };
    if succeeds(node().args(["-e", &format!("require.resolve('{package}')")])) {
        return Some(node());
    }
    absent(&format!("npm package {package} not found in {}", modules.display()), false);
    None
}

/// The `openssl` command line tool.
///
/// # Panics
/// When it is absent and `CI=true`.
pub fn openssl() -> Option<PathBuf> {
    if succeeds(Command::new("openssl").arg("version")) {
        return Some(PathBuf::from("openssl"));
    }
    absent("openssl command line tool not found", false);
    None
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn absent(what: &str, required: bool) {
    assert!(!required && std::env::var_os("CI").is_none_or(|value| value != "true"), "{what}");
    println!("skipped: {what}");
}
