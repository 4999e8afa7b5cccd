//! Where revocation lists come from and how long they serve.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use emrtd::x509::Crl;
use exchange::development::{CrlFault, Issued, LeafRequest};
use exchange::identity::{CrlNeed, Presented};
use http::StatusCode;
use straznica_exchange_wire::crl::{CrlKey, CrlReach, StoredCrl, parse};
use straznica_exchange_wire::development::{CrlResponder, DevelopmentSpoc, SpocKeys};
use straznica_exchange_wire::error::Cause;
use straznica_exchange_wire::{Binding, CrlConfig, CrlProblem, CrlSource, CrlStore, Judge, MemoryCrls, Refused, Side};
use straznica_types::{Clock as _, ManualClock};

const DAY: Duration = Duration::from_secs(86_400);

struct Bench {
    clock: ManualClock,
    spoc: DevelopmentSpoc,
    store: Arc<MemoryCrls>,
    source: Arc<CrlSource>,
}

impl Bench {
    async fn new() -> Self {
        let clock = ManualClock::starting_at("2026-06-01T00:00:00Z".parse().unwrap());
        let spoc = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, clock.shared()).await.unwrap();
        let store = Arc::new(MemoryCrls::default());
        let source = source(&store, &clock);
        Self { clock, spoc, store, source }
    }

    fn issue(&self, change: impl FnOnce(&mut LeafRequest)) -> Issued {
        let mut request = self.spoc.request("localhost");
        change(&mut request);
        self.spoc.issue(&request).unwrap()
    }

    fn need(&self, issued: &Issued) -> CrlNeed {
        let presented = Presented::read(&issued.presented()).unwrap();
        let path = presented.verify_again(&self.spoc.registration().unwrap(), Binding::Grpc, self.clock.now()).unwrap();
        path.crl_needs().remove(0)
    }

    async fn judge(&self, issued: &Issued, by_hand: &[Crl]) -> Result<(), Refused> {
        let judge = Judge::new(self.source.clone(), self.clock.shared());
        let presented = Presented::read(&issued.presented()).unwrap();
        let registration = self.spoc.registration().unwrap();
        judge.judge(&presented, &registration, by_hand, Side::Client, Binding::Grpc).await.map(drop)
    }
}

fn source(store: &Arc<MemoryCrls>, clock: &ManualClock) -> Arc<CrlSource> {
    let config = CrlConfig { timeout: Duration::from_secs(3), ..CrlConfig::development() };
    Arc::new(CrlSource::new(store.clone(), clock.shared(), config))
}

#[tokio::test]
async fn a_list_is_fetched_once_for_all_who_wait_and_again_when_it_is_old() {
    let bench = Bench::new().await;
    let need = bench.need(&bench.issue(|_| ()));
    let together = futures_of(10, || bench.source.obtain(&need)).await;
    assert!(together.iter().all(|obtained| obtained.lists.len() == 1 && obtained.problems.is_empty()));
    assert_eq!(bench.spoc.responder().times_asked(), 1);
    bench.clock.advance(Duration::from_secs(599));
    bench.source.obtain(&need).await;
    assert_eq!(bench.spoc.responder().times_asked(), 1);
    bench.clock.advance(Duration::from_secs(1));
    bench.source.obtain(&need).await;
    assert_eq!(bench.spoc.responder().times_asked(), 2);
}

async fn futures_of<F: Future>(count: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut pending: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut done = Vec::new();
    // All are polled before any is waited for.
    for one in &mut pending {
        tokio::select! { biased; answer = one => done.push(answer), () = std::future::ready(()) => () }
    }
    for one in pending.into_iter().skip(done.len()) {
        done.push(one.await);
    }
    done
}

