//! Ports of this machine that a test asks for before somebody listens on them.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// The ports handed out lie from here on: below those the system gives to whoever asks for any (from 32768).
const LOWEST: u16 = 10_000;
const MANY: u16 = 20_000;

/// A port of 127.0.0.1 nobody uses, and nobody gets who asks the system for any: a server that is told its port, or started again, finds it free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Processes that run at the same time begin far from each other.
    let begin = u16::try_from(std::process::id() * 41 % u32::from(MANY)).unwrap_or_default();
    loop {
        let port = LOWEST + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % MANY;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
