//! The worklist's order, made again: what is due changes as days pass, as the law deems things to happen, and when the files of the law change.

use straznica_types::{CivilDate, Timestamp};

use super::App;
use crate::domain::CaseId;
use crate::domain::calendar::warsaw;
use crate::domain::course::course;
use crate::domain::file::{WholeCase, work};
use crate::domain::rules::CaseType;
use crate::error::RegistryError;
use crate::store::{CaseCounted, counted_after, load_case, write_counted};

/// Cases looked at in one reading.
const PAGE: u64 = 200;
/// Cases counted in one turn: the next one goes on with what is left.
const TURN: usize = 20_000;

impl App {
    /// Counts the cases that were not counted today or by this law; tells how many. Each is written by itself, so that it may be stopped anywhere and begun again.
    pub(crate) async fn count_cases(&self) -> Result<usize, RegistryError> {
        let (mut after, mut counted) = (None, 0);
        loop {
            let page =
                self.store.read_tx(async |tx| Ok::<_, RegistryError>(counted_after(tx, after, PAGE).await?)).await?;
            let Some((last, ..)) = page.last() else { return Ok(counted) };
            after = Some(*last);
            let now = self.clock.now();
            let today = warsaw::date(now);
            for (id, closed, before) in page {
                if self.is_current(before.as_ref(), closed, today) {
                    continue;
                }
                self.count_case(id, now).await?;
                counted += 1;
                if counted == TURN {
                    return Ok(counted);
                }
            }
        }
    }

    /// What is closed stays so until the law changes.
    fn is_current(&self, before: Option<&CaseCounted>, closed: bool, today: CivilDate) -> bool {
        before.is_some_and(|before| {
            before.law == self.law_digest && (before.on == today || (closed && before.closed_on.is_some()))
        })
    }

    async fn count_case(&self, id: CaseId, now: Timestamp) -> Result<(), RegistryError> {
        self.store
            .write_tx(async move |tx| {
                let Some(case) = load_case(tx, id).await? else { return Ok(()) };
                let law = self.law(&case, now)?;
                let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
                let closed_on = self.closed_on(law, &case, now)?;
                let counted = CaseCounted { on: warsaw::date(now), law: self.law_digest.clone(), closed_on };
                write_counted(tx, &case.file, &standing, &counted).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// The day a case was closed; `None` while it is not.
    pub(super) fn closed_on(
        &self,
        law: &CaseType,
        case: &WholeCase,
        now: Timestamp,
    ) -> Result<Option<CivilDate>, RegistryError> {
        let course = course(law, &case.happened(), &self.calendar, now).map_err(crate::domain::Refusal::from)?;
        Ok(course.filter(|course| course.stage.closed).map(|course| course.since.day))
    }
}
