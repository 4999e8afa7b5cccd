//! Words: proposed by one officer, approved by another; and who wishes to read them.

use identifiers::PhoneNumber;
use serde_json::json;
use straznica_journal::Entry;
use straznica_store::Isolation;

use super::report::{Page, limit};
use crate::app::App;
use crate::app::entry::context;
use crate::domain::{Acting, Refusal, TemplateWords};
use crate::error::DispatchError;
use crate::store::{
    KeptTemplate, approve_template, count_templates, find_template, insert_template, latest_version, put_choice,
    templates_after,
};

impl App {
    /// Proposes the next version of a template; which it is.
    pub(crate) async fn propose_template(
        &self,
        acting: &Acting,
        name: &str,
        words: TemplateWords,
    ) -> Result<u32, DispatchError> {
        words.check()?;
        let proposed = KeptTemplate {
            name: name.to_owned(),
            version: 0,
            words,
            proposed_by: acting.by.clone(),
            proposed_at: self.clock.now(),
            approved_by: None,
        };
        let most = u64::from(self.rules.notices.most_templates);
        self.store
            .write_tx_with(Isolation::Serialisable, async |tx| {
                if count_templates(tx, &acting.institution).await? >= most {
                    return Err(Refusal::TooMany("versions of templates").into());
                }
                let version = latest_version(tx, &acting.institution, name).await?.saturating_add(1);
                insert_template(tx, &acting.institution, &KeptTemplate { version, ..proposed.clone() }).await?;
                self.journal.record(tx, words_entry("notice_template.proposed", acting, name, version)).await?;
                Ok::<_, DispatchError>(version)
            })
            .await
    }

    /// Approves a version. Whoever proposed it does not; approved once more it is as it was.
    pub(crate) async fn approve_template(
        &self,
        acting: &Acting,
        name: &str,
        version: u32,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let kept = find_template(self.store.reader(), &acting.institution, name, version).await?;
        if kept.ok_or(Refusal::TemplateUnknown)?.proposed_by == acting.by {
            return Err(Refusal::OwnProposal.into());
        }
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                if approve_template(tx, &acting.institution, (name, version), &acting.by, now).await? {
                    self.journal.record(tx, words_entry("notice_template.approved", acting, name, version)).await?;
                }
                Ok::<_, DispatchError>(())
            })
            .await
    }

    /// Versions of templates after one, by name, the newest of each first.
    pub(crate) async fn templates(
        &self,
        acting: &Acting,
        name: Option<&str>,
        after: Option<(&str, u32)>,
        size: usize,
    ) -> Result<Page<KeptTemplate>, DispatchError> {
        let rows = templates_after(self.store.reader(), &acting.institution, name, after, limit(size)).await?;
        Ok(Page::of(rows, size))
    }

    /// Writes down whether somebody wishes to hear of things at a phone.
    pub(crate) async fn record_choice(
        &self,
        acting: &Acting,
        phone: &PhoneNumber,
        wanted: bool,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let digest = self.phone_digest(&acting.institution, phone);
        self.store
            .write_tx_with(Isolation::ReadCommitted, async |tx| {
                put_choice(tx, &acting.institution, &digest, wanted, &acting.by, now).await?;
                let detail = json!({ "institution": acting.institution.as_str(), "wanted": wanted });
                let entry = Entry::new("notice_choice.recorded", context(&acting.caller))
                    .subject(self.journal.pseudonym("phone", phone.expose()))
                    .detail(detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, DispatchError>(())
            })
            .await
    }
}

fn words_entry(kind: &'static str, acting: &Acting, name: &str, version: u32) -> Entry {
    let detail = json!({ "institution": acting.institution.as_str(), "template": name, "version": version });
    Entry::new(kind, context(&acting.caller)).detail(detail)
}
