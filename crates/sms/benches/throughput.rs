//! Messages a second out and receipts back in, against the same message centre: a link with outcomes, pace and a handler, and a bare pump that only turns
//! the codec. Prints `ratio link_to_codec_pump <value>`: the share of the pump's speed, which is the message centre's ceiling, that the link reaches; the
//! aim is at least 0.80. The message centre is npm `smpp`, where it is installed.
//!
//! `ratio link_to_codec_pump_unlimited` is the same against a message centre that only copies octets and limits neither side: what a link costs
//! beyond its codec.
//!
//! `ratio code_wait_p99_to_slot` is how long a code waits from hand-over to the wire while 100,000 bulk messages wait for a link of 200 parts a second: the
//! 99th percentile, in slots of 5 ms. The aim is at most 1, and a machine that is busy with other things adds to it.
//!
//! Rounds alternate and the median counts, for both sides share the machine with the message centre and with whatever else runs.
#![expect(clippy::print_stdout, reason = "a benchmark reports on standard output")]

mod pump;

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use serde_json::json;
use sms::smpp::{
    Account, Class, Handler, Incoming, Link, LinkConfig, LinkName, Message, NotKept, Recipient, Sender, Verdict,
};
use sms::text::{ReferenceWidth, parts};
use straznica_testkit::MessageCentre;
use straznica_types::{Clock, Secret, SystemClock};

use pump::{TEXT, pump};

type Failure = Box<dyn Error + Send + Sync>;

const WINDOW: u16 = 200;
const ROUNDS: usize = 7;

/// Takes every message and sends its receipt at once. Octets in, octets out: it must not be what limits either side.
fn message_centre() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // The other side hangs up at the end of its round.
            let _hung_up = std::thread::spawn(move || serve(stream));
        }
    });
    Ok(port)
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut inbox, mut out) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; 64 * 1_024];
    let mut number = 0_u32;
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        inbox.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let mut at = 0;
        while let Some(header) = inbox.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
            let word =
                |from: usize| header.iter().skip(from).take(4).fold(0_u32, |word, octet| word << 8 | u32::from(*octet));
            let length = word(0) as usize;
            if inbox.len() < at + length {
                break;
            }
            at += length;
            match word(4) {
                0x04 => {
                    number += 1;
                    let id = format!("{number:08x}\0");
                    pdu(&mut out, 0x8000_0004, word(12), id.as_bytes());
                    pdu(&mut out, 0x05, number, receipt(&id).as_slice());
                }
                0x09 => pdu(&mut out, 0x8000_0009, word(12), b"smsc\0"),
                0x06 => pdu(&mut out, 0x8000_0006, word(12), b""),
                _ => {}
            }
        }
        inbox.drain(..at);
        stream.write_all(&out)?;
        out.clear();
    }
}

fn pdu(out: &mut Vec<u8>, id: u32, sequence: u32, body: &[u8]) {
    let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    for word in [length, id, 0, sequence] {
        out.extend(word.to_be_bytes());
    }
    out.extend(body);
}

/// As operators send it: a text, and the fields.
fn receipt(id: &str) -> Vec<u8> {
    let plain = id.trim_end_matches('\0');
    let text = format!(
        "id:{plain} sub:001 dlvrd:001 submit date:2605280930 done date:2605280931 stat:DELIVRD err:000 text:Kod 123456"
    );
    let mut body = b"\0\x01\x0148600100200\0\x05\0Straznica\0\x04\0\0\0\0\0\0\0\0".to_vec();
    body.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    body.extend(text.as_bytes());
    body.extend(b"\x00\x1E\x00\x09");
    body.extend(id.as_bytes());
    body.extend(b"\x04\x27\x00\x01\x02");
    body
}

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Handler for Counter {
    async fn keep(&self, _link: &LinkName, incoming: Incoming) -> Result<(), NotKept> {
        match incoming {
            Incoming::Receipt(_) => self.0.fetch_add(1, Ordering::Relaxed),
            _ => return Err(NotKept),
        };
        Ok(())
    }
}

