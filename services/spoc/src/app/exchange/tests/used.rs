//! What was asked for before: under which CVCA it counts, and that no key of ours signs for it again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cvc::public_key::PublicKey;
use exchange::{code::RequestCertificateCode as Code, message::RequestCertificateAnswer};
use sea_orm::ConnectionTrait as _;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use straznica_store::{migrate, on_both_engines, testing::TestDatabase};

use super::inbound::{ask, ready};
use crate::{
    Migrations,
    app::{App, exchange::foreign_holders, national_cvca},
    domain::exchange::policy::Rule,
    keystore::{GeneratedKey, KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError},
    store::exchange::applications,
    testing::{FIRST, ForeignState, House, SECOND, desk, key},
};

/// A key store that counts what it signs.
#[derive(Debug)]
struct Counting {
    keys: Arc<dyn KeyStore>,
    signed: Arc<AtomicUsize>,
}

impl KeyStore for Counting {
    fn generate(&self, role: KeyRole, kind: &KeyKind) -> Result<GeneratedKey, KeyStoreError> {
        self.keys.generate(role, kind)
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.keys.public_key(handle)
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.signed.fetch_add(1, Ordering::SeqCst);
        self.keys.sign_digest(handle, digest)
    }

    fn delete(&self, handle: &KeyHandle) -> Result<(), KeyStoreError> {
        self.keys.delete(handle)
    }

    fn list(&self, role: KeyRole) -> Result<Vec<KeyHandle>, KeyStoreError> {
        self.keys.list(role)
    }
}

/// One more replica, and how often a key of its node signed.
async fn counted(house: &House) -> (Arc<App>, Arc<AtomicUsize>) {
    let mut app = house.app().await;
    let signed = Arc::new(AtomicUsize::new(0));
    let held = Arc::get_mut(&mut app).unwrap();
    held.keystore = Arc::new(Counting { keys: Arc::clone(&held.keystore), signed: Arc::clone(&signed) });
    (app, signed)
}

/// The CVCA of residence cards, beside that of passports.
fn cards() -> national_cvca::Order {
    national_cvca::Order {
        mnemonic: "RES".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days: 0,
    }
}

/// The schema as it was before requests named their CVCA.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = Migrations::migrations();
        let later = migrations.iter().position(|one| one.name() == "spoc_0011_used_per_cvca").unwrap();
        migrations.truncate(later);
        migrations
    }
}

