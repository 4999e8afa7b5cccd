//! Layered configuration.
//!
//! Later layers win: the type's own defaults, TOML files in order, environment variables `STRAZNICA__<A>__<B>` (member `a.b`; lower-cased),
//! overrides. A member nobody knows is refused: the structs carry `#[serde(default, deny_unknown_fields)]`. Lists are set in files only.

use std::{collections::BTreeMap, path::PathBuf};

use config::{Environment, File, FileFormat, builder::DefaultState};
use serde::{Serialize, de::DeserializeOwned};

const PREFIX: &str = "STRAZNICA";
const SEPARATOR: &str = "__";

/// A configuration that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read, is no TOML, has an unknown member or a value of the wrong type. The text names the member and the file.
    #[error("configuration: {0}")]
    Load(#[source] Box<config::ConfigError>),
    /// The configuration cannot be written as TOML.
    #[error("the configuration cannot be shown")]
    Dump(#[from] toml::ser::Error),
}

impl From<config::ConfigError> for ConfigError {
    fn from(error: config::ConfigError) -> Self {
        Self::Load(Box::new(error))
    }
}

/// Where the configuration comes from, beside the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<PathBuf>,
    environment: Variables,
    overrides: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default)]
enum Variables {
    #[default]
    None,
    Process,
    Given(BTreeMap<String, String>),
}

impl Sources {
    /// Defaults only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML file; it has to exist.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// Takes the process's environment variables in.
    #[must_use]
    pub fn process_environment(mut self) -> Self {
        self.environment = Variables::Process;
        self
    }

    /// Takes these variables in instead of the process's.
    #[must_use]
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment = Variables::Given(variables.into_iter().collect());
        self
    }

    /// Sets one member, e.g. `spoc.listen.grpc`, over everything else.
    #[must_use]
    pub fn set(mut self, member: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.push((member.into(), value.into()));
        self
    }

    fn builder(&self) -> Result<config::ConfigBuilder<DefaultState>, config::ConfigError> {
        let mut builder = config::Config::builder();
        for path in &self.files {
            builder = builder.add_source(File::from(path.as_path()).format(FileFormat::Toml).required(true));
        }
        let environment = Environment::with_prefix(PREFIX).prefix_separator(SEPARATOR).separator(SEPARATOR);
        builder = match &self.environment {
            Variables::None => builder,
            Variables::Process => builder.add_source(environment),
            Variables::Given(variables) => {
                let variables = variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                builder.add_source(environment.source(Some(variables)))
            }
        };
        for (member, value) in &self.overrides {
            builder = builder.set_override(member, value.as_str())?;
        }
        Ok(builder)
    }
}

/// Loads a configuration.
///
/// # Errors
/// [`ConfigError::Load`], naming the member and where it came from.
pub fn load<T: DeserializeOwned>(sources: &Sources) -> Result<T, ConfigError> {
    Ok(sources.builder()?.build()?.try_deserialize()?)
}

/// The configuration in force as TOML; secrets show as `***`.
///
/// # Errors
/// [`ConfigError::Dump`].
pub fn dump<T: Serialize>(config: &T) -> Result<String, ConfigError> {
    Ok(toml::to_string_pretty(config)?)
}
