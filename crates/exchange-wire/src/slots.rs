//! Who holds the connections of a listener: nobody so many that others are kept out.
//!
//! A connection counts for the address it comes from until somebody is admitted over it, and for that partner from then on. A stranger cannot speak for a
//! partner before it is admitted, so it uses up nobody's share but its address's.
//!
//! Addresses are easily had, so strangers as a whole have a share as well. Once it is used up, the stranger that has been there longest gives way: a
//! partner needs a moment for its handshake, whoever wants to keep others out has to stay. Who comes from a network that a partner was admitted from is
//! no stranger, and whoever is admitted stays.

mod line;
mod network;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exchange::Country;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use self::line::Line;
use self::network::{Known, Network};

/// How many connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// In all.
    pub(crate) connections: usize,
    /// Of one partner.
    pub(crate) per_partner: usize,
    /// Of all strangers together.
    pub(crate) unadmitted: usize,
    /// Of one address before anybody was admitted.
    pub(crate) per_address: usize,
}

/// The connections of one listener.
#[derive(Debug)]
pub(crate) struct Slots {
    open: Arc<Semaphore>,
    share: Share,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: HashMap<Holder, usize>,
    known: Known,
    /// Nobody is admitted over these, nor was from where they come from.
    strangers: Line,
    /// Nobody is admitted over these yet; a partner was from where they come from.
    acquaintances: Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    /// Nobody known yet, at this address.
    Address(Network),
    Partner(Country),
}

/// One connection. It goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    holder: Holder,
    network: Network,
    is_stranger: bool,
    /// In its line, until somebody is admitted.
    place: u64,
    cut_off: CancellationToken,
    _open: OwnedSemaphorePermit,
}

/// Nobody is admitted over the connection; it is to be closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    /// The partner has its share.
    #[error("{0} holds as many connections as it may")]
    TooMany(Country),
    /// It was cut off a moment before.
    #[error("it gave way to others")]
    GaveWay,
}

impl Slots {
    pub(crate) fn new(share: Share) -> Arc<Self> {
        Arc::new(Self { open: Arc::new(Semaphore::new(share.connections)), share, state: Mutex::default() })
    }

    /// The next connection; `None` for one that was closed at once, because its address holds too many.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        listener: &TcpListener,
    ) -> io::Result<Option<(TcpStream, SocketAddr, Slot)>> {
        let (tcp, remote) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let network = Network::of(remote.ip());
        if !self.state().has_room(Holder::Address(network), self.share.per_address) {
            tracing::debug!(%remote, "closed at once: too many connections from there over which nobody is admitted yet");
            return Ok(None);
        }
        let open = self.room_for(network).await?;
        Ok(Some((tcp, remote, self.slot(network, open))))
    }

    /// Room for one more connection. While partners hold all of it, one waits; a stranger gives way.
    async fn room_for(&self, network: Network) -> io::Result<OwnedSemaphorePermit> {
        if let Ok(room) = self.open.clone().try_acquire_owned() {
            return Ok(room);
        }
        self.state().make_room_for(network);
        self.open.clone().acquire_owned().await.map_err(io::Error::other)
    }

    fn slot(self: &Arc<Self>, network: Network, open: OwnedSemaphorePermit) -> Slot {
        let (holder, cut_off) = (Holder::Address(network), CancellationToken::new());
        let mut state = self.state();
        state.add(holder);
        let is_stranger = !state.known.contains(network);
        let most = if is_stranger { self.share.unadmitted } else { self.share.connections };
        let place = state.line(is_stranger).join(most, &cut_off);
        drop(state);
        Slot { slots: self.clone(), holder, network, is_stranger, place, cut_off, _open: open }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, holder: Holder, most: usize) -> bool {
        self.held.get(&holder).copied().unwrap_or_default() < most
    }

    fn add(&mut self, holder: Holder) {
        *self.held.entry(holder).or_default() += 1;
    }

    fn give_back(&mut self, holder: Holder) {
        if let Some(count) = self.held.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                self.held.remove(&holder);
            }
        }
    }

    fn line(&mut self, strangers: bool) -> &mut Line {
        if strangers { &mut self.strangers } else { &mut self.acquaintances }
    }

    /// For a stranger only strangers give way.
    fn make_room_for(&mut self, network: Network) {
        if !self.strangers.give_way() && self.known.contains(network) {
            self.acquaintances.give_way();
        }
    }
}

impl Slot {
    /// Cancelled when the connection has to give way to another: never once somebody is admitted over it.
    pub(crate) fn cut_off(&self) -> CancellationToken {
        self.cut_off.clone()
    }

    /// Whether no partner was ever admitted from where it comes from.
    pub(crate) fn is_stranger(&self) -> bool {
        self.is_stranger
    }

    /// Counts for a partner from now on.
    ///
    /// # Errors
    /// [`NotKept`]: the connection is to be closed.
    pub(crate) fn admit(&mut self, country: Country) -> Result<(), NotKept> {
        let partner = Holder::Partner(country);
        let mut state = self.slots.state();
        if !state.has_room(partner, self.slots.share.per_partner) {
            return Err(NotKept::TooMany(country));
        }
        if !state.line(self.is_stranger).leave(self.place) {
            return Err(NotKept::GaveWay);
        }
        state.known.note(self.network);
        state.add(partner);
        state.give_back(std::mem::replace(&mut self.holder, partner));
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        state.line(self.is_stranger).leave(self.place);
        state.give_back(self.holder);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use exchange::Country;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};
    use tokio::time::timeout;

    use super::{Share, Slot, Slots};