#[tokio::test]
async fn when_its_successor_is_due_a_list_is_fetched_whatever_its_age_here() {
    let bench = Bench::new().await;
    let now = bench.clock.now();
    bench.spoc.publish_dated(now, Some(now + Duration::from_secs(60))).unwrap();
    let issued = bench.issue(|_| ());
    bench.judge(&issued, &[]).await.unwrap();
    bench.clock.advance(Duration::from_secs(61));
    let refused = bench.judge(&issued, &[]).await.unwrap_err();
    assert_eq!(refused.why.code(), "crl_expired");
    assert_eq!(bench.spoc.responder().times_asked(), 2);
    bench.clock.advance(Duration::from_secs(61));
    bench.spoc.publish().unwrap();
    bench.judge(&issued, &[]).await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_served_by_its_last_list_while_it_is_fresh() {
    let bench = Bench::new().await;
    let issued = bench.issue(|_| ());
    let need = bench.need(&issued);
    bench.source.obtain(&need).await;
    bench.spoc.withhold_list();
    bench.clock.advance(Duration::from_secs(601));
    let obtained = bench.source.obtain(&need).await;
    assert_eq!(obtained.lists.len(), 1);
    assert!(matches!(obtained.problems[..], [CrlProblem::Status { status: 404, .. }]));
    // Not tried again at once.
    let obtained = bench.source.obtain(&need).await;
    assert!(matches!(obtained.problems[..], [CrlProblem::Pausing { .. }]));
    assert_eq!(bench.spoc.responder().times_asked(), 2);
    bench.judge(&issued, &[]).await.unwrap();
    bench.clock.advance(30 * DAY);
    let refused = bench.judge(&issued, &[]).await.unwrap_err();
    assert_eq!(refused.why.code(), "crl_expired");
    assert!(matches!(refused.problems[..], [CrlProblem::Status { .. }]));
}

#[tokio::test]
async fn a_list_outlives_a_restart_and_is_verified_again() {
    let bench = Bench::new().await;
    let issued = bench.issue(|_| ());
    let need = bench.need(&issued);
    bench.source.obtain(&need).await;
    bench.spoc.withhold_list();
    let obtained = source(&bench.store, &bench.clock).obtain(&need).await;
    assert_eq!((obtained.lists.len(), obtained.problems.len()), (1, 0));

    // Somebody who owns the store puts another issuer's list there.
    let other = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, bench.clock.shared()).await.unwrap();
    let now = bench.clock.now();
    let forged = other.with_authority(|authority| authority.crl(now, None)).unwrap();
    let key = bench.store.keys().remove(0);
    let before = bench.store.get(&key).await.unwrap();
    let forged = StoredCrl { der: forged, fetched_at: now };
    assert!(bench.store.put(&key, &forged, before.as_ref(), 16).await.unwrap());
    let obtained = source(&bench.store, &bench.clock).obtain(&need).await;
    assert!(obtained.lists.is_empty());
    assert!(matches!(obtained.problems[..], [CrlProblem::NotTheIssuers { .. }, CrlProblem::Status { .. }]));
}

#[tokio::test]
async fn what_is_no_list_of_the_issuer_is_refused_for_its_own_reason() {
    let bench = Bench::new().await;
    let place = CrlResponder::start().await.unwrap();
    let now = bench.clock.now();
    let other = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, bench.clock.shared()).await.unwrap();
    let list = |fault| bench.spoc.with_authority(|one| one.faulty_crl(now, now + DAY, fault)).unwrap();
    place.serve("malformed", b"no list".to_vec());
    place.serve("large", vec![0x30; 1024 * 1024 + 1]);
    place.serve("delta", list(CrlFault::Delta));
    place.serve("indirect", list(CrlFault::Indirect));
    place.serve("another", other.with_authority(|one| one.crl(now, None)).unwrap());
    place.answer("moved", StatusCode::FOUND, Vec::new());
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}/list", silent.local_addr().unwrap());
    type Is = fn(&CrlProblem) -> bool;
    let cases: Vec<(String, Is)> = vec![
        (place.uri("malformed"), |one| matches!(one, CrlProblem::Unreadable { .. })),
        (place.uri("large"), |one| matches!(one, CrlProblem::TooLarge { .. })),
        (place.uri("delta"), |one| matches!(one, CrlProblem::Unreadable { .. })),
        (place.uri("indirect"), |one| matches!(one, CrlProblem::Unreadable { .. })),
        (place.uri("another"), |one| matches!(one, CrlProblem::NotTheIssuers { .. })),
        (place.uri("moved"), |one| matches!(one, CrlProblem::Status { status: 302, .. })),
        (place.uri("absent"), |one| matches!(one, CrlProblem::Status { status: 404, .. })),
        ("http://127.0.0.1:1/list".into(), |one| matches!(one, CrlProblem::NotReached { .. })),
        ("http://".into(), |one| matches!(one, CrlProblem::Address { .. })),
        (silent, |one| matches!(one, CrlProblem::NotReached { .. } | CrlProblem::TimedOut { .. })),
        ("ldap://127.0.0.1/cn=list".into(), |one| matches!(one, CrlProblem::NoHttpDistributionPoint { .. })),
        ("file:///etc/hosts".into(), |one| matches!(one, CrlProblem::NoHttpDistributionPoint { .. })),
        ("https://127.0.0.1/list".into(), |one| matches!(one, CrlProblem::NoHttpDistributionPoint { .. })),
    ];
    for (uri, is) in cases {
        let issued = bench.issue(|leaf| leaf.crl_uris = Some(vec![uri.clone()]));
        let refused = bench.judge(&issued, &[]).await.unwrap_err();
        assert_eq!(refused.why.code(), "no_crl", "{uri}");
        let [problem] = &refused.problems[..] else { panic!("{uri}: {:?}", refused.problems) };
        assert!(is(problem), "{uri}: {problem:?}");
    }
    // One good place among bad ones is enough.
    let uris = vec!["ldap://127.0.0.1/x".into(), place.uri("absent"), bench.spoc.responder().uri("spoc.crl")];
    let issued = bench.issue(|leaf| leaf.crl_uris = Some(uris));
    bench.judge(&issued, &[]).await.unwrap();
}

