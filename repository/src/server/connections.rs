//! How many connections there are, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections by address.
#[derive(Debug, Default)]
pub(super) struct Connections {
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection, for as long as this lives.
#[derive(Debug)]
pub(super) struct Counted {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// Counts one more connection from `address`; `None` if there are `most` already.
    pub(super) fn count(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Counted> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted {
            connections: Arc::clone(self),
            address,
        })
    }

    /// Connections in all.
    pub(super) fn all(&self) -> usize {
        let by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        by_address.values().sum()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut by_address = self
            .connections
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use super::Connections;

    #[test]
    fn one_address_takes_its_share_and_gives_it_back() {
        let connections = Arc::new(Connections::default());
        let (one, other) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
        let first = connections.count(one, 2);
        let second = connections.count(one, 2);
        assert!(first.is_some() && second.is_some());
        assert!(connections.count(one, 2).is_none());
        let third = connections.count(other, 2);
        assert!(third.is_some());
        assert_eq!(connections.all(), 3);
        drop(first);
        assert!(connections.count(one, 2).is_some());
        drop((second, third));
        assert_eq!(connections.all(), 0);
    }
}