    const ROOMY: Share = Share { connections: 16, per_partner: 8, unadmitted: 8, per_address: 8 };

    struct Street {
        slots: Arc<Slots>,
        listener: TcpListener,
        /// The other ends.
        open: Vec<TcpStream>,
    }

    impl Street {
        async fn new(share: Share) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Self { slots: Slots::new(share), listener, open: Vec::new() }
        }

        async fn arrive(&mut self, from: &str) -> Option<Slot> {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
            let (tcp, accepted) =
                tokio::join!(socket.connect(self.listener.local_addr().unwrap()), self.slots.accept(&self.listener));
            self.open.push(tcp.unwrap());
            accepted.unwrap().map(|(_, _, slot)| slot)
        }

        /// A connection whose handshake is slower than everything here, as it runs: it goes when it is cut off.
        async fn linger(&mut self, from: &str) -> tokio::task::JoinHandle<()> {
            let slot = timeout(Duration::from_secs(5), self.arrive(from)).await.expect("no waiting").unwrap();
            tokio::spawn(async move { slot.cut_off().cancelled().await })
        }

        async fn arrive_admitted(&mut self, from: &str, country: Country) -> Slot {
            let arrived = timeout(Duration::from_secs(5), self.arrive(from)).await;
            let mut slot = arrived.expect("no waiting").unwrap();
            slot.admit(country).unwrap();
            slot
        }
    }

    fn cz() -> Country {
        "CZ".parse().unwrap()
    }

    #[tokio::test]
    async fn an_address_holds_a_few_until_somebody_is_admitted() {
        let mut street = Street::new(Share { per_address: 2, ..ROOMY }).await;
        let mut first = street.arrive("127.0.0.1").await.unwrap();
        let second = street.arrive("127.0.0.1").await.unwrap();
        assert!(street.arrive("127.0.0.1").await.is_none());
        let _elsewhere = street.arrive("127.0.0.2").await.unwrap();
        first.admit(cz()).unwrap();
        let _third = street.arrive("127.0.0.1").await.unwrap();
        assert!(street.arrive("127.0.0.1").await.is_none());
        drop(second);
        let _fourth = street.arrive("127.0.0.1").await.unwrap();
    }

    #[tokio::test]
    async fn a_partner_holds_its_share_from_wherever_it_comes() {
        let mut street = Street::new(Share { per_partner: 2, ..ROOMY }).await;
        let mut slots = Vec::new();
        for number in 1..=4 {
            slots.push(street.arrive(&format!("127.0.0.{number}")).await.unwrap());
        }
        slots[0].admit(cz()).unwrap();
        slots[1].admit(cz()).unwrap();
        assert_eq!(slots[2].admit(cz()).unwrap_err().to_string(), "CZ holds as many connections as it may");
        slots[3].admit("SK".parse().unwrap()).unwrap();
        slots.remove(0);
        slots[1].admit(cz()).unwrap();
        drop(slots);
        assert!(street.slots.state().held.is_empty());
        assert_eq!(street.slots.open.available_permits(), 16);
    }

    #[tokio::test]
    async fn of_too_many_strangers_the_one_that_came_first_gives_way() {
        let mut street = Street::new(Share { unadmitted: 3, ..ROOMY }).await;
        let mut strangers = Vec::new();
        for number in 2..=5 {
            strangers.push(street.arrive(&format!("127.0.0.{number}")).await.unwrap());
        }
        let cut_off: Vec<bool> = strangers.iter().map(|slot| slot.cut_off().is_cancelled()).collect();
        assert_eq!(cut_off, [true, false, false, false]);
        assert_eq!(strangers[0].admit(cz()).unwrap_err().to_string(), "it gave way to others");
        // Whoever left does not have to give way.
        strangers.remove(1);
        let next = street.arrive("127.0.0.6").await.unwrap();
        assert!(strangers[1..].iter().chain([&next]).all(|slot| !slot.cut_off().is_cancelled()));
    }

    #[tokio::test]
    async fn strangers_keep_no_partner_waiting_and_cut_none_off() {
        let mut street = Street::new(Share { connections: 6, unadmitted: 4, ..ROOMY }).await;
        let mut admitted = vec![street.arrive_admitted("127.0.0.1", cz()).await];
        for number in 2..=40 {
            drop(street.linger(&format!("127.0.0.{number}")).await);
        }
        // Partners from anywhere fill all the room there is.
        for number in 1..=5 {
            admitted.push(street.arrive_admitted(&format!("127.0.1.{number}"), cz()).await);
        }
        assert!(admitted.iter().all(|slot| !slot.cut_off().is_cancelled()));
        // Now there is nobody to give way, and the next waits until a partner goes.
        let mut waiting = tokio::spawn(async move { street.arrive("127.0.0.2").await.is_some() });
        assert!(timeout(Duration::from_millis(100), &mut waiting).await.is_err());
        admitted.pop();
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_from_where_a_partner_was_admitted_is_no_stranger() {
        let mut street = Street::new(Share { connections: 4, unadmitted: 2, ..ROOMY }).await;
        drop(street.arrive_admitted("127.0.0.1", cz()).await);
        let one = street.linger("127.0.0.1").await;
        let other = street.linger("127.0.0.1").await;
        for number in 2..=20 {
            drop(street.linger(&format!("127.0.0.{number}")).await);
        }
        assert!(!one.is_finished() && !other.is_finished());
        // When there is no room at all, of those as well the first gives way to its like.
        for _ in 0..3 {
            drop(street.linger("127.0.0.1").await);
        }
        timeout(Duration::from_secs(5), one).await.expect("cut off").unwrap();
    }
}