#[tokio::test]
async fn an_older_list_played_back_does_not_undo_a_revocation() {
    let bench = Bench::new().await;
    let issued = bench.issue(|_| ());
    let before = bench.clock.now();
    bench.judge(&issued, &[]).await.unwrap();
    let innocent = bench.spoc.with_authority(|one| one.crl(before, Some(before + 30 * DAY))).unwrap();
    bench.clock.advance(Duration::from_secs(601));
    bench.spoc.revoke(&issued).unwrap();
    assert_eq!(bench.judge(&issued, &[]).await.unwrap_err().why.code(), "revoked");
    bench.clock.advance(Duration::from_secs(601));
    bench.spoc.responder().serve("spoc.crl", innocent);
    let refused = bench.judge(&issued, &[]).await.unwrap_err();
    assert_eq!(refused.why.code(), "revoked");
    assert!(matches!(refused.problems[..], [CrlProblem::Older { .. }]));
}

#[tokio::test]
async fn a_list_registered_by_hand_serves_a_partner_without_a_place_for_one() {
    let bench = Bench::new().await;
    let issued = bench.issue(|leaf| leaf.crl_uris = Some(Vec::new()));
    assert_eq!(bench.judge(&issued, &[]).await.unwrap_err().why.code(), "no_crl");
    let now = bench.clock.now();
    let der = bench.spoc.with_authority(|one| one.crl(now, Some(now + DAY))).unwrap();
    let pem = openssl::x509::X509Crl::from_der(&der).unwrap().to_pem().unwrap();
    for bytes in [der, pem] {
        bench.judge(&issued, &[parse(&bytes).unwrap()]).await.unwrap();
    }
    assert!(parse(b"-----BEGIN X509 CRL-----\n!").is_err());
}

#[tokio::test]
async fn the_newest_list_that_counts_rules_whichever_way_it_came() {
    let bench = Bench::new().await;
    let now = bench.clock.now();
    let issued = bench.issue(|_| ());
    bench.judge(&issued, &[]).await.unwrap();
    // A newer one by hand names it, whatever the one fetched says.
    let newer = |at| parse(&bench.spoc.with_authority(|one| one.crl(at, Some(at + DAY))).unwrap()).unwrap();
    let innocent = newer(now);
    bench.clock.advance(Duration::from_secs(1));
    let at = bench.clock.now();
    bench.spoc.with_authority(|one| one.revoke(&issued, at));
    let by_hand = newer(at);
    assert_eq!(bench.judge(&issued, std::slice::from_ref(&by_hand)).await.unwrap_err().why.code(), "revoked");
    assert!(innocent.precedes(&by_hand) && !by_hand.precedes(&innocent));
    // What one by hand said is over when a newer one that was fetched says otherwise.
    let other = bench.issue(|_| ());
    let held = Bench::new().await;
    let kept = held.issue(|_| ());
    let before = held.clock.now();
    let named = held.spoc.with_authority(|one| {
        let mut suspended = one.clone();
        suspended.revoke(&kept, before);
        suspended.crl(before, Some(before + 30 * DAY)).unwrap()
    });
    let named = [parse(&named).unwrap()];
    held.clock.advance(Duration::from_secs(1));
    held.spoc.publish().unwrap();
    held.judge(&kept, &named).await.unwrap();
    // Its own end is its end.
    bench.spoc.withhold_list();
    bench.clock.advance(2 * DAY + 30 * DAY);
    assert_eq!(bench.judge(&other, &[by_hand]).await.unwrap_err().why.code(), "crl_expired");
}

