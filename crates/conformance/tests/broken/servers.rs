//! What a server can show that is not who it has to be, and what `identity/server` tells of it.

use std::time::Duration;

use exchange::development::{Algorithm, Authority, Digest, Issued, LeafRequest, Validity};
use straznica_conformance::request::spoil_last_bit;
use straznica_exchange_wire::development::DevelopmentSpoc;
use straznica_types::Timestamp;

use crate::line::Show;

const DAY: Duration = Duration::from_secs(86_400);
/// Where the server's certificate says its list is, if it has one of its own.
const OWN_LIST: &str = "own.crl";

/// As the standards want it.
pub(crate) fn proper(spoc: &DevelopmentSpoc, leaf: LeafRequest, _: Timestamp) -> Issued {
    spoc.issue(&leaf).unwrap()
}

/// What is shown, how, and what is told of it; for `…` stands what differs from run to run.
pub(crate) const SERVERS: &[(&str, Show, &str)] = &[
    (
        "a root nobody registered",
        |spoc, leaf, now| a_namesake(spoc, now).issue(&leaf).unwrap(),
        "C=UT,O=development.spoc,CN=UT SPOC: names another key of its issuer C=UT,O=development.spoc,CN=UT SPOC Root than the one at hand",
    ),
    (
        "a root of another name",
        |_, leaf, now| root("UT other root", now).issue(&leaf).unwrap(),
        "C=UT,O=development.spoc,CN=UT SPOC: no certificate of its issuer C=UT,O=development.spoc,CN=UT other root is registered or was presented",
    ),
    (
        "no extended key usage",
        |spoc, leaf, _| spoc.issue(&LeafRequest { purposes: None, ..leaf }).unwrap(),
        "the certificate has no extended key usage",
    ),
    (
        "the extended key usage of a client",
        |spoc, leaf, _| spoc.issue(&for_purposes(leaf, &["1.2.203.7064.1.1.369791.1", TLS_SERVER])).unwrap(),
        "the certificate's extended key usage is not the one of a SPOC server",
    ),
    (
        "the extended key usage of any TLS server",
        |spoc, leaf, _| spoc.issue(&for_purposes(leaf, &[TLS_SERVER])).unwrap(),
        "the certificate's extended key usage is not the one of a SPOC server",
    ),
    (
        "any extended key usage",
        |spoc, leaf, _| spoc.issue(&for_purposes(leaf, &["2.5.29.37.0", TLS_SERVER])).unwrap(),
        "the certificate's extended key usage is not the one of a SPOC server",
    ),
    (
        "a key that is not for signing",
        |spoc, leaf, _| spoc.issue(&LeafRequest { key_usage: Some(NON_REPUDIATION), ..leaf }).unwrap(),
        "the certificate's key usage does not allow it to be used in a handshake",
    ),
    (
        "a short key",
        |spoc, leaf, _| {
            let algorithm = Some(Algorithm::rsa(1024, Digest::Sha256));
            spoc.issue(&LeafRequest { algorithm, ..leaf }).unwrap()
        },
        "C=UT,O=development.spoc,CN=UT SPOC: its key rsa-1024 is too weak",
    ),
    (
        "another host",
        |spoc, leaf, _| spoc.issue(&LeafRequest { hosts: vec!["elsewhere.test".to_owned()], ..leaf }).unwrap(),
        "the certificate is not for the host localhost",
    ),
    (
        "another country",
        |spoc, leaf, _| spoc.issue(&LeafRequest { countries: vec!["XX".to_owned()], ..leaf }).unwrap(),
        "the certificate is of XX, expected was UT",
    ),
    (
        "two countries",
        |spoc, leaf, _| spoc.issue(&LeafRequest { countries: vec!["UT".into(), "XX".into()], ..leaf }).unwrap(),
        "the certificate's subject names several countries",
    ),
    (
        "an expired certificate",
        |spoc, leaf, now| spoc.issue(&LeafRequest { validity: Validity::days(now - 400 * DAY, 399), ..leaf }).unwrap(),
        "C=UT,O=development.spoc,CN=UT SPOC: expired on 2026-03-01T12:00:00.000Z",
    ),
    (
        "a certificate of the day after tomorrow",
        |spoc, leaf, now| spoc.issue(&LeafRequest { validity: Validity::days(now + 2 * DAY, 300), ..leaf }).unwrap(),
        "C=UT,O=development.spoc,CN=UT SPOC: valid only from 2026-03-04T12:00:00.000Z",
    ),
    (
        "a revoked certificate",
        |spoc, leaf, _| {
            let issued = spoc.issue(&leaf).unwrap();
            spoc.revoke(&issued).unwrap();
            issued
        },
        "C=UT,O=development.spoc,CN=UT SPOC: revoked by C=UT,O=development.spoc,CN=UT SPOC Root on 2026-03-02T12:00:00.000Z",
    ),
    (
        "no place of a list",
        |spoc, leaf, _| spoc.issue(&LeafRequest { crl_uris: Some(Vec::new()), ..leaf }).unwrap(),
        "no revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is at hand (C=UT,O=development.spoc,CN=UT SPOC: no http distribution point)",
    ),
    (
        "a list that is not there",
        |spoc, leaf, _| {
            spoc.withhold_list();
            spoc.issue(&leaf).unwrap()
        },
        "no revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is at hand (http://127.0.0.1:…/spoc.crl: HTTP status 404)",
    ),
    (
        "a list of more than ninety days",
        |spoc, leaf, now| {
            listed(spoc, leaf, spoc.with_authority(|ours| ours.crl(now - 91 * DAY, Some(now + 30 * DAY))))
        },
        "the revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is older than ninety days (of 2025-12-01T12:00:00.000Z)",
    ),
    (
        "a list that was due again",
        |spoc, leaf, now| listed(spoc, leaf, spoc.with_authority(|ours| ours.crl(now - 10 * DAY, Some(now - DAY)))),
        "the revocation list of C=UT,O=development.spoc,CN=UT SPOC Root was to be replaced by 2026-03-01T12:00:00.000Z",
    ),
    (
        "a list of the day after tomorrow",
        |spoc, leaf, now| listed(spoc, leaf, spoc.with_authority(|ours| ours.crl(now + 2 * DAY, Some(now + 30 * DAY)))),
        "the revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is from the future (2026-03-04T12:00:00.000Z)",
    ),
    (
        "a list signed by a namesake",
        |spoc, leaf, now| listed(spoc, leaf, a_namesake(spoc, now).crl(now - DAY, Some(now + 30 * DAY))),
        "no revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is at hand (http://127.0.0.1:…/own.crl: no revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is at hand)",
    ),
    (
        "a list with a spoilt signature",
        |spoc, leaf, now| {
            let list = spoc.with_authority(|ours| ours.crl(now - DAY, Some(now + 30 * DAY)));
            listed(spoc, leaf, list.map(|list| spoil_last_bit(&list)))
        },
        "no revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is at hand (http://127.0.0.1:…/own.crl: the revocation list of C=UT,O=development.spoc,CN=UT SPOC Root is not signed by it)",
    ),
];