/// A link that is bound, at so many parts a second, and what counts its receipts.
async fn bound_link(port: u16, rate: u32, window: u16) -> Result<(Link, Counter), Failure> {
    let account =
        Account { system_id: "link".to_owned(), password: Secret::new("tajne".to_owned()), system_type: String::new() };
    let name = LinkName::new("bench").ok_or("no name")?;
    let mut config = LinkConfig::new(name, "127.0.0.1", port, account);
    config.window = NonZeroU16::new(window).ok_or("no window")?;
    config.rate = NonZeroU32::new(rate).ok_or("no rate")?;
    config.deliveries = NonZeroU16::new(window).ok_or("no room")?;
    let counter = Counter::default();
    let link = Link::start(config, SystemClock::shared(), counter.clone())?;
    link.bound().await;
    Ok((link, counter))
}

fn message(class: Class) -> Result<Message, Failure> {
    Ok(Message {
        tag: "bench".to_owned(),
        to: Recipient::new("48600100200").ok_or("no number")?,
        from: Sender::name("Straznica").ok_or("no name")?,
        parts: parts(TEXT, ReferenceWidth::Eight)?,
        class,
        expires: SystemClock.now() + Duration::from_secs(3_600),
    })
}

async fn link(port: u16, messages: usize) -> Result<Duration, Failure> {
    let (link, counter) = bound_link(port, 10_000_000, WINDOW).await?;
    let template = message(Class::Bulk)?;
    let start = Instant::now();
    let mut outcomes =
        stream::iter(0..messages).map(|_| link.submit(template.clone())).buffer_unordered(usize::from(WINDOW) * 2);
    while let Some(outcome) = outcomes.next().await {
        if outcome.verdict() != Verdict::Accepted {
            return Err(format!("{outcome:?}").into());
        }
    }
    while counter.0.load(Ordering::Relaxed) < messages {
        tokio::task::yield_now().await;
    }
    let taken = start.elapsed();
    link.stop().await;
    Ok(taken)
}

/// Codes one at a time while bulk waits.
async fn code_wait(port: u16) -> Result<(), Failure> {
    const BACKLOG: usize = 100_000;
    const RATE: u32 = 200;
    const CODES: u64 = 400;
    let (link, _counter) = bound_link(port, RATE, 10).await?;
    let bulk = message(Class::Bulk)?;
    let backlog = tokio::spawn({
        let link = link.clone();
        async move {
            let submitting = stream::iter(0..BACKLOG).map(|_| link.submit(bulk.clone()));
            submitting.buffer_unordered(BACKLOG).for_each(|_| async {}).await;
        }
    });
    while link.state().bulk_waiting < BACKLOG * 9 / 10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut waits = Vec::new();
    for number in 0..CODES {
        // At every phase of a slot.
        tokio::time::sleep(Duration::from_micros(3_000 + number * 7_919 % 17_000)).await;
        let outcome = link.submit(message(Class::Code)?).await;
        waits.push(outcome.waited.ok_or("a code was not sent")?);
    }
    waits.sort();
    let at = |hundredths: usize| waits.get(waits.len() * hundredths / 100).copied().unwrap_or_default();
    println!("  a code waits {:.2?} (median), {:.2?} (p99) behind {} parts", at(50), at(99), link.state().bulk_waiting);
    println!("ratio code_wait_p99_to_slot {:.3}", at(99).as_secs_f64() * f64::from(RATE));
    link.stop().await;
    backlog.await?;
    Ok(())
}

/// Rounds of both sides in turns; prints their speeds and ratio.
fn compare(name: &str, port: u16, messages: usize) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rounds = Vec::new();
    // The first round of each only warms up.
    for _ in 0..=ROUNDS {
        rounds.push((runtime.block_on(pump(port, messages, WINDOW))?, runtime.block_on(link(port, messages))?));
    }
    let median = |which: fn(&(Duration, Duration)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().skip(1).map(which).collect();
        values.sort_by(f64::total_cmp);
        values.get(ROUNDS / 2).copied().unwrap_or(f64::NAN)
    };
    let count = u32::try_from(messages).map(f64::from)?;
    println!("  {name}: codec pump {:.0} messages/s", count / median(|round| round.0.as_secs_f64()));
    println!("  {name}: link {:.0} messages/s", count / median(|round| round.1.as_secs_f64()));
    println!("ratio {name} {:.3}", median(|(pump, link)| pump.as_secs_f64() / link.as_secs_f64()));
    Ok(())
}

fn main() -> Result<(), Failure> {
    let unlimited = message_centre()?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(code_wait(unlimited))?;
    compare("link_to_codec_pump_unlimited", unlimited, 30_000)?;
    if let Some(peer) = MessageCentre::start(&json!({ "quiet": true })) {
        compare("link_to_codec_pump", peer.port(), 5_000)?;
    }
    Ok(())
}
