//! Getting a connection: TCP, TLS, bind.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::config::LinkConfig;
use super::pdu::{self, ENQUIRE_LINK, GENERIC_NACK, RESPONSE};
use rusmpp::Pdu;

/// A stream to the SMSC, with or without TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A bound connection, and what came right behind the answer to the bind.
pub(super) struct Bound {
    pub(super) wire: Box<dyn Wire>,
    pub(super) behind: BytesMut,
}

/// Why a link is not bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The host is not reached.
    #[error("not reached: {0}")]
    Unreachable(io::ErrorKind),
    /// TLS was refused, by us or by the SMSC.
    #[error("no TLS: {0}")]
    Tls(io::ErrorKind),
    /// It took longer than `connect_time`.
    #[error("no answer in time")]
    TimedOut,
    /// The SMSC refused the bind, as with a wrong password or one connection too many.
    #[error("bind refused with status {status:#06x}")]
    Refused {
        /// command_status of its answer.
        status: u32,
    },
    /// The SMSC hung up before it answered.
    #[error("connection closed during the bind")]
    Closed,
    /// What it answered is no SMPP.
    #[error("the answer to the bind is no SMPP")]
    Garbage,
}

/// Connects and binds, within `connect_time`.
pub(super) async fn connect(config: &LinkConfig, kind: u32) -> Result<Bound, ConnectError> {
    let steps = async {
        let mut wire = open(config).await?;
        let behind = bind(&mut wire, config, kind).await?;
        Ok(Bound { wire, behind })
    };
    tokio::time::timeout(config.connect_time, steps).await.unwrap_or(Err(ConnectError::TimedOut))
}

async fn open(config: &LinkConfig) -> Result<Box<dyn Wire>, ConnectError> {
    let unreachable = |error: io::Error| ConnectError::Unreachable(error.kind());
    let tcp = TcpStream::connect((config.host.as_str(), config.port)).await.map_err(unreachable)?;
    // Small PDUs answered by small PDUs: Nagle's algorithm would add a round trip to each.
    tcp.set_nodelay(true).map_err(unreachable)?;
    let Some(tls) = &config.tls else { return Ok(Box::new(tcp)) };
    let connector = TlsConnector::from((tls.config)());
    let tls = connector.connect(tls.server_name.clone(), tcp).await;
    Ok(Box::new(tls.map_err(|error| ConnectError::Tls(error.kind()))?))
}

async fn bind(wire: &mut Box<dyn Wire>, config: &LinkConfig, kind: u32) -> Result<BytesMut, ConnectError> {
    const SEQUENCE: u32 = 1;
    let closed = |_: io::Error| ConnectError::Closed;
    let mut out = BytesMut::new();
    pdu::write(pdu::bind(kind, &config.account), pdu::OK, SEQUENCE, &mut out);
    wire.write_all(&out).await.map_err(closed)?;
    wire.flush().await.map_err(closed)?;
    let mut octets = BytesMut::with_capacity(1_024);
    loop {
        while let Some(frame) = pdu::take_frame(&mut octets, config.largest_pdu).map_err(|_| ConnectError::Garbage)? {
            match frame.id {
                id if id == kind | RESPONSE && frame.status == pdu::OK => return Ok(octets),
                id if id == kind | RESPONSE || id == GENERIC_NACK => {
                    return Err(ConnectError::Refused { status: frame.status });
                }
                ENQUIRE_LINK => {
                    out.clear();
                    pdu::write(Pdu::EnquireLinkResp, pdu::OK, frame.sequence, &mut out);
                    wire.write_all(&out).await.map_err(closed)?;
                    wire.flush().await.map_err(closed)?;
                }
                // Nothing else has a meaning before the bind is answered.
                _ => return Err(ConnectError::Garbage),
            }
        }
        if wire.read_buf(&mut octets).await.map_err(closed)? == 0 {
            return Err(ConnectError::Closed);
        }
    }
}
