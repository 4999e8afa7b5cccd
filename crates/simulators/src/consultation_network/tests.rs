use std::collections::BTreeSet;

use straznica_types::ManualClock;

use super::*;

async fn submit(network: &ConsultationNetworkSimulator, to: &str, written: &Written) {
    let request = SubmitRequest { envelope: Some(envelope("POL", to, written)) };
    network.submit(Request::new(request)).await.unwrap();
}

async fn inbox(network: &ConsultationNetworkSimulator) -> Vec<(String, String)> {
    let all = CollectRequest { after: 0, limit: 10_000 };
    let messages = network.collect(Request::new(all)).await.unwrap().into_inner().messages;
    let told = |message: Collected| {
        let envelope = message.envelope.unwrap();
        (envelope.from.clone(), envelope.subject.clone())
    };
    messages.into_iter().map(told).collect()
}

#[tokio::test]
async fn in_fair_weather_a_state_notifies_and_does_what_it_is_used_to() {
    let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
    let network = ConsultationNetworkSimulator::new("POL", Weather::fair(), clock.shared());
    for number in 0..40 {
        let reference = format!("POL{number:04}");
        submit(&network, "FRA", &Written::request(&format!("P-{number}"), &reference, "IWANOW", "BLR")).await;
    }
    assert_eq!(inbox(&network).await.iter().filter(|(_, subject)| subject.ends_with(".R")).count(), 40);
    clock.advance(Duration::from_secs(9 * 24 * HOUR));
    // Each B comes again until it is notified; the suite has to tell copies apart.
    let replied: BTreeSet<String> = inbox(&network)
        .await
        .into_iter()
        .map(|(_, subject)| subject)
        .filter(|subject| subject.ends_with(".B"))
        .collect();
    let expected = (0..40).filter(|number| habit(&format!("POL{number:04}")) != Habit::Silent).count();
    assert_eq!(replied.len(), expected);
    assert!((20..40).contains(&expected), "{expected}");
    assert_eq!(network.unnotified(), expected);
    for subject in &replied {
        let reference = subject.trim_end_matches(".B");
        submit(&network, "FRA", &Written::notification(&format!("FRA-B-{reference}"))).await;
    }
    assert_eq!(network.unnotified(), 0);
}

#[tokio::test]
async fn a_storm_loses_repeats_and_reorders_the_same_each_time() {
    let played = async || {
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let network = ConsultationNetworkSimulator::new("POL", Weather::storm(9), clock.shared());
        for number in 0..100 {
            submit(&network, "FRA", &Written::cancellation(&format!("P-{number:03}"), "POL1")).await;
        }
        clock.advance(Duration::from_secs(36 * HOUR));
        network.arrived()
    };
    let (first, second) = (played().await, played().await);
    assert_eq!(first, second);
    assert!((50..85).contains(&first.len()), "{}", first.len());
    assert!(first.values().any(|times| *times == 2));
}