#[tokio::test]
async fn a_stranger_makes_us_fetch_nothing() {
    let bench = Bench::new().await;
    let other = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, bench.clock.shared()).await.unwrap();
    let issued = other.issue(&other.request("localhost")).unwrap();
    assert!(bench.judge(&issued, &[]).await.is_err());
    assert_eq!(other.responder().times_asked(), 0);
}

/// A list's place of its own for each certificate, with the list served there.
fn places(bench: &Bench, place: &CrlResponder, range: std::ops::Range<usize>) -> Vec<CrlNeed> {
    let now = bench.clock.now();
    let list = bench.spoc.with_authority(|one| one.crl(now, Some(now + 30 * DAY))).unwrap();
    let need = |number: usize| {
        place.serve(&number.to_string(), list.clone());
        bench.need(&bench.issue(|leaf| leaf.crl_uris = Some(vec![place.uri(&number.to_string())])))
    };
    range.map(need).collect()
}

#[tokio::test]
async fn a_state_that_names_ever_new_places_keeps_a_few_lists_and_costs_no_other_its_own() {
    let bench = Bench::new().await;
    let other = DevelopmentSpoc::start("ZZ".parse().unwrap(), SpocKeys::P256, bench.clock.shared()).await.unwrap();
    let issued = Presented::read(&other.issue(&other.request("localhost")).unwrap().presented()).unwrap();
    let path = issued.verify_again(&other.registration().unwrap(), Binding::Grpc, bench.clock.now()).unwrap();
    bench.source.obtain(&path.crl_needs()[0]).await;
    let place = CrlResponder::start().await.unwrap();
    let needs = places(&bench, &place, 0..50);
    for need in &needs {
        bench.clock.advance(Duration::from_millis(1));
        assert_eq!(bench.source.obtain(need).await.lists.len(), 1);
    }
    let of = |country: &str| bench.store.keys().iter().filter(|key| key.country.as_str() == country).count();
    assert_eq!((of("UT"), of("ZZ")), (16, 1));
    // What is remembered is not fetched again, the other's included; what was forgotten is.
    for need in &needs[34..] {
        bench.source.obtain(need).await;
    }
    bench.source.obtain(&path.crl_needs()[0]).await;
    assert_eq!((place.times_asked(), other.responder().times_asked()), (50, 1));
    bench.source.obtain(&needs[0]).await;
    assert_eq!(place.times_asked(), 51);
}

#[tokio::test]
async fn of_two_nodes_on_one_store_neither_takes_a_list_older_than_the_others() {
    let bench = Bench::new().await;
    let (one, two) = (bench.source.clone(), source(&bench.store, &bench.clock));
    let issued = bench.issue(|_| ());
    let need = bench.need(&issued);
    let now = bench.clock.now();
    let innocent = bench.spoc.with_authority(|one| one.crl(now, Some(now + 30 * DAY))).unwrap();
    for node in [&one, &two] {
        node.obtain(&need).await;
    }
    bench.clock.advance(Duration::from_secs(601));
    bench.spoc.revoke(&issued).unwrap();
    one.obtain(&need).await;
    let named = |obtained: &straznica_exchange_wire::crl::Obtained| {
        obtained.lists[0].revoked_on(need.certificate().serial()).is_some()
    };
    // Somebody between the other node and the issuer plays the old one back; but what one node has fetched serves the other as well.
    bench.spoc.responder().serve("spoc.crl", innocent);
    assert!(named(&two.obtain(&need).await));
    bench.clock.advance(Duration::from_secs(601));
    for node in [&two, &one, &source(&bench.store, &bench.clock)] {
        let obtained = node.obtain(&need).await;
        assert!(named(&obtained) && !obtained.problems.is_empty(), "{obtained:?}");
    }
    let key = bench.store.keys().remove(0);
    let kept = parse(&bench.store.get(&key).await.unwrap().unwrap().der).unwrap();
    assert!(kept.revoked_on(need.certificate().serial()).is_some());
}

/// A store that does not answer for a while, or to whom another node comes first.
#[derive(Default)]
struct Moody {
    lists: MemoryCrls,
    silent: AtomicBool,
    first: Mutex<Option<StoredCrl>>,
}

