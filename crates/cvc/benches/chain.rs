//! A chain of three certificates from bytes to the answer, nothing remembered, against the bare ECDSA verifications in it
//! (keys and digests ready). Prints `ratio three_certificate_chain <value>`; the aim is at most 1.10.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use cvc::issue::{self, Template};
use cvc::{
    Algorithm, Certificate, Chat, PrivateKey, PublicKey, Rights, Role, Signer, StandardisedCurve, TrustGraph,
    VerifyOptions,
};
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::Public;
use time::macros::date;

type Failure = Box<dyn std::error::Error>;

struct Chain {
    root: Vec<u8>,
    dv: Vec<u8>,
    terminal: Vec<u8>,
}

/// One bare verification: key, digest and signature ready.
struct Bare {
    key: EcKey<Public>,
    digest: Vec<u8>,
    signature: EcdsaSig,
}

fn chain() -> Result<Chain, Failure> {
    let key = || PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
    let (root_key, dv_key, terminal_key) = (key()?, key()?, key()?);
    let template = |chr: &str, role, rights| -> Result<Template, Failure> {
        let chat = Chat::new(role, rights);
        Ok(Template::new(chr.parse()?, chat, date!(2026 - 03 - 01), date!(2026 - 03 - 20)))
    };
    let all = Rights::inspection(true, true);
    let root = issue::self_signed(&root_key, &template("PLCVCA00001", Role::Cvca, all)?)?;
    let dv = template("DEDV00001", Role::DvForeign, all)?;
    let dv = issue::subordinate(&root_key, root.chr(), dv_key.public_key(), &dv)?;
    let terminal = template("DEIS00001", Role::Terminal, all)?;
    let terminal = issue::subordinate(&dv_key, dv.chr(), terminal_key.public_key(), &terminal)?;
    Ok(Chain { root: root.as_der().to_vec(), dv: dv.as_der().to_vec(), terminal: terminal.as_der().to_vec() })
}

fn bare(chain: &Chain) -> Result<Vec<Bare>, Failure> {
    let root = Certificate::parse(chain.root.as_slice())?;
    let dv = Certificate::parse(chain.dv.as_slice())?;
    let terminal = Certificate::parse(chain.terminal.as_slice())?;
    [(&root, &root), (&root, &dv), (&dv, &terminal)].into_iter().map(|(issuer, holder)| one(issuer, holder)).collect()
}

fn one(issuer: &Certificate<&[u8]>, holder: &Certificate<&[u8]>) -> Result<Bare, Failure> {
    let curve = StandardisedCurve::BrainpoolP256r1;
    let key = PublicKey::resolve(&issuer.public_key(), Some(&curve.into()))?;
    let (r, s) = holder.signature().split_at(32);
    let cvc::public_key::Material::Ec { point, .. } = issuer.public_key().material else {
        return Err("not an elliptic curve key".into());
    };
    Ok(Bare {
        digest: cvc::signature::digest(key.algorithm().hash(), holder.body())?.to_vec(),
        signature: EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?,
        key: curve.curve().public_key(point)?,
    })
}

/// From bytes to the answer.
fn verify_chain(chain: &Chain) -> Result<bool, Failure> {
    let mut trust = TrustGraph::new();
    trust.trust(&Certificate::parse(chain.root.as_slice())?)?;
    let presented = [Certificate::parse(chain.dv.as_slice())?, Certificate::parse(chain.terminal.as_slice())?];
    Ok(cvc::verify::verify(&trust, &presented, &VerifyOptions::at(date!(2026 - 03 - 10))).valid)
}

fn verify_bare(bare: &[Bare]) -> Result<bool, Failure> {
    let mut valid = true;
    for one in bare {
        valid &= one.signature.verify(&one.digest, &one.key)?;
    }
    Ok(valid)
}

/// The median of interleaved pairs, so that a busy machine weighs on both sides alike.
fn ratio(chain: &Chain, bare: &[Bare]) -> Result<f64, Failure> {
    let timed = |work: &dyn Fn() -> Result<bool, Failure>| -> Result<Duration, Failure> {
        let start = Instant::now();
        let valid = black_box(work()?);
        let elapsed = start.elapsed();
        if valid { Ok(elapsed) } else { Err("a chain that should verify does not".into()) }
    };
    let mut ratios = Vec::new();
    for _ in 0..2_000 {
        let whole = timed(&|| verify_chain(black_box(chain)))?;
        let signatures = timed(&|| verify_bare(black_box(bare)))?;
        ratios.push(whole.as_secs_f64() / signatures.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    Ok(ratios[ratios.len() / 2])
}

fn three_certificates(criterion: &mut Criterion) {
    let prepared = chain().and_then(|chain| Ok((bare(&chain)?, chain)));
    let (bare, chain) = match prepared {
        Ok((bare, chain)) => (bare, chain),
        Err(error) => {
            eprintln!("no benchmark: {error}");
            std::process::exit(1);
        }
    };
    let mut group = criterion.benchmark_group("brainpoolP256r1");
    group.bench_function("three_certificate_chain", |bencher| bencher.iter(|| verify_chain(black_box(&chain)).is_ok()));
    group.bench_function("three_bare_verifications", |bencher| bencher.iter(|| verify_bare(black_box(&bare)).is_ok()));
    group.finish();
    match ratio(&chain, &bare) {
        Ok(ratio) => eprintln!("ratio three_certificate_chain {ratio:.3}"),
        Err(error) => {
            eprintln!("no ratio: {error}");
            std::process::exit(1);
        }
    }
}

criterion_group!(benches, three_certificates);
criterion_main!(benches);
