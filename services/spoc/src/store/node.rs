//! What the database belongs to.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use straznica_store::{Store, StoreError};
use straznica_types::Environment;
use thiserror::Error;

use super::entity::node::{Entity, Model};

const ENVIRONMENT: &str = "environment";

/// Why a node does not start on a database.
#[derive(Debug, Error)]
pub(crate) enum NodeError {
    /// The database was begun in the other environment.
    #[error("the database belongs to the {found} environment, this node is {expected}")]
    OtherEnvironment {
        /// The database's.
        found: String,
        /// The node's.
        expected: Environment,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Marks a new database as `environment`'s, and refuses one of the other.
pub(crate) async fn belongs_to(store: &Store, environment: Environment) -> Result<(), NodeError> {
    store
        .write_tx(async |tx| match Entity::find_by_id(ENVIRONMENT).one(tx).await.map_err(StoreError::from)? {
            Some(row) if row.value == environment.as_str() => Ok(()),
            Some(row) => Err(NodeError::OtherEnvironment { found: row.value, expected: environment }),
            None => {
                let row = Model { name: ENVIRONMENT.to_owned(), value: environment.as_str().to_owned() };
                row.into_active_model().insert(tx).await.map_err(StoreError::from)?;
                Ok(())
            }
        })
        .await
}
