//! Who is let in (CSN 36 9791 §7; Doc 9303-12 §8; RFC 5280 §6).

use std::time::Duration;

use exchange::code::{CodeSet, StatusInfo};
use exchange::development::{Algorithm, Authority, CsnOrIcao, Digest, LeafRequest, Role, Validity};
use exchange::message::{GeneralMessage, GetCaCertificates, Message, RequestCertificate, SendCertificates};

use straznica_exchange_wire::CallError;
use straznica_types::Timestamp;
use tokio::time::Instant;

use crate::bench::Bench;
use crate::carrier::Kept;
use crate::case::{Case, Group, Obstacle, Run};
use crate::request::spoil_last_bit;
use crate::seen::{Expected, Seen};
use crate::tester::{Credentials, yesterday};

const DAY: Duration = Duration::from_secs(86_400);

const ADMITTED: Expected = Expected::Codes(CodeSet::GetCaCertificates, &["ok_cert_available", "ok_reception_ack"]);

const fn refused(id: &'static str, title: &'static str, steps: &'static str, source: &'static str, run: Run) -> Case {
    Group::Identity.case(id, title, steps, Expected::Refused, source, run)
}

pub(super) const CASES: &[Case] = &[
    Group::Identity.case(
        "identity/server",
        "The partner's server shows who it is",
        "A connection; the server's certificate is judged: registered root, country, host, extended key usage, fresh revocation list",
        Expected::Recognised,
        "CSN 36 9791 §7; Doc 9303-12 §8",
        |bench| Box::pin(server(bench)),
    ),
    Group::Identity.case(
        "identity/csn-usage",
        "A client certificate with the extended key usage of CSN 36 9791 is let in",
        "GetCACertificates with extended key usage 1.2.203.7064.1.1.369791.1",
        ADMITTED,
        "CSN 36 9791 §7",
        |bench| Box::pin(knock(bench, |leaf| standard(leaf, CsnOrIcao::Csn))),
    ),
    Group::Identity.case(
        "identity/icao-usage",
        "A client certificate with the extended key usage of ICAO is let in",
        "GetCACertificates with extended key usage 2.23.136.1.1.10.1",
        ADMITTED,
        "Doc 9303-12 §8",
        |bench| Box::pin(knock(bench, |leaf| standard(leaf, CsnOrIcao::Icao))),
    ),
    refused(
        "identity/no-certificate",
        "Who shows no certificate is not let in",
        "GetCACertificates on a connection without client certificate",
        "CSN 36 9791 §7; Doc 9303-12 §8",
        |bench| Box::pin(nameless(bench)),
    ),
    refused(
        "identity/unregistered-root",
        "A certificate whose root is not registered is not let in",
        "GetCACertificates with a certificate of a root made on the spot, of the tester's country",
        "CSN 36 9791 §7; TR-03139, registration",
        |bench| Box::pin(stranger(bench)),
    ),
    refused(
        "identity/no-usage",
        "A client certificate without extended key usage is not let in",
        "GetCACertificates with a certificate of the registered root that lacks the extension",
        "CSN 36 9791 §7; Doc 9303-12 §8",
        |bench| Box::pin(knock(bench, |leaf| leaf.purposes = None)),
    ),
    refused(
        "identity/server-usage",
        "A server's certificate is not let in as a client's",
        "GetCACertificates with the server's extended key usages alone",
        "CSN 36 9791 §7; Doc 9303-12 §8",
        |bench| {
            Box::pin(knock(bench, |leaf| {
                leaf.purposes = Some(owned(&["1.2.203.7064.1.1.369791.2", "2.23.136.1.1.10.2", TLS_CLIENT]));
            }))
        },
    ),
    refused(
        "identity/tls-usage",
        "The usage of any TLS client is not that of a SPOC",
        "GetCACertificates with id-kp-clientAuth alone",
        "CSN 36 9791 §7; Doc 9303-12 §8",
        |bench| Box::pin(knock(bench, |leaf| leaf.purposes = Some(owned(&[TLS_CLIENT])))),
    ),
    refused(
        "identity/any-usage",
        "A certificate for any usage is not let in",
        "GetCACertificates with anyExtendedKeyUsage and id-kp-clientAuth",
        "CSN 36 9791 §7; RFC 5280 §4.2.1.12",
        |bench| Box::pin(knock(bench, |leaf| leaf.purposes = Some(owned(&["2.5.29.37.0", TLS_CLIENT])))),
    ),
    refused(
        "identity/key-usage",
        "A key that is not for signing cannot prove who holds it",
        "GetCACertificates with key usage keyEncipherment alone",
        "RFC 5280 §4.2.1.3",
        |bench| Box::pin(knock(bench, |leaf| leaf.key_usage = Some(0x20))),
    ),
    refused(
        "identity/short-key",
        "A short key is not let in",
        "GetCACertificates with an RSA key of 1024 bits",
        "TR-03139, key strength",
        |bench| Box::pin(knock(bench, |leaf| leaf.algorithm = Some(Algorithm::rsa(1024, Digest::Sha256)))),
    ),
    refused(
        "identity/expired",
        "An expired certificate is not let in",
        "GetCACertificates with a certificate that ended yesterday",
        "RFC 5280 §6.1.3",
        |bench| {
            let end = yesterday(bench.now());
            Box::pin(knock(bench, move |leaf| leaf.validity = Validity { from: end - 300 * DAY, until: end }))
        },
    ),
    refused(
        "identity/not-yet-valid",
        "A certificate is not let in before its time",
        "GetCACertificates with a certificate that begins in two days",
        "RFC 5280 §6.1.3",
        |bench| {
            let begin = bench.now() + 2 * DAY;
            Box::pin(knock(bench, move |leaf| leaf.validity = Validity::days(begin, 300)))
        },
    ),
    refused(
        "identity/other-country",
        "The certificate's country is that of the registration",
        "GetCACertificates with a certificate of the registered root whose subject names another country",
        "CSN 36 9791 §7",
        |bench| {
            let country = another_country(bench);
            Box::pin(knock(bench, move |leaf| leaf.countries = vec![country]))
        },
    ),
    refused(
        "identity/two-countries",
        "A certificate of two countries is nobody's",
        "GetCACertificates with a certificate whose subject names the tester's country and another",
        "CSN 36 9791 §7",
        |bench| {
            let country = another_country(bench);
            Box::pin(knock(bench, move |leaf| leaf.countries.push(country)))
        },
    ),
    refused(
        "identity/caller-id-request",
        "RequestCertificate in the name of another country than the certificate's is not taken",
        "RequestCertificate with the proper certificate and another country as callerID",
        "CSN 36 9791 §6; facts of other implementations",
        |bench| {
            let message =
                RequestCertificate { caller_id: another_country(bench), ..bench.request_message(vec![0x67, 0]) };
            Box::pin(pretend(bench, Message::RequestCertificate(message)))
        },
    ),
    refused(
        "identity/caller-id-delivery",
        "SendCertificates in the name of another country than the certificate's is not taken",
        "SendCertificates with the proper certificate and another country as callerID",
        "CSN 36 9791 §6",
        |bench| {
            let message = SendCertificates {
                caller_id: another_country(bench),
                message_id: Some(bench.message_id()),
                certificates: Vec::new(),
                status_info: StatusInfo::FailureInternalError,
            };
            Box::pin(pretend(bench, Message::SendCertificates(message)))
        },
    ),
    refused(
        "identity/caller-id-question",
        "GetCACertificates in the name of another country than the certificate's is not answered",
        "GetCACertificates with the proper certificate and another country as callerID",
        "CSN 36 9791 §6",
        |bench| {
            let message = GetCaCertificates { caller_id: another_country(bench), message_id: bench.message_id() };
            Box::pin(pretend(bench, Message::GetCaCertificates(message)))
        },
    ),
    refused(
        "identity/caller-id-general",
        "GeneralMessage in the name of another country than the certificate's is not kept",
        "GeneralMessage with the proper certificate and another country as callerID",
        "CSN 36 9791 §6",
        |bench| {
            let message = GeneralMessage {
                caller_id: another_country(bench),
                ..bench.general_message("Certificate inaccurate", "-")
            };
            Box::pin(pretend(bench, Message::GeneralMessage(message)))
        },
    ),
    refused(
        "identity/caller-id-nonsense",
        "A callerID that is no country is nobody's",
        "GetCACertificates with the proper certificate and callerID “xx1”",
        "CSN 36 9791 §6",
        |bench| {
            let message = GetCaCertificates { caller_id: "xx1".to_owned(), message_id: bench.message_id() };
            Box::pin(pretend(bench, Message::GetCaCertificates(message)))
        },
    ),
    refused(
        "identity/revoked",
        "A revoked certificate is not let in",
        "GetCACertificates with a certificate that the list it names revokes",
        "CSN 36 9791 §7; RFC 5280 §6.3",
        |bench| Box::pin(revoked(bench)),
    ),
    refused(
        "identity/revoked-while-connected",
        "A certificate revoked while its connection lives is let in no longer",
        "GetCACertificates is answered; a list that revokes the certificate takes the place of one that is due again in a few seconds; GetCACertificates on \
         the same connection until it is refused",
        "CSN 36 9791 §7, taken to hold as long as a connection does",
        |bench| Box::pin(revoked_while_connected(bench)),
    ),
    refused(
        "identity/stale-list",
        "A revocation list of more than ninety days proves nothing",
        "GetCACertificates with a certificate whose list is 91 days old and not due again yet",
        "CSN 36 9791 §7",
        |bench| Box::pin(listed(bench, "stale", |authority, now| authority.crl(now - 91 * DAY, Some(now + 30 * DAY)))),
    ),
    refused(
        "identity/overdue-list",
        "A revocation list past its next update proves nothing",
        "GetCACertificates with a certificate whose list was due again yesterday",
        "RFC 5280 §6.3.3",
        |bench| Box::pin(listed(bench, "overdue", |authority, now| authority.crl(now - 10 * DAY, Some(now - DAY)))),
    ),
    refused(
        "identity/list-to-come",
        "A revocation list of tomorrow proves nothing today",
        "GetCACertificates with a certificate whose list was issued two days ahead of time",
        "RFC 5280 §6.3.3",
        |bench| Box::pin(listed(bench, "to-come", |authority, now| authority.crl(now + 2 * DAY, Some(now + 30 * DAY)))),
    ),
    refused(
        "identity/no-list",
        "Without a revocation list nobody is let in",
        "GetCACertificates with a certificate whose list is not where it says",
        "CSN 36 9791 §7",
        |bench| {
            let uri = bench.tester().list_uri("nowhere");
            Box::pin(knock(bench, move |leaf| leaf.crl_uris = Some(vec![uri])))
        },
    ),
    refused(
        "identity/no-distribution-point",
        "A certificate that names no revocation list is not let in",
        "GetCACertificates with a certificate without distribution point",
        "CSN 36 9791 §7",
        |bench| Box::pin(knock(bench, |leaf| leaf.crl_uris = Some(Vec::new()))),
    ),
    refused(
        "identity/list-of-another",
        "A revocation list counts only with its issuer's signature",
        "GetCACertificates with a certificate whose list is signed by another key under the same name",
        "RFC 5280 §6.3.3",
        |bench| Box::pin(listed_by_another(bench)),
    ),
    refused(
        "identity/list-spoilt",
        "A revocation list whose signature does not verify proves nothing",
        "GetCACertificates with a certificate whose list has the last bit of its signature turned",
        "RFC 5280 §6.3.3",
        |bench| {
            Box::pin(listed(bench, "spoilt", |authority, now| {
                Ok(spoil_last_bit(&authority.crl(now - DAY, Some(now + 30 * DAY))?))
            }))
        },
    ),
];

