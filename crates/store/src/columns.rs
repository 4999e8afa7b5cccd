//! Columns that mean the same on SQLite and on PostgreSQL, for use in migrations.
//!
//! Everything is `NOT NULL` unless wrapped in [`optional`].

use sea_orm_migration::sea_query::{Alias, ColumnDef, Expr, ExprTrait, Func, IntoIden, SimpleExpr};

/// UUID (native on PostgreSQL, 16 bytes on SQLite). UUIDv7 sorts by time on both.
pub fn uuid(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.uuid().not_null();
    column
}

/// [`uuid`] as primary key.
pub fn uuid_key(name: impl IntoIden) -> ColumnDef {
    let mut column = uuid(name);
    column.primary_key();
    column
}

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Text timestamps sort wrongly on SQLite.
pub fn timestamp(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.big_integer().not_null();
    column
}

/// A whole number, 64 bits, signed.
pub fn integer(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.big_integer().not_null();
    column
}

/// A whole number that is never negative: counters, positions, sizes.
pub fn counter(name: impl IntoIden) -> ColumnDef {
    let name = name.into_iden();
    let mut column = integer(name.clone());
    column.check(Expr::col(name).gte(0));
    column
}

/// A number given by the database to each new row, rising but with gaps: the primary key of a table read in order of insertion.
pub fn serial_key(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.big_integer().not_null().auto_increment().primary_key();
    column
}

/// True or false.
pub fn boolean(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.boolean().not_null();
    column
}

/// Text of any length.
pub fn text(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.text().not_null();
    column
}

/// [`text`] as primary key.
pub fn text_key(name: impl IntoIden) -> ColumnDef {
    let mut column = text(name);
    column.primary_key();
    column
}

/// One of a closed set of words, held to by a `CHECK`.
pub fn text_enum(name: impl IntoIden, words: &[&str]) -> ColumnDef {
    let name = name.into_iden();
    let mut column = text(name.clone());
    column.check(Expr::col(name).is_in(words.iter().copied()));
    column
}

/// Bytes of any length.
pub fn blob(name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.blob().not_null();
    column
}

/// Exactly `length` bytes: digests, salts, keys.
pub fn bytes(name: impl IntoIden, length: u32) -> ColumnDef {
    let name = name.into_iden();
    let mut column = blob(name.clone());
    column.check(byte_length(name).eq(length));
    column
}

/// The same column, allowed to be `NULL`.
pub fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null();
    column
}

/// `length(column)`: the number of bytes of a blob on both engines.
fn byte_length(name: impl IntoIden) -> SimpleExpr {
    SimpleExpr::from(Func::cust(Alias::new("length")).arg(Expr::col(name)))
}
