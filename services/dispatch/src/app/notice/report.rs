//! What a notice would take, how far it is, and what became of each message.

use std::collections::BTreeMap;

use straznica_types::Timestamp;

use crate::app::App;
use crate::domain::{Acting, Notice, NoticeId};
use crate::error::DispatchError;
use crate::store::{Count, LanguageCount, Told, language_counts, notices_before, told_after, told_counts};

/// Rows of a list, and whether there are more.
#[derive(Debug, Clone)]
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) more: bool,
}

/// How many rows are to be read for a page of so many: one more tells whether there is another page.
pub(super) fn limit(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1)
}

impl<T> Page<T> {
    /// Of rows read by [`limit`].
    pub(super) fn of(mut rows: Vec<T>, size: usize) -> Self {
        let more = rows.len() > size;
        rows.truncate(size);
        Self { rows, more }
    }
}

/// What a notice would take and cost.
#[derive(Debug, Clone)]
pub(crate) struct Estimate {
    /// By language, of those who would be written to.
    pub(crate) languages: Vec<LanguageCount>,
    /// Who would not.
    pub(crate) no_opt_in: u64,
}

/// How far a notice is.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(crate) notice: Notice,
    /// By the name of a state.
    pub(crate) recipients: BTreeMap<String, Count>,
    pub(crate) quiet_until: Option<Timestamp>,
}

impl App {
    /// What a notice would take if it were sent now.
    pub(crate) async fn preview_notice(&self, acting: &Acting, id: NoticeId) -> Result<Estimate, DispatchError> {
        let notice = self.notice_of(acting, id).await?;
        let counts = language_counts(self.store.reader(), id, &notice.institution).await?;
        let (languages, unwanted): (Vec<_>, Vec<_>) = counts.into_iter().partition(|count| count.wanted);
        Ok(Estimate { languages, no_opt_in: unwanted.iter().map(|count| count.recipients).sum() })
    }

    /// How far a notice is.
    pub(crate) async fn notice_progress(&self, acting: &Acting, id: NoticeId) -> Result<Progress, DispatchError> {
        let notice = self.notice_of(acting, id).await?;
        let recipients = told_counts(self.store.reader(), id).await?;
        let quiet_until = self.rules.notices.quiet_hours.until(self.clock.now());
        Ok(Progress { notice, recipients, quiet_until })
    }

    /// Notices of the institution before an id, the greatest first.
    pub(crate) async fn list_notices(
        &self,
        acting: &Acting,
        before: Option<NoticeId>,
        size: usize,
    ) -> Result<Page<Notice>, DispatchError> {
        Ok(Page::of(notices_before(self.store.reader(), &acting.institution, before, limit(size)).await?, size))
    }

    /// What became of each recipient's message, after a reference.
    pub(crate) async fn notice_report(
        &self,
        acting: &Acting,
        id: NoticeId,
        after: &str,
        size: usize,
    ) -> Result<Page<Told>, DispatchError> {
        self.notice_of(acting, id).await?;
        Ok(Page::of(told_after(self.store.reader(), id, after, limit(size)).await?, size))
    }
}
