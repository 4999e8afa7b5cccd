//! Bulk notices: words two officers stand behind, recipients, a preview, and a sending two officers stand behind that can be stopped.
//!
//! A notice puts no more into the outbox at once than a slice; the rest waits with the notice. A restart goes on where it was, and codes never wait behind it: the
//! outbox hands them over first, and keeps room for them. Numbers and values lie sealed until a message was handed over, then they are forgotten in the commit that
//! says so.

mod feed;
mod prepare;
mod report;
mod start;
mod step;
mod template;

use identifiers::PhoneNumber;
use serde_json::{Value, json};
use straznica_journal::{Context, Entry};

pub(crate) use prepare::NewNotice;
pub(crate) use report::{Page, Progress};
pub(super) use step::recipient_of;

use super::App;
use super::entry::context;
use crate::domain::{Acting, Institution, Notice, NoticeId, NoticeTemplate, RecipientId, Refusal, TransactionId};
use crate::error::DispatchError;
use crate::store::{find_notice, find_template};

impl App {
    /// A notice of the institution somebody acts for; another's is not there.
    async fn notice_of(&self, acting: &Acting, id: NoticeId) -> Result<Notice, DispatchError> {
        let found = find_notice(self.store.reader(), id).await?;
        let own = found.filter(|notice| notice.institution == acting.institution);
        Ok(own.ok_or(Refusal::NoticeUnknown)?)
    }

    /// The words of a notice, which are approved.
    async fn words(
        &self,
        institution: &Institution,
        template: &str,
        version: u32,
    ) -> Result<NoticeTemplate, DispatchError> {
        let kept = find_template(self.store.reader(), institution, template, version).await?;
        let kept = kept.filter(|kept| kept.approved_by.is_some()).ok_or(Refusal::TemplateUnknown)?;
        Ok(kept.words.check()?)
    }

    fn phone_digest(&self, institution: &Institution, phone: &PhoneNumber) -> String {
        let parts = [institution.as_str().as_bytes(), phone.expose().as_bytes()];
        hex::encode(self.keys.digest("notice choice", &parts))
    }
}

/// An entry about a notice.
fn notice_entry(kind: &'static str, context: Context, notice: &Notice, detail: Value) -> Entry {
    let mut all = json!({
        "notice": notice.id.to_string(),
        "institution": notice.institution.as_str(),
        "template": notice.template,
        "version": notice.version,
    });
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    Entry::new(kind, context).detail(all)
}

/// What somebody does to a notice.
fn act(kind: &'static str, acting: &Acting, notice: &Notice, detail: Value) -> Entry {
    notice_entry(kind, context(&acting.caller), notice, detail)
}

/// The owner of a recipient's message in the outbox.
fn owner(recipient: RecipientId) -> TransactionId {
    TransactionId::from_uuid(recipient.uuid())
}
