//! The service `straznica.registry.v1.IntakeService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::intake_service_server::IntakeService;
use straznica_contracts::registry::v1::propose_intake_request::Part;
use straznica_pki::PeerIdentity;
use straznica_runtime::auth::peer;
use tonic::{Request, Response, Status, Streaming};

use super::intake_answer::{counts, kind, outcome, reconciled, record, row, shown, state, summary};
use super::request::{UUID, caller, open, person_id, refused, required};
use crate::app::{App, ProposedFile};
use crate::domain::intake::{Encoding, FileProblem, Format, Kind, LARGEST_FILE, Outcome};
use crate::domain::{CallerClaims, IntakeId, Mandate, Refusal};

const DEFAULT_LIST: u32 = 50;
const LONGEST_LIST: u32 = 200;
const DEFAULT_PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1_000;
/// Longest number of a replaced register, in bytes.
const LONGEST_NUMBER: usize = 128;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct IntakeHandler(pub(crate) Arc<App>);

impl IntakeHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_persons(&self.0.purposes).map_err(refused)
    }

    async fn receive(
        &self,
        peer: &PeerIdentity,
        mut parts: Streaming<proto::ProposeIntakeRequest>,
    ) -> Result<(Mandate, ProposedFile), Status> {
        let missing = || refused(Refusal::Missing { member: "/header" });
        let first = parts.message().await?.and_then(|message| message.part).ok_or_else(missing)?;
        let Part::Header(header) = first else { return Err(missing()) };
        let caller = caller(peer, header.context.clone()).map_err(refused)?;
        // Nobody sends a file before it is known that they may.
        let mandate = self.mandate(caller)?;
        let mut file = proposed(header).map_err(refused)?;
        while let Some(message) = parts.message().await? {
            let expected = "bytes, after the header";
            let Some(Part::Bytes(bytes)) = message.part else {
                return Err(refused(Refusal::Invalid { member: "/bytes", expected }));
            };
            if file.bytes.len() + bytes.len() > LARGEST_FILE {
                return Err(refused(FileProblem::TooLarge));
            }
            file.bytes.extend_from_slice(&bytes);
        }
        Ok((mandate, file))
    }
}

fn intake_id(text: &str) -> Result<IntakeId, Status> {
    required(text, "/intake_id", UUID, IntakeId::from_str).map_err(refused)
}

#[tonic::async_trait]
impl IntakeService for IntakeHandler {
    async fn propose_intake(
        &self,
        request: Request<Streaming<proto::ProposeIntakeRequest>>,
    ) -> Result<Response<proto::ProposeIntakeResponse>, Status> {
        let peer = peer(&request)?.clone();
        let (mandate, file) = self.receive(&peer, request.into_inner()).await?;
        let proposed = Box::pin(self.0.propose_intake(&mandate, file)).await.map_err(refused)?;
        let intake_id = proposed.intake.id.to_string();
        Ok(Response::new(proto::ProposeIntakeResponse { intake_id, counts: Some(counts(proposed.counts)) }))
    }

