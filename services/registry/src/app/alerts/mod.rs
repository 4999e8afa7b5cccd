//! Checks against alerts: asked of the source, kept, resolved by two officers, waited for by decisions.

mod before_decision;
mod border;
mod check;
mod consultation;
mod forget;
mod open;
mod open_ones;
mod resolution;
mod shown;
mod source;

pub(crate) use border::{BorderCheck, BorderQuestion};
pub(crate) use consultation::IssuerReply;
pub(crate) use open_ones::OpenAlert;
pub(super) use shown::load_checks;
pub(crate) use shown::{ShownAlertConsultation, ShownCheck, ShownChecks, ShownFinding};
use source::AlertSource;

use crate::domain::Purposes;
use crate::domain::alerts::AlertLaw;
use crate::domain::person::Country;

/// What checks against alerts work with.
pub(crate) struct Alerts {
    /// Who is asked; `None`: nobody, and nothing is ever "no hit".
    pub(crate) source: Option<AlertSource>,
    pub(crate) law: AlertLaw,
    pub(crate) own_state: Country,
    pub(crate) border_purposes: Purposes,
}
