//! Officers of two states run the exchange with the program alone: every command by the way it succeeds, as text and as JSON, between two nodes that talk.

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::node::{LOOK, Node, PATIENCE};
use super::pair::{CVCA, Dealing, LATER, Pair};

const BY_OFFICERS: Dealing = Dealing { approval: "two_person", ..LATER };

/// Looks again and again until something is to be seen.
async fn seen<T>(what: &str, node: &Node, look: impl Fn(&Node) -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look(node) {
            return found;
        }
        assert!(Instant::now() < end, "{what} is never seen\n{}", node.log());
        sleep(LOOK).await;
    }
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// The one of a list that says so; a copy.
fn one(answer: &Value, list: &str, member: &str, says: &str) -> Option<Value> {
    answer[list].as_array()?.iter().find(|one| text(one, member) == says).cloned()
}

/// What an officer sees of a request that waits for officers.
async fn waiting(node: &Node, chr: &str) -> Value {
    let words = ["spoc", "requests", "list", "--state", "waiting", "--country", "PL"];
    seen(chr, node, |node| one(&node.json(0, &words), "requests", "chr", chr)).await
}

/// The words an officer is told to type, where the program tells some.
fn told_to_type<'t>(told: &'t str, command: &str) -> Vec<&'t str> {
    let line = told.lines().map(str::trim).find(|line| line.starts_with(command)).unwrap_or_else(|| panic!("{told}"));
    line.split_whitespace().skip(1).collect()
}