    async fn decide_intake(
        &self,
        request: Request<proto::DecideIntakeRequest>,
    ) -> Result<Response<proto::DecideIntakeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = intake_id(&message.intake_id)?;
        let start = match proto::IntakeDecision::try_from(message.decision) {
            Ok(proto::IntakeDecision::Start) => true,
            Ok(proto::IntakeDecision::GiveUp) => false,
            Ok(proto::IntakeDecision::Unspecified) | Err(_) => {
                return Err(refused(Refusal::Missing { member: "/decision" }));
            }
        };
        let decided = Box::pin(self.0.decide_intake(&mandate, id, start)).await.map_err(refused)?;
        Ok(Response::new(proto::DecideIntakeResponse { state: state(decided).into() }))
    }

    async fn list_intakes(
        &self,
        request: Request<proto::ListIntakesRequest>,
    ) -> Result<Response<proto::ListIntakesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let before = match message.before.as_str() {
            "" => None,
            id => Some(
                IntakeId::from_str(id).map_err(|_| refused(Refusal::Invalid { member: "/before", expected: UUID }))?,
            ),
        };
        let limit = match message.limit {
            0 => DEFAULT_LIST,
            limit if limit <= LONGEST_LIST => limit,
            _ => return Err(refused(Refusal::Invalid { member: "/limit", expected: "up to 200" })),
        };
        let intakes = Box::pin(self.0.intakes(&mandate, before, u64::from(limit))).await.map_err(refused)?;
        Ok(Response::new(proto::ListIntakesResponse { intakes: intakes.into_iter().map(summary).collect() }))
    }

    async fn get_intake(
        &self,
        request: Request<proto::GetIntakeRequest>,
    ) -> Result<Response<proto::GetIntakeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = intake_id(&message.intake_id)?;
        Ok(Response::new(shown(Box::pin(self.0.intake(&mandate, id)).await.map_err(refused)?)))
    }

    async fn list_intake_rows(
        &self,
        request: Request<proto::ListIntakeRowsRequest>,
    ) -> Result<Response<proto::ListIntakeRowsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = intake_id(&message.intake_id)?;
        let only = asked_outcome(message.outcome).map_err(refused)?;
        let limit = match message.limit {
            0 => DEFAULT_PAGE,
            limit if limit <= LONGEST_PAGE => limit,
            _ => return Err(refused(Refusal::Invalid { member: "/limit", expected: "up to 1000" })),
        };
        let rows = self.0.intake_rows(&mandate, id, only, message.after, u64::from(limit));
        let rows = Box::pin(rows).await.map_err(refused)?;
        Ok(Response::new(proto::ListIntakeRowsResponse { rows: rows.into_iter().map(row).collect() }))
    }

    async fn find_former_number(
        &self,
        request: Request<proto::FindFormerNumberRequest>,
    ) -> Result<Response<proto::FindFormerNumberResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let number = message.number.trim();
        if number.is_empty() || number.len() > LONGEST_NUMBER {
            return Err(refused(Refusal::Invalid { member: "/number", expected: "1 to 128 bytes" }));
        }
        let source = Some(message.source.as_str()).filter(|source| !source.is_empty());
        let found = Box::pin(self.0.find_former_number(&mandate, number, source)).await.map_err(refused)?;
        let found = found.into_iter().map(|brought| proto::FormerNumber {
            source: brought.source,
            kind: kind(brought.kind).into(),
            id: brought.taken_into.to_string(),
        });
        Ok(Response::new(proto::FindFormerNumberResponse { found: found.collect() }))
    }

    async fn list_former_records(
        &self,
        request: Request<proto::ListFormerRecordsRequest>,
    ) -> Result<Response<proto::ListFormerRecordsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let person = person_id(&message.person_id).map_err(refused)?;
        let records = Box::pin(self.0.former_records(&mandate, person)).await.map_err(refused)?;
        let records = records.into_iter().map(record).collect();
        Ok(Response::new(proto::ListFormerRecordsResponse { records }))
    }

    async fn reconcile_source(
        &self,
        request: Request<proto::ReconcileSourceRequest>,
    ) -> Result<Response<proto::ReconcileSourceResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let all = Box::pin(self.0.reconcile(&mandate, &message.source)).await.map_err(refused)?;
        let adds_up = !all.is_empty() && all.iter().all(crate::app::Reconciled::adds_up);
        let kinds = all.into_iter().map(reconciled).collect();
        Ok(Response::new(proto::ReconcileSourceResponse { kinds, adds_up }))
    }
}

fn proposed(header: proto::IntakeHeader) -> Result<ProposedFile, Refusal> {
    let kind = match proto::IntakeKind::try_from(header.kind) {
        Ok(proto::IntakeKind::Unspecified) => None,
        Ok(proto::IntakeKind::Persons) => Some(Kind::Persons),
        Ok(proto::IntakeKind::Facts) => Some(Kind::Facts),
        Ok(proto::IntakeKind::Cases) => Some(Kind::Cases),
        Ok(proto::IntakeKind::Consultations) => Some(Kind::Consultations),
        Err(_) => return Err(Refusal::Missing { member: "/header/kind" }),
    };
    let format = match proto::IntakeFormat::try_from(header.format) {
        Ok(proto::IntakeFormat::Csv) => Format::Csv,
        Ok(proto::IntakeFormat::JsonLines) => Format::JsonLines,
        Ok(proto::IntakeFormat::Unspecified) | Err(_) => return Err(Refusal::Missing { member: "/header/format" }),
    };
    let encoding = match proto::IntakeEncoding::try_from(header.encoding) {
        Ok(proto::IntakeEncoding::Utf8) => Encoding::Utf8,
        Ok(proto::IntakeEncoding::Windows1250) => Encoding::Windows1250,
        Ok(proto::IntakeEncoding::Unspecified) | Err(_) => {
            return Err(Refusal::Missing { member: "/header/encoding" });
        }
    };
    let proto::IntakeHeader { source, mapping, dry_run, .. } = header;
    Ok(ProposedFile { source, kind, mapping, format, encoding, dry_run, bytes: Vec::new() })
}

fn asked_outcome(asked: i32) -> Result<Option<Outcome>, Refusal> {
    let asked = proto::IntakeOutcome::try_from(asked).map_err(|_| Refusal::Missing { member: "/outcome" })?;
    Ok(Outcome::ALL.iter().copied().find(|one| outcome(*one) == asked))
}