#[async_trait]
impl CrlStore for Moody {
    async fn get(&self, key: &CrlKey) -> Result<Option<StoredCrl>, Cause> {
        if self.silent.load(Ordering::SeqCst) { Err("silent".into()) } else { self.lists.get(key).await }
    }

    async fn put(&self, key: &CrlKey, crl: &StoredCrl, before: Option<&StoredCrl>, most: usize) -> Result<bool, Cause> {
        let first = self.first.lock().unwrap().take();
        if let Some(first) = first {
            assert!(self.lists.put(key, &first, before, most).await?);
        }
        self.lists.put(key, crl, before, most).await
    }
}

#[tokio::test]
async fn without_its_store_a_node_takes_no_list_and_asks_again_when_it_is_back() {
    let bench = Bench::new().await;
    let store = Arc::new(Moody::default());
    let lists = CrlSource::new(store.clone(), bench.clock.shared(), CrlConfig::development());
    let need = bench.need(&bench.issue(|_| ()));
    store.silent.store(true, Ordering::SeqCst);
    let obtained = lists.obtain(&need).await;
    assert!(matches!((&obtained.lists[..], &obtained.problems[..]), ([], [CrlProblem::Store { .. }])), "{obtained:?}");
    assert_eq!(bench.spoc.responder().times_asked(), 0);
    store.silent.store(false, Ordering::SeqCst);
    let obtained = lists.obtain(&need).await;
    assert_eq!((obtained.lists.len(), obtained.problems.len()), (1, 0), "{obtained:?}");
}

#[tokio::test]
async fn a_newer_list_another_node_keeps_at_the_same_moment_counts() {
    let bench = Bench::new().await;
    let store = Arc::new(Moody::default());
    let lists = CrlSource::new(store.clone(), bench.clock.shared(), CrlConfig::development());
    let issued = bench.issue(|_| ());
    let need = bench.need(&issued);
    let before = bench.clock.now();
    bench.clock.advance(Duration::from_secs(60));
    let now = bench.clock.now();
    bench.spoc.with_authority(|one| one.revoke(&issued, now));
    let der = bench.spoc.with_authority(|one| one.crl(now, Some(now + 30 * DAY))).unwrap();
    bench.spoc.publish_dated(before, Some(now + 30 * DAY)).unwrap();
    *store.first.lock().unwrap() = Some(StoredCrl { der: der.clone(), fetched_at: now });
    let obtained = lists.obtain(&need).await;
    assert!(matches!(obtained.problems[..], [CrlProblem::Older { .. }]), "{obtained:?}");
    assert_eq!(obtained.lists[0].der(), der);
}

#[tokio::test]
async fn no_name_leads_to_where_lists_are_not_fetched_from() {
    let bench = Bench::new().await;
    let place = CrlResponder::start().await.unwrap();
    let now = bench.clock.now();
    place.serve("list", bench.spoc.with_authority(|one| one.crl(now, Some(now + DAY))).unwrap());
    let address = place.uri("list");
    let port = address.rsplit_once(':').unwrap().1.to_owned();
    let by_name = format!("http://localhost:{port}");
    let asked = async |uri: &str, reach: CrlReach| {
        let config = CrlConfig { reach, ..CrlConfig::default() };
        let lists = CrlSource::new(Arc::new(MemoryCrls::default()), bench.clock.shared(), config);
        let need = bench.need(&bench.issue(|leaf| leaf.crl_uris = Some(vec![uri.to_owned()])));
        lists.obtain(&need).await
    };
    for uri in [&address, &by_name, &address.replace("127.0.0.1", "2130706433")] {
        let refused = asked(uri, CrlReach::default()).await;
        assert!(matches!(refused.problems[..], [CrlProblem::NotAllowed { .. }]), "{uri}: {refused:?}");
        let hosts = vec!["crl.example.cz".parse().unwrap()];
        let refused = asked(uri, CrlReach { hosts, local: true }).await;
        assert!(matches!(refused.problems[..], [CrlProblem::NotAllowed { .. }]), "{uri}: {refused:?}");
    }
    assert_eq!(place.times_asked(), 0);
    let hosts = vec![by_name.trim_start_matches("http://").trim_end_matches("/list").parse().unwrap()];
    let got = asked(&by_name, CrlReach { hosts, local: true }).await;
    assert_eq!((got.lists.len(), got.problems.len()), (1, 0), "{got:?}");
}
