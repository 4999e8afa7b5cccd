//! The same message twice, and another one under its name (CSN 36 9791 §6.1): what must happen exactly once.

use exchange::code::CodeSet;
use exchange::message::{GetCaCertificates, Message, RequestCertificate};

use crate::bench::{Bench, Submitted};
use crate::case::{Case, Group, Obstacle, request};
use crate::request::spoil_last_bit;
use crate::seen::{Expected, Seen};

const ANSWERED: Expected = request(&["ok_cert_available", "ok_reception_ack"]);

pub(super) const CASES: &[Case] = &[
    Group::Repetition.case(
        "repetition/same-message",
        "The same message gets the answer it got before, and nothing is issued again",
        "The same RequestCertificate twice; the answers are compared byte by byte",
        ANSWERED,
        "CSN 36 9791 §6.1; facts of other implementations: a duplicate processed twice",
        |bench| Box::pin(same_message(bench)),
    ),
    Group::Repetition.case(
        "repetition/at-once",
        "The same message twice at once issues one certificate",
        "The same RequestCertificate on two connections at the same time",
        ANSWERED,
        "CSN 36 9791 §6.1",
        |bench| Box::pin(at_once(bench)),
    ),
    Group::Repetition.case(
        "repetition/other-bytes",
        "Another request under a used messageID is not accepted",
        "A proper RequestCertificate, then another proper one under the same messageID",
        request(&["failure_request_not_accepted"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(other_bytes(bench)),
    ),
    Group::Repetition.case(
        "repetition/other-operation",
        "A messageID names one message, whatever the operation",
        "A proper RequestCertificate, then GetCACertificates under the same messageID",
        Expected::Codes(CodeSet::GetCaCertificates, &["failure_request_not_accepted", "failure_syntax"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(other_operation(bench)),
    ),
    Group::Repetition.case(
        "repetition/refused-stays-refused",
        "A message that was refused is refused again in the same way",
        "A RequestCertificate with a spoilt outer signature twice",
        request(&["failure_outer_signature"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(refused(bench)),
    ),
    Group::Repetition.case(
        "repetition/first-answer-stands",
        "A message under a used messageID that is refused does not change the first answer",
        "A proper RequestCertificate, another one under its messageID, then the first again",
        ANSWERED,
        "CSN 36 9791 §6.1",
        |bench| Box::pin(first_stands(bench)),
    ),
];

async fn proper(bench: &Bench<'_>) -> Result<RequestCertificate, Obstacle> {
    let request = bench.proper_request().await?;
    Ok(bench.request_message(request))
}

/// A proper request that was answered.
async fn answered(bench: &Bench<'_>) -> Result<Submitted, Obstacle> {
    let message = proper(bench).await?;
    let reply = bench.submit_message(&message).await;
    match reply.seen {
        Seen::Code("ok_cert_available" | "ok_reception_ack") => Ok(Submitted { message, reply }),
        seen => Err(Obstacle::Before { what: "an initial request", seen }),
    }
}

/// What was seen, beside what was seen before where it is no answer at all.
fn unchanged(first: &Seen, second: Seen) -> Seen {
    if ANSWERED.holds(&second, None) { second } else { second.after(first) }
}

async fn same_message(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let first = answered(bench).await?;
    let second = bench.submit_message(&first.message).await;
    if second.seen == first.reply.seen && second.certificates != first.reply.certificates {
        return Ok(Seen::Wrong("the second answer holds other certificates than the first".to_owned()));
    }
    Ok(unchanged(&first.reply.seen, second.seen))
}

async fn at_once(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = proper(bench).await?;
    let (one, two) = futures::join!(bench.submit_message(&message), bench.submit_message(&message));
    // a SPOC may ask for one of them to be sent again, since it lost a race
    let again = bench.submit_message(&message).await;
    let in_turn = || {
        // which of the two came first nobody knows
        let mut at_once = [one.seen.to_string(), two.seen.to_string()];
        at_once.sort();
        Seen::Wrong(format!("at once {}, then {}", at_once.join(" and "), again.seen))
    };
    for reply in [&one, &two] {
        if reply.seen == Seen::Code("ok_cert_available") && reply.certificates != again.certificates {
            let twice = again.seen == reply.seen;
            let issued = || Seen::Wrong("two certificates were issued for one message".to_owned());
            return Ok(if twice { issued() } else { in_turn() });
        }
    }
    Ok(if ANSWERED.holds(&again.seen, None) { again.seen } else { in_turn() })
}

async fn other_bytes(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let first = answered(bench).await?;
    let second = RequestCertificate { message_id: first.message.message_id, ..proper(bench).await? };
    let second = bench.submit_message(&second).await;
    if !second.certificates.is_empty() && second.certificates == first.reply.certificates {
        return Ok(Seen::Wrong(format!("{} with the certificates of the other request", second.seen)));
    }
    Ok(second.seen)
}

async fn other_operation(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let first = answered(bench).await?;
    let question = GetCaCertificates { caller_id: bench.caller_id(), message_id: first.message.message_id };
    Ok(Seen::of(&bench.send(&Message::GetCaCertificates(question)).await))
}

async fn refused(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = proper(bench).await?;
    let spoilt = RequestCertificate { certificate_request: spoil_last_bit(&message.certificate_request), ..message };
    let (first, second) = (bench.submit_message(&spoilt).await, bench.submit_message(&spoilt).await);
    if first.seen != second.seen {
        return Ok(second.seen.after(&first.seen));
    }
    let submitted = Submitted { message: spoilt, reply: second };
    Ok(bench.follow(submitted).await.seen)
}

async fn first_stands(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let first = answered(bench).await?;
    let other = RequestCertificate { message_id: first.message.message_id.clone(), ..proper(bench).await? };
    bench.submit_message(&other).await;
    let again = bench.submit_message(&first.message).await;
    if again.seen == first.reply.seen && again.certificates != first.reply.certificates {
        return Ok(Seen::Wrong("the answer holds other certificates than before".to_owned()));
    }
    Ok(unchanged(&first.reply.seen, again.seen))
}
