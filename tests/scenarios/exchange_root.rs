//! A partner's SPOC gets certificates of a new root: reached by the root link before anybody announced it, by either root while both are in use, and by the
//! new one alone when the old one's period is over. On real connections, to the partner and from it.

use std::time::Duration;

use cvc::domain_parameters::StandardisedCurve;
use exchange::Country;
use exchange::development::{Algorithm, Authority, Digest, Issued, Validity};
use straznica_cli::demo::state::{BindingName, State, StateOptions, Terms, settle};
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{AnnounceRootRequest, ConfirmRootRequest, EnteredRoot, SendMessageRequest};
use straznica_exchange_wire::development::SpocKeys;
use straznica_types::{Clock, ManualClock};

const DAY: Duration = Duration::from_secs(86_400);
/// Where Utopia's second authority publishes its list.
const LIST: &str = "spoc-2.crl";

/// Poland, Utopia, and Utopia's second authority.
struct Rollover {
    clock: ManualClock,
    binding: BindingName,
    poland: State,
    utopia: State,
    second: Authority,
    /// By which the first root vouches for the second.
    link: Vec<u8>,
}

impl Rollover {
    /// Two states that have met. Utopia's first root is used for 120 days.
    async fn begin(terms: Terms, keys: SpocKeys, algorithm: Algorithm) -> Self {
        let clock = ManualClock::starting_at("2026-06-01T08:00:00Z".parse().unwrap());
        let raise = async |country: &str| {
            let country: Country = country.parse().unwrap();
            let mut options = StateOptions::spoc_only(country, &[terms.binding], clock.shared());
            options.soap_keys = keys;
            // a connection for each message, so that each is judged by what is presented at that moment
            options.bounds.grpc_calls.connection_age_seconds = 0;
            Box::pin(State::raise(options)).await.unwrap()
        };
        let (poland, utopia) = (raise("PL").await, raise("UT").await);
        for state in [&poland, &utopia] {
            state.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.unwrap();
        }
        let until = Terms { roots_until: Some(clock.now() + 120 * DAY), ..terms.clone() };
        poland.register(&utopia, &until).await.unwrap();
        utopia.register(&poland, &terms).await.unwrap();
        assert!(settle(&[&poland, &utopia]).await.unwrap(), "everything is delivered");

        let (_, first) = &utopia.authorities[0];
        let life = Validity::days(clock.now() - DAY, 3650);
        let list = vec![first.responder().uri(LIST)];
        let second = Authority::root("UT", "UT SPOC Root 2", algorithm, life, Some(1), list).unwrap();
        let link = first.with_authority(|first| first.link_to(&second, life)).unwrap();
        Self { clock, binding: terms.binding, poland, utopia, second, link }
    }

    /// Days go by; lists are of the new day.
    fn pass(&self, days: u32) {
        self.clock.advance(days * DAY);
        self.poland.leapt().unwrap();
        self.utopia.leapt().unwrap();
        let now = self.clock.now();
        let list = self.second.crl(now, Some(now + 30 * DAY)).unwrap();
        self.utopia.authorities[0].1.responder().serve(LIST, list);
    }

    /// Utopia presents a certificate of its second authority, and with it what leads there.
    async fn presents_second(&mut self, with: &[Vec<u8>]) {
        let request = self.utopia.authorities[0].1.request("127.0.0.1");
        let mut issued = self.second.issue(&request).unwrap();
        issued.above = with.to_vec();
        self.present(&issued).await;
    }

    /// Utopia presents a certificate of its first authority.
    async fn presents_first(&self) {
        let (_, first) = &self.utopia.authorities[0];
        self.present(&first.issue(&first.request("127.0.0.1")).unwrap()).await;
    }

    async fn present(&self, issued: &Issued) {
        self.utopia.present(self.binding, issued).unwrap();
        // Read in a turn, used from then on. What was tried in that turn yet is due again half a day later.
        self.utopia.suite.turn().await.unwrap();
        self.clock.advance(DAY / 2);
    }

