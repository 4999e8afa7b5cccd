//! By whose trust a document is judged, and what happens when spoc is not there.

use std::time::Duration;

use straznica_contracts::identity::v1::{Evidence, Verdict};
use straznica_identity::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use crate::documents::{Utopia, adding, chip_authentication, data_groups, opening};
use crate::house::{House, code, evidence, failed, result};

on_both_engines! {
    Migrations;

    async fn without_spoc_documents_are_judged_by_its_last_word_and_revocation_is_open(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let full = || {
            let mut request = opening(&passport, &[1, 2, 14], house.clock.now());
            request.evidence.as_mut().unwrap().chip_authentication = Some(chip_authentication(&passport));
            request
        };

        house.spoc.goes_down();
        let at_the_start = house.create(full()).await.unwrap_err();
        assert_eq!(code(&at_the_start), "identity.trust_unavailable");
        assert_eq!(straznica_error::detail_of(&at_the_start).unwrap().retry_after_ms, Some(5_000));

        house.spoc.comes_back();
        let confirmed_at = house.clock.now();
        assert_eq!(house.create(full()).await.unwrap().verdict(), Verdict::Genuine);

        house.spoc.goes_down();
        house.clock.advance(Duration::from_secs(600));
        let alone = house.create(full()).await.unwrap();
        assert_eq!(alone.verdict(), Verdict::Undetermined, "{alone:#?}");
        assert_eq!(result(&alone, "ds_signature"), "successful");
        assert_eq!(result(&alone, "ds_revocation"), "undetermined");
        assert_eq!(evidence(&alone, "ds_revocation", "reason"), "trust_not_confirmed");
        assert_eq!(evidence(&alone, "ds_revocation", "trust_confirmed_at"), confirmed_at.to_string());
        assert_eq!((alone.trust_generation, alone.trust_confirmed_at_ms), (1, confirmed_at.millis()));
        assert!(!alone.terminal_authentication_available);

        house.spoc.comes_back();
        let digest = Evidence { digests: [(3, vec![0; 32])].into(), ..Evidence::default() };
        let back = house.add(adding(&alone.id, data_groups(&passport, &[2]))).await.unwrap();
        assert_eq!(back.verdict(), Verdict::Genuine, "{back:#?}");
        assert!(back.terminal_authentication_available);
        assert_eq!(house.spoc.announced().last().unwrap().inspection_id, alone.id);
        assert_eq!(failed(&house.add(adding(&alone.id, digest)).await.unwrap()), ["dg3_hash"]);
        assert_eq!(house.spoc.announced().len(), 2, "announced once each");

        house.spoc.goes_down();
        house.clock.advance(Duration::from_secs(3_601));
        assert_eq!(code(&house.create(full()).await.unwrap_err()), "identity.trust_unavailable");
        house.close().await;
    }

    async fn a_new_generation_counts_from_the_next_inspection_on(database: TestDatabase) {
        let house = House::open(database).await;
        let mut utopia = Utopia::new();
        let passport = utopia.passport();
        let full = || opening(&passport, &[1, 2], house.clock.now());

        let untrusted = house.create(full()).await.unwrap();
        assert_eq!((untrusted.verdict(), untrusted.trust_generation), (Verdict::Undetermined, 0));
        assert_eq!(result(&untrusted, "ds_signature"), "undetermined");

        house.spoc.publish(utopia.trusted(1));
        for _ in 0..5 {
            let good = house.create(full()).await.unwrap();
            assert_eq!((result(&good, "ds_revocation"), good.trust_generation), ("successful", 1));
        }
        assert_eq!(house.spoc.whole_snapshots(), 1, "an unchanged trust is not sent again");

        house.spoc.publish(utopia.signer_revoked(2));
        let revoked = house.create(full()).await.unwrap();
        assert_eq!((revoked.verdict(), revoked.trust_generation), (Verdict::NotGenuine, 2));
        assert_eq!(failed(&revoked), ["ds_revocation"]);

        house.spoc.publish(utopia.signer_defective(3));
        let defective = house.create(full()).await.unwrap();
        assert_eq!((defective.verdict(), defective.trust_generation), (Verdict::NotGenuine, 3));
        assert_eq!(defective.defects.len(), 1, "{defective:#?}");

        let other = Utopia::new();
        house.spoc.publish(other.trusted(4));
        let foreign = house.create(full()).await.unwrap();
        assert_ne!(foreign.verdict(), Verdict::Genuine);
        house.close().await;
    }

    async fn a_generation_whose_defect_list_cannot_be_verified_is_not_taken(database: TestDatabase) {
        let house = House::open(database).await;
        let mut utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let full = || opening(&passport, &[1, 2], house.clock.now());
        assert_eq!(house.create(full()).await.unwrap().trust_generation, 1);
        let mut snapshot = utopia.signer_defective(2);
        snapshot.defect_list_anchors.clear();
        house.spoc.publish(snapshot);
        let judged = house.create(full()).await.unwrap();
        assert_eq!((judged.trust_generation, result(&judged, "ds_revocation")), (1, "undetermined"));
        house.close().await;
    }

    async fn a_csca_that_cannot_be_read_is_left_out_and_the_rest_counts(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        let mut snapshot = utopia.trusted(1);
        let mut broken = snapshot.cscas[0].clone();
        broken.certificate.truncate(40);
        snapshot.cscas.insert(0, broken);
        snapshot.revocation_lists.insert(0, vec![0x30, 0x00]);
        house.spoc.publish(snapshot);
        let judged = house.create(opening(&utopia.passport(), &[1, 2], house.clock.now())).await.unwrap();
        assert_eq!(result(&judged, "ds_signature"), "successful");
        house.close().await;
    }

    async fn questions_asked_at_once_share_one_snapshot(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let calls = (0..12).map(|_| house.create(opening(&passport, &[1], house.clock.now())));
        for opened in futures::future::join_all(calls).await {
            assert_eq!(opened.unwrap().trust_generation, 1);
        }
        assert_eq!(house.spoc.whole_snapshots(), 1);
        house.close().await;
    }

    async fn while_spoc_is_silent_inspections_at_once_are_all_judged_before_the_gateways_patience_ends(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let full = || opening(&passport, &[1, 2], house.clock.now());
        house.create(full()).await.unwrap();

        house.spoc.falls_silent();
        // The channel gives each call five seconds, as the gateway's does by default.
        let calls = (0..6).map(async |turn| {
            tokio::time::sleep(Duration::from_millis(250 * turn)).await;
            house.create(full()).await
        });
        for opened in futures::future::join_all(calls).await {
            let opened = opened.unwrap();
            assert_eq!((result(&opened, "ds_revocation"), opened.trust_generation), ("undetermined", 1));
            assert!(!opened.terminal_authentication_available);
        }
        house.close().await;
    }
}
