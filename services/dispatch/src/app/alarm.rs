//! The alarm against pumping.

use std::time::Duration;

use serde_json::json;
use straznica_contracts::dispatch::events::v1::PumpingSuspected;
use straznica_ephemeral::Cooldown;
use straznica_journal::{Context, Entry};
use straznica_store::Isolation;

use super::App;
use crate::error::DispatchError;
use crate::store::prefix_counts;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

impl App {
    /// Looks at every range; rings for those whose codes are suddenly not used any more, each at most once an hour. Returns how many it rang for.
    pub(crate) async fn look_for_pumping(&self) -> Result<usize, DispatchError> {
        let now = self.clock.now();
        let recent_since = now - HOUR;
        let mut rung = 0;
        for counts in prefix_counts(self.store.reader(), recent_since - DAY, recent_since, now).await? {
            if !self.rules.rates.rings(counts.recent, counts.before) {
                continue;
            }
            let place = self.keys.place("alarm", &[counts.prefix.as_bytes()]);
            if self.ephemeral.cooldown(&place, HOUR).await? != Cooldown::Ready {
                continue;
            }
            let (sent, validated) = counts.recent;
            let event = PumpingSuspected { prefix: counts.prefix.clone(), sent, validated };
            let detail = json!({ "prefix": counts.prefix, "sent": sent, "validated": validated });
            let entry =
                Entry::new("pumping.suspected", Context::of_service("service/dispatch")).detail(detail).event(&event);
            self.store
                .write_tx_with(Isolation::ReadCommitted, async |tx| {
                    self.journal.record(tx, entry).await?;
                    Ok::<_, DispatchError>(())
                })
                .await?;
            tracing::warn!(prefix = counts.prefix, sent, validated, "far fewer codes are used than the day before");
            self.metrics.alarm();
            rung += 1;
        }
        Ok(rung)
    }
}
