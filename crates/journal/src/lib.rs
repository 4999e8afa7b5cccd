//! The record of every change and access, and the feed of events: a Merkle tree with signed checkpoints
