//! What did not arrive is found, and shown to people.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::ConsultationFormOverdue;
use straznica_journal::{Context, Entry};

use super::{Network, bound_to_received};
use crate::app::App;
use crate::app::entry::context;
use crate::domain::scn::{Content, FileNumber, Message, Notice, NoticeLetter, State, Unifier, decode};
use crate::domain::{ConsultationId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    Counted, Fate, ReceivedRow, SentRow, StrayRow, counted, mark_overdue, newly_overdue, of_fate, send_again, strays,
    unmatched,
};

/// Longest lists.
const REPORTED: u64 = 200;

/// What went over the network, and what did not arrive.
pub(crate) struct NetworkReport {
    pub(crate) counted: Counted,
    pub(crate) unmatched: Vec<SentRow>,
    pub(crate) waiting: Vec<ReceivedRow>,
    pub(crate) strays: Vec<StrayRow>,
}

/// A notice of another state.
pub(crate) struct ShownNotice {
    pub(crate) row: ReceivedRow,
    pub(crate) text: String,
}

impl App {
    /// Finds forms that are older than any delivery notification takes, and tells of each once. Tells how many.
    pub(crate) async fn find_overdue(&self) -> Result<u64, RegistryError> {
        let Some(network) = &self.network else { return Ok(0) };
        let before = self.clock.now() - network.rule.overdue;
        let mut found = 0;
        for row in newly_overdue(self.store.reader(), before, REPORTED).await? {
            let row = &row;
            found += u64::from(self.store.write_tx(async move |tx| self.report_overdue(tx, row).await).await?);
        }
        Ok(found)
    }

    async fn report_overdue(&self, tx: &DatabaseTransaction, row: &SentRow) -> Result<bool, RegistryError> {
        if !mark_overdue(tx, &row.unifier).await? {
            return Ok(false);
        }
        let about = row.consultation_id.map(|id| ConsultationId::from_uuid(id).to_string()).unwrap_or_default();
        let told = ConsultationFormOverdue {
            unifier: row.unifier.clone(),
            state: row.state.clone(),
            letter: row.letter.clone(),
            consultation_id: about,
        };
        let detail =
            json!({ "unifier": row.unifier, "state": row.state, "letter": row.letter, "attempts": row.attempts });
        let entry = Entry::new("consultation_form.overdue", Context::of_service("service/registry")).detail(detail);
        self.journal.record(tx, entry.event(&told)).await?;
        Ok(true)
    }

    /// The report an officer reads.
    pub(crate) async fn network_report(&self, mandate: &Mandate) -> Result<NetworkReport, RegistryError> {
        let report = self.store.read_tx(async |tx| {
            Ok::<_, RegistryError>(NetworkReport {
                counted: counted(tx).await?,
                unmatched: unmatched(tx).await?,
                waiting: of_fate(tx, Fate::Waiting, false, REPORTED).await?,
                strays: strays(tx).await?,
            })
        });
        let report = report.await?;
        let detail = json!({ "unmatched": report.unmatched.len(), "waiting": report.waiting.len() });
        self.read(mandate, "consultation_network.read", detail).await?;
        Ok(report)
    }

    /// Has a form sent again now.
    pub(crate) async fn resend_form(&self, mandate: &Mandate, unifier: &str) -> Result<(), RegistryError> {
        self.network()?;
        self.store
            .write_tx(async move |tx| {
                if !send_again(tx, unifier, self.clock.now()).await? {
                    return Err(Refusal::NoForm.into());
                }
                let detail = json!({ "unifier": unifier });
                let entry = Entry::new("consultation_form.resent", context(mandate))
                    .legal_basis(mandate.legal_basis.clone())
                    .detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// Sends a notice to another state.
    pub(crate) async fn send_notice(
        &self,
        mandate: &Mandate,
        state: &str,
        letter: &str,
        file_number: &str,
        text: &str,
    ) -> Result<Unifier, RegistryError> {
        let network = self.network()?;
        let mut letters = letter.chars();
        let letter = letters.next().filter(|_| letters.next().is_none()).and_then(NoticeLetter::from_letter);
        let letter = letter.ok_or(Refusal::Invalid { member: "/letter", expected: "E, F, G or H" })?;
        let state = State::parse(state).ok().filter(|state| *state != network.state);
        let state = &state.ok_or(Refusal::Invalid { member: "/state", expected: "another state by three letters" })?;
        let file_number = FileNumber::parse(file_number)
            .map_err(|_| Refusal::Invalid { member: "/file_number", expected: "1 to 19 letters and digits" })?;
        let text = text.trim();
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/text", expected: "up to 200 characters" }.into());
        }
        let notice = &Notice { letter, file_number, text: text.to_owned() };
        self.store
            .write_tx(async move |tx| {
                let content = Content::Notice(notice.clone());
                let unifier = self.queue(tx, network, state.as_str(), content, None, self.clock.now()).await?;
                let detail = json!({ "unifier": unifier.as_str(), "state": state.as_str() });
                let entry = Entry::new("consultation_notice.sent", context(mandate))
                    .legal_basis(mandate.legal_basis.clone())
                    .detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(unifier)
            })
            .await
    }

    /// Notices of other states, the latest first.
    pub(crate) async fn notices(&self, mandate: &Mandate, limit: u64) -> Result<Vec<ShownNotice>, RegistryError> {
        let rows = of_fate(self.store.reader(), Fate::Kept, true, limit).await?;
        let mut notices = Vec::with_capacity(rows.len());
        for row in rows {
            let body = self.keys.unseal_for(bound_to_received(&row.state, &row.unifier), &row.sealed)?;
            let form = decode(&Message { subject: row.subject.clone(), body });
            let Ok(Content::Notice(notice)) = form.map(|form| form.content) else { continue };
            notices.push(ShownNotice { row, text: notice.text });
        }
        self.read(mandate, "consultation_notices.read", json!({ "notices": notices.len() })).await?;
        Ok(notices)
    }

    async fn read(
        &self,
        mandate: &Mandate,
        kind: &'static str,
        detail: serde_json::Value,
    ) -> Result<(), RegistryError> {
        let entry = Entry::new(kind, context(mandate)).legal_basis(mandate.legal_basis.clone()).detail(detail);
        self.journal.record_read(entry).await?;
        Ok(())
    }

    fn network(&self) -> Result<&Network, Refusal> {
        self.network.as_ref().ok_or(Refusal::NoNetwork)
    }
}