/// What became of a request of ours, as `renewals history` has it.
async fn became(node: &Node, chr: &str, state: &str) -> Value {
    let words = ["spoc", "renewals", "history", CVCA];
    let of = |node: &Node| one(&node.json(0, &words), "renewals", "chr", chr);
    seen(state, node, |node| of(node).filter(|renewal| text(renewal, "state") == state)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officers_ask_for_certificates_and_grant_or_decline_them() {
    let pair = Box::pin(Pair::found(BY_OFFICERS, true)).await.unwrap();
    let (poland, utopia) = (&pair.asker, &pair.issuer);
    let subscribed = poland.reads(0, &["spoc", "renewals", "list"]);
    assert!(subscribed.contains("UTCVCA  active  PLDVBORDER00001  "), "{subscribed}");
    let again = ["spoc", "renewals", "subscribe", CVCA, "--dv", "DVBORDER", "--is", "TCC", "--is-days", "13"];
    assert_eq!(poland.reads(1, &again).trim(), "certificates of UTCVCA are requested and renewed from now on");
    let other = ["spoc", "renewals", "subscribe", CVCA, "--dv", "DVOTHER"];
    assert!(poland.refused(0, &other).contains("the document verifier under UTCVCA is DVBORDER"));

    // asked for, approved by two, issued, in use
    let told = poland.reads(0, &["spoc", "renewals", "now", CVCA]);
    assert!(told.starts_with("PLDVBORDER00002 is asked for"), "{told}");
    let request = waiting(utopia, "PLDVBORDER00002").await;
    let id = text(&request, "id");
    let due = "answer by 20";
    let listed = utopia.reads(0, &["spoc", "requests", "list", "--limit", "1"]);
    assert!(listed.contains(id) && listed.contains("PLDVBORDER00002  waiting") && listed.contains(due), "{listed}");
    assert!(listed.contains("more: --after "), "the first certificate was asked for before: {listed}");
    let shown = utopia.reads(0, &["spoc", "requests", "show", id]);
    let lines =
        ["PLDVBORDER00002 of PL: waiting\n", "  holder       PLDVBORDER\n", "  vouched for  by PLDVBORDER00001\n"];
    assert!(lines.iter().all(|line| shown.contains(line)) && shown.contains("which asks   A "), "{shown}");
    let told = utopia.reads(0, &["spoc", "requests", "approve", id]);
    let words = told_to_type(&told, "straznica spoc requests approve");
    assert!(told.contains("approved     OP-07"), "{told}");
    let listed = utopia.reads(1, &["spoc", "requests", "list", "--state", "waiting"]);
    assert!(listed.contains(", approved by OP-07"), "{listed}");
    assert!(utopia.refused(0, &words).contains("officer"), "nobody approves twice");
    let told = utopia.reads(1, &words);
    assert!(told.contains("approved     OP-07 OP-11"), "{told}");
    let granted = became(poland, "PLDVBORDER00002", "fulfilled").await;
    assert_eq!(text(&granted, "car"), "UTCVCA00001", "{granted}");
    let decided = utopia.json(0, &["spoc", "requests", "show", id]);
    assert_eq!(
        (text(&decided["request"], "state"), text(&decided["request"], "code")),
        ("issued", "ok_cert_available")
    );
    let words = ["spoc", "certificates", "list", "--kind", "issued", "--holder", "PLDVBORDER"];
    let issued = utopia.json(0, &words);
    assert_eq!(issued["certificates"].as_array().unwrap().len(), 2, "{issued}");
    assert!(utopia.reads(0, &words).contains(id), "the request a certificate was issued for is named");
    let ours = |node: &Node| node.reads(0, &["spoc", "certificates", "list"]);
    let ours =
        seen("an inspection system", poland, |node| Some(ours(node)).filter(|ours| ours.matches("TCC").count() > 1));
    assert!(ours.await.contains("PLDVBORDER00002"));
    let history = poland.reads(0, &["spoc", "renewals", "history", CVCA]);
    assert!(
        history.contains("VOUCHED FOR BY") && history.contains("UTCVCA00001  PLDVBORDER00001  fulfilled"),
        "{history}"
    );

    // asked for, and declined by one
    poland.reads(0, &["spoc", "renewals", "now", CVCA, "--initial"]);
    let request = waiting(utopia, "PLDVBORDER00003").await;
    let id = text(&request, "id");
    assert_eq!(text(&request, "outer_car"), "PLCVCA00001", "an initial request is countersigned");
    let decline = ["spoc", "requests", "decline", id, "--reason", "asked for by mistake, call of today"];
    let told = utopia.reads(1, &decline);
    assert!(told.contains("PLDVBORDER00003 of PL: refused") && told.contains("failure_request_not_accepted"), "{told}");
    assert!(utopia.refused(0, &decline).contains("spoc: "), "what is decided is decided");
    utopia.refused(0, &["spoc", "requests", "approve", id]);
    let declined = became(poland, "PLDVBORDER00003", "closed").await;
    assert_eq!(text(&declined, "cause"), "failure_request_not_accepted", "{declined}");
    let listed = utopia.json(0, &["spoc", "requests", "list", "--state", "refused"]);
    assert!(one(&listed, "requests", "id", id).is_some(), "{listed}");

    assert!(poland.reads(0, &["spoc", "renewals", "pause", CVCA]).contains("nothing is renewed until it is resumed"));
    assert!(poland.reads(0, &["spoc", "renewals", "list"]).contains("UTCVCA  paused"));
    assert!(poland.reads(0, &["spoc", "renewals", "resume", CVCA]).contains("renewals go on"));
    assert!(poland.reads(0, &["spoc", "renewals", "list"]).contains("UTCVCA  active  PLDVBORDER00002  "));
    for unknown in [["spoc", "renewals", "history", "XXCVCA"], ["spoc", "renewals", "pause", "XXCVCA"]] {
        assert!(poland.refused(0, &unknown).contains("XXCVCA"));
    }
    pair.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officers_write_to_each_other_and_decide_what_follows() {
    let pair = Box::pin(Pair::found(LATER, true)).await.unwrap();
    let (poland, utopia) = (&pair.asker, &pair.issuer);
    let template = ["spoc", "messages", "send", "UT", "--template", "DV private key compromised"];
    let values =
        ["--set", "reference=PLDVBORDER00001", "--set", "from=2026-11-20", "--set", "reason=a cabinet was forced"];
    assert!(poland.refused(0, &template).contains("the template needs the parameter"));
    let told = poland.reads(0, &[&template[..], &values[..]].concat());
    assert!(told.contains("sent to UT, ") && told.contains("subject  DV private key compromised\n"), "{told}");

    let new = ["spoc", "messages", "list", "--country", "PL", "--state", "new"];
    let message = seen("the message", utopia, |node| node.json(0, &new)["messages"].as_array()?.first().cloned()).await;
    let id = text(&message, "id");
    let listed = utopia.reads(0, &new);
    assert!(listed.contains("received  PL ") && listed.contains("proposes suspend_holder"), "{listed}");
    let shown = utopia.reads(0, &["spoc", "messages", "show", id]);
    assert!(
        shown.contains("proposes suspend_holder PLDVBORDER\n") && shown.contains("a cabinet was forced"),
        "{shown}"
    );
    let words = told_to_type(&shown, "straznica spoc messages decide");
    assert_eq!(words[..4], ["spoc", "messages", "decide", id]);
    let told = utopia.reads(0, &["spoc", "messages", "ack", id]);
    assert_eq!(told.trim(), format!("{id} is acknowledged"));
    let accept = ["spoc", "messages", "decide", id, "accept", "--reason", "confirmed by telephone"];
    let told = utopia.reads(1, &accept);
    assert!(told.contains("accepted by OP-11 ") && told.contains("confirmed by telephone"), "{told}");
    assert!(utopia.refused(0, &accept).contains("spoc: "), "what is decided is decided");
    let holders = utopia.json(0, &["spoc", "holders", "list"]);
    assert_eq!(holders["holders"][0]["state"], "suspended", "{holders}");
    let sent = ["spoc", "messages", "list", "--country", "UT", "--state", "delivered"];
    seen("that it was delivered", poland, |node| node.json(0, &sent)["messages"].as_array()?.first().cloned()).await;

    // an outage somebody announces, and which the other side enters by agreeing
    let announced = ["spoc", "messages", "send", "PL", "--template", "Disruption of CVCA communication channel"];
    let values =
        ["--set", "from=2099-06-01T00:00:00Z", "--set", "until=2099-06-03T00:00:00Z", "--set", "reason=a move"];
    utopia.reads(0, &[&announced[..], &values[..]].concat());
    let new = ["spoc", "messages", "list", "--state", "new"];
    let message = seen("the outage", poland, |node| node.json(0, &new)["messages"].as_array()?.first().cloned()).await;
    let id = text(&message, "id");
    let shown = poland.reads(0, &["spoc", "messages", "read", id]);
    assert!(
        shown.contains("proposes enter_outage") && shown.contains("2099-06-01 00:00 to 2099-06-03 00:00"),
        "{shown}"
    );
    poland.reads(0, &["spoc", "messages", "decide", id, "accept", "--reason", "noted"]);
    let partner = poland.reads(0, &["spoc", "partners", "show", "UT"]);
    assert!(partner.contains("2099-06-01 00:00 to 2099-06-03 00:00"), "{partner}");
    let health = poland.reads(0, &["spoc", "partners", "health", "UT"]);
    assert!(
        health.contains("UT active\n") && health.contains("  reached    20") && health.contains("outage"),
        "{health}"
    );

    // one that is not carried out
    let words = ["spoc", "messages", "send", "UT", "--template", "DV Termination", "--set", "reference=PLDVBORDER"];
    poland.reads(0, &[&words[..], &["--set", "from=2027-01-01"]].concat());
    let new = ["spoc", "messages", "list", "--state", "new"];
    let message =
        seen("the other message", utopia, |node| node.json(0, &new)["messages"].as_array()?.first().cloned()).await;
    let id = text(&message, "id");
    let told = utopia.reads(0, &["spoc", "messages", "decide", id, "reject", "--reason", "sent by mistake"]);
    assert!(told.contains("rejected by OP-07 ") && told.contains("sent by mistake"), "{told}");
    pair.end();
}
