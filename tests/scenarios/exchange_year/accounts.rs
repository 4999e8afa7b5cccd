//! What has to be true when everything is over.

use std::collections::{BTreeMap, BTreeSet};

use straznica_cli::arguments::ServiceName;
use straznica_cli::command::journal::verify_service;
use straznica_contracts::spoc::v1::{
    CalendarKind, CertificateRole, GetCalendarRequest, ListHoldersRequest, ListIssuedRequest, ListOutboxRequest,
    ListRenewalsRequest, ListRequestsRequest, OutboxMessage,
};

use super::plan::{DocumentPlan, Plan};
use super::world::{Place, World, holder_name};

/// Counts, and looks for anything given twice, left open or altered.
pub(super) async fn balance(plan: &Plan, world: &World) {
    let mut verifiers = 0;
    let mut systems = 0;
    let mut system_names = BTreeSet::new();
    for place in &world.places {
        let issued = issued_once(place).await;
        verifiers += issued.len();
        for (chr, day) in &issued {
            // those of the morning after have had no day
            assert!(*day >= plan.end() || world.openings.has_used(chr), "{chr} of {day} was issued in vain");
        }
        let own = inspection_systems(place).await;
        systems += own.len();
        for chr in own {
            assert!(system_names.insert(chr.clone()), "{chr} was given twice");
        }
        nothing_is_open(place).await;
        calendar_is_sane(place, plan).await;
        journal_is_sound(place).await;
    }
    let messages = answered_once(plan, world).await;
    let (of_verifiers, of_systems) = world.openings.renewals();
    println!(
        "{verifiers} certificates to verifiers, {systems} to inspection systems, {messages} messages between states; \
         {of_verifiers} renewals of verifiers and {of_systems} of inspection systems have opened {} documents",
        world.openings.passports()
    );
    // the first certificates of every subscription are no renewals
    let firsts = world.readings().len();
    for (kind, given, renewals, [least, most]) in [
        ("verifiers", verifiers, of_verifiers, plan.renewals.verifiers),
        ("inspection systems", systems, of_systems, plan.renewals.systems),
    ] {
        assert!((least..=most).contains(&renewals), "{renewals} renewals of {kind}");
        assert!(given - firsts <= most, "{given} certificates to {kind}, of which {renewals} were used");
    }
}

