//! Silence is written down: by a job, once, at whatever moment the job comes by.
//!
//! Whoever looks before it does sees the same ([`consequences`](crate::domain::consultation::consequences)); the job is what makes it an event, an entry and news. It may be
//! stopped anywhere: each consultation is one transaction, which looks again at what is written.

use straznica_store::StoreError;

use super::{Doer, law_of};
use crate::app::App;
use crate::domain::{ConsultationId, Refusal};
use crate::error::RegistryError;
use crate::store::{due_silences, load_consultation};

/// Consultations asked for at once.
const A_PAGE: u64 = 1_000;

impl App {
    /// Writes every silence that has spoken by now; tells in how many consultations.
    pub(crate) async fn write_silences(&self) -> Result<u64, RegistryError> {
        let mut written = 0;
        loop {
            let now = self.clock.now();
            let due = due_silences(self.store.reader(), now, A_PAGE).await?;
            let mut failed = None;
            for id in &due {
                let mut wrote = Box::pin(self.write_silence(*id)).await;
                if wrote.as_ref().is_err_and(another_was_faster) {
                    wrote = Box::pin(self.write_silence(*id)).await;
                }
                match wrote {
                    Ok(wrote) => written += u64::from(wrote),
                    // One that cannot be read keeps no other from being written.
                    Err(failure) => failed = Some(failure),
                }
            }
            match failed {
                Some(failure) => return Err(failure),
                None if due.is_empty() => return Ok(written),
                None => {}
            }
        }
    }

    async fn write_silence(&self, id: ConsultationId) -> Result<bool, RegistryError> {
        self.store
            .write_tx(async move |tx| {
                let now = self.clock.now();
                let Some(mut kept) = load_consultation(tx, id).await? else { return Ok(false) };
                let law = self.consultation_law(&kept.whole.file, now)?;
                let doer = Doer::clock(law_of(&law.basis))?;
                if self.note_time(tx, &mut kept, &doer, now).await? {
                    return Ok::<_, RegistryError>(true);
                }
                // Nothing to say, though it was looked for: a corrected law, or another replica was faster. Where it is looked for next is written all the same.
                Box::pin(self.write_noted(tx, &mut kept, usize::MAX, &doer, now)).await?;
                Ok(false)
            })
            .await
    }
}

/// Another replica wrote the same between our reading and our writing.
const fn another_was_faster(failure: &RegistryError) -> bool {
    matches!(failure, RegistryError::Store(StoreError::Duplicate(_)) | RegistryError::Refused(Refusal::Stale))
}
