//! Turns: how many TLS handshakes are under way at a time.
//!
//! Who has not said anything has no turn, strangers have half of them at most, and a turn lasts a moment: whoever then still keeps us waiting goes on
//! without one. So nobody keeps the next waiting for longer than that; how many handshakes linger is what the connections' own limits say.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// What a handshake takes at most with a client that answers, however far away it is.
const A_TURN: Duration = Duration::from_millis(250);

/// The turns of one listener.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Semaphore,
    strangers: Semaphore,
}

/// One turn. It goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    _one: SemaphorePermit<'a>,
    _of_strangers: Option<SemaphorePermit<'a>>,
}

/// Why a connection never got its turn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTurn {
    #[error("nothing was said, or there was no turn in time")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error("the connection broke before anything was said")]
    Broken(#[from] io::Error),
    #[error("the client left without a word")]
    Left,
    #[error("no more handshakes are taken")]
    Closed(#[from] tokio::sync::AcquireError),
}

impl Turns {
    pub(crate) fn new(handshakes: usize) -> Self {
        Self { all: Semaphore::new(handshakes), strangers: Semaphore::new((handshakes / 2).max(1)) }
    }

    /// The next turn, once the client has said something.
    ///
    /// # Errors
    /// [`NoTurn`]
    pub(crate) async fn next(
        &self,
        tcp: &TcpStream,
        is_stranger: bool,
        patience: Duration,
    ) -> Result<Turn<'_>, NoTurn> {
        timeout(patience, async {
            if tcp.peek(&mut [0]).await? == 0 {
                return Err(NoTurn::Left);
            }
            let _of_strangers = if is_stranger { Some(self.strangers.acquire().await?) } else { None };
            Ok(Turn { _one: self.all.acquire().await?, _of_strangers })
        })
        .await?
    }
}

impl Turn<'_> {
    /// A handshake, which keeps the turn for a moment.
    pub(crate) async fn during<F: Future>(self, handshake: F) -> F::Output {
        let mut handshake = pin!(handshake);
        if let Ok(done) = timeout(A_TURN, handshake.as_mut()).await {
            return done;
        }
        drop(self);
        handshake.await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::{A_TURN, NoTurn, Turns};

    const PATIENCE: Duration = Duration::from_secs(5);
    const IMPATIENCE: Duration = Duration::from_millis(50);

    /// Both ends of a connection: the client's, ours.
    async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, ours) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), ours.unwrap().0)
    }

    #[tokio::test]
    async fn who_says_nothing_has_no_turn() {
        let turns = Turns::new(2);
        let (mut client, ours) = connection().await;
        assert!(matches!(turns.next(&ours, false, IMPATIENCE).await, Err(NoTurn::Slow(_))));
        assert_eq!((turns.all.available_permits(), turns.strangers.available_permits()), (2, 1));
        client.write_all(&[0x16]).await.unwrap();
        turns.next(&ours, false, PATIENCE).await.unwrap();
        let (client, ours) = connection().await;
        drop(client);
        assert!(matches!(turns.next(&ours, false, PATIENCE).await, Err(NoTurn::Left)));
    }

    #[tokio::test]
    async fn strangers_have_half_of_the_turns() {
        let turns = Turns::new(4);
        let (mut client, ours) = connection().await;
        client.write_all(&[0x16]).await.unwrap();
        let first = turns.next(&ours, true, PATIENCE).await.unwrap();
        let _second = turns.next(&ours, true, PATIENCE).await.unwrap();
        assert!(matches!(turns.next(&ours, true, IMPATIENCE).await, Err(NoTurn::Slow(_))));
        let _third = turns.next(&ours, false, PATIENCE).await.unwrap();
        let _fourth = turns.next(&ours, false, PATIENCE).await.unwrap();
        assert!(matches!(turns.next(&ours, false, IMPATIENCE).await, Err(NoTurn::Slow(_))));
        drop(first);
        turns.next(&ours, true, PATIENCE).await.unwrap();
    }

    #[tokio::test]
    async fn a_handshake_that_lingers_has_no_turn_any_more() {
        let turns = Turns::new(1);
        let (mut client, ours) = connection().await;
        client.write_all(&[0x16]).await.unwrap();
        let turn = turns.next(&ours, true, PATIENCE).await.unwrap();
        tokio::select! {
            () = turn.during(pending()) => unreachable!("it never ends"),
            next = turns.next(&ours, true, 20 * A_TURN) => drop(next.unwrap()),
        }
    }
}
