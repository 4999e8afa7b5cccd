//! Answers that come later (CSN 36 9791 §6.2, §6.3): acknowledged, approved by people, delivered until received, checked again when issued.

use cvc::private_key::Signer;
use exchange::code::CodeSet;
use exchange::message::{RequestCertificate, SendCertificates};
use tokio::time::Instant;

use crate::bench::Bench;
use crate::case::{Case, Group, Need, Obstacle};
use crate::cvca::MakingError;
use crate::issued::Authorities;
use crate::request::{DvRequest, HeldDv};
use crate::seen::{Expected, Seen};

const PEOPLE: &[Need] = &[Need::TwoPersonHolder, Need::Officers];
const PEOPLE_AND_TIME: &[Need] = &[Need::TwoPersonHolder, Need::Officers, Need::Calendar];

/// Days that are let pass at most: what is issued for longer outlives what the kit itself shows, and is what `issued/validity` is about.
const LONGEST_WAIT: u32 = 100;

const fn status(words: &'static [&'static str]) -> Expected {
    Expected::Codes(CodeSet::StatusInfo, words)
}

pub(super) const CASES: &[Case] = &[
    Group::Later.case(
        "later/approved",
        "A request that waits for people is acknowledged, and answered under its messageID once they approved",
        "Initial request of a holder that two officers approve; they approve",
        status(&["ok_cert_available"]),
        "CSN 36 9791 §6.2, §6.3; TR-03139 table 2, step 6",
        |bench| Box::pin(approved(bench)),
    )
    .needing(PEOPLE),
    Group::Later.case(
        "later/declined",
        "A request that people decline is answered too",
        "Initial request of a holder that two officers approve; one declines",
        status(&["failure_request_not_accepted"]),
        "CSN 36 9791 §6.3; TR-03139 table 2, step 6",
        |bench| Box::pin(declined(bench)),
    )
    .needing(PEOPLE),
    Group::Later.case(
        "later/until-received",
        "A delivery that was not received is repeated unchanged",
        "As approved, and the first delivery is answered with failure_internal_error",
        status(&["ok_cert_available"]),
        "CSN 36 9791 §6.3",
        |bench| Box::pin(until_received(bench)),
    )
    .needing(PEOPLE),
    Group::Later.case(
        "later/asked-again-while-waiting",
        "The same request while it waits is acknowledged again and answered once",
        "The same RequestCertificate twice, then approved",
        status(&["ok_cert_available"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(asked_again(bench, true)),
    )
    .needing(PEOPLE),
    Group::Later.case(
        "later/asked-again-after",
        "The same request after its answer was delivered is acknowledged as before, and nothing is issued again",
        "As approved, then the same RequestCertificate once more",
        status(&["ok_cert_available"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(asked_again(bench, false)),
    )
    .needing(PEOPLE),
    Group::Later.case(
        "later/signer-expired-at-submission",
        "A document verifier whose certificate has expired does not sign for its next one",
        "A certificate is got; the days pass until it has expired; a successive request is signed with it",
        Expected::Codes(CodeSet::RequestCertificate, &["failure_expired"]),
        "TR-03139 table 2, step 3",
        |bench| Box::pin(expired_at_submission(bench)),
    )
    .needing(&[Need::Calendar]),
    Group::Later.case(
        "later/signer-expired-at-issuance",
        "A request that waited is checked again when it is issued",
        "A successive request waits for approval; its signer expires meanwhile; then the officers approve",
        status(&["failure_certificate", "failure_outer_signature"]),
        "TR-03139 table 2, step 6; facts of other implementations: outer signer expired while the request was queued",
        |bench| Box::pin(expired_at_issuance(bench)),
    )
    .needing(PEOPLE_AND_TIME),
    Group::Later.case(
        "later/new-generation-told",
        "A new generation of the CVCA is sent to every partner: its root, and the link to it",
        "The partner's officers give its CVCA a new key; a notification is waited for, and its certificates are followed",
        status(&["new_cert_available_notification"]),
        "CSN 36 9791 §6.3; TR-03139",
        |bench| Box::pin(new_generation_told(bench)),
    )
    .needing(&[Need::Officers]),
];

/// A request of the holder that people approve.
async fn waiting_request(bench: &Bench<'_>) -> Result<DvRequest, Obstacle> {
    let holder = bench.tester().holders.two_person.as_deref();
    let holder = holder.ok_or(Obstacle::NotApplicable(Need::TwoPersonHolder.missing()))?;
    let authorities = bench.authorities().await?;
    let chr = bench.tester().fresh_reference(holder).map_err(MakingError::from)?;
    Ok(DvRequest::new(&authorities.key, authorities.current, chr)?)
}

/// Such a request, which was acknowledged.
async fn waiting(bench: &Bench<'_>) -> Result<(DvRequest, RequestCertificate), Obstacle> {
    let request = waiting_request(bench).await?;
    let message = acknowledged(bench, request.initial(&bench.tester().cvca.current)?).await?;
    Ok((request, message))
}

/// Sends a request that has to be acknowledged.
async fn acknowledged(bench: &Bench<'_>, request: Vec<u8>) -> Result<RequestCertificate, Obstacle> {
    let submitted = bench.submit(request).await;
    match submitted.reply.seen {
        Seen::Code("ok_reception_ack") => Ok(submitted.message),
        seen => Err(Obstacle::Before { what: "a request that people approve, to be acknowledged", seen }),
    }
}

async fn approved(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let (request, message) = waiting(bench).await?;
    bench.hands()?.approve(bench.tester().country, &message.message_id).await?;
    let reply = bench.delivered(&message.message_id).await;
    Ok(match bench.answered(&request, &reply).await {
        Ok(_) => reply.seen,
        Err(seen) => seen,
    })
}

async fn declined(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let (_, message) = waiting(bench).await?;
    bench.hands()?.decline(bench.tester().country, &message.message_id).await?;
    let reply = bench.delivered(&message.message_id).await;
    if !reply.certificates.is_empty() {
        return Ok(Seen::Wrong("a refusal that brings certificates".to_owned()));
    }
    Ok(reply.seen)
}

async fn until_received(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let (_, message) = waiting(bench).await?;
    bench.line.listener.fail(&message.message_id, 1);
    bench.hands()?.approve(bench.tester().country, &message.message_id).await?;
    let deliveries = bench.wait(&message.message_id, 2, bench.target.patience.callback).await;
    match deliveries.as_slice() {
        [] => Ok(bench.no_callback(bench.target.patience.callback)),
        [_] => Ok(Seen::Nothing("delivered once, told that it failed, and never delivered again".to_owned())),
        [first, second, ..] if first != second => {
            Ok(Seen::Wrong("the second delivery differs from the first".to_owned()))
        }
        [_, second, ..] => Ok(Seen::delivered(second.status_info)),
    }
}

async fn asked_again(bench: &Bench<'_>, before: bool) -> Result<Seen, Obstacle> {
    let (_, message) = waiting(bench).await?;
    if before {
        let again = bench.submit_message(&message).await;
        if again.seen != Seen::Code("ok_reception_ack") {
            return Ok(Seen::Wrong(format!("acknowledged first, then {}", again.seen)));
        }
    }
    bench.hands()?.approve(bench.tester().country, &message.message_id).await?;
    let first = bench.delivered(&message.message_id).await;
    if !before {
        let again = bench.submit_message(&message).await;
        if again.seen != Seen::Code("ok_reception_ack") {
            return Ok(Seen::Wrong(format!("acknowledged before, now {}", again.seen)));
        }
    }
    let all = bench.wait(&message.message_id, 2, bench.target.patience.silence).await;
    if all.iter().any(|delivery| delivery.certificates != first.certificates) {
        return Ok(Seen::Wrong("two deliveries with different certificates".to_owned()));
    }
    Ok(first.seen)
}

async fn expired_at_submission(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let held = bench.obtain().await?;
    outlive(bench, &held).await?;
    let request = bench.new_request().await?;
    Ok(bench.ask(request.successive(&held)?).await.seen)
}

async fn expired_at_issuance(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let (request, message) = waiting(bench).await?;
    bench.hands()?.approve(bench.tester().country, &message.message_id).await?;
    let reply = bench.delivered(&message.message_id).await;
    let held = bench.take(request, &reply).await;
    let held: HeldDv = held.map_err(|seen| Obstacle::Before { what: "a request that people approved", seen })?;

    let next = DvRequest::new(held.key.public_key(), held.certificate.car(), waiting_request(bench).await?.chr)?;
    let message = acknowledged(bench, next.successive(&held)?).await?;
    outlive(bench, &held).await?;
    bench.hands()?.approve(bench.tester().country, &message.message_id).await?;
    let reply = bench.delivered(&message.message_id).await;
    if !reply.certificates.is_empty() {
        return Ok(Seen::Wrong("a certificate was issued on the word of one that had expired".to_owned()));
    }
    Ok(reply.seen)
}

/// The last of all: the target's CVCA is another one afterwards.
async fn new_generation_told(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let before = bench.ask_for_authorities().await?;
    let told = bench.line.listener.notifications().len();
    bench.hands()?.roll_over().await?;
    let at_most = bench.target.patience.callback;
    let Some(news) = news_beyond(bench, &before, told, Instant::now() + at_most).await else {
        let silence = format!("a new generation, and no SendCertificates about it within {at_most:?}");
        return Ok(Seen::Nothing(silence));
    };
    Ok(match before.check_followed_by(&news.certificates) {
        Ok(()) => Seen::delivered(news.status_info),
        Err(broken) => Seen::Wrong(broken.0),
    })
}

/// The newest notification after the first `told` that brings more than was known. One of an earlier generation may have been on its way still.
async fn news_beyond(
    bench: &Bench<'_>,
    known: &Authorities,
    mut told: usize,
    give_up: Instant,
) -> Option<SendCertificates> {
    loop {
        let left = give_up.saturating_duration_since(Instant::now());
        let notifications = bench.line.listener.wait_for_notifications(told + 1, left).await;
        let further = notifications.get(told..).unwrap_or_default();
        if let Some(news) = further.iter().rfind(|one| !known.include(&one.certificates)) {
            return Some(news.clone());
        }
        if further.is_empty() {
            return None;
        }
        told = notifications.len();
    }
}

/// Lets the days pass until a certificate has expired.
async fn outlive(bench: &Bench<'_>, held: &HeldDv) -> Result<(), Obstacle> {
    let end = held.certificate.expires();
    let left = (end - bench.today()).whole_days();
    let days = u32::try_from(left).unwrap_or(0) + 1;
    if days > LONGEST_WAIT {
        let seen = Seen::Wrong(format!("valid until {end}"));
        return Err(Obstacle::Before { what: "a certificate of three months at most", seen });
    }
    if !bench.hands()?.pass_days(days).await? {
        return Err(Obstacle::NotApplicable(Need::Calendar.missing()));
    }
    // on every line: the clock is the same for all
    for line in &bench.target.lines {
        for tester in std::iter::once(&line.tester).chain(&line.other) {
            tester.publish_list(bench.now())?;
        }
    }
    Ok(())
}
