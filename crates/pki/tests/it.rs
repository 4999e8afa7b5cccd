//! TLS as the suite uses it: handshakes over an in-memory pipe, with the development certificate authority and a clock that can be moved.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

use std::{path::Path, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use straznica_pki::{
    DenySet, DevelopmentCa, DevelopmentError, Issued, MaterialError, Names, PeerError, PeerIdentity, PeerRole, Reload,
    ServerUse, Tls, TlsError, TlsMaterial, Validity,
};
use straznica_types::{Environment, ManualClock, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const DOMAIN: &str = "development.straznica";

struct House {
    clock: ManualClock,
    ca: DevelopmentCa,
}

impl House {
    fn new() -> Self {
        let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
        let ca = DevelopmentCa::create(DOMAIN, clock.shared()).unwrap();
        Self { clock, ca }
    }

    fn tls(&self, issued: &Issued) -> Arc<Tls> {
        self.try_tls(issued).unwrap()
    }

    fn try_tls(&self, issued: &Issued) -> Result<Arc<Tls>, TlsError> {
        Tls::from_material(self.ca.material(issued).unwrap(), Environment::Test, self.clock.shared())
    }

    fn service(&self, name: &str) -> Issued {
        self.ca.issue_service(name, &Names::default()).unwrap()
    }
}

/// Who the server sees and who the client sees, or who of them refused.
async fn shake_hands(server: &Tls, client: &Tls, expected: &str) -> Result<(PeerIdentity, PeerIdentity), &'static str> {
    let (near, far) = duplex(64 * 1024);
    let acceptor = TlsAcceptor::from(server.server_config(ServerUse::Grpc));
    let connector = TlsConnector::from(client.client_config());
    let name = ServerName::try_from(format!("{expected}.{DOMAIN}")).unwrap();
    let serving = async {
        let mut stream = acceptor.accept(far).await.map_err(|_| "server")?;
        let peer = server.identify(stream.get_ref().1.peer_certificates()).map_err(|_| "server")?;
        server.check(&peer).map_err(|_| "server")?;
        stream.write_all(b"hello").await.map_err(|_| "server")?;
        Ok(peer)
    };
    let calling = async {
        let mut stream = connector.connect(name, near).await.map_err(|_| "client")?;
        let expected = PeerRole::Service(expected.to_owned());
        let peer = client.verify_server(stream.get_ref().1.peer_certificates(), &expected).map_err(|_| "client")?;
        let mut hello = [0; 5];
        // In TLS 1.3 a client learns of its refusal when it reads.
        match stream.read_exact(&mut hello).await {
            Ok(_) => Ok(peer),
            Err(_) => Err("server"),
        }
    };
    let (seen_by_server, seen_by_client) = tokio::join!(serving, calling);
    // Whoever refuses breaks the connection for the other too: the client's own refusal is looked at first.
    let seen_by_client = seen_by_client?;
    Ok((seen_by_server?, seen_by_client))
}

#[tokio::test]
async fn both_ends_learn_who_the_other_is() {
    let house = House::new();
    let (spoc, gateway) = (house.service("spoc"), house.service("gateway"));
    let (seen_by_server, seen_by_client) = shake_hands(&house.tls(&spoc), &house.tls(&gateway), "spoc").await.unwrap();
    assert_eq!(seen_by_server, gateway.identity);
    assert_eq!(seen_by_client, spoc.identity);
    assert_eq!(seen_by_server.to_string(), "service/gateway");
    assert_eq!(seen_by_server.spiffe_id(), "spiffe://development.straznica/service/gateway");
}

#[tokio::test]
async fn the_key_exchange_withstands_quantum_computers() {
    let house = House::new();
    let (server, client) = (house.tls(&house.service("spoc")), house.tls(&house.service("gateway")));
    let (near, far) = duplex(64 * 1024);
    let name = ServerName::try_from(format!("spoc.{DOMAIN}")).unwrap();
    let acceptor = TlsAcceptor::from(server.server_config(ServerUse::Grpc));
    let connector = TlsConnector::from(client.client_config());
    let (stream, _) = tokio::join!(connector.connect(name, near), acceptor.accept(far));
    let stream = stream.unwrap();
    let connection = stream.get_ref().1;
    assert_eq!(connection.negotiated_key_exchange_group().unwrap().name(), rustls::NamedGroup::X25519MLKEM768);
    assert_eq!(connection.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!(connection.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn expired_and_not_yet_valid_certificates_are_refused_by_the_injected_clock() {
    let house = House::new();
    let server = house.tls(&house.service("spoc"));
    let day = Duration::from_secs(86_400);
    let now = Timestamp::from_millis(1_779_960_600_000);
    let client = |not_before, not_after| {
        let role = PeerRole::Service("gateway".to_owned());
        house.ca.issue(&role, &Names::default(), Validity { not_before, not_after }).unwrap()
    };
    let expired = house.tls(&client(now - day * 2, now - day));
    let future = house.tls(&client(now + day, now + day * 2));
    let current = house.tls(&client(now - day, now + day));
    assert_eq!(shake_hands(&server, &expired, "spoc").await, Err("server"));
    assert_eq!(shake_hands(&server, &future, "spoc").await, Err("server"));
    assert!(shake_hands(&server, &current, "spoc").await.is_ok());
    house.clock.advance(day * 3 / 2);
    assert_eq!(shake_hands(&server, &current, "spoc").await, Err("server"));
    assert!(shake_hands(&server, &future, "spoc").await.is_ok());
}

#[tokio::test]
async fn an_expired_server_is_refused_by_its_client() {
    let house = House::new();
    let (server, client) = (house.service("spoc"), house.service("gateway"));
    let (server, client) = (house.tls(&server), house.tls(&client));
    assert!(shake_hands(&server, &client, "spoc").await.is_ok());
    house.clock.advance(Duration::from_secs(91 * 86_400));
    assert_eq!(shake_hands(&server, &client, "spoc").await, Err("client"));
}

#[tokio::test]
async fn another_service_than_the_one_called_is_refused() {
    let house = House::new();
    let gateway = house.tls(&house.service("gateway"));
    // With the name of the called service in its certificate, but another role.
    let names = Names { dns: vec![format!("spoc.{DOMAIN}")], addresses: Vec::new() };
    let impostor = house.tls(&house.ca.issue_service("identity", &names).unwrap());
    assert_eq!(shake_hands(&impostor, &gateway, "spoc").await, Err("client"));
    let found = gateway.verify_server(None, &PeerRole::Service("spoc".to_owned()));
    assert_eq!(found, Err(PeerError::NoCertificate));
}

#[tokio::test]
async fn another_authority_and_another_trust_domain_are_refused() {
    let house = House::new();
    let server = house.tls(&house.service("spoc"));
    let other = House::new();
    assert_eq!(shake_hands(&server, &other.tls(&other.service("gateway")), "spoc").await, Err("client"));
    // The same authority vouching for two domains: the handshake succeeds, the identity is refused.
    let elsewhere = DevelopmentCa::create("development.elsewhere", house.clock.shared()).unwrap();
    let stranger = elsewhere.issue_service("gateway", &Names::default()).unwrap();
    let certificate = TlsMaterial::from_pem(
        stranger.certificate.as_bytes(),
        stranger.private_key.as_bytes(),
        elsewhere.certificate().as_bytes(),
        None,
    )
    .unwrap();
    assert_eq!(certificate.own().trust_domain, "development.elsewhere");
    let der = <rustls_pki_types::CertificateDer<'_> as rustls_pki_types::pem::PemObject>::from_pem_slice(
        stranger.certificate.as_bytes(),
    )
    .unwrap();
    assert_eq!(server.identify(Some(&[der])), Err(PeerError::TrustDomain));
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_at_the_handshake_and_on_open_connections() {
    let house = House::new();
    let (spoc, gateway, identity) = (house.service("spoc"), house.service("gateway"), house.service("identity"));
    let (server, client, bystander) = (house.tls(&spoc), house.tls(&gateway), house.tls(&identity));
    let (open, _) = shake_hands(&server, &client, "spoc").await.unwrap();
    assert_eq!(server.check(&open), Ok(()));

    house.ca.revoke(&gateway.identity).unwrap();
    server.replace(house.ca.material(&spoc).unwrap()).unwrap();
    assert_eq!(server.check(&open), Err(PeerError::Revoked));
    assert_eq!(shake_hands(&server, &client, "spoc").await, Err("server"));
    assert!(shake_hands(&server, &bystander, "spoc").await.is_ok());
}

#[tokio::test]
async fn a_revoked_server_is_refused_by_its_client() {
    let house = House::new();
    let (spoc, gateway) = (house.service("spoc"), house.service("gateway"));
    house.ca.revoke(&spoc.identity).unwrap();
    assert_eq!(shake_hands(&house.tls(&spoc), &house.tls(&gateway), "spoc").await, Err("client"));
}

#[test]
fn a_denied_certificate_stays_denied_until_it_is_allowed_again() {
    let house = House::new();
    let (denied, other) = (house.service("gateway").identity, house.service("gateway").identity);
    let set = DenySet::default();
    let shared = set.clone();
    set.deny(denied.sha256);
    assert!(shared.denies(&denied));
    assert!(!shared.denies(&other), "another certificate of the same peer");
    shared.allow(denied.sha256);
    assert!(!set.denies(&denied));
}

#[test]
fn production_refuses_development_certificates() {
    let house = House::new();
    let material = house.ca.material(&house.service("spoc")).unwrap();
    let refused = Tls::from_material(material, Environment::Production, house.clock.shared());
    assert!(matches!(refused, Err(TlsError::DevelopmentInProduction(domain)) if domain == DOMAIN));
    let production = DevelopmentCa::create("straznica.gov.pl", house.clock.shared());
    assert!(matches!(production, Err(DevelopmentError::TrustDomain)));
}

#[tokio::test]
async fn reload_takes_new_files_and_keeps_the_old_ones_when_they_do_not_hold_up() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let spoc = house.service("spoc");
    let files = house.ca.write(&spoc, folder.path(), "spoc").unwrap();
    let tls = Tls::from_files(files.clone(), Environment::Test, house.clock.shared()).unwrap();
    let client = house.tls(&house.service("gateway"));
    assert_eq!(tls.reload().unwrap(), Reload::Unchanged);

    let renewed = house.service("spoc");
    house.ca.write(&renewed, folder.path(), "spoc").unwrap();
    assert_eq!(tls.reload().unwrap(), Reload::Replaced);
    assert_eq!(*tls.own(), renewed.identity);

    let other_key = house.service("spoc").private_key;
    let identity = house.service("identity");
    let cases: [(&str, &Path, String); 5] = [
        ("a key of another certificate", &files.private_key, other_key),
        ("no key", &files.private_key, "nothing".to_owned()),
        ("half a certificate", &files.certificate_chain, renewed.certificate[..200].to_owned()),
        ("no anchors", &files.trust_anchors, String::new()),
        (
            "no revocation list",
            files.revocation_lists.as_deref().unwrap(),
            "-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n".to_owned(),
        ),
    ];
    for (what, path, text) in cases {
        let good = std::fs::read(path).unwrap();
        std::fs::write(path, text).unwrap();
        assert!(tls.reload().is_err(), "{what}");
        assert_eq!(*tls.own(), renewed.identity, "{what}");
        assert!(shake_hands(&tls, &client, "spoc").await.is_ok(), "{what}");
        std::fs::write(path, good).unwrap();
    }
    house.ca.write(&identity, folder.path(), "spoc").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::OtherIdentity { .. })));
    std::fs::remove_file(&files.private_key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Material(MaterialError::File { .. }))));
}

