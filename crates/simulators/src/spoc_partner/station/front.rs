//! The line in front of a partner's server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exchange::Binding;
use exchange::profile::Profile;
use straznica_exchange_wire::CurrentMaterial;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::reply::{self, Reply};

/// What happens to a connection.
#[derive(Clone, Debug, Default)]
pub enum Line {
    /// It goes to the partner.
    #[default]
    Through,
    /// It is closed as soon as it is open.
    Closes,
    /// It stays open, and nothing ever comes over it.
    Silent,
    /// TLS is shaken hands over, and every message gets this.
    Replies(Reply),
}

pub(super) struct Front {
    binding: Binding,
    profile: Arc<Profile>,
    behind: SocketAddr,
    material: Arc<CurrentMaterial>,
    now: Mutex<(Line, CancellationToken)>,
    visits: AtomicUsize,
}

impl Front {
    pub(super) fn new(
        binding: Binding,
        profile: Arc<Profile>,
        behind: SocketAddr,
        material: Arc<CurrentMaterial>,
    ) -> Self {
        Self { binding, profile, behind, material, now: Mutex::default(), visits: AtomicUsize::new(0) }
    }

    /// Does this from now on.
    pub(super) fn set(&self, line: Line) {
        self.now().0 = line;
        self.cut();
    }

    /// Ends open connections in the middle of whatever they carry.
    pub(super) fn cut(&self) {
        std::mem::take(&mut self.now().1).cancel();
    }

    pub(super) fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    /// Takes connections until `stop`.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let Ok((tcp, _)) = accepted else { continue };
            self.visits.fetch_add(1, Ordering::SeqCst);
            let (line, cut) = self.now().clone();
            let (front, stop) = (self.clone(), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = cut.cancelled() => (),
                    () = front.carry(tcp, line) => (),
                }
            });
        }
    }

    async fn carry(&self, mut tcp: TcpStream, line: Line) {
        match line {
            Line::Through => {
                let Ok(mut inner) = TcpStream::connect(self.behind).await else { return };
                if let Err(error) = copy_bidirectional(&mut tcp, &mut inner).await {
                    tracing::debug!(%error, "a line to a made-up partner broke");
                }
            }
            Line::Closes => {}
            Line::Silent => std::future::pending().await,
            Line::Replies(reply) => {
                let material = self.material.load();
                if let Err(error) = reply::serve(tcp, self.binding, &self.profile, &material.server, reply).await {
                    tracing::debug!(%error, "a line to a made-up partner broke");
                }
            }
        }
    }

    fn now(&self) -> MutexGuard<'_, (Line, CancellationToken)> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
