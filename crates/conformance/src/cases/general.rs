//! GeneralMessage (CSN 36 9791 §6.5; Doc 9303-12 §8.3).

use exchange::code::CodeSet;
use exchange::message::{GeneralMessage, Message};

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle, general};
use crate::seen::{Expected, Seen};

pub(super) const CASES: &[Case] = &[
    Group::General.case(
        "general/taken",
        "A message with one of the subjects in use is kept",
        "GeneralMessage “Certificate inaccurate”",
        general(&["ok"]),
        "CSN 36 9791 §6.5; TR-03139",
        |bench| {
            Box::pin(say(bench, "Certificate inaccurate", "A message of the conformance kit; nothing is to be done."))
        },
    ),
    Group::General.case(
        "general/any-text",
        "Letters beyond ASCII and the signs of markup arrive",
        "GeneralMessage with Polish, Greek and Cyrillic letters, <, & and a line break",
        general(&["ok"]),
        "CSN 36 9791 §6.5",
        |bench| Box::pin(say(bench, "Zażółć gęślą jaźń", "Ελλάδα & Україна <ok/> \"'\nnext line ]]>")),
    ),
    Group::General.case(
        "general/again",
        "The same message twice is taken twice and kept once",
        "GeneralMessage twice under one messageID",
        general(&["ok"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(again(bench)),
    ),
    Group::General.case(
        "general/other-text",
        "Another text under a used messageID is not taken",
        "GeneralMessage twice under one messageID with different bodies",
        general(&["failure_syntax", "failure_internal_error"]),
        "CSN 36 9791 §6.1",
        |bench| Box::pin(other_text(bench)),
    ),
    Group::General.case(
        "general/no-subject",
        "A message without subject is malformed",
        "GeneralMessage with an empty subject",
        Expected::NotTaken(CodeSet::GeneralMessage, &["failure_syntax"]),
        "Doc 9303-12 §8.3",
        |bench| Box::pin(say(bench, "", "No subject.")),
    ),
    Group::General.case(
        "general/no-message-id",
        "A message without messageID is malformed",
        "GeneralMessage with an empty messageID",
        Expected::NotTaken(CodeSet::GeneralMessage, &["failure_syntax"]),
        "Doc 9303-12 §8.3",
        |bench| Box::pin(nameless(bench)),
    ),
    Group::General.case(
        "general/long-body",
        "A body nobody can keep is not taken",
        "GeneralMessage with a body of 65 536 characters",
        Expected::NotTaken(CodeSet::GeneralMessage, &["failure_syntax"]),
        "contract of the exchange: at most 65 535 characters",
        |bench| Box::pin(long(bench)),
    ),
];

async fn say(bench: &Bench<'_>, subject: &str, body: &str) -> Result<Seen, Obstacle> {
    send(bench, bench.general_message(subject, body)).await
}

async fn send(bench: &Bench<'_>, message: GeneralMessage) -> Result<Seen, Obstacle> {
    Ok(Seen::of(&bench.send(&Message::GeneralMessage(message)).await))
}

async fn again(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = bench.general_message("Certificate inaccurate", "Sent twice by the conformance kit.");
    let first = send(bench, message.clone()).await?;
    if first != Seen::Code("ok") {
        return Err(Obstacle::Before { what: "GeneralMessage", seen: first });
    }
    Ok(send(bench, message).await?.after(&first))
}

async fn other_text(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = bench.general_message("Certificate inaccurate", "The first text of the conformance kit.");
    let first = send(bench, message.clone()).await?;
    if first != Seen::Code("ok") {
        return Err(Obstacle::Before { what: "GeneralMessage", seen: first });
    }
    send(bench, GeneralMessage { body: "Another text under the same messageID.".to_owned(), ..message }).await
}

async fn nameless(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = bench.general_message("Certificate inaccurate", "No messageID.");
    send(bench, GeneralMessage { message_id: String::new(), ..message }).await
}

async fn long(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let message = bench.general_message("Certificate inaccurate", "");
    let seen = send(bench, GeneralMessage { body: "x".repeat(65_536), ..message }).await?;
    bench.still_served().await?;
    Ok(seen)
}