on_both_engines! { Migrations;
    async fn a_reference_is_used_under_the_cvca_that_was_asked_and_a_key_under_all(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, passports) = ready(&house).await;
        let (cards, _) = national_cvca::create(&app, &desk(FIRST), cards()).await.unwrap();
        // A verifier that numbers for each authority by itself, as TR-03139 recommends.
        let (chr, one) = (germany.reference(), key());
        assert_eq!(ask(&app, "m-1", &germany.initial(&one, &passports, chr)).await.result, Code::OkCertAvailable);
        assert_eq!(ask(&app, "m-2", &germany.initial(&key(), &cards, chr)).await.result, Code::OkCertAvailable);
        let again = [(&passports, key(), chr), (&cards, key(), chr), (&cards, one, germany.reference())];
        for (at, (car, key, chr)) in again.into_iter().enumerate() {
            let answer = ask(&app, &format!("n-{at}"), &germany.initial(&key, car, chr)).await;
            assert_eq!(answer, RequestCertificateAnswer::of(Code::FailureRequestNotAccepted), "{at}");
        }
        let told: Vec<_> = house.applications().await.into_iter().map(|row| (row.cvca, row.rule.unwrap())).collect();
        let expected = [
            ("PLCVCA", Rule::Initial),
            ("PLRES", Rule::Initial),
            ("PLCVCA", Rule::ReferenceUsed),
            ("PLRES", Rule::ReferenceUsed),
            ("PLRES", Rule::KeyUsed),
        ];
        assert_eq!(told, expected.map(|(cvca, rule)| (cvca.to_owned(), rule.as_str().to_owned())));
        assert_eq!(house.issued().await.len(), 2);
    }

    async fn a_suspension_ends_what_was_issued_until_then_under_each_cvca_and_nothing_later(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, passports) = ready(&house).await;
        let (cards, _) = national_cvca::create(&app, &desk(FIRST), cards()).await.unwrap();
        // One number under each of our CVCAs: the first before the suspension, the second after it.
        let (chr, before, after) = (germany.reference(), key(), key());
        assert_eq!(ask(&app, "m-1", &germany.initial(&before, &passports, chr)).await.result, Code::OkCertAvailable);
        foreign_holders::suspend(&app, &desk(FIRST), "DEDV", "lost").await.unwrap();
        for officer in [FIRST, SECOND] {
            foreign_holders::resume(&app, &desk(officer), "DEDV", "found").await.unwrap();
        }
        assert_eq!(ask(&app, "m-2", &germany.initial(&after, &cards, chr)).await.result, Code::OkCertAvailable);
        let next = |car: &str, signer| ForeignState::signed(&key(), car, germany.reference(), signer, chr);
        for (at, car) in [&passports, &cards].into_iter().enumerate() {
            let answer = ask(&app, &format!("o-{at}"), &next(car, &before)).await;
            assert_eq!(answer.result, Code::FailureOuterSignature, "{car}");
            let answer = ask(&app, &format!("n-{at}"), &next(car, &after)).await;
            assert_eq!(answer.result, Code::OkCertAvailable, "{car}");
        }
    }

    async fn nothing_is_signed_for_what_was_asked_for_before(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (chr, one) = (germany.reference(), key());
        let request = germany.initial(&one, &car, chr);
        let answer = ask(&app, "m-1", &request).await;
        assert_eq!(answer.result, Code::OkCertAvailable);
        let (replica, signed) = counted(&house).await;
        assert_eq!(ask(&replica, "m-1", &request).await, answer);
        for (id, again) in [
            ("m-2", request),
            ("m-3", germany.initial(&one, &car, germany.reference())),
            ("m-4", germany.initial(&key(), &car, chr)),
            ("m-1", germany.fresh(&car)),
        ] {
            assert_eq!(ask(&replica, id, &again).await.result, Code::FailureRequestNotAccepted, "{id}");
        }
        assert_eq!(signed.load(Ordering::SeqCst), 0);
        assert_eq!(ask(&replica, "m-5", &germany.fresh(&car)).await.result, Code::OkCertAvailable);
        assert_eq!(signed.load(Ordering::SeqCst), 1);
    }

    async fn requests_from_before_are_told_which_cvca_they_were_to(database: TestDatabase) {
        let engine = database.store().engine();
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        for number in 0..205 {
            // Not every one is granted, nor need be: what is on record is read.
            let request = if number == 7 { vec![0x67, 0] } else { germany.fresh(&car) };
            ask(&app, &format!("m-{number:03}"), &request).await;
        }
        let now = house.applications().await;
        assert_eq!(now.len(), 204);

        let earlier = TestDatabase::fresh::<Before>(engine).await.unwrap();
        let db = earlier.store();
        db.write_tx(async |tx| {
            for row in &now {
                let statement = "INSERT INTO application (id, caller, message_id, holder, chr, key_sha256, outer_car, request, state, received_at, due_at) \
                                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
                let request = if row.message_id == "m-009" { vec![1, 2, 3] } else { row.request.clone() };
                let values = [
                    row.id.into(), row.caller.clone().into(), row.message_id.clone().into(), row.holder.clone().into(), row.chr.clone().into(),
                    row.key_sha256.clone().into(), row.outer_car.clone().into(), request.into(), row.state.clone().into(),
                    row.received_at.into(), row.due_at.into(),
                ];
                tx.execute_raw(sea_orm::Statement::from_sql_and_values(tx.get_database_backend(), statement, values)).await?;
            }
            Ok::<_, straznica_store::StoreError>(())
        })
        .await
        .unwrap();
        assert_eq!(migrate::<Migrations>(db).await.unwrap(), 1);
        for row in &now {
            let known = applications::find(db.reader(), row.id).await.unwrap().unwrap();
            // Nothing can be said of one that cannot be read: it counts under every CVCA.
            let expected = if row.message_id == "m-009" { "" } else { "PLCVCA" };
            assert_eq!(known.cvca, expected, "{}", row.message_id);
            let caller = row.caller.parse().unwrap();
            let wanted = applications::Wanted { caller, message_id: "m", cvca: "PLRES", chr: &row.chr, key_sha256: "" };
            let (answered, used) = applications::known(db.reader(), &wanted).await.unwrap();
            assert!(answered.is_none());
            assert_eq!(used.reference, expected.is_empty(), "{}", row.message_id);
        }
    }
}
