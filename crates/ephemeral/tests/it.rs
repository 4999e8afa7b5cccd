//! The six operations on both engines, and what happens when the server dies.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures::future::join_all;
use straznica_ephemeral::testing::{PrivateRedis, clock};
use straznica_ephemeral::{
    Cooldown, Count, Ephemeral, EphemeralConfig, EphemeralEngine, EphemeralError, Key, LARGEST_VALUE, ServerTls,
    on_both_ephemeral_engines,
};
use straznica_pki::{DevelopmentCa, Names};
use straznica_types::{ManualClock, Secret, SystemClock, Timestamp};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(1);
const ABOUT: [u8; 32] = [7; 32];

fn key(part: &'static str) -> Key {
    Key::new(part, &ABOUT)
}

fn bytes(value: Option<Secret<Vec<u8>>>) -> Option<Vec<u8>> {
    value.map(|value| value.expose().clone())
}

on_both_ephemeral_engines! {
    async fn the_first_value_stays_until_it_is_taken(state: Ephemeral) {
        assert!(state.put_if_absent(&key("code"), b"first\0", LONG).await.unwrap());
        assert!(!state.put_if_absent(&key("code"), b"second", LONG).await.unwrap());
        assert_eq!(bytes(state.get(&key("code")).await.unwrap()), Some(b"first\0".to_vec()));
        assert_eq!(bytes(state.take(&key("code")).await.unwrap()), Some(b"first\0".to_vec()));
        assert_eq!(bytes(state.take(&key("code")).await.unwrap()), None);
        assert_eq!(bytes(state.get(&key("code")).await.unwrap()), None);
        assert!(state.put_if_absent(&key("code"), b"third", LONG).await.unwrap());
    }

    async fn parts_and_subjects_do_not_meet(state: Ephemeral) {
        assert!(state.put_if_absent(&key("code"), b"one", LONG).await.unwrap());
        assert!(state.put_if_absent(&key("other"), b"two", LONG).await.unwrap());
        assert!(state.put_if_absent(&Key::new("code", &[8; 32]), b"three", LONG).await.unwrap());
        assert_eq!(bytes(state.get(&key("code")).await.unwrap()), Some(b"one".to_vec()));
    }

    async fn everything_dies_in_its_time(state: Ephemeral) {
        assert!(state.put_if_absent(&key("code"), b"value", SHORT).await.unwrap());
        assert_eq!(state.count(&key("tries"), 1, SHORT).await.unwrap(), Count::Within(1));
        assert_eq!(state.count(&key("tries"), 1, SHORT).await.unwrap(), Count::Exceeded);
        assert_eq!(state.cooldown(&key("pause"), SHORT).await.unwrap(), Cooldown::Ready);
        tokio::time::sleep(SHORT + Duration::from_millis(200)).await;
        assert_eq!(bytes(state.get(&key("code")).await.unwrap()), None);
        assert_eq!(state.count(&key("tries"), 1, SHORT).await.unwrap(), Count::Within(1));
        assert_eq!(state.cooldown(&key("pause"), SHORT).await.unwrap(), Cooldown::Ready);
    }

    async fn counting_does_not_prolong_the_window(state: Ephemeral) {
        let window = Duration::from_secs(3);
        assert_eq!(state.count(&key("tries"), 9, window).await.unwrap(), Count::Within(1));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(state.count(&key("tries"), 9, window).await.unwrap(), Count::Within(2));
        tokio::time::sleep(Duration::from_millis(1_700)).await;
        assert_eq!(state.count(&key("tries"), 9, window).await.unwrap(), Count::Within(1));
    }

    async fn of_two_hundred_attempts_at_once_exactly_the_limit_is_let_through(state: Ephemeral) {
        let attempts = (0..200).map(|_| {
            let state = state.clone();
            tokio::spawn(async move { state.count(&key("tries"), 5, LONG).await.unwrap() })
        });
        let counted: Vec<Count> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
        let mut within: Vec<u32> = counted
            .iter()
            .filter_map(|count| match count {
                Count::Within(number) => Some(*number),
                Count::Exceeded => None,
            })
            .collect();
        within.sort_unstable();
        assert_eq!(within, [1, 2, 3, 4, 5]);
        assert_eq!(state.count(&key("nothing allowed"), 0, LONG).await.unwrap(), Count::Exceeded);
    }

    async fn of_many_at_once_one_takes_one_deletes_one_writes_and_one_may_go(state: Ephemeral) {
        for operation in ["put", "take", "delete", "cooldown"] {
            if matches!(operation, "take" | "delete") {
                assert!(state.put_if_absent(&key(operation), b"value", LONG).await.unwrap());
            }
            let all = (0..50).map(|_| {
                let state = state.clone();
                tokio::spawn(async move {
                    match operation {
                        "put" => state.put_if_absent(&key(operation), b"value", LONG).await.unwrap(),
                        "take" => state.take(&key(operation)).await.unwrap().is_some(),
                        "delete" => state.compare_and_delete(&key(operation), b"value").await.unwrap(),
                        _ => state.cooldown(&key(operation), LONG).await.unwrap() == Cooldown::Ready,
                    }
                })
            });
            let winners = join_all(all).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
            assert_eq!(winners, 1, "{operation}");
        }
    }

    async fn only_the_expected_value_is_deleted(state: Ephemeral) {
        assert!(!state.compare_and_delete(&key("code"), b"value").await.unwrap());
        assert!(state.put_if_absent(&key("code"), b"value", LONG).await.unwrap());
        for other in [b"".as_slice(), b"valu", b"value ", b"Value"] {
            assert!(!state.compare_and_delete(&key("code"), other).await.unwrap());
        }
        assert!(state.compare_and_delete(&key("code"), b"value").await.unwrap());
        assert!(state.get(&key("code")).await.unwrap().is_none());
    }

    async fn a_pause_tells_how_long_it_lasts(state: Ephemeral) {
        assert_eq!(state.cooldown(&key("pause"), LONG).await.unwrap(), Cooldown::Ready);
        let Cooldown::Wait(left) = state.cooldown(&key("pause"), LONG).await.unwrap() else {
            unreachable!("a pause runs")
        };
        assert!(left <= LONG && left > LONG - Duration::from_secs(10), "{left:?}");
    }

    async fn a_value_has_a_largest_size(state: Ephemeral) {
        assert!(state.put_if_absent(&key("code"), &[1; LARGEST_VALUE], LONG).await.unwrap());
        let refused = state.put_if_absent(&key("more"), &[1; LARGEST_VALUE + 1], LONG).await;
        assert!(matches!(refused, Err(EphemeralError::TooLarge)), "{refused:?}");
    }
}

