//! A line between two nodes that can be cut: whoever is registered at its end is reached only while it is whole.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A loopback address from which everything is passed on to another.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    passing: JoinHandle<()>,
}

impl Line {
    /// A whole line to `target`.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let (whole, state) = watch::channel(true);
        let passing = tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                // a caller on a cut line is hung up on
                if *state.borrow() {
                    tokio::spawn(pass(from, target, state.clone()));
                }
            }
        });
        Self { address, whole, passing }
    }

    /// Where the line begins.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections and refuses new ones.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.cut();
        self.passing.abort();
    }
}

async fn pass(mut from: TcpStream, target: SocketAddr, mut whole: watch::Receiver<bool>) {
    let Ok(mut to) = TcpStream::connect(target).await else { return };
    tokio::select! {
        // however it ends, both ends see it
        _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
