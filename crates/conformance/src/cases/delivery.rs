//! SendCertificates to the target (CSN 36 9791 §6.3): notifications of the tester's new generations, and answers nobody waits for.

use cvc::algorithm::Algorithm;
use exchange::code::{CodeSet, StatusInfo};

use crate::bench::Bench;
use crate::case::{Case, Group, Need, Obstacle, delivery, request};
use crate::cvca::{Generation, LinkForm};
use crate::request::spoil_last_bit;
use crate::seen::{Expected, Seen};

const RECEIVED: Expected = delivery(&["ok_received_correctly"]);
const UNKNOWN: Expected = delivery(&["failure_messageID_unknown"]);
/// Whatever the answer to the notification was, requests countersigned with the key are refused.
const NOT_TRUSTED: Expected = request(&["failure_outer_signature"]);

pub(super) const CASES: &[Case] = &[
    Group::Delivery.case(
        "delivery/unknown-id",
        "An answer to a message nobody sent is unknown",
        "SendCertificates ok_cert_available under a messageID the partner never used",
        UNKNOWN,
        "CSN 36 9791 §6.3",
        |bench| Box::pin(answer(bench)),
    ),
    Group::Delivery.case(
        "delivery/unknown-id-failure",
        "A failure of a message nobody sent is unknown, whichever failure it is",
        "SendCertificates with each failure of statusInfo, each under a messageID the partner never used",
        UNKNOWN,
        "CSN 36 9791 §6.3; Doc 9303-12 §8.3",
        |bench| Box::pin(each_failure(bench)),
    ),
    Group::Delivery.case(
        "delivery/foreign-id",
        "A messageID of the sender's own is unknown to the receiver",
        "RequestCertificate, then SendCertificates under the same messageID",
        UNKNOWN,
        "CSN 36 9791 §6.1: unique per originator",
        |bench| Box::pin(own_id(bench)),
    ),
    Group::Delivery.case(
        "delivery/notification",
        "A notification of certificates already known is received",
        "SendCertificates new_cert_available_notification without messageID, with the registered certificates",
        RECEIVED,
        "CSN 36 9791 §6.3",
        |bench| Box::pin(known(bench)),
    ),
    Group::Delivery.case(
        "delivery/notification-with-id",
        "A notification may have a messageID",
        "The same with a messageID",
        RECEIVED,
        "CSN 36 9791 §6.3: a notification may lack it",
        |bench| Box::pin(known_with_id(bench)),
    ),
    Group::Delivery.case(
        "delivery/new-generation",
        "A link of the CVCA in use is taken, and its key vouches from then on",
        "Notification of a new generation of the same kind; then an initial request countersigned with it",
        request(&["ok_cert_available"]),
        "CSN 36 9791 §6.3; TR-03110-3 §2.4",
        |bench| Box::pin(vouches(bench, Algorithm::EcdsaSha256, Curve::Same, LinkForm::Proper)),
    ),
    Group::Delivery.case(
        "delivery/algorithm-switch",
        "A link may switch the algorithm and the domain parameters",
        "Notification of a generation on another curve with SHA-384; then an initial request countersigned with it",
        request(&["ok_cert_available"]),
        "TR-03110-3 §2.3",
        |bench| Box::pin(vouches(bench, Algorithm::EcdsaSha384, Curve::Other, LinkForm::Proper)),
    ),
    Group::Delivery.case(
        "delivery/link-without-parameters",
        "A link that keeps the domain parameters need not carry them",
        "Notification of a generation whose link inherits the parameters; then an initial request countersigned with it",
        request(&["ok_cert_available"]),
        "TR-03110-3 §D.3.3; facts of other implementations: a legal link refused",
        |bench| Box::pin(vouches(bench, Algorithm::EcdsaSha256, Curve::Same, LinkForm::Inheriting)),
    ),
    Group::Delivery.case(
        "delivery/change-untold",
        "A link that changes the domain parameters has to carry them",
        "Notification of a generation on another curve whose link leaves the parameters out; then an initial request countersigned with it",
        NOT_TRUSTED,
        "TR-03110-3 §D.3.3; facts of other implementations: a change accepted",
        |bench| Box::pin(vouches(bench, Algorithm::EcdsaSha256, Curve::Other, LinkForm::ChangeUntold)),
    ),
    Group::Delivery.case(
        "delivery/link-with-new-algorithm",
        "A link is signed with the algorithm before",
        "Notification of a generation whose link is signed with the new hash; then an initial request countersigned with it",
        NOT_TRUSTED,
        "TR-03110-3 §2.3; facts of other implementations",
        |bench| Box::pin(vouches(bench, Algorithm::EcdsaSha384, Curve::Same, LinkForm::NewAlgorithm)),
    ),
    Group::Delivery.case(
        "delivery/link-gap",
        "A link whose predecessor is missing leads nowhere",
        "Notification of the generation after the next without the next; then an initial request countersigned with it",
        NOT_TRUSTED,
        "TR-03110-3 §2.4",
        |bench| Box::pin(gap(bench)),
    ),
    Group::Delivery.case(
        "delivery/link-spoilt",
        "A link whose signature does not verify is not taken",
        "Notification of a new generation with the last bit of the link turned; then an initial request countersigned with it",
        NOT_TRUSTED,
        "TR-03110-3 §C.1.8",
        |bench| Box::pin(spoilt(bench)),
    ),
    Group::Delivery.case(
        "delivery/root-alone",
        "A self-signed certificate trusts itself, and nobody else does before people compared it",
        "Notification of a self-signed CVCA certificate of the tester's country; then an initial request countersigned with it",
        NOT_TRUSTED,
        "TR-03139, registration: fingerprints are compared by two people",
        |bench| Box::pin(root_alone(bench)),
    ),
    Group::Delivery.case(
            "delivery/other-states-link",
            "A state tells of its own CVCA alone",
            "Notification of a new generation of the other state's CVCA; then that state's countersignature on a request of the tester's",
            NOT_TRUSTED,
            "CSN 36 9791 §6.3; TR-03139 table 2",
            |bench| Box::pin(other_states_link(bench)),
    )
    .needing(&[Need::OtherState]),
    Group::Delivery.case(
        "delivery/malformed",
        "What is no certificate is malformed",
        "Notification with thirty-two bytes that are nothing",
        delivery(&["failure_syntax"]),
        "CSN 36 9791 §6.3",
        |bench| Box::pin(malformed(bench)),
    ),
    Group::Delivery.case(
        "delivery/notification-of-nothing",
        "A notification brings a certificate",
        "Notification without certificateSequence",
        Expected::NotTaken(CodeSet::SendCertificates, &["failure_syntax", "ok_received_correctly"]),
        "CSN 36 9791 §6.3",
        |bench| Box::pin(nothing(bench)),
    ),
    Group::Delivery.case(
        "delivery/answer-without-id",
        "An answer says to what",
        "SendCertificates ok_cert_available without messageID",
        delivery(&["failure_syntax", "failure_messageID_unknown"]),
        "CSN 36 9791 §6.3",
        |bench| Box::pin(without_id(bench)),
    ),
];