const TLS_CLIENT: &str = "1.3.6.1.5.5.7.3.2";

fn owned(purposes: &[&str]) -> Vec<String> {
    purposes.iter().map(|purpose| (*purpose).to_owned()).collect()
}

fn standard(leaf: &mut LeafRequest, standard: CsnOrIcao) {
    let country = leaf.countries.first().cloned().unwrap_or_default();
    leaf.purposes = LeafRequest::of(&country, Role::Client, standard, leaf.validity).purposes;
}

/// The other registered state where there is one, else a code nobody has.
fn another_country(bench: &Bench<'_>) -> String {
    bench.line.other.as_ref().map_or_else(|| "ZZ".to_owned(), |other| other.country.to_string())
}

async fn knock(bench: &Bench<'_>, change: impl FnOnce(&mut LeafRequest) + Send) -> Result<Seen, Obstacle> {
    let credentials = bench.credentials(change)?;
    bench.send_as(&credentials, &bench.ca_question()).await
}

async fn server(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.line.carrier.look_at_server(bench.proper).await)
}

async fn nameless(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    bench.send_without_certificate(&bench.ca_question()).await
}

async fn stranger(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.tester().client(bench.now());
    let credentials = Credentials { issued: bench.tester().impostor(bench.now())?.issue(&request)? };
    bench.send_as(&credentials, &bench.ca_question()).await
}

