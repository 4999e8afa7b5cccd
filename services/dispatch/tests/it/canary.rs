//! Code, number and nonce are looked for in everything the service leaves behind after a success; numbers and values of notices in everything at any time.

use std::path::Path;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use straznica_ephemeral::testing::{REDIS_URL, shared_redis};
use straznica_testkit::canary::{Lines, finds, finds_alone};

use crate::house::{House, refusal, wrong};
use crate::notice_desk::{ANNA, JAN, recipient, texts};

/// What the database of a house has on disk.
fn on_disk(house: &House) -> Vec<u8> {
    let file = house.database.config().url.expose().trim_start_matches("sqlite://").to_owned();
    [file.clone(), format!("{file}-wal")].iter().flat_map(|path| std::fs::read(Path::new(path)).unwrap()).collect()
}

/// Every key of a namespace with its value.
async fn contents(redis: &mut MultiplexedConnection, namespace: &str) -> Vec<(String, Vec<u8>)> {
    let keys: Vec<String> = redis::cmd("KEYS").arg(format!("{namespace}:*")).query_async(redis).await.unwrap();
    let mut contents = Vec::new();
    for key in keys {
        let value: Option<Vec<u8>> = redis::cmd("GET").arg(&key).query_async(redis).await.unwrap();
        contents.push((key, value.unwrap_or_default()));
    }
    contents
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_code_nor_number_nor_nonce_is_left_behind() {
    let Some(ephemeral) = shared_redis() else { return };
    let lines = Lines::of_this_process();
    let namespace = ephemeral.namespace.clone();
    let url = std::env::var(REDIS_URL).unwrap();
    let mut redis = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let house = House::on_sqlite(|config| config.ephemeral = ephemeral).await;

    let (mut codes, mut nonces) = (Vec::new(), Vec::new());
    for number in 0..5 {
        let mut wish = house.wish();
        wish.phone = format!("+4850198765{number}");
        let (id, code) = house.sent(&wish).await;
        let kept = contents(&mut redis, &namespace).await;
        let (_, sealed) = kept.iter().find(|(key, _)| key.ends_with(":code")).unwrap();
        assert!(!finds(sealed, wish.phone.as_bytes()), "the number lies sealed beside its nonce");
        nonces.push(sealed[5..21].to_vec());
        assert_eq!(refusal(house.validate(&id, &wrong(&code)).await), "dispatch.invalid_otp");
        assert_eq!(refusal(house.validate(&id, "12345").await), "dispatch.invalid_request");
        house.outbox_is_quiet().await;
        house.validate(&id, &code).await.unwrap();
        codes.push(code);
    }
    house
        .send(&straznica_contracts::dispatch::v1::SendCodeRequest { phone: "+4870198765".to_owned(), ..house.wish() })
        .await
        .unwrap_err();
    // The journal's entries are numbered, and with them written once more.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let mut left_behind = lines.so_far();
    assert!(!left_behind.is_empty());
    left_behind.extend(on_disk(&house));
    let kept = contents(&mut redis, &namespace).await;
    assert!(kept.iter().any(|(key, _)| key.ends_with(":attempts")), "counters are there");
    for (key, value) in kept {
        left_behind.extend(key.into_bytes());
        left_behind.push(b' ');
        left_behind.extend(value);
    }
    assert!(finds(&left_behind, b"code.validated"), "the journal is there");
    for number in 0..5 {
        assert!(!finds(&left_behind, format!("50198765{number}").as_bytes()), "a number");
    }
    assert!(!finds(&left_behind, b"70198765"), "a number that was refused");
    for nonce in &nonces {
        assert!(!finds(&left_behind, nonce), "a nonce");
    }
    // Six digits may stand somewhere by chance; a leak would show every code.
    let found = codes.iter().filter(|code| finds_alone(&left_behind, code)).count();
    assert!(found < 2, "{found} of five codes");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_numbers_nor_values_of_a_notice_lie_anywhere_in_clear() {
    let lines = Lines::of_this_process();
    let house = House::on_sqlite(|config| (config.notices.look_ms, config.notices.slice) = (20, 2)).await;
    let anna = house.desk(ANNA);
    let id = anna.prepared(&house, 0).await;
    let canary = |number: usize| {
        let mut recipient = recipient(number);
        recipient.phone = format!("+4850198765{number}");
        recipient.values = texts(&[("date", &format!("QxZw{number}vKj"))]);
        recipient
    };
    for number in 0..6 {
        anna.choose(&canary(number).phone, number != 3).await;
    }
    anna.add(&id, (0..6).map(canary).collect()).await.unwrap();
    // Refusals name no value.
    let mut refused = canary(7);
    refused.values = texts(&[("date", "QxZw7vKj-and-more")]);
    anna.add(&id, vec![refused]).await.unwrap_err();
    anna.add(
        &id,
        vec![straznica_contracts::dispatch::v1::NoticeRecipient { phone: "+4870198765".to_owned(), ..canary(8) }],
    )
    .await
    .unwrap_err();
    let look = |what: &str| {
        let mut left_behind = lines.so_far();
        assert!(!left_behind.is_empty());
        left_behind.extend(on_disk(&house));
        assert!(finds(&left_behind, b"notice.created"), "the journal is there");
        for number in 0..9 {
            assert!(!finds(&left_behind, format!("50198765{number}").as_bytes()), "a number {what}");
        }
        assert!(!finds(&left_behind, b"70198765"), "a number {what}");
        for number in 0..9 {
            assert!(!finds(&left_behind, format!("QxZw{number}vKj").as_bytes()), "a value {what}");
        }
    };
    look("while they are prepared");
    anna.begin(&id).await;
    house.operator.message(5).await;
    anna.becomes(&id, straznica_contracts::dispatch::v1::NoticeState::Finished).await;
    anna.with(JAN).report(&id, 0, "").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    look("after they were sent");
    assert!(house.operator.received().iter().all(|one| one.text.contains("QxZw")), "the messages had them");
    house.close().await;
}
