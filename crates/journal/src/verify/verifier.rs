//! One pass over the lines of a journal, in the order of the tree.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};

use uuid::Uuid;

use super::line::{ExportedEntry, ExportedPayload, FORMAT, Line};
use super::report::{FindingCode, Report};
use crate::ERASURE_KIND;
use crate::encoding::{Digest, LeafFields, SALT_LENGTH, leaf_hash, payload_digest};
use crate::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use crate::tree::Frontier;

/// Most bytes of one line of an export: the largest entry, escaped, with room.
const LINE_LIMIT: usize = 1024 * 1024;

/// What the verifier is told beforehand.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The log's key, from outside ([`crate::JournalConfig::verifier_key`]). Without it an export's own is taken, a database's signatures are not checked,
    /// and the report says so.
    pub log_key: Option<VerifierKey>,
    /// Keys of witnesses, from outside. Without any, the keys kept with the cosignatures are taken.
    pub witness_keys: Vec<VerifierKey>,
    /// Checkpoints of this log that others remember ([`crate::Journal::witnessed`]).
    pub known: Vec<Checkpoint>,
}

/// Verifies an export.
///
/// # Errors
/// When it cannot be read. What is wrong in it is in the report.
pub fn verify_export(mut export: impl BufRead, options: &Options) -> std::io::Result<Report> {
    let mut verifier = Verifier::new(options);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        // `take` over the reader's own buffer: nothing is read past the line.
        let read = export.by_ref().take(LINE_LIMIT as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.len() > LINE_LIMIT {
            verifier.malformed(number, "the line is longer than any entry");
            break;
        }
        match serde_json::from_slice(&line) {
            Ok(line) => verifier.line(&line),
            Err(failure) => verifier.malformed(number, &format!("the line cannot be read: {failure}")),
        }
    }
    if !verifier.ended {
        verifier.malformed(number, "the export has no end");
    }
    Ok(verifier.finish())
}

/// Where the pass stands.
pub(super) struct Verifier<'a> {
    options: &'a Options,
    log_key: Option<VerifierKey>,
    frontier: Frontier,
    /// Set once an entry is missing: from there on no root can be right, and saying so of each would bury the first.
    lost: bool,
    covered: u64,
    began: bool,
    pub(super) ended: bool,
    /// Erased payloads whose record is still to come: record → positions, and entry ids, of what it erased.
    awaited: HashMap<Uuid, (u64, Uuid)>,
    known: Vec<Checkpoint>,
    pub(super) report: Report,
}

impl<'a> Verifier<'a> {
    pub(super) fn new(options: &'a Options) -> Self {
        Self {
            options,
            log_key: options.log_key.clone(),
            frontier: Frontier::default(),
            lost: false,
            covered: 0,
            began: false,
            ended: false,
            awaited: HashMap::new(),
            known: options.known.clone(),
            report: Report { key_given: options.log_key.is_some(), ..Report::default() },
        }
    }

    fn malformed(&mut self, position: u64, detail: &str) {
        self.report.add(FindingCode::LineMalformed, position, detail);
    }

    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub(super) fn root(&self) -> Digest {
        self.frontier.root()
    }

    pub(super) fn line(&mut self, line: &Line) {
        if self.ended || self.began == matches!(line, Line::Journal { .. }) {
            self.malformed(self.size(), "a line is out of place");
            return;
        }
        match line {
            Line::Journal { format, origin, verifier_key } => self.begin(format, origin, verifier_key.as_deref()),
            Line::Entry(entry) => self.entry(entry),
            Line::Checkpoint { note, witness_keys } => self.checkpoint(note, witness_keys),
            Line::End { entries, unsequenced } => {
                self.ended = true;
                self.report.unsequenced = *unsequenced;
                if *entries != self.size() {
                    self.report.add(
                        FindingCode::EntryMissing,
                        self.size(),
                        format!("{entries} entries were announced"),
                    );
                }
            }
        }
    }

