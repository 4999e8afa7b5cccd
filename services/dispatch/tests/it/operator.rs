//! An operator that keeps what it is given, and answers as it is told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sms::receipt::MessageId;
use sms::smpp::PartOutcome;
use straznica_dispatch::{Channel, Message, Outcome};

/// A message as it reached the operator.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Received {
    /// The code in the text, as a citizen reads it.
    pub(crate) fn code(&self) -> String {
        let digits: String = self.text.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(digits.len(), 6, "the text begins with the code");
        digits
    }
}

#[derive(Default)]
pub(crate) struct Operator {
    received: Mutex<Vec<Received>>,
    /// What is answered to the next messages; afterwards all are accepted.
    pub(crate) answers: Mutex<VecDeque<PartOutcome>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Channel for Operator {
    fn name(&self) -> &'static str {
        "double"
    }

    async fn submit(&self, message: Message) -> Outcome {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().pop_front();
        let answer = answer.unwrap_or_else(|| PartOutcome::Accepted(MessageId::new(&format!("ref-{asked}"))));
        if matches!(answer, PartOutcome::Accepted(_) | PartOutcome::Unknown) {
            let received = Received { to: message.to.expose().to_owned(), text: message.text.expose().clone() };
            self.received.lock().unwrap().push(received);
        }
        Outcome { link: None, parts: vec![answer], waited: None }
    }
}

impl Operator {
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// How often something was handed over, accepted or not.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits for so many messages, and gives the last of them.
    pub(crate) async fn message(&self, count: usize) -> Received {
        for _ in 0..3_000 {
            let received = self.received();
            if received.len() >= count {
                return received[count - 1].clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} messages expected, {} came", self.received().len());
    }
}
