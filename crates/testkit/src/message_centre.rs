//! A message centre nobody here wrote: npm `smpp`, run by the script of crates/sms with the faults of real ones.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long what it has written may take to be read.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running peer, and what it has told. It ends when this is dropped.
#[derive(Debug)]
pub struct MessageCentre {
    child: Child,
    port: u16,
    events: Arc<Mutex<Vec<Value>>>,
}

impl MessageCentre {
    /// Starts it with the script's options, on a free port unless they name one. `None`, said, where Node.js or the package is not installed.
    ///
    /// # Panics
    /// When it is installed and does not start; when it is not and `CI=true`.
    #[expect(clippy::expect_used, reason = "a test whose peer does not start fails")]
    pub fn start(options: &Value) -> Option<Self> {
        let mut node = crate::node_with("smpp")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sms/tests/peers/smsc.js");
        node.arg(script).arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().expect("node runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let first = lines.next().expect("it says where it listens").expect("in a line");
        let first: Value = serde_json::from_str(&first).expect("of JSON");
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("with a port");
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = events.clone();
        std::thread::spawn(move || {
            for event in lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                told.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            }
        });
        Some(Self { child, port, events })
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has told of a kind so far; what it writes takes a moment to be read.
    pub fn told(&self, event: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().filter(|told| told["event"] == event).cloned().collect()
    }

    /// How often it has told of a kind, when it has told of it so often or some time has passed.
    pub fn heard(&self, event: &str, often: usize) -> usize {
        let begun = Instant::now();
        while self.told(event).len() < often && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.told(event).len()
    }

    /// How often each text was submitted.
    pub fn submissions(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for submitted in self.told("submit") {
            let text = submitted["text"].as_str().unwrap_or_default();
            *counts.entry(text.to_owned()).or_default() += 1;
        }
        counts
    }
}

impl Drop for MessageCentre {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