    fn begin(&mut self, format: &str, origin: &str, verifier_key: Option<&str>) {
        self.began = true;
        self.report.origin = origin.to_owned();
        if format != FORMAT {
            self.malformed(0, "the format is not known");
        }
        if let (None, Some(verifier_key)) = (&self.log_key, verifier_key) {
            match verifier_key.parse::<VerifierKey>() {
                Ok(key) => self.log_key = Some(key),
                Err(_) => self.malformed(0, "the verifier key cannot be read"),
            }
        }
        if self.log_key.as_ref().is_some_and(|key| key.name() != origin) {
            self.malformed(0, "the verifier key is another log's");
        }
    }

    fn entry(&mut self, entry: &ExportedEntry) {
        let expected = self.size();
        if entry.leaf_index != expected && !self.lost {
            let code =
                if entry.leaf_index > expected { FindingCode::EntryMissing } else { FindingCode::EntryMisplaced };
            self.report.add(code, expected, format!("entry {} stands here", entry.leaf_index));
            self.lost = true;
        }
        let Some((computed, stored)) = self.leaf(entry) else { return };
        if computed != stored {
            self.report.add(FindingCode::EntryAltered, entry.leaf_index, format!("entry {}", entry.entry_id));
        }
        // With the tree's own leaf hash: then later roots still fit, and exactly the altered entries are named.
        self.append(stored);
        self.payload(entry);
        if entry.kind == ERASURE_KIND {
            self.erasure(entry);
        }
    }

    /// A position without an entry; the leaf hash the stored tree has there, if it has one.
    pub(super) fn missing(&mut self, leaf: Option<Digest>) {
        self.report.add(FindingCode::EntryMissing, self.size(), "the tree has an entry here");
        match leaf {
            Some(leaf) => self.append(leaf),
            None => self.lost = true,
        }
    }

    fn append(&mut self, leaf: Digest) {
        self.frontier.append(leaf);
        let size = self.size();
        let seen: Vec<Checkpoint> = self.known.extract_if(.., |known| known.size == size).collect();
        for known in seen {
            self.compare(&known);
        }
    }

    fn compare(&mut self, known: &Checkpoint) {
        if known.root != self.frontier.root() {
            self.report.add(FindingCode::HistoryRewritten, known.size, "a witness saw another tree of this size");
        }
    }

    fn leaf(&mut self, entry: &ExportedEntry) -> Option<(Digest, Digest)> {
        let digests =
            (digest(&entry.payload_digest), entry.event_digest.as_deref().map(digest), digest(&entry.leaf_hash));
        let (Some(payload_digest), event_digest, Some(stored)) = digests else {
            self.report.add(FindingCode::EntryAltered, entry.leaf_index, "a digest is not 32 bytes");
            return None;
        };
        let event_digest = match event_digest {
            None => None,
            Some(Some(digest)) => Some(digest),
            Some(None) => {
                self.report.add(FindingCode::EntryAltered, entry.leaf_index, "a digest is not 32 bytes");
                return None;
            }
        };
        let fields = LeafFields {
            entry_id: entry.entry_id,
            at_ms: entry.at_ms,
            actor: &entry.actor,
            terminal: &entry.terminal,
            officer: &entry.officer,
            purpose: &entry.purpose,
            request_id: &entry.request_id,
            kind: &entry.kind,
            legal_basis: &entry.legal_basis,
            payload_digest,
            event_digest,
        };
        Some((leaf_hash(&fields), stored))
    }

    fn payload(&mut self, entry: &ExportedEntry) {
        match (&entry.payload, entry.erased_by) {
            (Some(payload), None) => {
                if digest_of_payload(payload).is_none_or(|computed| hex::encode(computed) != entry.payload_digest) {
                    self.report.add(FindingCode::PayloadAltered, entry.leaf_index, format!("entry {}", entry.entry_id));
                }
            }
            (None, Some(record)) => {
                self.report.erased += 1;
                if self.awaited.insert(record, (entry.leaf_index, entry.entry_id)).is_some() {
                    self.report.add(FindingCode::PayloadMissing, entry.leaf_index, "one record erased two payloads");
                }
            }
            (None, None) | (Some(_), Some(_)) => {
                let detail = "the payload and the record of its erasure contradict";
                self.report.add(FindingCode::PayloadMissing, entry.leaf_index, detail);
            }
        }
    }

