#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{sync::Arc, time::Duration};

use exchange::{
    Country,
    development::{Algorithm, Authority, CrlFault, Digest, Issued, LeafRequest, Validity},
};
use straznica_error::Coded as _;
use straznica_exchange_wire::{
    Admission as _, Binding, NotAdmitted, Side,
    development::{DevelopmentSpoc, SpocKeys},
};
use straznica_store::{on_both_engines, testing::TestDatabase};
use straznica_types::{Clock as _, Timestamp};

use super::import;
use crate::{
    Migrations,
    app::{
        App,
        exchange::{admission::PartnerAdmission, health, registration, retention},
    },
    testing::{DAY, FIRST, House, SECOND, desk, registered},
};

const HOST: &str = "spoc.example.cz";
const HOUR: Duration = Duration::from_secs(3600);

fn cz() -> Country {
    "CZ".parse().unwrap()
}

/// A partner of a binding, registered by two officers.
struct Scene {
    house: House,
    app: Arc<App>,
    spoc: DevelopmentSpoc,
    binding: Binding,
}

async fn scene(database: TestDatabase, binding: Binding) -> Scene {
    let house = House::new(database);
    let app = house.app().await;
    let keys = if binding == Binding::Grpc { SpocKeys::P256 } else { SpocKeys::Brainpool };
    let spoc = DevelopmentSpoc::start(cz(), keys, house.clock.shared()).await.unwrap();
    registered(&app, &spoc, binding, None).await;
    Scene { house, app, spoc, binding }
}

impl Scene {
    fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    fn issue(&self, change: impl FnOnce(&mut LeafRequest)) -> Issued {
        let mut request = self.spoc.request(HOST);
        change(&mut request);
        self.spoc.issue(&request).unwrap()
    }

    /// A list of its root's.
    fn list(&self, from: Timestamp, until: Timestamp) -> Vec<u8> {
        self.spoc.with_authority(|root| root.crl(from, Some(until))).unwrap()
    }

    async fn admits(&self, app: &Arc<App>, issued: &Issued) -> bool {
        let as_client = PartnerAdmission::new(app).admit(issued.presented(), Side::Client, self.binding).await;
        let side = Side::Server { country: cz(), host: HOST };
        let as_server = PartnerAdmission::new(app).admit(issued.presented(), side, self.binding).await;
        assert_eq!(as_client.as_ref().err(), as_server.as_ref().err(), "either side is judged alike");
        as_client != Err(NotAdmitted)
    }

    async fn concerns(&self) -> Vec<String> {
        let concerns = health::look(&self.app, Some(cz())).await.unwrap().remove(0).concerns;
        concerns.into_iter().filter(|concern| concern.contains("by hand")).collect()
    }

    /// Why a list is refused.
    async fn refused(&self, list: Vec<u8>, authorities: Vec<Vec<u8>>) -> String {
        let told = import(&self.app, &desk(FIRST), cz(), list, authorities).await.unwrap_err();
        assert_eq!(told.code().id, "spoc.crl_refused", "{told}");
        told.to_string()
    }
}

