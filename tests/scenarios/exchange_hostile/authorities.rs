//! CVCA certificates that lead nowhere: asked for, and sent unasked.

use cvc::{Algorithm, Certificate, StandardisedCurve};
use exchange::code::{GetCaCertificatesCode, SendCertificatesCode as Code, StatusInfo};
use straznica_cli::demo::state::BindingName;
use straznica_contracts::spoc::v1::ListCaCertificatesRequest;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_simulators::spoc_partner::Mischief::{self, *};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};
use time::Date;

use super::answers::{rolls_over, rolls_over_twice};
use super::later::send;
use super::{DAY, Failed, MINUTE, is_soap, letters, obtained};

/// What the partner's CVCA was before the node met it.
type Past = fn(&mut AccessAuthority, Date);

/// What the partner does when it is asked for its CVCA's certificates, and what its subscription then tells.
const ASKED: &[(&str, &[Mischief], Past, &str)] = &[
    ("the newest link alone", &[LinkGap], rolls_over_twice, "00002 is not held"),
    ("a link with a spoilt signature", &[SpoiltLink], rolls_over_twice, "its signature"),
    ("a link signed with the new algorithm", &[LinkWithNewAlgorithm], switches_the_hash, "its signature"),
    ("new domain parameters not told in the link", &[LinkWithoutParameters], switches_the_curve, "its key"),
    ("a root of another state", &[SpeaksForAnotherState], rolls_over_twice, "of another state"),
    ("forty roots", &[FloodsWithRoots], rolls_over_twice, "already wait for officers"),
    ("more than anybody takes", &[GivesTooMany], rolls_over_twice, "256 certificates"),
    (
        "declined",
        &[AnswersCaQuestions(GetCaCertificatesCode::FailureRequestNotAccepted)],
        rolls_over_twice,
        "failure_request_not_accepted",
    ),
    ("not understood", &[AnswersCaQuestions(GetCaCertificatesCode::FailureSyntax)], rolls_over_twice, "failure_syntax"),
    (
        "failed inside",
        &[AnswersCaQuestions(GetCaCertificatesCode::FailureInternalError)],
        rolls_over_twice,
        "failure_internal_error",
    ),
    (
        "acknowledged and never answered",
        &[AnswersCaQuestions(GetCaCertificatesCode::OkReceptionAck)],
        rolls_over_twice,
        "acknowledged and not answered",
    ),
];

/// The second of two new keys is for another hash: it is the last one the old algorithm signs.
fn switches_the_hash(cvca: &mut AccessAuthority, today: Date) {
    rolls_over(cvca, today - time::Duration::days(20));
    cvca.renew(Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP256r1, today).unwrap();
}

/// The second of two new keys is on another curve, whose domain parameters only the link to it tells.
fn switches_the_curve(cvca: &mut AccessAuthority, today: Date) {
    rolls_over(cvca, today - time::Duration::days(20));
    cvca.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP384r1, today).unwrap();
}

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    let mut failed = Failed::default();
    for (row, (name, wrongs, past, problem)) in ASKED.iter().enumerate() {
        failed.row(name, Box::pin(asked(&house, &letters(row), name, (wrongs, *past), problem))).await;
    }
    failed.row("the sequence reversed", Box::pin(reversed(&house))).await;
    failed.row("sent unasked", Box::pin(sent_unasked(&house))).await;
    let strangers = held(&house).await.into_iter().filter(|chr| chr.starts_with("XZ") || chr.contains("FALSE"));
    assert_eq!(strangers.collect::<Vec<_>>(), [""; 0], "nobody speaks for another state, or without end");
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

/// Holder references of every CVCA certificate that is held, trusted or not.
async fn held(house: &House) -> Vec<String> {
    let mut client = house.state.officer(0).unwrap().issuing();
    let all = client.list_ca_certificates(ListCaCertificatesRequest {}).await.unwrap().into_inner().certificates;
    all.into_iter().map(|one| one.chr).collect()
}

