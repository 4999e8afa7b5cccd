//! RequestCertificate: the processing list of TR-03139 table 2, each step with the request that has to fail there.

use cvc::algorithm::Algorithm;
use cvc::domain_parameters::StandardisedCurve;
use cvc::private_key::PrivateKey;
use cvc::reference::Reference;

use crate::bench::Bench;
use crate::case::{Case, Group, Need, Obstacle, request};
use crate::cvca::{self, MakingError};
use crate::request::{DvRequest, spoil_last_bit};
use crate::seen::{Expected, Seen};

const ISSUED: Expected = request(&["ok_cert_available"]);
const NOT_ACCEPTED: Expected = request(&["failure_request_not_accepted"]);
const OUTER: Expected = request(&["failure_outer_signature"]);

pub(super) const CASES: &[Case] = &[
    Group::Request.case(
        "request/initial",
        "An initial request countersigned by the CVCA of its state is granted",
        "Initial request",
        ISSUED,
        "TR-03139 table 2; CSN 36 9791 §6.2",
        |bench| Box::pin(initial(bench)),
    ),
    Group::Request.case(
        "request/successive",
        "A successive request signed with the certificate before is granted",
        "Initial request, then one signed outside with the key of the certificate got",
        ISSUED,
        "TR-03139 table 2",
        |bench| Box::pin(successive(bench)),
    ),
    Group::Request.case(
        "request/earlier-generation",
        "A request to the CVCA's generation before is answered with the certificates that lead on",
        "Initial request that names the generation before the current one, of the same kind of key",
        ISSUED,
        "CSN 36 9791 §6.2: CVCA certificates are required when the CAR differs",
        |bench| Box::pin(earlier_generation(bench)),
    ),
    Group::Request.case(
        "request/inner-signature",
        "A request that its key did not sign is refused",
        "Initial request with the last bit of the inner signature turned, then properly countersigned",
        request(&["failure_inner_signature"]),
        "TR-03139 table 2, step 1; TR-03110-3 §C.2.6",
        |bench| Box::pin(inner_signature(bench)),
    ),
    Group::Request.case(
        "request/outer-signature",
        "A request whose countersignature does not verify is refused",
        "Initial request with the last bit of the outer signature turned",
        OUTER,
        "TR-03139 table 2, step 3; TR-03110-3 §C.2.7",
        |bench| Box::pin(outer_signature(bench)),
    ),
    Group::Request.case(
        "request/no-countersignature",
        "An initial request that nobody countersigned is refused",
        "A bare certificate request (tag 7F21) without outer signature",
        request(&["failure_outer_signature", "failure_request_syntax"]),
        "TR-03139 table 2, step 3",
        |bench| Box::pin(bare(bench)),
    ),
    Group::Request.case(
        "request/vouching-for-itself",
        "A request cannot vouch for itself",
        "Request whose outer signature is made with the key it asks a certificate for, under its own reference",
        OUTER,
        "TR-03139 table 2, step 3",
        |bench| Box::pin(for_itself(bench)),
    ),
    Group::Request.case(
            "request/other-states-countersignature",
            "Another state's CVCA does not vouch for this one's document verifiers",
            "Initial request countersigned by the CVCA of another state, which the partner knows",
            OUTER,
            "TR-03139 table 2, step 3",
            |bench| Box::pin(other_states(bench)),
    )
    .needing(&[Need::OtherState]),
    Group::Request.case(
        "request/unknown-countersignature",
        "A CVCA nobody registered vouches for nothing",
        "Initial request countersigned by a CVCA of the tester's country made on the spot",
        OUTER,
        "TR-03139 table 2, step 3",
        |bench| Box::pin(unknown(bench)),
    ),
    Group::Request.case(
        "request/expired-countersigner",
        "An expired CVCA does not vouch: the outer signer has expired at submission",
        "Initial request countersigned by the tester's CVCA generation that expired yesterday",
        request(&["failure_expired"]),
        "TR-03139 table 2, step 3; Doc 9303-12 §8.3",
        |bench| Box::pin(expired(bench)),
    ),
    Group::Request.case(
            "request/another-holders-signature",
            "A successive request is signed with a certificate of the same holder",
            "Request of the second holder signed with the certificate of the first",
            request(&["failure_outer_signature", "failure_request_not_accepted"]),
            "TR-03139 table 2, step 3",
            |bench| Box::pin(another_holder(bench)),
    )
    .needing(&[Need::SecondHolder]),
    Group::Request.case(
        "request/domain-parameters",
        "A key on another curve than the CVCA's is refused",
        "Initial request with a key on another curve",
        request(&["failure_domain_parameters"]),
        "TR-03139 table 2, step 2; TR-03110-3 §2.3",
        |bench| Box::pin(of_kind(bench, Kind::Curve)),
    ),
    Group::Request.case(
        "request/algorithm",
        "A key for another algorithm than the CVCA's is refused",
        "Initial request with a key on the CVCA's curve for another hash",
        request(&["failure_domain_parameters"]),
        "TR-03139 table 2, step 2; TR-03110-3 §2.3",
        |bench| Box::pin(of_kind(bench, Kind::Hash)),
    ),
    Group::Request.case(
        "request/family",
        "A key of another family than the CVCA's is refused",
        "Initial request with an RSA key of 3072 bits where the CVCA has an elliptic curve key, and the other way round",
        request(&["failure_domain_parameters"]),
        "TR-03139 table 2, step 2; TR-03110-3 §2.3",
        |bench| Box::pin(of_kind(bench, Kind::Family)),
    ),
    Group::Request.case(
        "request/parameters-missing",
        "A request without domain parameters is refused",
        "Initial request whose key lacks its domain parameters",
        request(&["failure_domain_parameters", "failure_inner_signature", "failure_request_syntax"]),
        "TR-03110-3 §D.3.3",
        |bench| Box::pin(without_parameters(bench)),
    ),
    Group::Request.case(
        "request/other-authority",
        "A request to somebody else's CVCA is not accepted",
        "Initial request that names an authority the partner is not",
        request(&["failure_request_not_accepted", "failure_domain_parameters"]),
        "TR-03139 table 2, step 2",
        |bench| Box::pin(addressed(bench, true)),
    ),
    Group::Request.case(
        "request/no-authority",
        "A document verifier's request names the authority",
        "Initial request without certification authority reference",
        request(&["failure_request_not_accepted", "failure_request_syntax"]),
        "TR-03139 table 2, step 2",
        |bench| Box::pin(addressed(bench, false)),
    ),
    Group::Request.case(
        "request/key-reused",
        "A key is certified once",
        "Initial request, then another one for the same key under a new reference",
        NOT_ACCEPTED,
        "TR-03139 table 2, step 4",
        |bench| Box::pin(key_reused(bench)),
    ),
    Group::Request.case(
        "request/reference-reused",
        "A holder reference is given once",
        "Initial request, then another one for a new key under the same reference",
        NOT_ACCEPTED,
        "TR-03139 table 2, step 4; TR-03110-3 §A.6.1",
        |bench| Box::pin(reference_reused(bench)),
    ),
    Group::Request.case(
        "request/other-country",
        "The holder is of the state that asks",
        "Initial request for a holder reference of another country",
        NOT_ACCEPTED,
        "TR-03139 table 2, step 4",
        |bench| Box::pin(other_country(bench)),
    ),
    Group::Request.case(
        "request/unregistered-holder",
        "Only registered document verifiers get certificates",
        "Initial request for a mnemonic that is not registered",
        NOT_ACCEPTED,
        "TR-03139 table 2, step 4",
        |bench| Box::pin(unregistered(bench)),
    ),
];

