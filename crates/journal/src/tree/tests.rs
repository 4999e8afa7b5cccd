//! The tree against the definition of RFC 6962 §2.1, written down as it stands there.

use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::{
    Frontier, LeafRange, Tiles, consistency_ranges, empty_root, inclusion_ranges, node_hash, split, verify_consistency,
    verify_inclusion,
};
use crate::encoding::Digest;

fn leaf(number: u64) -> Digest {
    super::to_digest(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &number.to_be_bytes()).as_ref())
}

/// MTH of RFC 6962 §2.1, over leaf hashes.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(usize::try_from(split(leaves.len() as u64)).unwrap());
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// PATH of RFC 6962 §2.1.1.
fn naive_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(usize::try_from(split(leaves.len() as u64)).unwrap());
    if index < left.len() {
        [naive_path(index, left), vec![naive_root(right)]].concat()
    } else {
        [naive_path(index - left.len(), right), vec![naive_root(left)]].concat()
    }
}

/// SUBPROOF of RFC 6962 §2.1.2.
fn naive_subproof(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(usize::try_from(split(leaves.len() as u64)).unwrap());
    if old <= left.len() {
        [naive_subproof(old, left, whole), vec![naive_root(right)]].concat()
    } else {
        [naive_subproof(old - left.len(), right, false), vec![naive_root(left)]].concat()
    }
}

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(leaf).collect()
}

fn tiles(count: u64) -> Tiles {
    let mut tiles = Tiles::default();
    for (index, leaf) in (0..).zip(leaves(count)) {
        tiles.append(index, leaf);
    }
    tiles
}

fn hashes(tiles: &Tiles, ranges: &[LeafRange]) -> Vec<Digest> {
    ranges.iter().map(|range| tiles.range_hash(*range).unwrap()).collect()
}

/// Sizes around the edges of tiles matter as much as small ones.
fn sizes() -> impl Strategy<Value = u64> {
    proptest::prop_oneof![1_u64..70, 250_u64..262, 505_u64..520, 1_020_u64..1_030]
}

#[test]
fn roots_of_the_first_sizes_follow_the_definition() {
    let all = leaves(600);
    let mut frontier = Frontier::default();
    let mut stored = Tiles::default();
    assert_eq!(frontier.root(), empty_root());
    for (index, leaf) in (0_u64..).zip(&all) {
        frontier.append(*leaf);
        stored.append(index, *leaf);
        let expected = naive_root(&all[..=usize::try_from(index).unwrap()]);
        assert_eq!(frontier.root(), expected, "frontier, size {}", index + 1);
        assert_eq!(stored.root(index + 1).unwrap(), expected, "tiles, size {}", index + 1);
    }
    assert_eq!(frontier.size(), 600);
}

#[test]
fn the_edge_is_exact_at_its_own_size_only() {
    for size in (1..=520).chain([65_535, 65_536, 65_537]) {
        let tiles = tiles(size);
        assert!(tiles.edge_is_exact(size), "{size}");
        assert!(!tiles.edge_is_exact(size + 1), "{size} as {}", size + 1);
    }
    assert!(Tiles::default().edge_is_exact(0));
}

#[test]
fn the_edge_is_all_that_is_needed_to_go_on() {
    // Beyond 256 × 256 leaves the third level of tiles begins.
    for size in [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537] {
        let whole = tiles(size);
        let mut resumed = Tiles::default();
        for id in Tiles::of_edge(size) {
            let (_, hashes) = whole.changed().find(|(changed, _)| *changed == id).unwrap();
            resumed.load(id, hashes.to_vec());
        }
        let mut frontier = Frontier::default();
        leaves(size + 300).into_iter().for_each(|leaf| frontier.append(leaf));
        for index in size..size + 300 {
            resumed.append(index, leaf(index));
        }
        assert_eq!(resumed.root(size + 300).unwrap(), frontier.root(), "resumed at {size}");
    }
}

proptest! {
    #[test]
    fn inclusion_proofs_are_those_of_the_definition_and_verify(size in sizes(), seed in any::<u64>()) {
        let index = seed % size;
        let all = leaves(size);
        let proof = hashes(&tiles(size), &inclusion_ranges(index, size).unwrap());
        prop_assert_eq!(&proof, &naive_path(usize::try_from(index).unwrap(), &all));
        let root = naive_root(&all);
        prop_assert!(verify_inclusion(&leaf(index), index, size, &root, &proof).is_ok());
        prop_assert!(verify_inclusion(&leaf(size), index, size, &root, &proof).is_err(), "another leaf");
        prop_assert!(verify_inclusion(&leaf(index), index, size, &leaf(0), &proof).is_err() || size == 1, "another root");
        if !proof.is_empty() {
            prop_assert!(verify_inclusion(&leaf(index), index, size, &root, &proof[1..]).is_err(), "shortened");
            let mut altered = proof.clone();
            altered[usize::try_from(seed % proof.len() as u64).unwrap()][0] ^= 1;
            prop_assert!(verify_inclusion(&leaf(index), index, size, &root, &altered).is_err(), "altered");
        }
        let lengthened = [proof, vec![leaf(1)]].concat();
        prop_assert!(verify_inclusion(&leaf(index), index, size, &root, &lengthened).is_err(), "lengthened");
    }

    #[test]
    fn consistency_proofs_are_those_of_the_definition_and_verify(new in sizes(), seed in any::<u64>()) {
        let old = seed % new + 1;
        let all = leaves(new);
        let proof = hashes(&tiles(new), &consistency_ranges(old, new).unwrap());
        prop_assert_eq!(&proof, &naive_subproof(usize::try_from(old).unwrap(), &all, true));
        let old_root = naive_root(&all[..usize::try_from(old).unwrap()]);
        let new_root = naive_root(&all);
        prop_assert!(verify_consistency(old, &old_root, new, &new_root, &proof).is_ok());
        if old < new {
            prop_assert!(verify_consistency(old, &leaf(new), new, &new_root, &proof).is_err(), "another old root");
            prop_assert!(verify_consistency(old, &old_root, new, &leaf(new), &proof).is_err(), "another new root");
            prop_assert!(verify_consistency(old, &old_root, new, &new_root, &[]).is_err(), "no proof");
            let mut altered = proof.clone();
            altered[usize::try_from(seed % proof.len() as u64).unwrap()][31] ^= 0x80;
            prop_assert!(verify_consistency(old, &old_root, new, &new_root, &altered).is_err(), "altered");
        }
    }
}

#[test]
fn what_is_not_in_the_tree_has_no_proof() {
    assert!(inclusion_ranges(5, 5).is_err());
    assert!(consistency_ranges(6, 5).is_err());
    assert!(verify_inclusion(&leaf(0), 3, 3, &leaf(0), &[]).is_err());
    assert!(verify_consistency(3, &leaf(0), 2, &leaf(0), &[]).is_err());
}