on_both_engines! { Migrations;
    async fn a_grpc_partner_whose_list_is_down_past_its_end_is_met_again_with_one_by_hand(database: TestDatabase) {
        met_again(database, Binding::Grpc).await;
    }

    async fn a_soap_partner_whose_list_is_down_past_its_end_is_met_again_with_one_by_hand(database: TestDatabase) {
        met_again(database, Binding::Soap).await;
    }

    async fn a_replica_learns_of_a_list_by_hand_without_a_restart(database: TestDatabase) {
        let scene = scene(database, Binding::Soap).await;
        let other = scene.house.app().await;
        let issued = scene.issue(|leaf| leaf.crl_uris = Some(vec!["https://crl.example.cz/spoc.crl".to_owned()]));
        assert!(!scene.admits(&other, &issued).await, "nothing is fetched over https");
        let list = scene.list(scene.now(), scene.now() + DAY);
        import(&scene.app, &desk(FIRST), cz(), list, Vec::new()).await.unwrap();
        other.refresh().await.unwrap();
        assert!(scene.admits(&other, &issued).await);
        assert!(scene.admits(&scene.app, &issued).await);
    }

    async fn a_list_by_hand_that_is_long_over_is_forgotten(database: TestDatabase) {
        let scene = scene(database, Binding::Grpc).await;
        import(&scene.app, &desk(FIRST), cz(), scene.list(scene.now(), scene.now() + DAY), Vec::new()).await.unwrap();
        retention::run(&scene.app).await.unwrap();
        assert_eq!(scene.concerns().await.len(), 1);
        scene.house.clock.advance(DAY * 91);
        retention::run(&scene.app).await.unwrap();
        assert_eq!(scene.concerns().await, [""; 0]);
        assert!(scene.app.partners.crls_by_hand(cz()).is_empty());
    }

    async fn what_is_no_list_of_the_partners_that_counts_is_refused_in_words_and_on_record(database: TestDatabase) {
        let scene = scene(database, Binding::Grpc).await;
        let (now, later) = (scene.now(), scene.now() + DAY * 30);
        let life = Validity::days(now - DAY, 3650);
        let key = Algorithm::ecdsa(cvc::domain_parameters::StandardisedCurve::P256, Digest::Sha256);
        let mut stranger = Authority::root("CZ", "another root", key, life, None, Vec::new()).unwrap();
        let below = stranger.subordinate("TLS", key, life, Some(0), Vec::new()).unwrap();
        let impostor = DevelopmentSpoc::start(cz(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let mut spoilt = scene.list(now, later);
        *spoilt.last_mut().unwrap() ^= 1;
        let too_long = vec![0x30; scene.app.config.exchange.revocation_lists.max_bytes + 1];
        let delta = scene.spoc.with_authority(|root| root.faulty_crl(now, later, CrlFault::Delta)).unwrap();
        let cases = [
            (b"no list".to_vec(), Vec::new(), "malformed"),
            (too_long, Vec::new(), "bytes"),
            (delta, Vec::new(), "not a complete one"),
            (stranger.crl(now, Some(later)).unwrap(), Vec::new(), "no certificate of its issuer"),
            (below.crl(now, Some(later)).unwrap(), vec![below.certificate().to_vec()], "another root"),
            (impostor.with_authority(|one| one.crl(now, Some(later))).unwrap(), Vec::new(), "no certificate of its issuer"),
            (spoilt, Vec::new(), "not signed by it"),
            (scene.list(now + HOUR, later), Vec::new(), "from the future"),
            (scene.list(now - DAY * 2, now - DAY), Vec::new(), "was to be replaced by"),
            (scene.list(now - DAY * 91, later), Vec::new(), "older than ninety days"),
        ];
        let count = cases.len();
        for (list, authorities, words) in cases {
            let told = scene.refused(list, authorities).await;
            assert!(told.contains(words), "{words}: {told}");
        }
        let kinds = scene.house.journal().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "exchange.crl_refused").count(), count);
        assert!(!kinds.contains(&"exchange.crl_imported".to_owned()));
        let unknown = import(&scene.app, &desk(FIRST), "DE".parse().unwrap(), scene.list(now, later), Vec::new()).await;
        assert_eq!(unknown.unwrap_err().code().id, "spoc.partner_unknown");
    }

    async fn an_older_list_by_hand_does_not_bring_back_who_was_revoked(database: TestDatabase) {
        let scene = scene(database, Binding::Grpc).await;
        let (issued, later) = (scene.issue(|_| ()), scene.now() + DAY * 60);
        let numbered = |number: u32| scene.spoc.with_authority(|root| root.numbered_crl(scene.now(), later, number)).unwrap();
        let innocent = numbered(7);
        scene.house.clock.advance(HOUR);
        let known = numbered(8);
        import(&scene.app, &desk(FIRST), cz(), known.clone(), Vec::new()).await.unwrap();
        let told = scene.refused(innocent.clone(), Vec::new()).await;
        assert!(told.contains("imported by so-1 before"), "{told}");
        scene.house.clock.advance(HOUR);
        let told = scene.refused(numbered(6), Vec::new()).await;
        assert!(told.contains("a newer one"), "a lower number, though issued later: {told}");

        // What was fetched counts as well.
        scene.spoc.revoke(&issued).unwrap();
        assert!(!scene.admits(&scene.app, &issued).await);
        let fetched_before = scene.list(scene.now() - DAY, later);
        let other = scene.refused(fetched_before, Vec::new()).await;
        assert!(other.contains("was fetched from http://"), "{other}");
        assert!(!scene.admits(&scene.app, &issued).await);
    }

    async fn the_list_of_an_authority_below_a_root_comes_with_its_certificate(database: TestDatabase) {
        let scene = scene(database, Binding::Grpc).await;
        let now = scene.now();
        let life = Validity::days(now - DAY, 3000);
        let key = Algorithm::ecdsa(cvc::domain_parameters::StandardisedCurve::P256, Digest::Sha256);
        let below = scene.spoc.with_authority(|root| root.subordinate("CZ TLS", key, life, Some(0), Vec::new()));
        let mut below = below.unwrap();
        let mut leaf = scene.spoc.request(HOST);
        leaf.crl_uris = Some(vec!["ldap://directory.example.cz/cn=tls".to_owned()]);
        let issued = below.issue(&leaf).unwrap();
        assert!(!scene.admits(&scene.app, &issued).await);
        let list = below.crl(now, Some(now + DAY)).unwrap();
        let told = scene.refused(list.clone(), Vec::new()).await;
        assert!(told.contains("no certificate of its issuer"), "{told}");
        import(&scene.app, &desk(FIRST), cz(), list, vec![below.certificate().to_vec()]).await.unwrap();
        assert!(scene.admits(&scene.app, &issued).await);
        // Its holder is no authority, whoever signs with its key.
        let impostor = Authority::impostor(&issued).unwrap();
        let told = scene.refused(impostor.crl(now, Some(now + DAY)).unwrap(), impostor_path(&issued, &below)).await;
        assert!(told.contains("not a certification authority") || told.contains("revocation lists"), "{told}");
    }
}