#[test]
fn the_authority_kept_in_a_folder_is_the_same_after_a_restart() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let (first_serial, certificate) = {
        let ca = DevelopmentCa::open_or_create(folder.path(), DOMAIN, house.clock.shared()).unwrap();
        let issued = ca.issue_terminal("PL-WAW-017").unwrap();
        ca.revoke(&issued.identity).unwrap();
        ca.save(folder.path()).unwrap();
        (issued.identity, ca.certificate().to_owned())
    };
    let mode = std::fs::metadata(folder.path().join("ca.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ca = DevelopmentCa::open_or_create(folder.path(), DOMAIN, house.clock.shared()).unwrap();
    assert_eq!(ca.certificate(), certificate);
    let tls = {
        let spoc = ca.issue_service("spoc", &Names::loopback()).unwrap();
        Tls::from_material(ca.material(&spoc).unwrap(), Environment::Test, house.clock.shared()).unwrap()
    };
    assert_eq!(tls.check(&first_serial), Err(PeerError::Revoked));
}

#[test]
fn what_another_listener_was_presented_is_looked_at_as_if_it_had_been_presented_here() {
    let house = House::new();
    let tls = house.tls(&house.service("spoc"));
    let presented = |issued: &Issued| issued.presented().unwrap();
    let role = PeerRole::Consumer("POL.zus".to_owned());
    let issued = house.ca.issue(&role, &Names::default(), house.ca.usual_validity()).unwrap();
    assert_eq!(tls.vouched(&presented(&issued)).unwrap(), issued.identity);

    let stranger = DevelopmentCa::create(DOMAIN, house.clock.shared()).unwrap();
    let forged = stranger.issue(&role, &Names::default(), stranger.usual_validity()).unwrap();
    assert_eq!(tls.vouched(&presented(&forged)), Err(PeerError::Untrusted));
    assert_eq!(tls.vouched(&[]), Err(PeerError::NoCertificate));
    assert_eq!(tls.vouched(&[b"spiffe://development.straznica/consumer/POL.zus".to_vec()]), Err(PeerError::Untrusted));
    assert_eq!(tls.vouched(&vec![presented(&issued).remove(0); 7]), Err(PeerError::Untrusted));
    house.ca.revoke(&issued.identity).unwrap();
    tls.replace(house.ca.material(&house.service("spoc")).unwrap()).unwrap();
    assert_eq!(tls.vouched(&presented(&issued)), Err(PeerError::Untrusted));

    let later = house.ca.issue(&role, &Names::default(), house.ca.usual_validity()).unwrap();
    house.clock.set(later.identity.not_after + Duration::from_secs(1));
    assert!(tls.vouched(&presented(&later)).is_err());
}
