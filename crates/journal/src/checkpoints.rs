//! What a journal shows of its tree: checkpoints with their cosignatures, and proofs.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use straznica_types::EntryId;

use crate::encoding::Digest;
use crate::entity::{checkpoint, cosignature, journal};
use crate::note::{SignatureLine, SignedCheckpoint, VerifierKey};
use crate::sequencer::{load_tiles, row_leaf, signed, unsigned};
use crate::tree::{LeafRange, Tiles, consistency_ranges, inclusion_ranges};
use crate::{Journal, JournalError};

/// Proof that an entry is in the tree (RFC 6962 §2.1.1); checked by [`verify_inclusion`](crate::verify_inclusion).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Position of the entry.
    pub leaf_index: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// Leaf hash of the entry.
    pub leaf_hash: Digest,
    /// Hashes of the proof, nearest to the leaf first.
    pub hashes: Vec<Digest>,
}

impl Journal {
    /// The newest checkpoint with every cosignature received for it. `None` while nothing is numbered.
    ///
    /// # Errors
    /// What the database says.
    pub async fn latest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, JournalError> {
        let reader = self.inner.store.reader();
        let row = checkpoint::Entity::find().order_by_desc(checkpoint::Column::Size).one(reader).await?;
        let Some(row) = row else { return Ok(None) };
        let mut note: SignedCheckpoint = row.note.parse()?;
        let cosignatures =
            cosignature::Entity::find().filter(cosignature::Column::Size.eq(row.size)).all(reader).await?;
        for cosignature in cosignatures {
            note.signatures.push(cosignature.line.parse()?);
        }
        Ok(Some(note))
    }

    /// Proof that the tree of `old_size` is the beginning of the tree of `new_size` (RFC 6962 §2.1.2).
    ///
    /// # Errors
    /// When the tree is not that large yet, or the sizes are in the wrong order.
    pub async fn consistency_proof(&self, old_size: u64, new_size: u64) -> Result<Vec<Digest>, JournalError> {
        self.hash_ranges(&consistency_ranges(old_size, new_size)?).await
    }

    /// Proof that an entry is in the tree of `tree_size`, or, when that is 0, in the tree of the newest checkpoint.
    ///
    /// # Errors
    /// [`JournalError::NoSuchEntry`] when there is none or it is not in that tree.
    pub async fn inclusion_proof(&self, entry: EntryId, tree_size: u64) -> Result<InclusionProof, JournalError> {
        let reader = self.inner.store.reader();
        let row = journal::Entity::find().filter(journal::Column::EntryId.eq(entry.uuid())).one(reader).await?;
        let row = row.ok_or(JournalError::NoSuchEntry)?;
        let leaf_index = unsigned(row.leaf_index.ok_or(JournalError::NoSuchEntry)?)?;
        let tree_size = match tree_size {
            0 => self.latest_checkpoint().await?.ok_or(JournalError::NoSuchCheckpoint)?.checkpoint.size,
            size => size,
        };
        let ranges = inclusion_ranges(leaf_index, tree_size).map_err(|_| JournalError::NoSuchEntry)?;
        let hashes = self.hash_ranges(&ranges).await?;
        Ok(InclusionProof { leaf_index, tree_size, leaf_hash: row_leaf(&row)?, hashes })
    }

    /// Keeps a witness's cosignature over one of this log's checkpoints. A witness's key is kept with its first cosignature and compared ever after.
    ///
    /// # Errors
    /// When the checkpoint is not one of this log's, the cosignature is not valid, or the witness comes with another key than before.
    pub async fn add_cosignature(
        &self,
        note: &SignedCheckpoint,
        line: &SignatureLine,
        key: &VerifierKey,
    ) -> Result<(), JournalError> {
        note.verify_log(self.verifier_key())?;
        note.checkpoint.verify_cosignature(key, line)?;
        let size = signed(note.checkpoint.size);
        let row = cosignature::ActiveModel {
            size: ActiveValue::Set(size),
            witness: ActiveValue::Set(key.name().to_owned()),
            verifier_key: ActiveValue::Set(key.to_string()),
            line: ActiveValue::Set(line.to_string()),
            at: ActiveValue::Set(self.inner.clock.now().millis()),
        };
        self.inner
            .store
            .write_tx(async |transaction| {
                let known = cosignature::Entity::find()
                    .filter(cosignature::Column::Witness.eq(key.name()))
                    .filter(cosignature::Column::VerifierKey.ne(key.to_string()))
                    .one(transaction)
                    .await?;
                if known.is_some() {
                    tracing::error!(witness = key.name(), "a witness came with another key than before");
                    return Err(JournalError::Fork);
                }
                let ours = checkpoint::Entity::find_by_id(size).one(transaction).await?;
                if ours.is_none_or(|ours| ours.root != note.checkpoint.root) {
                    return Err(JournalError::NoSuchCheckpoint);
                }
                cosignature::Entity::insert(row)
                    .on_conflict(
                        OnConflict::columns([cosignature::Column::Size, cosignature::Column::Witness])
                            .update_columns([cosignature::Column::Line, cosignature::Column::At])
                            .to_owned(),
                    )
                    .exec_without_returning(transaction)
                    .await?;
                Ok(())
            })
            .await
    }

    async fn hash_ranges(&self, ranges: &[LeafRange]) -> Result<Vec<Digest>, JournalError> {
        let ids = ranges.iter().flat_map(|range| Tiles::of_range(*range)).collect();
        let tiles = load_tiles(self.inner.store.reader(), ids).await?;
        let hashes: Option<Vec<Digest>> = ranges.iter().map(|range| tiles.range_hash(*range)).collect();
        hashes.ok_or(JournalError::NoSuchCheckpoint)
    }
}
