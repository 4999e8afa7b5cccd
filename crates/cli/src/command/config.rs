//! `straznica config show`: the configuration in force.

use straznica_runtime::config::{ConfigError, Sources, dump, load};

use super::output::{self, OutputError};
use crate::arguments::{self, Config};
use crate::config::NodeConfig;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// A source cannot be read, or has a member nobody knows.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `--set` without a value.
    #[error(transparent)]
    Set(#[from] SetError),
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// An override that is none.
#[derive(Debug, thiserror::Error)]
#[error("--set {0}: write it as MEMBER=VALUE, e.g. --set spoc.server.listen.grpc=127.0.0.1:7001")]
pub struct SetError(String);

/// Runs the command.
///
/// # Errors
/// [`ShowError`]
pub fn run(command: &Config) -> Result<(), ShowError> {
    let Config::Show(options) = command;
    let config: NodeConfig = load(&sources(options)?)?;
    Ok(output::line(&dump(&config)?)?)
}

/// Where the options say configuration comes from; the process's environment always does.
///
/// # Errors
/// [`SetError`]
pub fn sources(options: &arguments::Sources) -> Result<Sources, SetError> {
    let mut sources = options.config.iter().fold(Sources::new(), Sources::file).process_environment();
    for text in &options.set {
        let (member, value) = text.split_once('=').ok_or_else(|| SetError(text.clone()))?;
        sources = sources.set(member, value);
    }
    Ok(sources)
}
