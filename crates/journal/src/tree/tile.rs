//! Tiles: 256 hashes of one level a row.

use std::collections::{BTreeMap, BTreeSet};

use super::{LeafRange, Node, empty_root, fold, node_hash};
use crate::encoding::Digest;

/// Levels of the tree a tile spans.
const HEIGHT: u32 = 8;
/// Hashes in a full tile.
const WIDTH: usize = 1 << HEIGHT;
/// Bytes of a hash.
const HASH: usize = 32;

/// Place of a tile: it holds the nodes of level `8 * level` from `256 * number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TileId {
    pub(crate) level: u32,
    pub(crate) number: u64,
}

impl TileId {
    /// The tile from which a node's hash can be computed.
    fn of(node: Node) -> Self {
        Self { level: node.level / HEIGHT, number: node.index >> (HEIGHT - node.level % HEIGHT) }
    }
}

/// Some tiles of a tree, each a run of hashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tiles {
    tiles: BTreeMap<TileId, Vec<u8>>,
    changed: BTreeSet<TileId>,
}

impl Tiles {
    /// The tiles needed to append to a tree of `size`, or to say its root.
    pub(crate) fn of_edge(size: u64) -> BTreeSet<TileId> {
        Self::of_range(LeafRange { start: 0, end: size })
    }

    /// The tiles needed to hash a range.
    pub(crate) fn of_range(range: LeafRange) -> BTreeSet<TileId> {
        range.nodes().into_iter().map(TileId::of).collect()
    }

    /// Adds a tile that was stored.
    pub(crate) fn load(&mut self, id: TileId, hashes: Vec<u8>) {
        self.tiles.insert(id, hashes);
    }

    /// Whether each tile at the edge of a tree of `size` holds exactly the hashes that tree has there: one appended behind a longer one would not be
    /// where its position says.
    pub(crate) fn edge_is_exact(&self, size: u64) -> bool {
        Self::of_edge(size).into_iter().all(|id| {
            let nodes = size.checked_shr(HEIGHT * id.level).unwrap_or(0);
            let before = id.number << HEIGHT;
            let expected = nodes.saturating_sub(before).min(WIDTH as u64);
            self.tiles.get(&id).is_some_and(|hashes| hashes.len() as u64 == expected * HASH as u64)
        })
    }

    /// Appends a leaf hash; a tile that fills sends its root to the level above.
    pub(crate) fn append(&mut self, index: u64, leaf: Digest) {
        let mut node = Node { level: 0, index };
        let mut hash = leaf;
        loop {
            let id = TileId::of(node);
            let tile = self.tiles.entry(id).or_default();
            tile.extend_from_slice(&hash);
            self.changed.insert(id);
            if tile.len() < WIDTH * HASH {
                return;
            }
            hash = subtree_root(tile);
            node = Node { level: node.level + HEIGHT, index: node.index >> HEIGHT };
        }
    }

    /// The tiles changed since they were loaded.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (TileId, &[u8])> {
        self.changed.iter().filter_map(|id| Some((*id, self.tiles.get(id)?.as_slice())))
    }

    /// Root of a range. `None` when a tile it needs is absent or too short.
    pub(crate) fn range_hash(&self, range: LeafRange) -> Option<Digest> {
        let hashes: Option<Vec<Digest>> = range.nodes().into_iter().map(|node| self.node(node)).collect();
        fold(hashes?.into_iter())
    }

    /// Root of the tree of `size`. `None` as for [`Tiles::range_hash`].
    pub(crate) fn root(&self, size: u64) -> Option<Digest> {
        if size == 0 {
            return Some(empty_root());
        }
        self.range_hash(LeafRange { start: 0, end: size })
    }

    fn node(&self, node: Node) -> Option<Digest> {
        let hashes = self.tiles.get(&TileId::of(node))?;
        let rise = node.level % HEIGHT;
        let count = 1_usize << rise;
        let first = usize::try_from((node.index << rise) % WIDTH as u64).ok()?;
        let bytes = hashes.get(first * HASH..(first + count) * HASH)?;
        Some(subtree_root(bytes))
    }
}

/// Root over a power of two of hashes, at least one.
fn subtree_root(hashes: &[u8]) -> Digest {
    let mut level: Vec<Digest> = hashes.chunks_exact(HASH).map(super::to_digest).collect();
    while level.len() > 1 {
        level = level.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    level.first().copied().unwrap_or_else(empty_root)
}