async fn answer(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let certificates = bench.tester().cvca.certificates();
    Ok(bench.deliver(Some(bench.message_id()), certificates, StatusInfo::OkCertAvailable).await)
}

async fn each_failure(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let unknown = Seen::Code("failure_messageID_unknown");
    let failures = StatusInfo::ALL.iter().filter(|status| matches!(Seen::delivered(**status), Seen::Later(_)));
    for status in failures {
        let seen = bench.deliver(Some(bench.message_id()), Vec::new(), *status).await;
        if seen != unknown {
            return Ok(Seen::Wrong(format!("{seen} to {}", status.as_str())));
        }
    }
    Ok(unknown)
}

async fn own_id(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.proper_request().await?;
    let submitted = bench.submit(request).await;
    let id = submitted.message.message_id;
    Ok(bench.deliver(Some(id), bench.tester().cvca.certificates(), StatusInfo::OkCertAvailable).await)
}

async fn known(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.notify(bench.tester().cvca.certificates()).await)
}

async fn known_with_id(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let status = StatusInfo::NewCertAvailableNotification;
    Ok(bench.deliver(Some(bench.message_id()), bench.tester().cvca.certificates(), status).await)
}

/// The curve of a new generation.
#[derive(Clone, Copy)]
enum Curve {
    /// That of the generation in use.
    Same,
    /// Another one.
    Other,
}

