//! What stands in the memory a process can write to.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

/// What is read at once. A mapping may have holes nobody can read.
const PIECE: u64 = 1 << 20;

/// A part of a process's memory.
pub(crate) struct Mapping {
    /// Where it lies and what it is, as the system calls it: `[heap]`, `[stack]`, nothing for what was mapped later.
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
}

/// Everything a process can write to. For its parent to read, while nobody forbids it.
pub(crate) fn of(process: u32) -> Vec<Mapping> {
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [mut at, to] = [from, to].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let mut content = Vec::new();
        while at < to {
            let mut piece = vec![0; usize::try_from(PIECE.min(to - at)).unwrap()];
            // What was given back to the system meanwhile holds nothing.
            let read = memory.read_at(&mut piece, at).unwrap_or(0);
            content.extend_from_slice(&piece[..read]);
            at += PIECE;
        }
        found.push(Mapping { name: line.to_owned(), content });
    }
    found
}
