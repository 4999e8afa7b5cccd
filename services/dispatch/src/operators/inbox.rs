//! What operators deliver.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;
use sms::smpp::{Handler, Incoming, LinkName, NotKept};
use straznica_runtime::failpoint;

use crate::domain::MessageId;
use crate::spool::{Kept, News, Recorder};

/// How often a late answer is told to a record that has not heard of its part, and the pause between.
const LATE_TRIES: u32 = 20;
const LATE_PAUSE: Duration = Duration::from_millis(250);

/// Keeps receipts. What people write back is counted and not kept: nobody is there to read it, and it names their number. What cannot be read is
/// counted for the same reason, and answered for, because it would come again for ever.
#[derive(Clone)]
pub(super) struct Inbox {
    recorder: Recorder,
    discarded: Counter<u64>,
}

impl Inbox {
    pub(super) fn new(recorder: Recorder) -> Self {
        let meter = opentelemetry::global::meter("straznica.dispatch");
        let discarded = meter
            .u64_counter("straznica.dispatch.discarded")
            .with_description("Deliveries that were no receipts, by link and kind")
            .build();
        Self { recorder, discarded }
    }

    fn discard(&self, link: &LinkName, kind: &'static str) {
        self.discarded.add(1, &[KeyValue::new("link", link.to_string()), KeyValue::new("kind", kind)]);
    }

    async fn record(&self, news: News) -> Result<Kept, NotKept> {
        self.recorder.record(news).await.map_err(|_| NotKept)
    }
}

impl Handler for Inbox {
    async fn keep(&self, link: &LinkName, incoming: Incoming) -> Result<(), NotKept> {
        let operator = link.to_string();
        match incoming {
            Incoming::Receipt(receipt) => {
                failpoint::reach("dispatch.receipt.arrived").await;
                self.record(News::Receipt { operator, receipt }).await?;
                failpoint::reach("dispatch.receipt.kept").await;
            }
            Incoming::Message { .. } => self.discard(link, "message"),
            Incoming::Unreadable { reason, .. } => {
                tracing::warn!(%link, %reason, "a delivery cannot be read");
                self.discard(link, "unreadable");
            }
            Incoming::Late { tag, part, outcome } => {
                let (Ok(message), Ok(part)) = (MessageId::parse(&tag), u32::try_from(part)) else {
                    return Err(NotKept);
                };
                for _ in 0..LATE_TRIES {
                    let news = News::Late { operator: operator.clone(), message, part, outcome: outcome.clone() };
                    if self.record(news).await? != Kept::TooEarly {
                        return Ok(());
                    }
                    tokio::time::sleep(LATE_PAUSE).await;
                }
                return Err(NotKept);
            }
        }
        Ok(())
    }
}