#[tokio::test]
async fn in_process_the_injected_clock_decides() {
    let clock = ManualClock::starting_at(Timestamp::from_millis(1_000));
    let state = Ephemeral::in_process(clock.shared());
    assert!(state.put_if_absent(&key("code"), b"value", LONG).await.unwrap());
    clock.advance(LONG - Duration::from_millis(1));
    assert!(state.get(&key("code")).await.unwrap().is_some());
    clock.advance(Duration::from_millis(1));
    assert!(state.get(&key("code")).await.unwrap().is_none());
}

/// Every operation; how each failed.
async fn all_operations(state: &Ephemeral) -> Vec<Result<(), EphemeralError>> {
    vec![
        state.put_if_absent(&key("a"), b"value", LONG).await.map(drop),
        state.get(&key("b")).await.map(drop),
        state.take(&key("c")).await.map(drop),
        state.count(&key("d"), 5, LONG).await.map(drop),
        state.compare_and_delete(&key("e"), b"value").await.map(drop),
        state.cooldown(&key("f"), LONG).await.map(drop),
    ]
}

/// What a killed server may cost: an error in time, and nothing else.
async fn dies_and_comes_back(state: &Ephemeral, redis: &mut PrivateRedis) {
    assert!(all_operations(state).await.iter().all(Result::is_ok));
    redis.kill().await;
    for _ in 0..3 {
        let begun = Instant::now();
        for outcome in all_operations(state).await {
            assert!(matches!(outcome, Err(EphemeralError::Unavailable(_))), "{outcome:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(6), "six operations of at most a second: {:?}", begun.elapsed());
    }
    redis.restart().await;
    let begun = Instant::now();
    while all_operations(state).await.iter().any(Result::is_err) {
        assert!(begun.elapsed() < Duration::from_secs(10), "the connection comes back");
    }
    assert!(state.get(&key("b")).await.unwrap().is_none(), "a server that was started again is empty");
}

#[tokio::test]
async fn a_killed_server_fails_every_operation_in_time_and_is_used_again_when_it_is_back() {
    let Some(mut redis) = PrivateRedis::start().await else { return };
    let state = Ephemeral::open(&redis.config(), SystemClock::shared()).unwrap();
    dies_and_comes_back(&state, &mut redis).await;
}

#[tokio::test]
async fn a_server_that_is_stopped_in_mid_flight_costs_no_more_than_the_patience() {
    let Some(redis) = PrivateRedis::start().await else { return };
    let state = Ephemeral::open(&redis.config(), SystemClock::shared()).unwrap();
    assert!(state.get(&key("a")).await.unwrap().is_none());
    // It keeps its connections and answers nothing for a while: what a partition looks like.
    pause(&redis).await;
    let begun = Instant::now();
    let outcome = state.get(&key("a")).await;
    assert!(matches!(outcome, Err(EphemeralError::Unavailable(_))), "{outcome:?}");
    assert!(begun.elapsed() <= Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// Has it answer nothing for a while, from its answer on.
async fn pause(redis: &PrivateRedis) {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    {
        let _: () =
            redis::cmd("CLIENT").arg("PAUSE").arg(10_000).arg("ALL").query_async(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_was_never_there_is_unavailable_and_then_found() {
    let Some(mut redis) = PrivateRedis::start().await else { return };
    redis.kill().await;
    let state = Ephemeral::open(&redis.config(), SystemClock::shared()).unwrap();
    assert!(matches!(state.get(&key("a")).await, Err(EphemeralError::Unavailable(_))));
    redis.restart().await;
    let begun = Instant::now();
    while state.get(&key("a")).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the connection comes up");
    }
}

#[tokio::test]
async fn a_cluster_serves_every_operation_and_fails_closed_too() {
    let Some(mut redis) = PrivateRedis::start_cluster().await else { return };
    let state = Ephemeral::open(&redis.cluster_config(), SystemClock::shared()).unwrap();
    for number in 0..64_u8 {
        let key = Key::new("code", &[number; 32]);
        assert!(state.put_if_absent(&key, &[number], LONG).await.unwrap());
        assert!(state.compare_and_delete(&key, &[number]).await.unwrap());
        assert_eq!(state.count(&Key::new("tries", &[number; 32]), 5, LONG).await.unwrap(), Count::Within(1));
    }
    redis.kill().await;
    for outcome in all_operations(&state).await {
        assert!(matches!(outcome, Err(EphemeralError::Unavailable(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_an_address_is_refused_at_once_and_not_repeated() {
    let open = |engine, namespace: &str| {
        Ephemeral::open(&EphemeralConfig { engine, namespace: namespace.to_owned() }, SystemClock::shared())
    };
    let redis = |url: &str| EphemeralEngine::Redis { url: Secret::new(url.to_owned()), tls: None };
    for (engine, namespace) in [
        (redis("http://user:hidden-word@host"), "dispatch"),
        (redis("unix:///run/redis"), "dispatch"),
        (redis("redis://127.0.0.1:6379"), ""),
        (redis("redis://127.0.0.1:6379"), "with space"),
        (EphemeralEngine::RedisCluster { urls: Vec::new(), tls: None }, "dispatch"),
    ] {
        let refused = open(engine, namespace).unwrap_err();
        assert!(matches!(refused, EphemeralError::Configuration(_)), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hidden-word"));
    }
}

/// An authority, a server's certificate under it, and a client's.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = DevelopmentCa::create("development.straznica", clock()).unwrap();
        for (stem, issued) in [
            ("server", ca.issue_service("redis", &Names::loopback()).unwrap()),
            ("client", ca.issue_service("dispatch", &Names::loopback()).unwrap()),
        ] {
            ca.write(&issued, folder.path(), stem).unwrap();
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn towards(&self, port: u16, authority: PathBuf, client: bool) -> EphemeralConfig {
        let tls = ServerTls {
            ca: authority,
            certificate: client.then(|| self.file("client.pem")),
            key: client.then(|| self.file("client.key")),
        };
        let url = Secret::new(format!("rediss://127.0.0.1:{port}"));
        EphemeralConfig { engine: EphemeralEngine::Redis { url, tls: Some(tls) }, namespace: "tls".to_owned() }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_only_the_right_server_is_spoken_to_and_only_who_has_a_certificate_is_heard() {
    let (ours, others) = (Certificates::make(), Certificates::make());
    let files = ["server.pem", "server.key", "ca.pem"].map(|name| ours.file(name));
    let Some((_redis, port)) = PrivateRedis::start_tls(&files[0], &files[1], &files[2]).await else { return };
    for (config, expected) in [
        (ours.towards(port, ours.file("ca.pem"), true), true),
        (ours.towards(port, others.file("ca.pem"), true), false),
        (ours.towards(port, ours.file("ca.pem"), false), false),
        (others.towards(port, ours.file("ca.pem"), true), false),
    ] {
        let state = Ephemeral::open(&config, clock()).unwrap();
        let outcome = state.put_if_absent(&key("code"), b"1", LONG).await;
        assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    }
}

#[test]
fn what_crosses_a_network_in_clear_is_told() {
    let engine = |urls: &[&str]| EphemeralConfig {
        engine: EphemeralEngine::RedisCluster {
            urls: urls.iter().map(|url| Secret::new((*url).to_owned())).collect(),
            tls: None,
        },
        namespace: "n".to_owned(),
    };
    for (urls, in_clear) in [
        (vec!["redis://127.0.0.1:1", "redis://localhost/2", "redis://[::1]:3"], false),
        (vec!["rediss://redis.example:1"], false),
        (vec!["redis://127.0.0.1:1", "redis://redis.example"], true),
        (vec!["redis://10.0.0.7:6379"], true),
        (vec!["no address at all"], true),
    ] {
        assert_eq!(engine(&urls).crosses_network_in_clear(), in_clear, "{urls:?}");
    }
    assert!(!EphemeralConfig::in_process("n").crosses_network_in_clear());
}

#[tokio::test]
async fn certificates_and_addresses_have_to_fit() {
    let files = Certificates::make();
    let open = |url: &str, tls: Option<ServerTls>| {
        let engine = EphemeralEngine::Redis { url: Secret::new(url.to_owned()), tls };
        Ephemeral::open(&EphemeralConfig { engine, namespace: "tls".to_owned() }, clock()).map(drop)
    };
    let tls = |ca: &str| Some(ServerTls { ca: files.file(ca), certificate: None, key: None });
    for (url, tls) in [
        ("rediss://127.0.0.1:1", None),
        ("redis://127.0.0.1:1", tls("ca.pem")),
        ("rediss://127.0.0.1:1/#insecure", tls("ca.pem")),
        ("rediss://127.0.0.1:1", tls("nowhere.pem")),
        ("rediss://127.0.0.1:1", tls("server.key")),
        (
            "rediss://127.0.0.1:1",
            tls("ca.pem").map(|tls| ServerTls { certificate: Some(files.file("client.pem")), ..tls }),
        ),
    ] {
        assert!(matches!(open(url, tls), Err(EphemeralError::Configuration(_))), "{url}");
    }
}
