//! The Merkle tree of RFC 6962 §2.1 over SHA-256, kept as tiles (C2SP tlog-tiles). Pure: bytes in, digests out.
//!
//! A tree over `size` leaves is cut into complete subtrees; [`Node`] names one. Tiles hold the hashes of every eighth level, 256 a row; the levels
//! between are computed from them. A proof is a list of ranges, each hashed from complete subtrees.

mod frontier;
mod proof;
mod tile;

pub(crate) use frontier::Frontier;
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub(crate) use proof::{consistency_ranges, inclusion_ranges};
pub(crate) use tile::{TileId, Tiles};

use aws_lc_rs::digest::{Context, SHA256, digest};

use crate::encoding::Digest;

/// Root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    to_digest(digest(&SHA256, b"").as_ref())
}

/// Hash of an inner node: SHA-256(`01` ‖ left ‖ right).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(&[1]);
    context.update(left);
    context.update(right);
    to_digest(context.finish().as_ref())
}

fn to_digest(bytes: &[u8]) -> Digest {
    let mut digest = [0; 32];
    digest.copy_from_slice(bytes);
    digest
}

/// A complete subtree: the leaves `index << level` up to, and without, `(index + 1) << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    pub(crate) level: u32,
    pub(crate) index: u64,
}

/// Leaves `start` up to, and without, `end`. In every range this crate makes, `start` is a multiple of the size of the largest complete subtree in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeafRange {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl LeafRange {
    /// The complete subtrees of the range, left to right, the largest first.
    pub(crate) fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = (self.end - start).ilog2();
            nodes.push(Node { level, index: start >> level });
            start += 1 << level;
        }
        nodes
    }
}

/// Root of the subtrees of a range, given left to right. `None` when there are none.
pub(crate) fn fold(hashes: impl DoubleEndedIterator<Item = Digest>) -> Option<Digest> {
    hashes.rev().reduce(|right, left| node_hash(&left, &right))
}

/// Largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests;
