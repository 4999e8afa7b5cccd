//! What is issued: one property of the answer to a proper initial request a case (TR-03139 table 3; CSN 36 9791 §6.2).

use crate::bench::Bench;
use crate::case::{Case, Group, Obstacle, Run, request};
use crate::issued::{Answered, Authorities, Broken};
use crate::seen::Seen;

const fn case(id: &'static str, title: &'static str, source: &'static str, run: Run) -> Case {
    Group::Issued.case(id, title, "Initial request", request(&["ok_cert_available"]), source, run)
}

pub(super) const CASES: &[Case] = &[
    case(
        "issued/order",
        "The DV certificate comes first, then the CVCA's by ascending effective date",
        "CSN 36 9791 §6.2",
        |bench| Box::pin(with(bench, |answered, _, _| answered.check_order())),
    ),
    case("issued/reference", "The certificate is for the reference asked for", "TR-03139 table 3", |bench| {
        Box::pin(with(bench, |answered, _, _| answered.check_reference()))
    }),
    case("issued/key", "The certificate is for the key of the request", "TR-03139 table 3", |bench| {
        Box::pin(with(bench, |answered, _, _| answered.check_key()))
    }),
    case("issued/authority", "The certificate is issued by a CVCA of the partner's", "TR-03139 table 3", |bench| {
        Box::pin(with(bench, |answered, authorities, _| answered.check_authority(authorities)))
    }),
    case("issued/signature", "The certificate is signed by whom it names", "TR-03110-3 §C.1.8", |bench| {
        Box::pin(with(bench, |answered, authorities, _| answered.check_signature(authorities)))
    }),
    case("issued/day", "The certificate is valid on the day it is issued", "TR-03139 §4.7", |bench| {
        Box::pin(with(bench, |answered, _, today| answered.check_day(today)))
    }),
    case(
        "issued/validity",
        "The certificate is valid for three months at most and not longer than the CVCA",
        "TR-03139 §4.7",
        |bench| Box::pin(with(bench, |answered, authorities, _| answered.check_validity(authorities))),
    ),
    case("issued/parameters", "The certificate inherits its domain parameters", "TR-03110-3 §D.3.3", |bench| {
        Box::pin(with(bench, |answered, _, _| answered.check_parameters()))
    }),
    case(
        "issued/role",
        "The certificate has the role of a foreign document verifier and no right the CVCA has not",
        "TR-03110-3 §C.1.5, §2.7",
        |bench| Box::pin(with(bench, |answered, authorities, _| answered.check_role(authorities))),
    ),
];

async fn with(
    bench: &Bench<'_>,
    check: impl FnOnce(&Answered, &Authorities, time::Date) -> Result<(), Broken> + Send,
) -> Result<Seen, Obstacle> {
    let authorities = bench.authorities().await?;
    let request = bench.new_request().await?;
    let reply = bench.ask_initially(&request).await?;
    let answered = match bench.answered(&request, &reply).await {
        Ok(answered) => answered,
        Err(seen) => return Err(Obstacle::Before { what: "an initial request", seen }),
    };
    Ok(match check(&answered, &authorities, bench.today()) {
        Ok(()) => reply.seen,
        Err(broken) => Seen::Wrong(broken.0),
    })
}
