//! The partner as a client that only takes up room.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use bytes::Bytes;
use exchange::Binding;
use http::Request;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslVerifyMode, SslVersion};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_openssl::SslStream;

use super::Station;
use super::reply::{Broken, Content, HTTP2, install};

/// No connection, or one that broke.
#[derive(Debug, thiserror::Error)]
#[error("a connection to the node broke")]
pub struct PestError(#[from] Broken);

impl Station {
    /// Connects to the node from an address of this machine and shakes hands, with the certificate shown now. Says nothing.
    ///
    /// # Errors
    /// [`PestError`]
    pub async fn dial(&self, from: IpAddr) -> Result<SslStream<TcpStream>, PestError> {
        Ok(self.shake(from).await?)
    }

    async fn shake(&self, from: IpAddr) -> Result<SslStream<TcpStream>, Broken> {
        let context = self.client_context()?;
        let socket = if from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind(SocketAddr::new(from, 0))?;
        let tcp = socket.connect(self.node).await?;
        let mut stream = SslStream::new(Ssl::new(&context)?, tcp)?;
        Pin::new(&mut stream).connect().await?;
        Ok(stream)
    }

    /// Connects and sends the head of a message and a few bytes of its body; the rest never comes. Ends when the node has had enough: with an answer,
    /// or by closing the connection.
    ///
    /// # Errors
    /// [`PestError`] when the node does not even shake hands.
    pub async fn half_a_message(&self, from: IpAddr) -> Result<JoinHandle<()>, PestError> {
        let io = TokioIo::new(self.dial(from).await?);
        let request = match self.binding {
            Binding::Grpc => {
                Request::post(format!("https://{}/straznica.spoc.v1.SpocExchange/GeneralMessage", self.node))
                    .header("content-type", "application/grpc")
                    .header("te", "trailers")
            }
            Binding::Soap => Request::post("/SPOC")
                .header("host", self.node.to_string())
                .header("content-type", "text/xml; charset=utf-8")
                .header("content-length", "1000"),
        };
        let request = request.body(Content::stalling(Bytes::from_static(b"\0\0\0\x03\xE8")));
        let request = request.map_err(Broken::from)?;
        Ok(match self.binding {
            Binding::Grpc => {
                let (mut sender, connection) =
                    http2::handshake(TokioExecutor::new(), io).await.map_err(Broken::from)?;
                tokio::spawn(async move {
                    tokio::select! {
                        _ = connection => (),
                        _ = sender.send_request(request) => (),
                    }
                })
            }
            Binding::Soap => {
                let (mut sender, connection) = http1::handshake(io).await.map_err(Broken::from)?;
                tokio::spawn(async move {
                    tokio::select! {
                        _ = connection => (),
                        _ = sender.send_request(request) => (),
                    }
                })
            }
        })
    }

    fn client_context(&self) -> Result<SslContext, Broken> {
        let mut builder = SslContextBuilder::new(SslMethod::tls_client())?;
        builder.set_verify(SslVerifyMode::NONE);
        match self.binding {
            Binding::Grpc => {
                builder.set_min_proto_version(Some(SslVersion::TLS1_3))?;
                builder.set_alpn_protos(HTTP2)?;
            }
            Binding::Soap => builder.set_groups_list(&self.profile.tls().groups.join(":"))?,
        }
        install(&mut builder, &self.material.load().client)?;
        Ok(builder.build())
    }
}
