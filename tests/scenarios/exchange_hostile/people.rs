//! Messages to the partner's officers that it does not take.

use exchange::message::{GeneralMessage, Message};
use straznica_cli::demo::state::BindingName;
use straznica_contracts::spoc::v1::OutboxMessage;
use straznica_simulators::spoc_partner::Mischief::{self, *};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};

use super::{DAY, Failed, MINUTE, is_soap, letters};

/// What the partner does with a message, how the message stands then, and with which code.
const ROWS: &[(&str, &[Mischief], (&str, &str))] = &[
    ("taken", &[], ("done", "ok")),
    ("not kept", &[KeepsNoMessages], ("pending", "failure_internal_error")),
    ("letters it cannot read", &[KnowsOnlyAscii], ("failed", "failure_syntax")),
];

/// Messages for officers that the partner got.
fn heard(hostile: &Hostile) -> Vec<GeneralMessage> {
    let heard = hostile.station.heard();
    let messages = heard.iter().filter_map(|message| match message {
        Message::GeneralMessage(message) => Some(message.clone()),
        _ => None,
    });
    messages.collect()
}

/// What was not taken for a reason of the partner's own is sent again as it was, until it is; what it cannot read is not, and officers see why.
async fn writes(house: &House, hostile: &Hostile, name: &str, wrongs: &[Mischief], expected: (&str, &str)) {
    hostile.partner().misbehave(wrongs);
    house.write(hostile, "Ćwiczenie", "Nic się nie stało.").await;
    house.turn().await;
    let of = |letters: Vec<OutboxMessage>| letters.into_iter().find(|letter| letter.operation == "general_message");
    let letter = of(house.letters(hostile).await).expect("a message");
    // the edition of 2009 has one failure for messages
    let old = is_soap(hostile) && expected.1 == "failure_syntax";
    let (state, code) = if old { ("pending", "failure_internal_error") } else { expected };
    assert_eq!(letter.state, state, "{name}: {letter:#?}");
    let told = format!("{} {}", letter.code, letter.last_error);
    assert!(told.contains(code), "{name}: {letter:#?}");
    let first = heard(hostile);
    assert_eq!(first.len(), 1, "{name}");
    hostile.mend();
    house.pass(DAY + MINUTE);
    house.turn().await;
    let letter = of(house.letters(hostile).await).expect("a message");
    let (last, times) = if state == "pending" { ("done", 2) } else { (state, 1) };
    assert_eq!(letter.state, last, "{name}: {letter:#?}");
    let all = heard(hostile);
    assert!(all.len() == times && all.iter().all(|one| *one == first[0]), "{name}: {all:#?}");
}

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    let mut failed = Failed::default();
    for (row, (name, wrongs, expected)) in ROWS.iter().enumerate() {
        let row = async {
            let hostile = house.meet(&letters(row), |_, _| ()).await;
            writes(&house, &hostile, name, wrongs, *expected).await;
        };
        failed.row(name, Box::pin(row)).await;
    }
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

on_both_engines! {
    NoMigrations;

    async fn messages_a_partner_does_not_take_by_grpc_are_sent_again_or_told_of(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn messages_a_partner_does_not_take_by_soap_are_sent_again_or_told_of(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
