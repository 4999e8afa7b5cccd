//! Rows as they lie in the database.
#![expect(
    unreachable_pub,
    reason = "sea-orm's derive makes the rows part of public traits; the module itself is private"
)]

/// Enrolled terminals.
pub(crate) mod terminal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "terminal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub terminal_id: String,
        /// `active` or `suspended`; suspended rows have the three members of the suspension.
        pub state: String,
        pub pinned_certificate: Option<Vec<u8>>,
        pub note: Option<String>,
        pub enrolled_at: i64,
        pub enrolled_by: String,
        pub suspension_reason: Option<String>,
        pub suspended_at: Option<i64>,
        pub suspended_by: Option<String>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Remembered idempotency keys.
pub(crate) mod idempotency_key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_key")]
    pub struct Model {
        /// Its owner: the terminal's id, or `operator/` and the operator's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub terminal_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idempotency_key: String,
        pub body_sha256: Vec<u8>,
        pub first_seen: i64,
        /// The three members of the answer come together.
        pub answer_status: Option<i64>,
        pub answer_location: Option<String>,
        pub answer_json: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// On whose behalf an inspection was opened.
pub(crate) mod mission {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mission")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub inspection_id: Uuid,
        pub terminal_id: String,
        pub officer: String,
        pub purpose: String,
        /// Empty where the purpose asks for none.
        pub case_number: String,
        pub opened_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
