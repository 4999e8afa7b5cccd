//! Proofs of inclusion and consistency: which subtrees they consist of (RFC 6962 §2.1.1 and §2.1.2) and how they are checked (RFC 9162 §2.1.3.2 and
//! §2.1.4.2).

use super::{LeafRange, node_hash, split};
use crate::encoding::Digest;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf lies outside the tree, or the older tree is larger than the newer.
    #[error("the proof is asked for what is not in the tree")]
    OutOfRange,
    /// Too few or too many hashes.
    #[error("the proof has the wrong length")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The subtrees whose hashes prove that leaf `index` is in the tree of `size`, nearest to the leaf first.
pub(crate) fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<LeafRange>, ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(LeafRange { start: middle, end });
            end = middle;
        } else {
            ranges.push(LeafRange { start, end: middle });
            start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// The subtrees whose hashes prove that the tree of `old` is the beginning of the tree of `new`.
pub(crate) fn consistency_ranges(old: u64, new: u64) -> Result<Vec<LeafRange>, ProofError> {
    if old > new {
        return Err(ProofError::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, new);
    // Whether the subtree still is the whole old tree, whose root the verifier has.
    let mut whole = true;
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(LeafRange { start: middle, end });
            end = middle;
        } else {
            ranges.push(LeafRange { start, end: middle });
            start = middle;
            whole = false;
        }
    }
    if !whole {
        ranges.push(LeafRange { start, end });
    }
    ranges.reverse();
    Ok(ranges)
}

/// Checks that the leaf with hash `leaf` is at `index` in the tree of `size` with `root`.
///
/// # Errors
/// When the proof does not show it.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            skip_single_ancestors(&mut place, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `old_size` with `old_root` is the beginning of the tree of `new_size` with `new_root`.
///
/// # Errors
/// When the proof does not show it.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == new_size || old_size == 0 {
        if !proof.is_empty() {
            return Err(ProofError::Length);
        }
        let same = old_size == 0 || old_root == new_root;
        return if same { Ok(()) } else { Err(ProofError::Root) };
    }
    // A complete old tree is a subtree of the new one, and its root the first hash.
    let mut hashes = proof.iter();
    let first = if old_size.is_power_of_two() { old_root } else { hashes.next().ok_or(ProofError::Length)? };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place % 2 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place % 2 == 1 || place == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            skip_single_ancestors(&mut place, &mut last);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// A node at the right edge may be its parent's only child, several times over: such parents have the same hash and no place in the proof.
fn skip_single_ancestors(place: &mut u64, last: &mut u64) {
    while place.is_multiple_of(2) && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}
