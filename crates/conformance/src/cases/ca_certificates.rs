//! GetCACertificates (CSN 36 9791 §6.4; Doc 9303-12 §8.3).

use exchange::code::CodeSet;
use exchange::message::{Answer, GetCaCertificates, Message};

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle, ca_certificates};
use crate::issued::{Broken, Given};
use crate::seen::{Expected, Seen};

const GIVEN: Expected = ca_certificates(&["ok_cert_available"]);

pub(super) const CASES: &[Case] = &[
    Group::CaCertificates.case(
        "ca/given",
        "The CA certificates are given, each of them one of a CVCA",
        "GetCACertificates",
        GIVEN,
        "CSN 36 9791 §6.4",
        |bench| Box::pin(given(bench, Given::check_roles)),
    ),
    Group::CaCertificates.case(
        "ca/order",
        "The CA certificates come by ascending effective date",
        "GetCACertificates",
        GIVEN,
        "CSN 36 9791 §6.4",
        |bench| Box::pin(given(bench, Given::check_order)),
    ),
    Group::CaCertificates.case(
        "ca/links",
        "The CA certificates hold together: signatures verify, links lead on, domain parameters are known",
        "GetCACertificates; each signature is verified and each link followed",
        GIVEN,
        "CSN 36 9791 §6.4; TR-03110-3 §2.4",
        |bench| Box::pin(given(bench, Given::check_links)),
    ),
    Group::CaCertificates.case(
        "ca/again",
        "The same question gets the same answer",
        "GetCACertificates twice under one messageID",
        ca_certificates(&["ok_cert_available", "ok_reception_ack"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(again(bench)),
    ),
    Group::CaCertificates.case(
        "ca/empty-message-id",
        "A question without messageID is malformed",
        "GetCACertificates with an empty messageID",
        ca_certificates(&["failure_syntax"]),
        "Doc 9303-12 §8.3",
        |bench| Box::pin(named(bench, String::new())),
    ),
    Group::CaCertificates.case(
        "ca/long-message-id",
        "A messageID nobody can keep is malformed",
        "GetCACertificates with a messageID of 256 characters",
        Expected::NotTaken(CodeSet::GetCaCertificates, &["failure_syntax"]),
        "contract of the exchange: 1 to 255 characters",
        |bench| Box::pin(named(bench, bench.long_message_id())),
    ),
];

async fn given(bench: &Bench<'_>, check: impl FnOnce(&Given) -> Result<(), Broken> + Send) -> Result<Seen, Obstacle> {
    let reply = bench.ca_certificates().await;
    if reply.seen != Seen::Code("ok_cert_available") {
        return Ok(reply.seen);
    }
    Ok(match Given::read(&reply.certificates).and_then(|given| check(&given)) {
        Ok(()) => reply.seen,
        Err(broken) => Seen::Wrong(broken.0),
    })
}

async fn again(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let question = bench.ca_question();
    let (first, second) = (bench.send(&question).await, bench.send(&question).await);
    let seen = Seen::of(&first);
    if let (Ok(Answer::GetCaCertificates(one)), Ok(Answer::GetCaCertificates(two))) = (&first, &second)
        && one != two
    {
        return Ok(Seen::Wrong(format!(
            "first {} with {} certificates, then {} with {}",
            one.result,
            one.certificates.len(),
            two.result,
            two.certificates.len()
        )));
    }
    Ok(if second.is_ok() { seen } else { Seen::of(&second).after(&seen) })
}

async fn named(bench: &Bench<'_>, message_id: String) -> Result<Seen, Obstacle> {
    let question = GetCaCertificates { caller_id: bench.caller_id(), message_id };
    Ok(Seen::of(&bench.send(&Message::GetCaCertificates(question)).await))
}
