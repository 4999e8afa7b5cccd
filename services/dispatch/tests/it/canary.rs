//! Code, number and nonce are looked for in everything the service leaves behind after a success; numbers and values of notices in everything at any time.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use straznica_ephemeral::testing::{REDIS_URL, shared_redis};
use tracing_subscriber::fmt::MakeWriter;

use crate::house::{House, refusal, wrong};
use crate::notice_desk::{ANNA, JAN, recipient, texts};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn finds(haystack: &[u8], value: &[u8]) -> bool {
    let hex = hex::encode(value).into_bytes();
    let upper = hex::encode_upper(value).into_bytes();
    let numbers = value.iter().map(u8::to_string).collect::<Vec<_>>();
    let lists = [numbers.join(",").into_bytes(), numbers.join(", ").into_bytes()];
    [value.to_vec(), hex, upper]
        .iter()
        .chain(&lists)
        .any(|needle| haystack.windows(needle.len()).any(|window| window == needle))
}

/// A code stands alone: six digits in the middle of a time or a digest are none.
fn finds_alone(haystack: &[u8], code: &str) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    haystack.windows(code.len()).enumerate().any(|(at, window)| {
        let before = at.checked_sub(1).and_then(|at| haystack.get(at));
        window == code.as_bytes() && !part(before) && !part(haystack.get(at + code.len()))
    })
}

#[test]
fn the_search_finds_what_is_hidden() {
    let value = b"+48501987654";
    for hidden in [
        "x+48501987654y".to_owned(),
        hex::encode(value),
        hex::encode_upper(value),
        serde_json::to_string(value.as_slice()).unwrap(),
        format!("{:?}", value.as_slice()),
    ] {
        assert!(finds(hidden.as_bytes(), value), "{hidden}");
    }
    assert!(finds_alone(b"{\"code\":\"123456\"}", "123456") && finds_alone(b"123456 to kod", "123456"));
    assert!(!finds_alone(b"1763812345600", "123456") && !finds_alone(b"ab123456", "123456"));
}

/// Every line this process logs, from the first call on.
fn logged() -> Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(lines.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        lines
    });
    lines.clone()
}

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
    let lines = logged();
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

    let mut left_behind = lines.0.lock().unwrap().clone();
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
    let lines = logged();
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
        let mut left_behind = lines.0.lock().unwrap().clone();
        assert!(!left_behind.is_empty());
        left_behind.extend(on_disk(&house));
        assert!(finds(&left_behind, b"notice.created"), "the journal is there");
        for number in 0..9 {
            assert!(!finds(&left_behind, format!("50198765{number}").as_bytes()), "a number {what}");
        }
        for needle in ["70198765", "QxZw"] {
            assert!(!finds(&left_behind, needle.as_bytes()), "{needle} {what}");
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
