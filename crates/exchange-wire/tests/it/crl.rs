//! Where revocation lists come from and how long they serve.

use std::sync::Arc;
use std::time::Duration;

use emrtd::x509::Crl;
use exchange::development::{CrlFault, Issued, LeafRequest};
use exchange::identity::{CrlNeed, Presented};
use http::StatusCode;
use straznica_exchange_wire::crl::{CrlKey, StoredCrl, parse};
use straznica_exchange_wire::development::{CrlResponder, DevelopmentSpoc, SpocKeys};
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
    let config = CrlConfig { timeout: Duration::from_millis(500), ..CrlConfig::default() };
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
    let key = CrlKey { uri: need.uris()[0].clone(), issuer: need.issuer().fingerprint() };
    bench.store.put(&key, StoredCrl { der: forged, fetched_at: now }).await.unwrap();
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
async fn a_stranger_makes_us_fetch_nothing() {
    let bench = Bench::new().await;
    let other = DevelopmentSpoc::start("UT".parse().unwrap(), SpocKeys::P256, bench.clock.shared()).await.unwrap();
    let issued = other.issue(&other.request("localhost")).unwrap();
    assert!(bench.judge(&issued, &[]).await.is_err());
    assert_eq!(other.responder().times_asked(), 0);
}
