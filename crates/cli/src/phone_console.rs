//! The operator that asks phones, of a test node: a simulator, which prints what a phone would show.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use straznica_dispatch::{ClientKeyConfig, Delivery, Hint, PhoneConfig, PhoneKind};
use straznica_simulators::phone_operator::PhoneOperator;
use straznica_types::SharedClock;

use crate::config::NodeConfig;
use crate::suite::SuiteError;

/// Our name at the simulator.
const CLIENT: &str = "straznica";

/// Has the simulator listen, and dispatch ask it for every number it knows. It is asked after the providers that are configured.
pub(crate) async fn connect(
    operator: &PhoneOperator,
    config: &mut NodeConfig,
    folder: &Path,
    clock: SharedClock,
) -> Result<(), SuiteError> {
    let issuer = operator.listen(clock).await?;
    let file = folder.join("phone-operator-client.pem");
    let pem = operator.admit(CLIENT)?;
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
    written
        .and_then(|mut out| out.write_all(pem.as_bytes()))
        .map_err(|source| SuiteError::Folder { path: file.clone(), source })?;
    config.dispatch.phones.push(PhoneConfig {
        name: "simulator".to_owned(),
        kind: PhoneKind::MobileConnect,
        issuer,
        client_id: CLIENT.to_owned(),
        key: ClientKeyConfig { file, id: "client-1".to_owned(), algorithm: "ES256".to_owned() },
        delivery: Delivery::Poll,
        scope: "openid".to_owned(),
        acr_values: vec!["3".to_owned(), "2".to_owned()],
        levels: Vec::new(),
        hint: Hint::Number,
        prefixes: Vec::new(),
        notification_uri: None,
        version: None,
        roots: None,
        ask_seconds: 10,
        look_seconds: 10,
    });
    Ok(())
}
