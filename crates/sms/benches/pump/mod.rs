//! The bare codec as a client: what an SMSC can do at most, for benchmarks to compare with.

use std::error::Error;
use std::time::{Duration, Instant};

use futures::{FutureExt, SinkExt, StreamExt};
use rusmpp::pdus::{BindTransceiver, DeliverSmResp, SubmitSm};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use tokio_util::codec::Framed;

type Failure = Box<dyn Error + Send + Sync>;

/// What messages say: one part.
pub(crate) const TEXT: &str = "Kod 123456 do potwierdzenia dowodu osobistego w Urzedzie Miasta, sprawa 12/2026.";

/// The codec and nothing else: no outcome, no pace, no handler.
pub(crate) async fn pump(port: u16, messages: usize, window: u16) -> Result<Duration, Failure> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut framed = Framed::new(stream, CommandCodec::new());
    let text = |text: &str| COctetString::from_string(text.to_owned());
    let bind = BindTransceiver::builder()
        .system_id(COctetString::from_string("pump".to_owned())?)
        .password(COctetString::from_string("tajne".to_owned())?)
        .build();
    framed.send(Command::new(CommandStatus::EsmeRok, 1, bind)).await?;
    framed.next().await.ok_or("no answer to the bind")??;
    let mut template = SubmitSm::default();
    template.source_addr = text("Straznica")?;
    template.destination_addr = text("48600100200")?;
    template.set_short_message(OctetString::from_slice(TEXT.as_bytes())?);
    let start = Instant::now();
    let (mut sent, mut answered, mut receipts) = (0_usize, 0_usize, 0_usize);
    while answered < messages || receipts < messages {
        while sent < messages && sent - answered < usize::from(window) {
            sent += 1;
            let sequence = u32::try_from(sent + 1)?;
            framed.feed(Command::new(CommandStatus::EsmeRok, sequence, template.clone())).await?;
        }
        SinkExt::<Command>::flush(&mut framed).await?;
        // What has come is worked through before anything is written again.
        let mut next = Some(framed.next().await);
        while let Some(command) = next.flatten() {
            let command = command?;
            match command.id() {
                CommandId::SubmitSmResp => answered += 1,
                CommandId::DeliverSm => {
                    receipts += 1;
                    let answer = Pdu::from(DeliverSmResp::new(COctetString::null(), Vec::new()));
                    framed.feed(Command::new(CommandStatus::EsmeRok, command.sequence_number(), answer)).await?;
                }
                _ => {}
            }
            next = framed.next().now_or_never();
        }
    }
    Ok(start.elapsed())
}