async fn initial(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn successive(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let held = bench.obtain().await?;
    let request = bench.new_request().await?;
    Ok(bench.ask(request.successive(&held)?).await.seen)
}

async fn earlier_generation(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let earlier = authorities
        .earlier_of_same_kind()
        .ok_or(Obstacle::NotApplicable("the partner's CVCA has no earlier generation of the same kind of key"))?;
    let request = DvRequest::new(&authorities.key, earlier, bench.reference()?)?;
    let reply = bench.ask_initially(&request).await?;
    Ok(match bench.answered(&request, &reply).await {
        Ok(answered) => match answered.check_authorities_given() {
            Ok(()) => reply.seen,
            Err(broken) => Seen::Wrong(broken.0),
        },
        Err(seen) => seen,
    })
}

async fn inner_signature(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    let spoilt = request.with_spoilt_inner_signature(&bench.tester().cvca.current)?;
    Ok(bench.ask(spoilt).await.seen)
}

async fn outer_signature(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    Ok(bench.ask(spoil_last_bit(&bench.proper_request().await?)).await.seen)
}

async fn bare(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask(request.inner.as_der().to_vec()).await.seen)
}

async fn for_itself(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask(request.vouching_for_itself()?).await.seen)
}

async fn other_states(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask(request.initial(&bench.other()?.cvca.current)?).await.seen)
}