async fn pretend(bench: &Bench<'_>, message: Message) -> Result<Seen, Obstacle> {
    bench.send_as(bench.proper, &message).await
}

async fn revoked(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let (uri, now) = (bench.tester().list_uri("revoked"), bench.now());
    let credentials = bench.credentials(|leaf| leaf.crl_uris = Some(vec![uri]))?;
    bench.tester().publish("revoked", |mut authority| {
        authority.revoke(&credentials.issued, yesterday(now));
        authority.crl(now - Duration::from_secs(3600), Some(now + 30 * DAY))
    })?;
    bench.send_as(&credentials, &bench.ca_question()).await
}

/// A connection whose certificate is on no list yet.
struct Connected<'a> {
    kept: Box<dyn Kept + 'a>,
    credentials: Credentials,
    list: String,
    published: Timestamp,
    /// When the list is due again.
    due: Duration,
}

/// A partner need not fetch a list before the one it has is due again, so this one is due soon; where that is too soon to be let in at all, later.
async fn connected<'a>(bench: &Bench<'a>) -> Result<Connected<'a>, Obstacle> {
    let mut refused = Seen::Refused;
    for times in [3, 12, 48] {
        let (list, due, now) = (format!("meanwhile-{times}"), bench.target.patience.silence * times, bench.now());
        let uri = bench.tester().list_uri(&list);
        let credentials = bench.credentials(|leaf| leaf.crl_uris = Some(vec![uri]))?;
        let published = now - Duration::from_secs(3600);
        bench.tester().publish(&list, |authority| authority.crl(published, Some(now + due)))?;
        refused = match bench.line.carrier.keep(&credentials).await {
            Err(error) => Seen::of(&Err(error)),
            Ok(mut kept) => match Seen::of(&kept.send(&bench.ca_question()).await) {
                first if ADMITTED.holds(&first, None) => {
                    return Ok(Connected { kept, credentials, list, published, due });
                }
                first => first,
            },
        };
    }
    Err(Obstacle::Before { what: "GetCACertificates with a certificate that is on no list", seen: refused })
}

