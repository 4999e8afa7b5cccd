//! The mobile operator of a test node: a console.

use std::sync::Arc;

use async_trait::async_trait;
use straznica_dispatch::{Channel, Message, Outcome};
use straznica_simulators::operator_console::OperatorConsole;

/// Brings dispatch's messages to the console.
struct ConsoleChannel(OperatorConsole);

#[async_trait]
impl Channel for ConsoleChannel {
    fn name(&self) -> &'static str {
        "console"
    }

    async fn submit(&self, message: Message) -> Outcome {
        match self.0.show(message.to.expose(), message.text.expose()) {
            Ok(number) => Outcome::Accepted { reference: format!("console-{number}") },
            // Half a line may be on the screen.
            Err(_) => Outcome::Unknown,
        }
    }
}

/// The channel of a test node.
pub(crate) fn channel(console: &OperatorConsole) -> Arc<dyn Channel> {
    Arc::new(ConsoleChannel(console.clone()))
}

/// A production node without a link to an operator.
#[derive(Debug, thiserror::Error)]
#[error("no link to a mobile operator is configured; the console is for tests")]
pub(crate) struct NoOperator;
