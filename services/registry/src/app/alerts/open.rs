//! Reads the law of alerts and prepares the channel to their source.

use straznica_runtime::service::{ServiceContext, StartError};
use straznica_types::Environment;

use super::{AlertSource, Alerts};
use crate::config::AlertsConfig;
use crate::domain::Purposes;
use crate::domain::alerts::AlertLaw;
use crate::domain::person::Country;
use crate::domain::rules::{RuleBook, RuleError};

/// A production node that would check nobody, and does not say that this is meant.
#[derive(Debug, thiserror::Error)]
#[error("alerts.source is missing; a node that checks nobody says alerts.without_source = true")]
struct NobodyChecked;

/// Why the law of alerts cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0} cannot be read")]
    File(std::path::PathBuf, #[source] std::io::Error),
    #[error(transparent)]
    Rules(#[from] RuleError),
}

impl Alerts {
    /// As configured. The source need not be there.
    pub(crate) async fn open(
        config: &AlertsConfig,
        rules: &RuleBook,
        context: &ServiceContext,
    ) -> Result<Self, StartError> {
        if context.environment == Environment::Production && config.source.is_none() && !config.without_source {
            return Err(StartError::part("preparing checks against alerts", NobodyChecked));
        }
        let law = law(config, rules).await.map_err(|error| StartError::part("reading the law of alerts", error))?;
        let source = config.source.as_ref().map(|source| AlertSource::new(source, &context.tls, context.clock.clone()));
        Ok(Self {
            law,
            source: source
                .transpose()
                .map_err(|error| StartError::part("preparing the channel to the source of alerts", error))?,
            own_state: Country::parse(&config.own_state, "alerts.own_state")
                .map_err(|error| StartError::part("reading the node's own state", error))?,
            border_purposes: Purposes::new(&config.border_purposes)
                .map_err(|error| StartError::part("reading the purposes of the border", error))?,
        })
    }
}

async fn law(config: &AlertsConfig, rules: &RuleBook) -> Result<AlertLaw, Unreadable> {
    let Some(file) = config.law.as_deref() else { return Ok(AlertLaw::built_in()?) };
    let text = tokio::fs::read_to_string(file).await.map_err(|error| Unreadable::File(file.to_owned(), error))?;
    Ok(AlertLaw::parse(&file.display().to_string(), &text, rules)?)
}
