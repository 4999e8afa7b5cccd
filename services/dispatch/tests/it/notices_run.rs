//! Bulk notices on their way: quiet hours, stops, restarts, and codes among them.

use std::time::Duration;

use serde_json::json;
use sms::smpp::PartOutcome;
use straznica_contracts::dispatch::v1::{NoticeRecipient, NoticeState};
use straznica_dispatch::Migrations;
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, on_both_engines};
use straznica_testkit::MessageCentre;
use straznica_types::{Clock as _, Timestamp};

use crate::house::{House, refusal};
use crate::notice_desk::{ANNA, Desk, JAN, phone, recipient, reference, texts};
use crate::operators::operator;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn open_at(now: &str, database: TestDatabase, slice: u32) -> (House, Desk) {
    let house = House::open_at(at(now), database, |config| {
        (config.notices.look_ms, config.notices.slice) = (20, slice);
    })
    .await;
    let anna = house.desk(ANNA);
    (house, anna)
}

/// At noon.
async fn open(database: TestDatabase, slice: u32) -> (House, Desk) {
    open_at("2026-11-23T11:00:00Z", database, slice).await
}

/// Long enough for several looks at everything.
async fn some_time() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

impl House {
    /// The operator takes nothing.
    fn operator_is_shut(&self) {
        self.operator.answers.lock().unwrap().extend(std::iter::repeat_n(PartOutcome::NotSent, 1_000_000));
    }

    fn operator_is_open(&self) {
        self.operator.answers.lock().unwrap().clear();
    }

    /// Whom messages have reached.
    fn reached(&self) -> Vec<String> {
        let mut reached: Vec<String> = self.operator.received().into_iter().map(|one| one.to).collect();
        reached.sort();
        reached
    }
}

async fn goes_out_at_eight(database: TestDatabase, begun: &str, eight: &str) {
    let (house, anna) = open_at(begun, database, 10).await;
    let id = anna.prepared(&house, 2).await;
    anna.begin(&id).await;
    some_time().await;
    let eight = at(eight);
    house.clock.set(eight - Duration::from_millis(1));
    some_time().await;
    assert_eq!(anna.counts(&id).await, [("created".to_owned(), 2)]);
    assert_eq!(anna.look(&id).await.unwrap().quiet_until_ms, eight.millis());
    assert_eq!(house.operator.received().len(), 0);
    house.clock.set(eight);
    anna.becomes(&id, NoticeState::Finished).await;
    assert_eq!(house.operator.received().len(), 2);
    assert_eq!(anna.look(&id).await.unwrap().quiet_until_ms, 0);
    house.close().await;
}

