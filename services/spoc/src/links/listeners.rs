//! The ports partners connect to: bound before anything else starts, served once the application stands.

use std::net::SocketAddr;
use std::sync::Arc;

use exchange::soap::{Decoder, Limits};
use straznica_exchange_wire::Admission;
use straznica_exchange_wire::grpc::GrpcServer;
use straznica_exchange_wire::soap::{SoapServer, SoapServerParts, SoapUrl};
use straznica_runtime::service::OwnServer;
use tokio::net::TcpListener;

use super::door::RegisteredProfiles;
use super::{Credentials, Door, LinkError};
use crate::app::App;
use crate::config::ExchangeConfig;

/// Profile by which a partner is answered whose own is not loaded.
const FALLBACK_PROFILE: &str = "2009";

/// Sockets of the bindings that are configured.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    grpc: Option<(TcpListener, SocketAddr)>,
    soap: Option<(TcpListener, SocketAddr)>,
}

impl Sockets {
    /// Binds them.
    ///
    /// # Errors
    /// [`LinkError::Bind`]
    pub(crate) async fn bind(config: &ExchangeConfig) -> Result<Self, LinkError> {
        let mut sockets = Self::default();
        if let Some(binding) = &config.grpc {
            sockets.grpc = Some(bind(binding.listen).await?);
        }
        if let Some(binding) = &config.soap {
            sockets.soap = Some(bind(binding.listen).await?);
        }
        Ok(sockets)
    }

    /// The listeners, ready to be run.
    ///
    /// # Errors
    /// [`LinkError`] when TLS cannot be had of the credentials, or our own URL is none.
    pub(crate) fn servers(
        self,
        app: &Arc<App>,
        credentials: &Credentials,
        admission: &Arc<dyn Admission>,
    ) -> Result<Vec<OwnServer>, LinkError> {
        let profiles = &app.profiles;
        let door = Arc::new(Door::new(Arc::clone(app)));
        let mut servers = Vec::new();
        if let (Some((listener, address)), Some(binding), Some(material)) =
            (self.grpc, &app.config.exchange.grpc, &credentials.grpc)
        {
            let server =
                GrpcServer::new(Arc::clone(material), Arc::clone(admission), door.clone(), binding.limits.clone())?;
            servers.push(OwnServer::new("exchange_grpc", address, move |stop| server.serve(listener, stop)));
        }
        if let (Some((listener, address)), Some(binding), Some(ends)) =
            (self.soap, &app.config.exchange.soap, &credentials.soap)
        {
            let url = binding.url.clone().unwrap_or_else(|| format!("https://{address}/SPOC"));
            let fallback = profiles.get(FALLBACK_PROFILE).ok_or(LinkError::NoProfile)?;
            let server = SoapServer::new(SoapServerParts {
                application: door,
                admission: Arc::clone(admission),
                profiles: Arc::new(RegisteredProfiles::new(Arc::clone(app), Arc::clone(fallback))),
                decoder: Decoder::new(Arc::clone(profiles), Limits::default()),
                tls: Arc::clone(&ends.server),
                url: SoapUrl::parse(&url)?,
                limits: binding.limits.clone(),
            });
            servers.push(OwnServer::new("exchange_soap", address, move |stop| server.serve(listener, stop)));
        }
        Ok(servers)
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), LinkError> {
    let failed = |source| LinkError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
