//! The check of whoever stands at the border: holder and document at once. Journalled, and kept nowhere.

use serde_json::json;
use straznica_journal::Entry;
use straznica_types::Timestamp;

use super::check::document_text;
use super::shown::ShownFinding;
use super::source::Said;
use crate::app::App;
use crate::app::entry::context;
use crate::domain::alerts::{Finding, Outcome, Profile, Standing, Unavailable, graver, likeness, outcome, standing};
use crate::domain::person::TravelDocument;
use crate::domain::{AlertCheckId, Mandate};
use crate::error::RegistryError;

/// Who stands there, with what.
pub(crate) struct BorderQuestion {
    pub(crate) holder: Profile,
    pub(crate) document: TravelDocument,
}

/// What that came to.
pub(crate) struct BorderCheck<'l> {
    /// Names it in the journal.
    pub(crate) id: AlertCheckId,
    /// Of holder and document together.
    pub(crate) outcome: Outcome,
    /// Why one of them was not checked.
    pub(crate) unavailable: Option<Unavailable>,
    /// Of the older answer.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) checked_at: Timestamp,
    pub(crate) findings: Vec<ShownFinding<'l>>,
}

impl App {
    /// Asks for both, at the same time.
    pub(crate) async fn check_at_border(
        &self,
        mandate: &Mandate,
        question: BorderQuestion,
    ) -> Result<BorderCheck<'_>, RegistryError> {
        let BorderQuestion { holder, document } = question;
        let (person, paper) = match &self.alerts.source {
            None => (Said::nothing("", Unavailable::NotConfigured), Said::nothing("", Unavailable::NotConfigured)),
            Some(source) => tokio::join!(
                source.ask_person(&holder, self.asking(mandate)),
                source.ask_document(&document, self.asking(mandate))
            ),
        };
        let now = self.clock.now();
        let unavailable = person.missing.or(paper.missing);
        let as_of = person.as_of.into_iter().chain(paper.as_of).min();
        let mut findings = Vec::new();
        let mut outcomes = Vec::new();
        for said in [person, paper] {
            let mut standings: Vec<Standing> = Vec::with_capacity(said.matches.len());
            for found in said.matches {
                let counts = standing(found.exact, None);
                let explained = !found.exact && !found.subject.names.is_empty();
                let finding =
                    Finding { likeness: explained.then(|| likeness(&holder, &found.subject)), ..found.finding };
                standings.push(counts);
                findings.push(self.described(finding, counts));
            }
            outcomes.push(outcome(said.missing, &standings));
        }
        let outcome = outcomes.into_iter().fold(Outcome::NoHit, graver);
        let id = AlertCheckId::generate_at(now);
        let detail = json!({
            "check": id.to_string(),
            "outcome": outcome.as_str(),
            "unavailable": unavailable.map(Unavailable::as_str),
        });
        let entry = Entry::new("alerts.border_checked", context(mandate))
            .subject(self.journal.pseudonym("document", &document_text(&document)))
            .legal_basis(mandate.legal_basis.clone())
            .detail(detail);
        self.journal.record_read(entry).await?;
        Ok(BorderCheck { id, outcome, unavailable, as_of, checked_at: now, findings })
    }
}
