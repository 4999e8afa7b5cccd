//! The made-up certificates a state's SPOC is known by, as files or from its key store.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use exchange::Country;
use exchange::development::Issued;
use straznica_contracts::spoc::v1::CreateExchangeTlsKeyRequest;
use straznica_exchange_wire::Binding;
use straznica_exchange_wire::development::{DevelopmentSpoc, write_pem};
use straznica_spoc::config::CredentialConfig;
use straznica_types::Secret;

use super::DemoError;
use super::officer::{OFFICERS, Officer};
use super::state::BindingName;
use crate::arguments::ServiceName;
use crate::suite::{Pace, Suite, SuiteOptions};

/// Issues a certificate for both sides and writes it, with its key, where the node reads them.
pub(super) fn issue(
    folder: &Path,
    name: BindingName,
    authority: &DevelopmentSpoc,
) -> Result<CredentialConfig, DemoError> {
    write(folder, name, authority.country(), &authority.issue(&authority.request("127.0.0.1"))?)
}

/// Writes a certificate with its key where the node reads them.
pub(super) fn write(
    folder: &Path,
    name: BindingName,
    country: Country,
    issued: &Issued,
) -> Result<CredentialConfig, DemoError> {
    let base = folder.join(Binding::from(name).as_str());
    let (certificate_chain, private_key) = (base.with_extension("pem"), base.with_extension("key"));
    let passphrase = Some(Secret::new(format!("a passphrase of {country}")));
    write_pem(issued, &certificate_chain, &private_key, passphrase.as_ref())?;
    Ok(CredentialConfig { certificate_chain, private_key: Some(private_key), passphrase, key_handle: None })
}

/// Issues a certificate of the key in the key store that `request` is signed with, and writes it where the node reads it.
pub(super) fn certify(folder: &Path, authority: &DevelopmentSpoc, request: &[u8]) -> Result<PathBuf, DemoError> {
    let chain = folder.join(Binding::Grpc.as_str()).with_extension("pem");
    std::fs::write(&chain, authority.certify(request, "127.0.0.1")?)?;
    Ok(chain)
}

/// Runs spoc alone for as long as it takes to make the key in its store. The key's handle, and the request for its certificate.
pub(super) async fn key_in_store(
    options: &SuiteOptions,
    authority: &DevelopmentSpoc,
) -> Result<(String, Vec<u8>), DemoError> {
    let alone = SuiteOptions {
        config: options.config.clone(),
        services: BTreeSet::from([ServiceName::Spoc]),
        clock: options.clock.clone(),
        metrics: prometheus::Registry::new(),
        folder: options.folder.clone(),
        fresh: options.fresh,
        pace: Pace::ByHand,
        messages: options.messages.clone(),
        phones: None,
    };
    let suite = Suite::start(alone).await?;
    let channel = suite.operator_channel(ServiceName::Spoc, OFFICERS[0])?;
    let officer = Officer::at(OFFICERS[0], options.clock.clone(), channel);
    let request = CreateExchangeTlsKeyRequest {
        context: officer.context(),
        organisation: "Border Guard".to_owned(),
        common_name: format!("SPOC {}", authority.country()),
        host: "127.0.0.1".to_owned(),
    };
    let made = officer.national().create_exchange_tls_key(request).await?.into_inner();
    suite.stop().await?;
    Ok((made.key_handle, made.certificate_request))
}
