//! The tree as one pass sees it: enough to append a leaf and to say the root, nothing to look anything up. Verification uses it, so that it does
//! not lean on the tiles it verifies.

use super::{empty_root, fold, node_hash};
use crate::encoding::Digest;

/// The complete subtrees of a growing tree: the one at place `level` is there when that bit of the size is set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frontier {
    size: u64,
    subtrees: Vec<Option<Digest>>,
}

impl Frontier {
    /// Appends a leaf hash.
    pub(crate) fn append(&mut self, leaf: Digest) {
        let mut carried = leaf;
        for place in &mut self.subtrees {
            match place.take() {
                Some(left) => carried = node_hash(&left, &carried),
                None => {
                    *place = Some(carried);
                    self.size += 1;
                    return;
                }
            }
        }
        self.subtrees.push(Some(carried));
        self.size += 1;
    }

    /// Leaves so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree so far.
    pub(crate) fn root(&self) -> Digest {
        fold(self.subtrees.iter().rev().flatten().copied()).unwrap_or_else(empty_root)
    }
}