fn impostor_path(issued: &Issued, below: &Authority) -> Vec<Vec<u8>> {
    vec![issued.certificate.clone(), below.certificate().to_vec()]
}

async fn met_again(database: TestDatabase, binding: Binding) {
    let scene = scene(database, binding).await;
    let (issued, lost) = (scene.issue(|_| ()), scene.issue(|_| ()));
    assert!(scene.admits(&scene.app, &issued).await);
    scene.spoc.withhold_list();
    scene.house.clock.advance(DAY * 31);
    assert!(!scene.admits(&scene.app, &issued).await, "the list fetched has ended");

    let (now, end) = (scene.now(), scene.now() + DAY * 10);
    scene.spoc.with_authority(|root| root.revoke(&lost, now));
    let list = scene.list(now, end);
    let imported = import(&scene.app, &desk(FIRST), cz(), list.clone(), Vec::new()).await.unwrap();
    assert_eq!((imported.revoked, imported.held.next_update), (1, Some(end)));
    assert!(scene.admits(&scene.app, &issued).await, "{binding}");
    assert!(!scene.admits(&scene.app, &lost).await, "whom it names is not let in");
    // A replica, and the node after a restart: neither has fetched anything.
    assert!(scene.admits(&scene.house.app().await, &issued).await);
    let told =
        format!("the revocation list of {} came by hand, from so-1, and counts until {end}", imported.issuer_name);
    assert_eq!(scene.concerns().await, [told]);

    // Once more the same one: nothing new. It ends when it says.
    import(&scene.app, &desk(SECOND), cz(), list, Vec::new()).await.unwrap();
    let kinds = scene.house.journal().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "exchange.crl_imported").count(), 1);
    scene.house.clock.advance(DAY * 10 + HOUR);
    assert!(!scene.admits(&scene.app, &issued).await, "it has ended");

    // The partner's own is there again, and takes its place.
    scene.spoc.publish().unwrap();
    scene.house.clock.advance(HOUR);
    assert!(scene.admits(&scene.app, &issued).await);
    assert_eq!(scene.concerns().await, Vec::<String>::new());
    registration::withdraw(&scene.app, &desk(FIRST), cz(), "end").await.unwrap();
    let gone = import(&scene.app, &desk(FIRST), cz(), scene.list(scene.now(), scene.now() + DAY), Vec::new()).await;
    assert_eq!(gone.unwrap_err().code().id, "spoc.partner_unknown");
}
