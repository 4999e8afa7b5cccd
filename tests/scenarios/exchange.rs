//! Two states that have met exchange certificates by themselves, over either binding.

use std::path::PathBuf;

use exchange::Country;
use straznica_cli::demo::state::{State, StateOptions, Terms, settle};
use straznica_contracts::spoc::v1::{CertificateRole, ListHoldersRequest};
use straznica_exchange_wire::development::SpocKeys;
use straznica_types::SystemClock;

/// Founds two states and lets them meet on these terms: Utopia's CVCA knows Poland's document verifier.
pub(super) async fn meet(terms: &Terms, soap_keys: SpocKeys) -> (State, State) {
    Box::pin(meet_with_profiles(terms, soap_keys, &[])).await
}

/// The same, each with profiles beside those that come with the program.
pub(super) async fn meet_with_profiles(terms: &Terms, soap_keys: SpocKeys, files: &[PathBuf]) -> (State, State) {
    let raise = async |country: &str| {
        let country: Country = country.parse().unwrap();
        let mut options = StateOptions::spoc_only(country, &[terms.binding], SystemClock::shared());
        options.soap_keys = soap_keys;
        options.suite.config.spoc.exchange.profile_files = files.to_vec();
        Box::pin(State::raise(options)).await.unwrap()
    };
    let (poland, utopia) = (raise("PL").await, raise("UT").await);
    poland.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.unwrap();
    utopia.create_cvca("CVCA", "id-TA-ECDSA-SHA-384", "brainpoolP384r1").await.unwrap();
    poland.register(&utopia, terms).await.unwrap();
    utopia.register(&poland, terms).await.unwrap();
    // the registrations are completed by GetCACertificates
    assert!(settle(&[&poland, &utopia]).await.unwrap(), "everything is delivered");
    assert_eq!(poland.confirm_roots_of(&utopia).await.unwrap(), 1);
    assert_eq!(utopia.confirm_roots_of(&poland).await.unwrap(), 1);
    utopia.register_holder("PLDVBORDER", "PLCVCA", "automatic", 42).await.unwrap();
    (poland, utopia)
}

async fn obtains(terms: Terms) {
    let (poland, utopia) = Box::pin(meet(&terms, SpocKeys::Brainpool)).await;
    poland.subscribe(&utopia, "UTCVCA", "DVBORDER", "TCC", 14).await.unwrap();
    assert!(settle(&[&poland, &utopia]).await.unwrap(), "everything is delivered");
    let subscriptions = poland.subscriptions().await.unwrap();
    let [subscription] = subscriptions.as_slice() else { panic!("{subscriptions:?}") };
    assert_eq!(subscription.dv_chr, "PLDVBORDER00001", "{subscription:?}");
    assert_eq!(subscription.problem, "");
    let request = ListHoldersRequest {};
    let held = poland.officer(0).unwrap().national().list_holders(request).await.unwrap().into_inner().holders;
    let system =
        held.iter().find(|holder| holder.role() == CertificateRole::InspectionSystem).expect("an IS certificate");
    assert_eq!((system.car.as_str(), system.state.as_str()), ("PLDVBORDER00001", "active"));
    poland.suite.stop().await.unwrap();
    utopia.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_verifier_gets_its_certificate_by_itself_over_grpc() {
    Box::pin(obtains(Terms::grpc())).await;
}

#[tokio::test]
async fn a_verifier_gets_its_certificate_by_itself_over_soap() {
    Box::pin(obtains(Terms::soap())).await;
}

#[tokio::test]
async fn a_verifier_gets_its_certificate_later_from_a_partner_that_acknowledges_first() {
    Box::pin(obtains(Terms { answers: "asynchronous", ..Terms::grpc() })).await;
}
