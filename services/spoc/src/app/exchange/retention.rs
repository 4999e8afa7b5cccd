//! What partners sent and what was issued to them is kept as long as policy says, and not longer. The journal keeps saying that it was.

use straznica_types::Timestamp;
use time::Date;

use super::crls_by_hand;
use crate::{
    app::App,
    domain::{
        exchange::policy::{Retention, Span},
        records::Day,
    },
    error::SpocError,
    store::exchange::retention::{self, Bounds, Whose},
};

/// Rows deleted in one transaction.
const BATCH: u64 = 500;

/// Deletes what is past its time, a little at a time, until nothing is left of it. While the clock is in doubt nothing is: a clock years ahead would find
/// everything past it, and without what was issued a partner's next request could not be verified.
///
/// # Errors
/// [`SpocError`]
pub(crate) async fn run(app: &App) -> Result<(), SpocError> {
    app.doubt()?;
    crls_by_hand::forget(app).await?;
    let (common, now) = (app.policy.common(), app.clock.now());
    let others = Whose::AllBut(app.policy.deviating().map(|(country, _)| country).collect());
    let partners = app.policy.deviating().map(|(country, values)| (Whose::Of(country), values.retention));
    let mut deleted = 0;
    for (whose, retention) in [(others, common.retention)].into_iter().chain(partners) {
        if let Some(bounds) = bounds(common.validity.document_years, retention, now) {
            deleted += forget(app, &whose, bounds).await?;
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "what was kept of the exchange longer than policy asks is deleted");
    }
    Ok(())
}

async fn forget(app: &App, whose: &Whose, bounds: Bounds) -> Result<u64, SpocError> {
    let mut deleted = 0;
    loop {
        let forgetting = async |tx: &_| Ok::<_, SpocError>(retention::forget(tx, whose, bounds, BATCH).await?);
        let batch = app.store.write_tx(forgetting).await?;
        deleted += batch;
        if batch == 0 {
            return Ok(deleted);
        }
    }
}

/// Until when things may be deleted; `None` at the beginning of time. `years` our own documents are valid: what our CVCA issued opened them.
fn bounds(years: u16, retention: Retention, now: Timestamp) -> Option<Bounds> {
    let today = Day::of(now).date()?;
    let before = |months: u16| Some(Day::of_date(before(today, months)?).midnight());
    Some(Bounds {
        messages: before(retention.messages_months)?,
        // An issued certificate's validity is over, and that of the longest document it opened, and so many months.
        issued: before(years.saturating_mul(12).saturating_add(retention.cvca_months))?,
    })
}

/// The last day from which so many months have passed on `day`.
fn before(day: Date, months: u16) -> Option<Date> {
    let span = Span { months, days: 0 };
    // No month is longer than 31 days; from there the day is found forwards.
    let mut start = day.checked_sub(time::Duration::days(i64::from(months) * 31))?;
    while let Some(next) = start.next_day().filter(|next| span.after(*next).is_some_and(|end| end <= day)) {
        start = next;
    }
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::before;
    use time::macros::date;

    #[test]
    fn months_are_counted_back_to_the_same_day_of_the_month() {
        assert_eq!(before(date!(2026 - 05 - 28), 24), Some(date!(2024 - 05 - 28)));
        assert_eq!(before(date!(2026 - 03 - 30), 1), Some(date!(2026 - 02 - 28)));
        assert_eq!(before(date!(2026 - 05 - 28), 126), Some(date!(2015 - 11 - 28)));
    }
}
