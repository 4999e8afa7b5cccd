//! Rows as they lie in the database.
#![expect(
    unreachable_pub,
    reason = "sea-orm's derive makes the rows part of public traits; the module itself is private"
)]

/// Sessions.
pub(crate) mod session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        /// Hexadecimal.
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_sha256: String,
        pub issuer: String,
        pub subject: String,
        pub kind: String,
        pub acr: String,
        pub auth_time: i64,
        pub opened_at: i64,
        pub last_seen_at: i64,
        pub certificate_sha256: Option<Vec<u8>>,
        pub sealed_citizen: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Local accounts.
pub(crate) mod account {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub kind: String,
        pub salt: Vec<u8>,
        pub verifier: Vec<u8>,
        pub sealed_factor: Vec<u8>,
        pub sealed_citizen: Option<Vec<u8>>,
        pub last_step: i64,
        pub locked: Option<String>,
        pub created_at: i64,
        pub created_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Attempts to log in to an account, be there one or not.
pub(crate) mod login_attempt {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "login_attempt")]
    pub struct Model {
        /// Keyed pseudonym of the name that was typed: it may have been a password.
        #[sea_orm(primary_key, auto_increment = false)]
        pub who: String,
        pub failures: i64,
        pub not_before: i64,
        pub last_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
