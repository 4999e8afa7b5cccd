//! What becomes of keys that have had their day.

use std::{path::PathBuf, time::Duration};

use straznica_contracts::spoc::v1::{Holder, ListHoldersRequest, TaSignatureResult};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Environment;

use super::{
    control_centre::{Ask, open, ready},
    house::{DAY, House, Node},
    national_pki::{import_dv, issue_is, request},
};

/// Key files of a role.
fn keys(house: &House, role: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(house.config.keystore.directory.join(role)).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

/// One turn of the job, as a node of its own, since the pace of a running one is an hour.
async fn clear_away(house: &House) -> Result<(), String> {
    let parts = straznica_spoc::build(&house.config, &house.context(Environment::Test)).await.unwrap();
    let job = parts.jobs.iter().find(|job| job.name() == "spoc_key_clean_up").unwrap();
    job.turn().await.map_err(|failure| failure.to_string())
}

async fn destroyed(house: &House) -> usize {
    house.journal().await.iter().filter(|kind| *kind == "key.destroyed").count()
}

async fn holders(node: &Node) -> Vec<Holder> {
    node.pki().list_holders(ListHoldersRequest {}).await.unwrap().into_inner().holders
}

/// A key file nothing refers to: a copy would not open, but it need not.
fn leave_over(house: &House, role: &str) -> PathBuf {
    let id = uuid::Uuid::now_v7().hyphenated().to_string();
    let path = house.config.keystore.directory.join(role).join(format!("{id}.key"));
    std::fs::write(&path, "left over").unwrap();
    path
}

on_both_engines! { Migrations;
    async fn keys_of_expired_certificates_are_destroyed_after_their_days_and_no_others(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        // A verifier for sixty days and its inspection system for thirty, both counted from today.
        let (_, is_chr) = ready(&house, &node).await;
        node.end().await;
        let clear = async |days: u32, expected: [usize; 3]| {
            house.clock.advance(DAY * days);
            clear_away(&house).await.unwrap();
            assert_eq!([keys(&house, "is").len(), keys(&house, "dv").len(), destroyed(&house).await], expected);
        };
        // Its last day, the day after, the first beyond the grace of one.
        clear(29, [1, 1, 0]).await;
        clear(1, [1, 1, 0]).await;
        clear(1, [0, 1, 1]).await;
        clear(0, [0, 1, 1]).await;
        // The verifier's thirty days of grace.
        clear(59, [0, 1, 1]).await;
        clear(1, [0, 0, 2]).await;
        assert_eq!(keys(&house, "cvca").len(), 1);

        let node = house.start().await;
        let held = holders(&node).await;
        assert!(held.iter().any(|holder| holder.chr == is_chr && !holder.has_key), "the certificate stays as evidence");
        let inspection = open(&house, &node).await;
        let answer = Ask::usual(inspection, &is_chr).of(&node).await.unwrap();
        assert_eq!(answer.result(), TaSignatureResult::FailureChrUnknown);
        // Countersigned by the national CVCA again, whose key is there.
        assert!(request(&node, "UTCVCA").await.unwrap().initial);
        node.end().await;
    }

    async fn a_key_destroyed_before_a_crash_cut_the_record_off_is_recorded_later(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        ready(&house, &node).await;
        node.end().await;
        house.clock.advance(DAY * 40);
        std::fs::remove_file(&keys(&house, "is")[0]).unwrap();
        clear_away(&house).await.unwrap();
        assert_eq!(destroyed(&house).await, 1);
    }

    async fn left_over_keys_are_destroyed_when_seen_so_for_a_week_and_keys_in_use_are_not(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let (mut foreign, _) = ready(&house, &node).await;
        let open = request(&node, "UTCVCA").await.unwrap();
        node.end().await;
        let [is, cvca] = ["is", "cvca"].map(|role| leave_over(&house, role));
        clear_away(&house).await.unwrap();
        house.clock.advance(DAY * 7 - Duration::from_secs(1));
        clear_away(&house).await.unwrap();
        assert!(is.exists());
        house.clock.advance(Duration::from_secs(1));
        clear_away(&house).await.unwrap();
        clear_away(&house).await.unwrap();
        assert!(!is.exists());
        assert!(cvca.exists(), "no accident costs a CVCA its key");
        assert_eq!(destroyed(&house).await, 1);

        // The request of before waits for its certificate; its key is in use.
        let node = house.start().await;
        import_dv(&node, &[foreign.answer(&open.request, house.today(), 50)]).await.unwrap();
        issue_is(&node, "UTCVCA", 10).await.unwrap();
        node.end().await;
    }

    async fn a_clock_in_doubt_destroys_nothing(database: TestDatabase) {
        let mut house = House::new(database);
        let node = house.start().await;
        ready(&house, &node).await;
        node.end().await;
        house.config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        house.clock.advance(DAY * 1000);
        let refusal = clear_away(&house).await.unwrap_err();
        assert!(refusal.contains("the node's clock is in doubt"), "{refusal}");
        assert_eq!((keys(&house, "is").len(), destroyed(&house).await), (1, 0));
    }
}