/// Nothing is held of a partner that gives its certificates wrongly, nothing is asked of its CVCA, and its officers are told why. It is asked again
/// the next day.
async fn asked(house: &House, country: &str, name: &str, (wrongs, past): (&[Mischief], Past), problem: &str) {
    let hostile = house.register(country, past, wrongs).await;
    house.subscribe(&hostile).await;
    house.turn().await;
    assert!(!house.confirm_root(&hostile).await, "{name}: nothing to confirm");
    let problem = match wrongs {
        // the edition of 2009 has no failure_syntax here
        [AnswersCaQuestions(code)] if is_soap(&hostile) && code.as_str() == problem => {
            hostile.station.profile().told_as(*code).as_str()
        }
        _ => problem,
    };
    let subscription = house.subscription(&hostile).await;
    assert!(subscription.problem.contains(problem), "{name}: {subscription:#?} {:#?}", house.letters(&hostile).await);
    assert_eq!(super::requests(&hostile).len(), 0, "{name}");
    hostile.mend();
    house.pass(DAY + MINUTE);
    house.turn().await;
    if !house.confirm_root(&hostile).await {
        // what could not be read, or never came, was the partner's answer for good: it is asked something new a day later
        let problem = house.subscription(&hostile).await.problem;
        assert!(problem.contains("unreadable") || problem.contains("not answered"), "{name}: {problem}");
        house.pass(DAY + MINUTE);
        house.turn().await;
        assert!(house.confirm_root(&hostile).await, "{name}: {:#?}", house.letters(&hostile).await);
    }
    house.turn().await;
    obtained(house, &hostile, name).await;
}

/// Newest first is not the order of the standard, and no reason to be without.
async fn reversed(house: &House) {
    let hostile = house.register("YJ", rolls_over_twice, &[WrongOrder]).await;
    assert!(house.confirm_root(&hostile).await);
    hostile.mend();
    house.subscribe(&hostile).await;
    house.turn().await;
    obtained(house, &hostile, "the sequence reversed").await;
}

/// News nobody asked for: what a trusted key signed is taken, and renewals follow it; anything else is refused as a whole.
async fn sent_unasked(house: &House) {
    let [hostile, neighbour] = [house.meet("YK", |_, _| ()).await, house.meet("YL", |_, _| ()).await];
    house.subscribe(&hostile).await;
    house.turn().await;
    let news = StatusInfo::NewCertAvailableNotification;
    let today = house.today();
    for partner in [&hostile, &neighbour] {
        partner.partner().with_authority(|cvca| rolls_over(cvca, today));
    }
    let all = |partner: &Hostile| partner.partner().with_authority(|cvca| cvca.certificates());
    let [ours, theirs] = [all(&hostile), all(&neighbour)];
    let [_, link, root] = ours.as_slice() else { panic!("{} certificates", ours.len()) };
    let mut spoilt = link.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    hostile.partner().with_authority(|cvca| rolls_over(cvca, today));
    let beyond = all(&hostile).last_chunk::<2>().unwrap()[0].clone();
    let before = held(house).await;
    for (name, certificates) in [
        ("a link with a spoilt signature", vec![spoilt]),
        ("a link whose issuer is not held", vec![beyond]),
        ("another state's link", vec![theirs[1].clone()]),
        ("a good link with another state's", vec![link.clone(), theirs[1].clone()]),
        ("our own root", house.state.roots().await.unwrap()),
        ("garbage", vec![vec![0xA5; 100]]),
        ("three hundred times the same", vec![link.clone(); 300]),
    ] {
        assert_eq!(send(&hostile, None, news, &certificates).await, Code::FailureSyntax, "{name}");
        assert_eq!(held(house).await, before, "{name}");
    }
    // news of nothing tells that there is something to be asked for
    assert_eq!(send(&hostile, None, news, &[]).await, Code::OkReceivedCorrectly, "nothing");
    assert_eq!(held(house).await, before);
    assert_eq!(send(&hostile, None, news, &[link.clone(), root.clone()]).await, Code::OkReceivedCorrectly);
    assert_eq!(send(&hostile, None, news, &[link.clone(), root.clone()]).await, Code::OkReceivedCorrectly, "again");
    let with_id = send(&hostile, Some("news-of-a-link"), news, &[link.clone(), root.clone()]).await;
    assert_eq!(with_id, Code::OkReceivedCorrectly, "with an id, which news need not have");
    let newest = Certificate::parse(root.as_slice()).unwrap().to_owned();
    house.turn().await;
    // the partner goes on to its third key; the answer leads there
    obtained(house, &hostile, "news of a link").await;
    assert!(house.chain(&newest).await.is_some(), "documents that trust the new key open as well");
}

on_both_engines! {
    NoMigrations;

    async fn wrong_authorities_by_grpc_are_not_held(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn wrong_authorities_by_soap_are_not_held(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