async fn revoked_while_connected(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let Connected { mut kept, credentials, list, published, due } = connected(bench).await?;
    bench.tester().publish(&list, |mut authority| {
        authority.revoke(&credentials.issued, published);
        authority.crl(published + Duration::from_secs(60), Some(published + 30 * DAY))
    })?;
    let patience = bench.target.patience;
    let give_up = Instant::now() + due + patience.callback;
    loop {
        let outcome = kept.send(&bench.ca_question()).await;
        let seen = Seen::of(&outcome);
        match outcome {
            Err(CallError::RefusedByPeer) => break,
            // who keeps no connections decides at the next one
            Err(CallError::Broken(_)) => match bench.line.carrier.keep(&credentials).await {
                Ok(another) => kept = another,
                Err(_) => break,
            },
            Ok(_) if ADMITTED.holds(&seen, None) => {}
            _ => return Ok(seen),
        }
        if Instant::now() > give_up {
            let after = patience.callback.as_secs_f32();
            return Ok(Seen::Wrong(format!("{after} s after the list before was due again, still {seen}")));
        }
        tokio::time::sleep(patience.silence / 10).await;
    }
    bench.still_served().await?;
    Ok(Seen::Refused)
}

async fn listed(
    bench: &Bench<'_>,
    name: &str,
    make: impl FnOnce(Authority, Timestamp) -> Result<Vec<u8>, exchange::development::DevelopmentError> + Send,
) -> Result<Seen, Obstacle> {
    let (uri, now) = (bench.tester().list_uri(name), bench.now());
    bench.tester().publish(name, |authority| make(authority, now))?;
    knock(bench, move |leaf| leaf.crl_uris = Some(vec![uri])).await
}

async fn listed_by_another(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let other = bench.tester().impostor(bench.now())?;
    listed(bench, "of-another", move |_, now| other.crl(now - DAY, Some(now + 30 * DAY))).await
}
