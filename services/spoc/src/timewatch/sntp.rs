//! One question to one source (SNTP, RFC 5905 §14), against the injected clock.

use std::{net::SocketAddr, time::Duration};

use sntpc::{NtpContext, NtpTimestampGenerator, NtpUdpSocket};
use straznica_types::{Clock, SharedClock, Timestamp};
use thiserror::Error;
use tokio::{
    net::{UdpSocket, lookup_host},
    time::timeout,
};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a source gave no usable answer.
#[derive(Debug, Error)]
pub(super) enum SourceFault {
    /// The name has no address.
    #[error("its name has no address")]
    NoAddress,
    /// The network.
    #[error("it cannot be reached")]
    Network(#[from] std::io::Error),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Silent,
    /// It answered that it is not to be asked, is not synchronised itself, or something that is no answer to our question.
    #[error("its answer is of no use: {0:?}")]
    Answer(sntpc::Error),
    /// The answer took so long that it says too little.
    #[error("its answer took {0} ms, too long to say anything")]
    TooSlow(u64),
}

/// Asks `source` (`host:port`) the time. Returns by how many milliseconds our clock would have to be put forward.
///
/// # Errors
/// [`SourceFault`] without a usable answer; also for one whose way took more than `slowest`, since half of it is the uncertainty.
pub(super) async fn ask(source: &str, clock: &SharedClock, slowest: Duration) -> Result<i64, SourceFault> {
    let answer = timeout(PATIENCE, exchange(source, clock)).await.map_err(|_| SourceFault::Silent)??;
    let roundtrip = Duration::from_micros(answer.roundtrip());
    if roundtrip > slowest {
        return Err(SourceFault::TooSlow(roundtrip.as_millis().try_into().unwrap_or(u64::MAX)));
    }
    Ok(answer.offset() / 1000)
}

async fn exchange(source: &str, clock: &SharedClock) -> Result<sntpc::NtpResult, SourceFault> {
    let address = lookup_host(source).await?.next().ok_or(SourceFault::NoAddress)?;
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    // Connected, so that the system drops what comes from elsewhere.
    socket.connect(address).await?;
    let context = NtpContext::new(Stamp { clock: clock.as_ref(), now: clock.now() });
    sntpc::get_time(address, &Socket(socket), context).await.map_err(SourceFault::Answer)
}

/// The injected clock as sntpc reads it.
#[derive(Clone, Copy)]
struct Stamp<'a> {
    clock: &'a dyn Clock,
    now: Timestamp,
}

impl NtpTimestampGenerator for Stamp<'_> {
    fn init(&mut self) {
        self.now = self.clock.now();
    }

    fn timestamp_sec(&self) -> u64 {
        self.now.millis().div_euclid(1000).try_into().unwrap_or(0)
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        u32::try_from(self.now.millis().rem_euclid(1000)).unwrap_or(0) * 1000
    }

    /// Milliseconds: 2⁻¹⁰ s.
    fn precision(&self) -> i8 {
        -10
    }
}

struct Socket(UdpSocket);

impl NtpUdpSocket for Socket {
    async fn send_to(&self, bytes: &[u8], _connected: SocketAddr) -> sntpc::Result<usize> {
        self.0.send(bytes).await.map_err(|_| sntpc::Error::Network)
    }

    async fn recv_from(&self, bytes: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        let length = self.0.recv(bytes).await.map_err(|_| sntpc::Error::Network)?;
        Ok((length, self.0.peer_addr().map_err(|_| sntpc::Error::Network)?))
    }
}