    /// Each writes to the other, after what had to wait. Whether Poland, and Utopia, got everything delivered.
    async fn speak(&self) -> (bool, bool) {
        for (state, country) in [(&self.poland, "UT"), (&self.utopia, "PL")] {
            let officer = state.officer(0).unwrap();
            let request = SendMessageRequest {
                context: officer.context(),
                country: country.to_owned(),
                subject: "An exercise".to_owned(),
                body: "Nothing has to be done.".to_owned(),
                ..SendMessageRequest::default()
            };
            MessageServiceClient::new(officer.channel()).send_message(request).await.unwrap();
        }
        settle(&[&self.poland, &self.utopia]).await.unwrap();
        (self.poland.pending().await.unwrap() == 0, self.utopia.pending().await.unwrap() == 0)
    }

    /// Two officers of Poland take the second root in, to be used in ninety days.
    async fn announced(&self) {
        let root = self.second.certificate().to_vec();
        let fingerprint = self.second.fingerprint().unwrap().to_string();
        let (first, second) = (self.poland.officer(0).unwrap(), self.poland.officer(1).unwrap());
        let request = AnnounceRootRequest {
            context: first.context(),
            country: "UT".to_owned(),
            root: Some(EnteredRoot {
                certificate: root,
                use_from_ms: Some((self.clock.now() + 90 * DAY).millis()),
                ..EnteredRoot::default()
            }),
            link_certificate: self.link.clone(),
        };
        let announced = first.partners().announce_root(request).await.unwrap().into_inner();
        assert_eq!(announced.warnings, Vec::<String>::new(), "ninety days ahead, overlapping, linked");
        let proposal = announced.root.unwrap().proposal;
        let request = ConfirmRootRequest { context: second.context(), country: "UT".to_owned(), fingerprint, proposal };
        second.partners().confirm_root(request).await.unwrap();
    }

    async fn end(self) {
        self.poland.suite.stop().await.unwrap();
        self.utopia.suite.stop().await.unwrap();
    }
}

const BOTH: (bool, bool) = (true, true);
const NEITHER: (bool, bool) = (false, false);

async fn rolls_over(terms: Terms, keys: SpocKeys, algorithm: Algorithm) {
    let mut states = Box::pin(Rollover::begin(terms, keys, algorithm)).await;
    let root = states.second.certificate().to_vec();
    let link = states.link.clone();
    states.pass(1);
    assert_eq!(states.speak().await, BOTH);

    // nobody was told of the new root: without the old one's word for it nobody is let in
    states.presents_second(std::slice::from_ref(&root)).await;
    assert_eq!(states.speak().await, NEITHER, "a root nobody knows");
    states.pass(1);
    states.presents_second(&[link.clone(), root.clone()]).await;
    assert_eq!(states.speak().await, BOTH, "by the link, and what had waited");

    // announced and confirmed, it is not in use before its day; the link still leads there
    states.announced().await;
    states.pass(1);
    states.presents_second(&[]).await;
    assert_eq!(states.speak().await, NEITHER, "before its day");
    states.pass(1);
    states.presents_second(&[link, root]).await;
    assert_eq!(states.speak().await, BOTH, "by the link still");

    // both are in use
    states.pass(90);
    states.presents_first().await;
    assert_eq!(states.speak().await, BOTH, "the old one in the overlap");
    states.presents_second(&[]).await;
    assert_eq!(states.speak().await, BOTH, "the new one in the overlap");

    // the old one's period is over
    states.pass(30);
    states.presents_first().await;
    assert_eq!(states.speak().await, NEITHER, "the old one after its time");
    states.pass(1);
    states.presents_second(&[]).await;
    assert_eq!(states.speak().await, BOTH, "the new one alone, and what had waited");
    Box::pin(states.end()).await;
}

#[tokio::test]
async fn a_partners_new_root_takes_the_place_of_the_old_one_over_grpc() {
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
    Box::pin(rolls_over(Terms::grpc(), SpocKeys::P256, algorithm)).await;
}

#[tokio::test]
async fn a_partners_new_root_takes_the_place_of_the_old_one_over_soap() {
    let algorithm = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
    Box::pin(rolls_over(Terms::soap(), SpocKeys::Brainpool, algorithm)).await;
}
