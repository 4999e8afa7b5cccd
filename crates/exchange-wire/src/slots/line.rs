//! Who gives way to whoever comes after: the one that came first.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

/// Connections over which nobody is admitted yet, in the order they came in.
#[derive(Debug, Default)]
pub(super) struct Line {
    members: BTreeMap<u64, CancellationToken>,
    next: u64,
}

impl Line {
    /// Joins at the end, by this place. Beyond so many the first give way.
    pub(super) fn join(&mut self, most: usize, cut_off: &CancellationToken) -> u64 {
        while self.members.len() >= most && self.give_way() {}
        let place = self.next;
        self.next += 1;
        self.members.insert(place, cut_off.clone());
        place
    }

    /// The first is cut off; `false` when there is none.
    pub(super) fn give_way(&mut self) -> bool {
        let first = self.members.pop_first();
        first.is_some_and(|(_, cut_off)| {
            cut_off.cancel();
            true
        })
    }

    /// `false` for one that gave way before.
    pub(super) fn leave(&mut self, place: u64) -> bool {
        self.members.remove(&place).is_some()
    }
}
