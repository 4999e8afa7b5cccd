//! The house keeps its order: dependencies point one way, services meet in the contracts only, and document cryptography stays in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What each crate may depend on among our own; development dependencies on the testkit aside.
const ALLOWED: &[(&str, &[&str])] = &[
    ("straznica-types", &[]),
    ("straznica-error", &["straznica-types"]),
    ("straznica-contracts", &["straznica-types", "straznica-error"]),
    ("ciba", &["straznica-types"]),
    ("cvc", &["straznica-types"]),
    ("emrtd", &["straznica-types", "cvc"]),
    ("exchange", &["straznica-types", "cvc", "emrtd"]),
    ("identifiers", &["straznica-types"]),
    ("names", &[]),
    ("sms", &["straznica-types"]),
    ("straznica-exchange-wire", &["straznica-types", "straznica-contracts", "cvc", "emrtd", "exchange"]),
    (
        "straznica-simulators",
        &[
            "straznica-types",
            "straznica-contracts",
            "cvc",
            "emrtd",
            "exchange",
            "identifiers",
            "straznica-exchange-wire",
        ],
    ),
    (
        "straznica-conformance",
        &["straznica-types", "straznica-contracts", "cvc", "emrtd", "exchange", "straznica-exchange-wire"],
    ),
    ("straznica-ephemeral", &["straznica-types", "straznica-error"]),
    ("straznica-pki", &["straznica-types", "straznica-error", "straznica-contracts"]),
    ("straznica-store", &["straznica-types", "straznica-error", "straznica-contracts"]),
    ("straznica-runtime", &["straznica-types", "straznica-error", "straznica-contracts", "straznica-pki"]),
    (
        "straznica-journal",
        &[
            "straznica-types",
            "straznica-error",
            "straznica-contracts",
            "straznica-pki",
            "straznica-store",
            "straznica-runtime",
        ],
    ),
    ("straznica-spoc", &["cvc", "emrtd", "exchange", "straznica-exchange-wire", PLATFORM]),
    ("straznica-dispatch", &["ciba", "identifiers", "sms", PLATFORM]),
    ("straznica-identity", &["emrtd", "identifiers", PLATFORM]),
    ("straznica-registry", &["names", PLATFORM]),
    ("straznica-gateway", &[PLATFORM]),
    ("straznica-testkit", &[]),
    ("xtask", &[]),
];

/// Stands for every crate a service runs on.
const PLATFORM: &str = "platform";
const PLATFORM_CRATES: &[&str] = &[
    "straznica-types",
    "straznica-error",
    "straznica-contracts",
    "straznica-pki",
    "straznica-runtime",
    "straznica-store",
    "straznica-journal",
    "straznica-ephemeral",
];

/// May depend on anything of ours.
const TOP: &[&str] = &["straznica-cli", "straznica-tests"];

/// Alone use OpenSSL (docs/decisions/0002): documents, and the SOAP binding with its brainpool certificates; the simulators play the other side and
/// never ship in a service, nor does the conformance kit, which reaches any SPOC.
const DOCUMENT_CRYPTOGRAPHY: &[&str] =
    &["cvc", "emrtd", "exchange", "straznica-exchange-wire", "straznica-simulators", "straznica-conformance"];

struct Package {
    /// Normal dependencies: what ships.
    normal: BTreeSet<String>,
    /// Development dependencies.
    development: BTreeSet<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names = |package: &serde_json::Value, development: bool| {
        package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| (dependency["kind"] == "dev") == development)
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let name = package["name"].as_str().unwrap().to_owned();
            (name, Package { normal: names(package, false), development: names(package, true) })
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let packages = packages();
    let own: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    for (name, package) in &packages {
        if TOP.contains(&name.as_str()) {
            continue;
        }
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(crate_name, _)| crate_name == name)
            .unwrap_or_else(|| panic!("{name} has no row in the table of allowed dependencies"));
        for dependency in package.normal.iter().filter(|dependency| own.contains(dependency.as_str())) {
            let permitted = allowed.contains(&dependency.as_str())
                || (allowed.contains(&PLATFORM) && PLATFORM_CRATES.contains(&dependency.as_str()));
            assert!(permitted, "{name} may not depend on {dependency}");
        }
    }
}

#[test]
fn no_service_knows_another_service() {
    let services =
        ["straznica-spoc", "straznica-dispatch", "straznica-registry", "straznica-identity", "straznica-gateway"];
    let packages = packages();
    for service in services {
        let package = &packages[service];
        for other in services.iter().filter(|other| **other != service) {
            assert!(!package.normal.contains(*other), "{service} depends on {other}");
            assert!(!package.development.contains(*other), "{service} depends on {other} in its tests");
        }
    }
}

#[test]
fn openssl_stays_with_the_documents() {
    for (name, package) in packages() {
        let uses = package.normal.iter().any(|dependency| dependency.starts_with("openssl"));
        assert!(!uses || DOCUMENT_CRYPTOGRAPHY.contains(&name.as_str()), "{name} uses openssl");
    }
}

#[test]
fn simulators_never_ship_in_a_service() {
    for (name, package) in packages() {
        let uses = package.normal.contains("straznica-simulators") || package.normal.contains("straznica-testkit");
        assert!(!uses || TOP.contains(&name.as_str()), "{name} ships a simulator");
    }
}