async fn unknown(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    let stranger = cvca::unregistered(bench.tester().country.as_str(), bench.today())?;
    Ok(bench.ask(request.initial(&stranger)?).await.seen)
}

async fn expired(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let request = bench.new_request().await?;
    Ok(bench.ask(request.initial(&bench.tester().cvca.expired)?).await.seen)
}

async fn another_holder(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let second = bench.tester().holders.second.as_deref();
    let second = second.ok_or(Obstacle::NotApplicable(Need::SecondHolder.missing()))?;
    let held = bench.obtain().await?;
    let authorities = bench.authorities().await?;
    let chr = bench.tester().fresh_reference(second).map_err(MakingError::from)?;
    let request = DvRequest::new(&authorities.key, authorities.current, chr)?;
    Ok(bench.ask(request.successive(&held)?).await.seen)
}

/// In what a key differs from the CVCA's.
#[derive(Clone, Copy)]
enum Kind {
    Curve,
    Hash,
    Family,
}

async fn of_kind(bench: &Bench<'_>, kind: Kind) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let (algorithm, curve) = (authorities.key.algorithm(), authorities.key.parameters());
    let is = |one: StandardisedCurve| curve == Some(&one.into());
    let p256 = StandardisedCurve::BrainpoolP256r1;
    let key = match (kind, curve) {
        (Kind::Curve, _) if is(p256) => {
            PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP384r1)
        }
        (Kind::Curve, _) | (Kind::Family, None) => PrivateKey::generate_ec(Algorithm::EcdsaSha256, p256),
        (Kind::Family, Some(_)) => PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 3072),
        (Kind::Hash, Some(same)) => PrivateKey::generate_ec(other_hash(algorithm), same.clone()),
        (Kind::Hash, None) => PrivateKey::generate_rsa(other_hash(algorithm), 3072),
    };
    let request = DvRequest::with_key(key.map_err(MakingError::from)?, Some(authorities.current), bench.reference()?)?;
    Ok(bench.ask_initially(&request).await?.seen)
}

fn other_hash(algorithm: Algorithm) -> Algorithm {
    match algorithm {
        Algorithm::EcdsaSha512 => Algorithm::EcdsaSha256,
        Algorithm::RsaPssSha512 => Algorithm::RsaPssSha256,
        rsa if rsa.scheme() != cvc::algorithm::Scheme::Ecdsa => Algorithm::RsaPssSha512,
        _ => Algorithm::EcdsaSha512,
    }
}

async fn without_parameters(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    if authorities.key.parameters().is_none() {
        return Err(Obstacle::NotApplicable("the partner's CVCA has an RSA key, which has no domain parameters"));
    }
    let request = DvRequest::without_parameters(&authorities.key, authorities.current, bench.reference()?)?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn addressed(bench: &Bench<'_>, somewhere: bool) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let elsewhere = Reference::new(bench.target.country.as_str(), "NOBODY", "00001").map_err(MakingError::from)?;
    let key = PrivateKey::generate_like(&authorities.key).map_err(MakingError::from)?;
    let request = DvRequest::with_key(key, somewhere.then_some(elsewhere), bench.reference()?)?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn key_reused(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let held = bench.obtain().await?;
    let request = DvRequest::with_key(held.key, Some(held.certificate.car()), bench.reference()?)?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn reference_reused(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let held = bench.obtain().await?;
    let authorities = bench.authorities().await?;
    let request = DvRequest::new(&authorities.key, authorities.current, held.certificate.chr())?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn other_country(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let (country, holders) = match &bench.line.other {
        Some(other) => (other.country.to_string(), &other.holders),
        None => ("ZZ".to_owned(), &bench.tester().holders),
    };
    let sequence = bench.tester().fresh_sequence();
    let chr = Reference::new(&country, &holders.automatic, &sequence).map_err(MakingError::from)?;
    let request = DvRequest::new(&authorities.key, authorities.current, chr)?;
    Ok(bench.ask_initially(&request).await?.seen)
}

async fn unregistered(bench: &Bench<'_>) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let chr = bench.tester().fresh_reference("NOTTHERE").map_err(MakingError::from)?;
    let request = DvRequest::new(&authorities.key, authorities.current, chr)?;
    Ok(bench.ask_initially(&request).await?.seen)
}
