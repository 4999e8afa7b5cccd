//! Tables, migrations and queries of spoc; nothing outside this crate touches them.

pub(crate) mod certificates;
pub(crate) mod entity;
pub(crate) mod exchange;
pub(crate) mod generations;
pub(crate) mod inspections;
pub(crate) mod keys;
mod migration;
pub(crate) mod node;
pub(crate) mod resumptions;
pub(crate) mod sequences;
pub(crate) mod trust;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Migrations of spoc and of the journal it keeps.
#[derive(Debug, Clone, Copy)]
pub struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(migration::Initial));
        migrations.push(Box::new(migration::Exchange));
        migrations.push(Box::new(migration::UnreferencedKeys));
        migrations.push(Box::new(migration::EndedRequests));
        migrations.push(Box::new(migration::Suspension));
        migrations.push(Box::new(migration::UsedOnce));
        migrations.push(Box::new(migration::TakenInBundles));
        migrations.push(Box::new(migration::BundlesBegun));
        migrations.push(Box::new(migration::CrlsByHand));
        migrations.push(Box::new(migration::PartnerCertificates));
        migrations.push(Box::new(migration::UsedPerCvca));
        migrations
    }
}