    /// A record of an erasure has to name what it erased.
    fn erasure(&mut self, record: &ExportedEntry) {
        let named = record.payload.as_ref().and_then(|payload| {
            let detail: serde_json::Value = serde_json::from_str(&payload.detail).ok()?;
            Uuid::parse_str(detail.get("entry")?.as_str()?).ok()
        });
        if let Some((position, erased)) = self.awaited.remove(&record.entry_id)
            && named != Some(erased)
        {
            self.report.add(FindingCode::PayloadMissing, position, "the record of its erasure names another entry");
        }
    }

    fn checkpoint(&mut self, note: &str, witness_keys: &[String]) {
        let position = self.size();
        let parsed: SignedCheckpoint = match note.parse() {
            Ok(parsed) => parsed,
            Err(failure) => {
                self.report.add(FindingCode::CheckpointAltered, position, format!("{failure}"));
                return;
            }
        };
        let size = parsed.checkpoint.size;
        if let Some(key) = &self.log_key
            && let Err(failure) = parsed.verify_log(key)
        {
            self.report.add(FindingCode::CheckpointAltered, size, format!("{failure}"));
            return;
        }
        if self.lost {
            return;
        }
        if size != position {
            self.report.add(FindingCode::CheckpointAltered, position, format!("it is of size {size}"));
            return;
        }
        if parsed.checkpoint.root != self.frontier.root() {
            let detail = format!("an entry between {} and {size} is not the one that was signed", self.covered);
            self.report.add(FindingCode::TreeAltered, size, detail);
            return;
        }
        self.covered = size;
        self.report.checkpoints += 1;
        self.cosignatures(&parsed, witness_keys);
    }

    fn cosignatures(&mut self, note: &SignedCheckpoint, kept_keys: &[String]) {
        let kept: Vec<VerifierKey> = kept_keys.iter().filter_map(|key| key.parse().ok()).collect();
        let keys = if self.options.witness_keys.is_empty() { &kept } else { &self.options.witness_keys };
        for line in note.signatures.iter().skip(1) {
            let Some(key) = keys.iter().find(|key| key.name() == line.name && key.id() == line.key_id) else {
                continue;
            };
            match note.checkpoint.verify_cosignature(key, line) {
                Ok(_) => self.report.cosigned_size = self.report.cosigned_size.max(note.checkpoint.size),
                Err(failure) => {
                    let detail = format!("{}: {failure}", line.name);
                    self.report.add(FindingCode::CosignatureInvalid, note.checkpoint.size, detail);
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> Report {
        let size = self.size();
        if self.covered < size && self.report.findings.is_empty() {
            let detail = format!("no checkpoint covers the entries from {}", self.covered);
            self.report.add(FindingCode::CheckpointMissing, size, detail);
        }
        let mut unrecorded: Vec<_> = self.awaited.values().map(|(position, _)| *position).collect();
        unrecorded.sort_unstable();
        for position in unrecorded {
            self.report.add(FindingCode::PayloadMissing, position, "there is no record of its erasure");
        }
        for known in std::mem::take(&mut self.known) {
            if known.size == 0 {
                continue;
            }
            let detail = format!("a witness saw {} entries, there are {size}", known.size);
            self.report.add(FindingCode::HistoryTruncated, known.size, detail);
        }
        self.report.size = size;
        self.report.root = hex::encode(self.frontier.root());
        self.report.valid = self.report.findings_total == 0;
        self.report
    }
}

fn digest(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

fn digest_of_payload(payload: &ExportedPayload) -> Option<Digest> {
    let mut salt = [0; SALT_LENGTH];
    hex::decode_to_slice(&payload.salt, &mut salt).ok()?;
    Some(payload_digest(&salt, &payload.subject, &payload.case_number, &payload.detail))
}
