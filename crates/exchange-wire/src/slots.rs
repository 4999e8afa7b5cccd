//! Who holds the connections of a listener: nobody so many that others are kept out.
//!
//! A connection counts for the address it comes from until somebody is admitted over it, and for that partner from then on. A stranger cannot speak for a
//! partner before it is admitted, so it uses up nobody's share but its address's.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exchange::Country;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections of one listener.
#[derive(Debug)]
pub(crate) struct Slots {
    open: Arc<Semaphore>,
    per_partner: usize,
    per_address: usize,
    held: Mutex<HashMap<Holder, usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    /// Nobody known yet, at this address; of IPv6 its network of 64 bits, which is what one subscriber has.
    Address(IpAddr),
    Partner(Country),
}

/// One connection. It goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    holder: Holder,
    _open: OwnedSemaphorePermit,
}

/// The partner holds as many connections as it may.
#[derive(Debug, thiserror::Error)]
#[error("{0} holds as many connections as it may")]
pub(crate) struct TooMany(Country);

impl Slots {
    /// So many connections in all, of one partner, and of one address before anybody was admitted.
    pub(crate) fn new(connections: usize, per_partner: usize, per_address: usize) -> Arc<Self> {
        let open = Arc::new(Semaphore::new(connections));
        Arc::new(Self { open, per_partner, per_address, held: Mutex::default() })
    }

    /// The next connection; `None` for one that was closed at once, because its address holds too many.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        listener: &TcpListener,
    ) -> io::Result<Option<(TcpStream, SocketAddr, Slot)>> {
        let open = self.open.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (tcp, remote) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let holder = Holder::Address(network(remote.ip()));
        if !self.count(holder, self.per_address) {
            tracing::debug!(%remote, "closed at once: too many connections from there over which nobody is admitted yet");
            return Ok(None);
        }
        Ok(Some((tcp, remote, Slot { slots: self.clone(), holder, _open: open })))
    }

    /// Counts one more for a holder, unless it has as many as it may.
    fn count(&self, holder: Holder, most: usize) -> bool {
        let mut held = self.held();
        let count = held.entry(holder).or_default();
        let has_room = *count < most;
        *count += usize::from(has_room);
        if *count == 0 {
            held.remove(&holder);
        }
        has_room
    }

    fn give_back(&self, holder: Holder) {
        let mut held = self.held();
        if let Some(count) = held.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                held.remove(&holder);
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Counts for a partner from now on.
    ///
    /// # Errors
    /// [`TooMany`]: the connection is to be closed.
    pub(crate) fn admit(&mut self, country: Country) -> Result<(), TooMany> {
        let partner = Holder::Partner(country);
        if !self.slots.count(partner, self.slots.per_partner) {
            return Err(TooMany(country));
        }
        self.slots.give_back(std::mem::replace(&mut self.holder, partner));
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.give_back(self.holder);
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    use super::{Slot, Slots, network};

    struct Street {
        slots: Arc<Slots>,
        listener: TcpListener,
        /// The other ends.
        open: Vec<TcpStream>,
    }

    impl Street {
        async fn new(connections: usize, per_partner: usize, per_address: usize) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Self { slots: Slots::new(connections, per_partner, per_address), listener, open: Vec::new() }
        }

        async fn arrive(&mut self, from: &str) -> Option<Slot> {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
            let (tcp, accepted) =
                tokio::join!(socket.connect(self.listener.local_addr().unwrap()), self.slots.accept(&self.listener));
            self.open.push(tcp.unwrap());
            accepted.unwrap().map(|(_, _, slot)| slot)
        }
    }

    #[tokio::test]
    async fn an_address_holds_a_few_until_somebody_is_admitted() {
        let mut street = Street::new(16, 8, 2).await;
        let mut first = street.arrive("127.0.0.1").await.unwrap();
        let second = street.arrive("127.0.0.1").await.unwrap();
        assert!(street.arrive("127.0.0.1").await.is_none());
        let _elsewhere = street.arrive("127.0.0.2").await.unwrap();
        first.admit("CZ".parse().unwrap()).unwrap();
        let _third = street.arrive("127.0.0.1").await.unwrap();
        assert!(street.arrive("127.0.0.1").await.is_none());
        drop(second);
        let _fourth = street.arrive("127.0.0.1").await.unwrap();
    }

    #[tokio::test]
    async fn a_partner_holds_its_share_from_wherever_it_comes() {
        let mut street = Street::new(16, 2, 8).await;
        let (cz, sk) = ("CZ".parse().unwrap(), "SK".parse().unwrap());
        let mut slots = Vec::new();
        for number in 1..=4 {
            slots.push(street.arrive(&format!("127.0.0.{number}")).await.unwrap());
        }
        slots[0].admit(cz).unwrap();
        slots[1].admit(cz).unwrap();
        assert_eq!(slots[2].admit(cz).unwrap_err().to_string(), "CZ holds as many connections as it may");
        slots[3].admit(sk).unwrap();
        slots.remove(0);
        slots[1].admit(cz).unwrap();
        drop(slots);
        assert!(street.slots.held().is_empty());
        assert_eq!(street.slots.open.available_permits(), 16);
    }

    #[test]
    fn one_subscriber_is_one_address() {
        let same = |one: &str, other: &str| network(one.parse().unwrap()) == network(other.parse().unwrap());
        assert!(same("2001:db8:0:1::7", "2001:db8:0:1:ffff::8"));
        assert!(!same("2001:db8:0:1::7", "2001:db8:0:2::7"));
        assert!(same("::ffff:192.0.2.7", "192.0.2.7"));
        assert!(!same("192.0.2.7", "192.0.2.8"));
    }
}