on_both_engines! {
    Migrations;

    async fn begun_a_minute_before_eight_it_goes_out_at_eight(database: TestDatabase) {
        goes_out_at_eight(database, "2026-02-10T06:59:00Z", "2026-02-10T07:00:00Z").await;
    }

    async fn in_the_night_the_clocks_go_forward_eight_comes_an_hour_earlier(database: TestDatabase) {
        goes_out_at_eight(database, "2026-03-28T20:30:00Z", "2026-03-29T06:00:00Z").await;
    }

    async fn in_the_night_the_clocks_go_back_eight_comes_an_hour_later(database: TestDatabase) {
        goes_out_at_eight(database, "2026-10-24T22:30:00Z", "2026-10-25T07:00:00Z").await;
    }

    async fn when_it_gets_late_the_rest_waits_for_the_morning_and_codes_go(database: TestDatabase) {
        let (house, anna) = open_at("2026-11-23T18:59:00Z", database, 10).await;
        let id = anna.prepared(&house, 20).await;
        house.operator_is_shut();
        anna.begin(&id).await;
        anna.waits(&id, 10, 10).await;
        house.clock.advance(MINUTE);
        let night = at("2026-11-24T07:00:00Z").millis();
        house.becomes("SELECT COALESCE(CAST(MIN(due_at) AS TEXT), '') FROM outbox WHERE state = 'queued'", &[&night.to_string()]).await;
        house.operator_is_open();
        house.sent(&house.wish()).await;
        some_time().await;
        assert_eq!(house.operator.received().len(), 1, "the code");
        house.clock.advance(HOUR * 12);
        house.desk(ANNA).becomes(&id, NoticeState::Finished).await;
        assert_eq!(house.operator.received().len(), 21);
        house.close().await;
    }

    async fn what_is_not_handed_over_when_somebody_stops_it_never_is_not_even_after_a_restart(database: TestDatabase) {
        let (house, anna) = open(database, 5).await;
        let id = anna.prepared(&house, 100).await;
        anna.begin(&id).await;
        // Some go, then nothing is taken any more: a slice lies in the outbox, the rest waits.
        house.operator.message(1).await;
        house.operator_is_shut();
        house.becomes("SELECT CASE WHEN COUNT(*) > 3 THEN 'full' ELSE 'filling' END FROM outbox WHERE state IN ('queued', 'submitted')", &["full"]).await;
        let gone = house.reached();
        assert_eq!(refusal(anna.stop(&id, " ").await), "dispatch.invalid_request");
        let withdrawn = anna.with(JAN).stop(&id, "the day of payment stays").await.unwrap();
        assert_eq!(refusal(anna.stop(&id, "again").await), "dispatch.notice_state");
        // What was in a pump's hands at that moment is taken back when it comes out of them.
        let left = u32::try_from(100 - gone.len()).unwrap();
        assert!((left - 5..=left).contains(&withdrawn), "{withdrawn} of {left}");
        let house = house.restart().await;
        house.operator_is_open();
        let anna = house.desk(ANNA);
        anna.counts_become(&id, &[("accepted", 100 - left), ("withdrawn", left)]).await;
        some_time().await;
        assert_eq!((anna.state(&id).await, house.reached()), (NoticeState::Stopped, gone));
        assert_eq!(house.texts("SELECT reference FROM notice_recipient WHERE sealed IS NOT NULL").await, [""; 0]);
        assert_eq!(house.journalled("notice.stopped").await, 1);
        house.close().await;
    }

    async fn a_restart_in_the_middle_goes_on_and_nobody_reads_it_twice(database: TestDatabase) {
        let (house, anna) = open(database, 3).await;
        let id = anna.prepared(&house, 12).await;
        anna.begin(&id).await;
        house.operator.message(4).await;
        let house = house.restart().await;
        house.desk(ANNA).becomes(&id, NoticeState::Finished).await;
        assert_eq!(house.reached(), (0..12).map(phone).collect::<Vec<_>>());
        house.close().await;
    }

    async fn what_a_dead_process_had_in_its_hands_is_reported_as_unknown_and_not_sent_again(database: TestDatabase) {
        let (house, anna) = open(database, 10).await;
        let id = anna.prepared(&house, 3).await;
        house.operator_is_shut();
        anna.begin(&id).await;
        anna.waits(&id, 0, 3).await;
        // As if the process had died between the mark and the operator's answer.
        let marked = house.clock.now().millis();
        let first = format!("(SELECT id FROM notice_recipient WHERE reference = '{}')", reference(0));
        loop {
            house.execute(&format!(
                "UPDATE outbox SET state = 'submitted', submitted_at = {marked}, due_at = {} WHERE state = 'queued' AND transaction_id = {first}",
                marked + 1_000_000,
            ))
            .await;
            if house.texts(&format!("SELECT state FROM outbox WHERE transaction_id = {first} AND due_at > {marked}")).await == ["submitted"] {
                break;
            }
        }
        house.clock.advance(Duration::from_secs(121));
        let house = house.restart().await;
        house.operator_is_open();
        let anna = house.desk(ANNA);
        anna.becomes(&id, NoticeState::Finished).await;
        anna.counts_become(&id, &[("accepted", 2), ("unknown", 1)]).await;
        assert_eq!(house.reached(), [phone(1), phone(2)]);
        house.close().await;
    }

    async fn whoever_changes_their_mind_while_it_waits_is_not_written_to(database: TestDatabase) {
        let (house, anna) = open(database, 2).await;
        let id = anna.prepared(&house, 4).await;
        house.operator_is_shut();
        anna.begin(&id).await;
        anna.waits(&id, 2, 2).await;
        // One is in the outbox already, one is not.
        anna.choose(&phone(1), false).await;
        anna.choose(&phone(3), false).await;
        house.operator_is_open();
        anna.becomes(&id, NoticeState::Finished).await;
        anna.counts_become(&id, &[("accepted", 2), ("no_opt_in", 2)]).await;
        assert_eq!(house.reached(), [phone(0), phone(2)]);
        house.close().await;
    }

    async fn what_operators_say_of_each_message_stands_in_the_report(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let house = House::open_at(at("2026-11-23T11:00:00Z"), database, |config| {
            config.notices.look_ms = 20;
            config.operators = vec![operator(&config.keys.directory.join(".."), "operator-a", &centre)];
        })
        .await;
        let anna = house.desk(ANNA);
        // The first word tells the message centre what to do.
        let version = anna.with(JAN).propose_words(anna.with(JAN).words(&[("pl", "{date} wyplata.")])).await.unwrap();
        anna.approve_words(version).await.unwrap();
        let id = house.id();
        anna.create(&id, version).await.unwrap();
        let outcomes = [("plain", "delivered"), ("undeliv", "failed_permanent"), ("late", "delivered"), ("lost", "unknown"), ("silent", "accepted")];
        for (number, (word, _)) in outcomes.into_iter().enumerate() {
            anna.choose(&phone(number), true).await;
            let recipient = NoticeRecipient { values: texts(&[("date", word)]), ..recipient(number) };
            anna.add(&id, vec![recipient]).await.unwrap();
        }
        anna.begin(&id).await;
        anna.becomes(&id, NoticeState::Finished).await;
        anna.counts_become(&id, &[("accepted", 1), ("delivered", 2), ("failed_permanent", 1), ("unknown", 1)]).await;
        let told: Vec<String> = anna.report(&id, 0, "").await.unwrap().0.into_iter().map(|one| one.state).collect();
        assert_eq!(told, outcomes.map(|(_, state)| state));
        house.close().await;
    }

    async fn what_is_of_no_use_any_more_is_not_sent(database: TestDatabase) {
        let (house, anna) = open(database, 2).await;
        let id = anna.prepared(&house, 4).await;
        house.operator_is_shut();
        anna.begin(&id).await;
        anna.waits(&id, 2, 2).await;
        house.clock.advance(HOUR * 48);
        let anna = house.desk(ANNA);
        anna.becomes(&id, NoticeState::Finished).await;
        anna.counts_become(&id, &[("expired", 4)]).await;
        house.operator_is_open();
        some_time().await;
        assert_eq!(house.operator.received().len(), 0);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_does_not_wait_behind_a_notice() {
    let house = House::on_sqlite(|config| {
        (config.notices.look_ms, config.notices.slice, config.outbox.at_once) = (20, 300, 1);
    })
    .await;
    let anna = house.desk(ANNA);
    let id = anna.prepared(&house, 300).await;
    house.operator_is_shut();
    anna.begin(&id).await;
    anna.waits(&id, 0, 300).await;
    // A code is ordered when all of them lie there.
    house.send(&house.wish()).await.unwrap();
    house.operator_is_open();
    anna.becomes(&id, NoticeState::Finished).await;
    let place = house.operator.received().iter().position(|one| one.text.contains("to kod")).unwrap();
    assert!(place <= 2, "{place}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_ended_is_deleted_after_its_time_and_what_was_never_begun_as_well() {
    let house = House::on_sqlite(|config| (config.notices.look_ms, config.keep_days) = (20, 1)).await;
    let anna = house.desk(ANNA);
    let ended = anna.prepared(&house, 2).await;
    anna.begin(&ended).await;
    anna.becomes(&ended, NoticeState::Finished).await;
    let never_begun = anna.prepared(&house, 2).await;
    house.clock.advance(HOUR * 23);
    let house = house.restart().await;
    some_time().await;
    assert_eq!(house.texts("SELECT state FROM notice ORDER BY created_at, id").await.len(), 2);
    house.clock.advance(HOUR * 2);
    let house = house.restart().await;
    house.becomes("SELECT state FROM notice", &[]).await;
    assert_eq!(house.texts("SELECT reference FROM notice_recipient").await, [""; 0]);
    for id in [ended, never_begun] {
        assert_eq!(refusal(house.desk(ANNA).look(&id).await), "dispatch.notice_unknown");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_that_is_shut_meanwhile_gets_nothing() {
    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let (house, anna) = open(database, 10).await;
    let id = anna.prepared(&house, 2).await;
    anna.propose(&id).await.unwrap();
    let house = house.reopen(|config| config.destinations.blocked = vec![phone(1)]).await;
    let anna = house.desk(ANNA);
    anna.with(JAN).start(&id).await.unwrap();
    anna.becomes(&id, NoticeState::Finished).await;
    anna.counts_become(&id, &[("accepted", 1), ("withdrawn", 1)]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_at_the_database_sends_nothing_to_anybody_else() {
    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let (house, anna) = open(database, 10).await;
    let id = anna.prepared(&house, 2).await;
    // What is sealed of one is put beside another.
    house
        .execute(
            "UPDATE notice_recipient SET sealed = (SELECT sealed FROM notice_recipient WHERE reference = 'r-0000')",
        )
        .await;
    anna.begin(&id).await;
    anna.becomes(&id, NoticeState::Finished).await;
    assert_eq!(anna.counts(&id).await, [("accepted".to_owned(), 1), ("failed_technical".to_owned(), 1)]);
    assert_eq!(house.reached(), [phone(0)]);
    house.close().await;
}