/// Tells of a new generation and asks with its countersignature.
async fn vouches(bench: &Bench<'_>, algorithm: Algorithm, curve: Curve, form: LinkForm) -> Result<Seen, Obstacle> {
    let tester = bench.tester();
    let curve = match curve {
        Curve::Same => tester.cvca.curve,
        Curve::Other => tester.cvca.other_curve(),
    };
    let next = tester.cvca.current.next(&tester.fresh_sequence(), algorithm, curve, bench.today(), form)?;
    let told = bench.notify(links(&next)).await;
    match form {
        LinkForm::Proper | LinkForm::Inheriting => {
            let seen = countersigned_by(bench, &next).await?;
            let received = told == Seen::Code("ok_received_correctly");
            Ok(if received && seen == Seen::Code("ok_cert_available") { seen } else { seen.told(&told) })
        }
        LinkForm::NewAlgorithm | LinkForm::ChangeUntold => not_vouched(bench, &told, &next).await,
    }
}

/// Asks with the countersignature of a generation that nothing proves, after the notification of it was answered.
async fn not_vouched(bench: &Bench<'_>, told: &Seen, generation: &Generation) -> Result<Seen, Obstacle> {
    let seen = countersigned_by(bench, generation).await?;
    Ok(if NOT_TRUSTED.holds(&seen, bench.line.told_by()) { seen } else { seen.told(told) })
}

fn links(generation: &Generation) -> Vec<Vec<u8>> {
    generation.link.iter().map(|link| link.as_der().to_vec()).collect()
}

async fn countersigned_by(bench: &Bench<'_>, generation: &Generation) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask(request.initial(generation)?).await.seen)
}

async fn gap(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let tester = bench.tester();
    let next = tester.cvca.next(&tester.fresh_sequence(), bench.today(), LinkForm::Proper)?;
    let (algorithm, curve) = (Algorithm::EcdsaSha256, tester.cvca.curve);
    let beyond = next.next(&tester.fresh_sequence(), algorithm, curve, bench.today(), LinkForm::Proper)?;
    let told = bench.notify(links(&beyond)).await;
    not_vouched(bench, &told, &beyond).await
}

async fn spoilt(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let tester = bench.tester();
    let next = tester.cvca.next(&tester.fresh_sequence(), bench.today(), LinkForm::Proper)?;
    let told = bench.notify(links(&next).iter().map(|link| spoil_last_bit(link)).collect()).await;
    not_vouched(bench, &told, &next).await
}

async fn root_alone(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let stranger = crate::cvca::unregistered(bench.tester().country.as_str(), bench.today())?;
    let told = bench.notify(vec![stranger.root.as_der().to_vec()]).await;
    not_vouched(bench, &told, &stranger).await
}

async fn other_states_link(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let other = bench.other()?;
    let next = other.cvca.next(&other.fresh_sequence(), bench.today(), LinkForm::Proper)?;
    let told = bench.notify(links(&next)).await;
    not_vouched(bench, &told, &next).await
}

async fn malformed(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.notify(vec![vec![0xA5; 32]]).await)
}

async fn nothing(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.notify(Vec::new()).await)
}

async fn without_id(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.deliver(None, bench.tester().cvca.certificates(), StatusInfo::OkCertAvailable).await)
}