const TLS_SERVER: &str = "1.3.6.1.5.5.7.3.1";
/// Bit of the key usage: what is signed with the key cannot be denied; a handshake is nothing of the kind.
const NON_REPUDIATION: u8 = 0x40;

fn for_purposes(leaf: LeafRequest, purposes: &[&str]) -> LeafRequest {
    LeafRequest { purposes: Some(purposes.iter().map(|one| (*one).to_owned()).collect()), ..leaf }
}

fn root(name: &str, now: Timestamp) -> Authority {
    let algorithm = Algorithm::ecdsa(cvc::StandardisedCurve::P256, Digest::Sha256);
    Authority::root("UT", name, algorithm, Validity::days(now - DAY, 3650), Some(1), Vec::new()).unwrap()
}

/// A root with another key under the name of the registered one.
fn a_namesake(spoc: &DevelopmentSpoc, now: Timestamp) -> Authority {
    root(&format!("{} SPOC Root", spoc.country()), now)
}

/// A certificate whose list is this one.
fn listed(
    spoc: &DevelopmentSpoc,
    leaf: LeafRequest,
    list: Result<Vec<u8>, exchange::development::DevelopmentError>,
) -> Issued {
    spoc.responder().serve(OWN_LIST, list.unwrap());
    spoc.issue(&LeafRequest { crl_uris: Some(vec![spoc.responder().uri(OWN_LIST)]), ..leaf }).unwrap()
}
