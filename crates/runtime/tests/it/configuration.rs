//! Layers of configuration.

use serde::{Deserialize, Serialize};
use straznica_runtime::{
    config::{self, ConfigError, Sources},
    service::ServerConfig,
};
use straznica_types::Secret;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    server: ServerConfig,
    shift: Shift,
    passphrase: Secret<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Shift {
    hours: u32,
    alert_at: u32,
    begins: Vec<String>,
}

impl Default for Shift {
    fn default() -> Self {
        Self { hours: 12, alert_at: 400, begins: vec!["06:00".to_owned(), "18:00".to_owned()] }
    }
}

fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("straznica.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn defaults_run_without_any_source() {
    let config: Config = config::load(&Sources::new()).unwrap();
    assert_eq!((config.shift.hours, config.shift.alert_at, config.shift.begins.len()), (12, 400, 2));
    assert_eq!(config.server, ServerConfig::default());
}

#[test]
fn later_layers_win() {
    let (_kept, path) = file("[shift]\nhours = 8\nalert_at = 300\nbegins = [\"07:00\"]\n");
    let sources = Sources::new().file(&path);
    let config: Config = config::load(&sources).unwrap();
    assert_eq!((config.shift.hours, config.shift.alert_at), (8, 300));
    assert_eq!(config.shift.begins, ["07:00"]);

    let sources = sources.environment(variables(&[
        ("STRAZNICA__SHIFT__ALERT_AT", "200"),
        ("STRAZNICA__PASSPHRASE", "0123"),
        ("STRAZNICA__SERVER__LISTEN__GRPC", "127.0.0.1:8443"),
        ("STRAZNICA_VECTORS", "/elsewhere"),
        ("SHIFT__HOURS", "1"),
    ]));
    let config: Config = config::load(&sources).unwrap();
    assert_eq!((config.shift.hours, config.shift.alert_at), (8, 200));
    assert_eq!(config.passphrase.expose(), "0123", "digits stay as they are written");
    assert_eq!(config.server.listen.grpc.port(), 8443);

    let config: Config = config::load(&sources.set("shift.alert_at", "100")).unwrap();
    assert_eq!((config.shift.hours, config.shift.alert_at), (8, 100));
}

#[test]
fn an_unknown_member_is_refused_by_name() {
    let (_kept, path) = file("[shift]\nhuors = 8\n");
    for sources in [
        Sources::new().file(&path),
        Sources::new().environment(variables(&[("STRAZNICA__SHIFT__HUORS", "8")])),
        Sources::new().set("shift.huors", "8"),
    ] {
        let error = config::load::<Config>(&sources).unwrap_err();
        assert!(matches!(error, ConfigError::Load(_)));
        let text = error.to_string();
        assert!(text.contains("huors"), "{text}");
    }
}

#[test]
fn a_wrong_value_and_a_missing_file_are_refused() {
    let sources = Sources::new().environment(variables(&[("STRAZNICA__SHIFT__HOURS", "many")]));
    let text = config::load::<Config>(&sources).unwrap_err().to_string();
    assert!(text.contains("hours"), "{text}");
    let text = config::load::<Config>(&Sources::new().file("/no/such/file.toml")).unwrap_err().to_string();
    assert!(text.contains("no/such/file.toml"), "{text}");
    let (_kept, path) = file("[shift\n");
    assert!(config::load::<Config>(&Sources::new().file(&path)).is_err());
}

#[test]
fn a_dump_can_be_loaded_again_and_holds_no_secret() {
    let sources = Sources::new().set("passphrase", "correct horse").set("shift.hours", "6");
    let dump = config::dump(&config::load::<Config>(&sources).unwrap()).unwrap();
    assert!(dump.contains("passphrase = \"***\"") && !dump.contains("correct horse"), "{dump}");
    let (_kept, path) = file(&dump);
    assert_eq!(config::load::<Config>(&Sources::new().file(&path)).unwrap().shift.hours, 6);
}
