//! A token of PKCS#11 in software, for one test alone.
#![expect(clippy::unwrap_used, reason = "preparation that fails fails the test, at the line that says where")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{absent, succeeds};

/// Where distributions put SoftHSM's module.
const MODULES: &[&str] = &[
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// Tells the test's second process, and where its tokens are.
const SECOND: &str = "STRAZNICA_TEST_SOFTHSM";

/// SoftHSM's module: `$STRAZNICA_SOFTHSM`, else where distributions put it.
///
/// # Panics
/// When it or `softhsm2-util` is absent and `CI=true` or `STRAZNICA_SOFTHSM` is set.
pub fn softhsm_module() -> Option<PathBuf> {
    let named = std::env::var_os("STRAZNICA_SOFTHSM").map(PathBuf::from);
    let module = match &named {
        Some(named) => Some(named.clone()).filter(|module| module.exists()),
        None => MODULES.iter().map(PathBuf::from).find(|module| module.exists()),
    };
    if module.is_some() && succeeds(Command::new("softhsm2-util").arg("--version")) {
        return module;
    }
    absent("SoftHSM not found (Debian package softhsm2)", named.is_some());
    None
}

/// SoftHSM with tokens of its own, empty at first.
#[derive(Debug)]
pub struct SoftHsm {
    module: PathBuf,
    directory: TempDir,
}

impl SoftHsm {
    /// A directory for tokens and the configuration that names it, or `None` where SoftHSM is absent.
    ///
    /// # Panics
    /// When the directory cannot be made, or as [`softhsm_module`].
    pub fn new() -> Option<Self> {
        let module = softhsm_module()?;
        let directory = tempfile::Builder::new().prefix("straznica-softhsm-").tempdir().unwrap();
        let tokens = directory.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let configuration =
            format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        std::fs::write(directory.path().join("softhsm2.conf"), configuration).unwrap();
        Some(Self { module, directory })
    }

    /// The module's shared library.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The configuration: SoftHSM reads its path from `SOFTHSM2_CONF` when a process first uses it.
    pub fn configuration(&self) -> PathBuf {
        self.directory.path().join("softhsm2.conf")
    }

    /// Makes a token. The security officer's PIN is `so-` and the user's.
    ///
    /// # Panics
    /// When `softhsm2-util` fails.
    pub fn init_token(&self, label: &str, pin: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", &format!("so-{pin}")])
            .env("SOFTHSM2_CONF", self.configuration())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "softhsm2-util failed");
    }
}

/// Runs `body` with a token of each label, PIN `1234`, in a second process of the same test: the module reads its configuration from the environment,
/// and a process does not change its own. `body` is given the module's path. It has to be a closure within the test's own function, by which
/// the second process finds it.
///
/// # Panics
/// When the second process fails, or as [`softhsm_module`].
pub fn on_softhsm<F: FnOnce(&Path)>(labels: &[&str], body: F) {
    if let Some(module) = std::env::var_os(SECOND) {
        return body(Path::new(&module));
    }
    let Some(hsm) = SoftHsm::new() else { return };
    for label in labels {
        hsm.init_token(label, "1234");
    }
    let path = std::any::type_name::<F>().trim_end_matches("::{{closure}}");
    let (_crate, test) = path.split_once("::").unwrap();
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(SECOND, hsm.module())
        .env("SOFTHSM2_CONF", hsm.configuration())
        .output()
        .unwrap();
    let said = [outcome.stdout, outcome.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n");
    assert!(outcome.status.success() && said.contains("1 passed"), "{test} on SoftHSM: {}\n{said}", outcome.status);
}
