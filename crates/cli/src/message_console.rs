//! The mobile operator of a test node: a console.

use std::sync::Arc;

use async_trait::async_trait;
use sms::receipt::MessageId;
use sms::smpp::PartOutcome;
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
        let part = match self.0.show(message.to.expose(), message.text.expose()) {
            Ok(number) => PartOutcome::Accepted(MessageId::new(&format!("console-{number}"))),
            // Half a line may be on the screen.
            Err(_) => PartOutcome::Unknown,
        };
        Outcome { link: None, parts: vec![part], waited: None }
    }
}

/// The channel of a test node.
pub(crate) fn channel(console: &OperatorConsole) -> Arc<dyn Channel> {
    Arc::new(ConsoleChannel(console.clone()))
}
