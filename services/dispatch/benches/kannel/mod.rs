//! Kannel (Debian's `kannel`) as a peer: its bearerbox with its durable spool, fed by its own `mtbatch`.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use straznica_testkit::{MessageCentre, free_port};

/// What it starts and finishes within, or has failed.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(5);

/// Where its programs are; `None`, said, where they are not.
pub(crate) fn installed() -> Option<Programs> {
    let find = |name: &str| {
        ["/usr/sbin", "/usr/bin"].iter().map(|folder| Path::new(folder).join(name)).find(|at| at.is_file())
    };
    let found = find("bearerbox").zip(find("mtbatch"));
    if found.is_none() {
        println!("Kannel is not installed (Debian: kannel), so nothing is compared with it");
    }
    found.map(|(bearerbox, mtbatch)| Programs { bearerbox, mtbatch })
}

/// Its programs.
pub(crate) struct Programs {
    bearerbox: PathBuf,
    mtbatch: PathBuf,
}

/// A running bearerbox.
struct Bearerbox {
    child: Child,
    admin: u16,
}

impl Drop for Bearerbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Programs {
    /// From a backlog that lies in its spool until the last receipt is there: the message centre begins when the backlog is complete. Every message is submitted and has its receipt.
    pub(crate) fn round(&self, messages: usize, window: u16, text: &str) -> Duration {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("store")).unwrap();
        let ports: [u16; 4] = std::array::from_fn(|_| free_port());
        let [admin, boxes, centre, _] = ports;
        let configuration = folder.path().join("kannel.conf");
        std::fs::write(&configuration, configured(folder.path(), ports, window)).unwrap();
        let mut bearerbox = Command::new(&self.bearerbox);
        bearerbox.args(["-v", "4"]).arg(&configuration).current_dir(folder.path());
        let child = bearerbox.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let kannel = Bearerbox { child, admin };
        until(|| kannel.status().is_some());
        let write = |name: &str, content: &str| {
            let at = folder.path().join(name);
            std::fs::write(&at, content).unwrap();
            at
        };
        let (text, receivers) = (write("text", text), write("receivers", &"48600100200\n".repeat(messages)));
        let mut feed = Command::new(&self.mtbatch);
        feed.args([
            "-v",
            "4",
            "-b",
            "127.0.0.1",
            "-p",
            &boxes.to_string(),
            "-f",
            "Straznica",
            "-D",
            "3",
            "-u",
            "http://127.0.0.1/",
        ]);
        let fed = feed.arg(text).arg(receivers).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(fed.status().unwrap().success(), "mtbatch");
        let number = u64::try_from(messages).unwrap();
        until(|| kannel.told("store size ") == Some(number));
        let smsc = MessageCentre::start(&json!({ "quiet": true, "port": centre })).unwrap();
        until(|| kannel.status().is_some_and(|status| status.contains("(online")));
        let begun = Instant::now();
        until(|| kannel.told("DLR: received ") == Some(number));
        let taken = begun.elapsed();
        assert_eq!(kannel.told("queued), sent "), Some(number), "each was submitted once");
        drop((kannel, smsc));
        taken
    }
}

impl Bearerbox {
    /// What it tells of itself; `None` while it does not answer.
    fn status(&self) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.admin)).ok()?;
        stream.write_all(b"GET /status.txt?password=tajne HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.contains("SMSC connections").then_some(answer)
    }

    /// The number after these words, of messages where they stand more than once.
    fn told(&self, words: &str) -> Option<u64> {
        let status = self.status()?;
        let sms = status.get(status.find("SMS: received")?..)?;
        let after = sms.split_once(words)?.1;
        after.split(|one: char| !one.is_ascii_digit()).next()?.parse().ok()
    }
}

fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "Kannel does not go on");
        std::thread::sleep(LOOK);
    }
}

/// With a spool on disk, as many submissions on their way as we have, and no pace.
fn configured(folder: &Path, [admin, boxes, centre, sendsms]: [u16; 4], window: u16) -> String {
    let store = folder.join("store");
    format!(
        "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\nadmin-password = tajne\nsmsbox-port = {boxes}\nsmsbox-interface = 127.0.0.1\n\
         box-allow-ip = 127.0.0.1\nlog-level = 4\nstore-type = spool\nstore-location = {}\ndlr-storage = internal\n\n\
         group = smsc\nsmsc = smpp\nsmsc-id = centre\nhost = 127.0.0.1\nport = {centre}\ntransceiver-mode = true\nsmsc-username = kannel\n\
         smsc-password = tajne\nsystem-type = \"\"\nmax-pending-submits = {window}\nreconnect-delay = 1\nsource-addr-ton = 5\nsource-addr-npi = 0\n\
         dest-addr-ton = 1\ndest-addr-npi = 1\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n",
        store.display()
    )
}