/// Every certificate a CVCA issued has a name of its own. Which there are, and the day each was issued.
async fn issued_once(place: &Place) -> BTreeMap<String, String> {
    let mut client = place.state.officer(0).unwrap().issuing();
    let (mut names, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let request = ListIssuedRequest { page_token, page_size: 100, ..ListIssuedRequest::default() };
        let page = client.list_issued(request).await.unwrap().into_inner();
        for one in page.certificates {
            let before = names.insert(one.chr.clone(), one.effective);
            assert!(before.is_none(), "{} has issued {} twice", one.car, one.chr);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

/// References of all inspection systems a state has had.
async fn inspection_systems(place: &Place) -> Vec<String> {
    let mut client = place.state.officer(0).unwrap().national();
    let held = client.list_holders(ListHoldersRequest {}).await.unwrap().into_inner().holders;
    let systems = held.into_iter().filter(|holder| holder.role() == CertificateRole::InspectionSystem);
    systems.map(|system| system.chr).collect()
}

/// All subscriptions are in order.
async fn nothing_is_open(place: &Place) {
    for subscription in place.state.subscriptions().await.unwrap() {
        assert_eq!(subscription.problem, "", "{subscription:?}");
        assert_eq!(subscription.next, "wait", "{subscription:?}");
    }
}

/// The next ninety days: in order, with a renewal of every subscription, and nothing that needs somebody today.
async fn calendar_is_sane(place: &Place, plan: &Plan) {
    let mut client = place.state.officer(0).unwrap().subscriptions();
    let entries = client.get_calendar(GetCalendarRequest::default()).await.unwrap().into_inner().entries;
    assert!(entries.windows(2).all(|two| two[0].at_ms <= two[1].at_ms), "{entries:?}");
    let renewals: Vec<_> = entries.iter().filter(|entry| entry.kind() == CalendarKind::Renewal).collect();
    assert_eq!(renewals.len(), (plan.states.len() - 1) * plan.documents.len(), "{renewals:?}");
    let urgent: Vec<_> = entries
        .iter()
        .filter(|entry| entry.severity() == straznica_contracts::spoc::v1::CalendarSeverity::Urgent)
        .collect();
    assert!(urgent.is_empty(), "{urgent:?}");
}

async fn journal_is_sound(place: &Place) {
    let suite = &place.state.suite;
    let report = verify_service(suite.config(), ServiceName::Spoc, suite.clock()).await.unwrap();
    assert!(report.valid && report.size > 0, "the journal of {}: {report:?}", place.plan.country);
}

/// All messages a state has sent, newest first.
async fn sent(place: &Place) -> Vec<OutboxMessage> {
    let mut client = place.state.officer(0).unwrap().subscriptions();
    let mut messages: Vec<OutboxMessage> = Vec::new();
    loop {
        let before = messages.last().map(|last| last.id.clone()).unwrap_or_default();
        let request = ListOutboxRequest { before, ..ListOutboxRequest::default() };
        let page = client.list_outbox(request).await.unwrap().into_inner().messages;
        if page.is_empty() {
            return messages;
        }
        messages.extend(page);
    }
}

/// Every message has its one answer, a certificate unless the holder was suspended; every request its one decision, the one its sender knows. How many messages there were.
async fn answered_once(plan: &Plan, world: &World) -> usize {
    let mut count = 0;
    for place in &world.places {
        let country = &place.plan.country;
        let messages = sent(place).await;
        let ids: BTreeSet<_> = messages.iter().map(|message| (&message.country, &message.message_id)).collect();
        assert_eq!(ids.len(), messages.len(), "no identifier of {country} was used twice");
        for message in &messages {
            let declined = message.state == "failed" && message.code == "failure_request_not_accepted";
            let suspended = |document: &DocumentPlan| holder_name(&message.subject) == document.verifier_of(country);
            let expected = plan.ever_closed(country, &message.country).any(suspended);
            assert!(message.state == "done" || (declined && expected), "{message:?}");
        }
        count += messages.len();
        for issuer in world.places.iter().filter(|other| other.plan.country != *country) {
            let asked = messages
                .iter()
                .filter(|message| message.operation == "request_certificate" && message.country == issuer.plan.country);
            let asked: BTreeSet<(String, bool)> =
                asked.map(|message| (message.message_id.clone(), message.state == "done")).collect();
            assert_eq!(asked, decided(issuer, country).await, "{country} and {}", issuer.plan.country);
        }
    }
    count
}

/// Requests of a state that were decided, and whether a certificate was issued.
async fn decided(issuer: &Place, caller: &str) -> BTreeSet<(String, bool)> {
    let mut client = issuer.state.officer(0).unwrap().issuing();
    let (mut decided, mut page_token) = (BTreeSet::new(), String::new());
    loop {
        let request =
            ListRequestsRequest { caller: caller.to_owned(), page_token, page_size: 100, ..Default::default() };
        let page = client.list_requests(request).await.unwrap().into_inner();
        for one in page.requests {
            assert!(decided.insert((one.message_id.clone(), one.state == "issued")), "decided twice: {one:?}");
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return decided;
        }
    }
}

/// Where a subscription stands, for whoever reads why a passport stayed closed.
pub(super) async fn state_of(place: &Place, cvca: &str) -> String {
    let subscriptions = place.state.subscriptions().await.unwrap();
    let mut client = place.state.officer(0).unwrap().subscriptions();
    let request = ListRenewalsRequest { cvca: cvca.to_owned() };
    let renewals = client.list_renewals(request).await.unwrap().into_inner().renewals;
    let last_error = sent(place).await.into_iter().find(|message| !message.last_error.is_empty());
    format!(
        "subscription {:?}; newest requests {:?}; last error {last_error:?}",
        subscriptions.iter().find(|subscription| subscription.cvca == cvca),
        renewals.iter().take(3).collect::<Vec<_>>(),
    )
}
