//! Registry, played: it remembers what it was asked, and gives one answer each.

use std::sync::Arc;

use prost::Message as _;
use straznica_contracts::registry::v1::{
    self as registry,
    alert_service_server::{AlertService, AlertServiceServer},
    blank_service_server::{BlankService, BlankServiceServer},
    case_service_server::{CaseService, CaseServiceServer},
    consultation_network_service_server::{ConsultationNetworkService, ConsultationNetworkServiceServer},
    consultation_service_server::{ConsultationService, ConsultationServiceServer},
    consumer_service_server::{ConsumerService, ConsumerServiceServer},
    decision_service_server::{DecisionService, DecisionServiceServer},
    document_service_server::{DocumentService, DocumentServiceServer},
    fact::Fact,
    history_service_server::{HistoryService, HistoryServiceServer},
    intake_service_server::IntakeServiceServer,
    merge_service_server::{MergeService, MergeServiceServer},
    person_service_server::{PersonService, PersonServiceServer},
    retention_service_server::{RetentionService, RetentionServiceServer},
    search_service_server::{SearchService, SearchServiceServer},
    visa_service_server::{VisaService, VisaServiceServer},
};
use tonic::service::Routes;

use super::{alerts, consultations};
use crate::it::doubles::{Asked, Script};

pub(crate) const PERSON: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55";
pub(crate) const CASE: &str = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77";
pub(crate) const DECISION: &str = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d78";
/// Another person.
pub(crate) const OTHER: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60";
pub(crate) const MERGE: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56";
pub(crate) const DOCUMENT: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c57";
pub(crate) const ORDER: &str = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c58";
/// 2026-05-28T09:30:00Z.
pub(crate) const AT: i64 = 1_779_960_600_000;

pub(crate) const LETTER: &str = "<!DOCTYPE html><title>Decyzja</title>";

pub(crate) struct RegistryDouble {
    pub(crate) script: Script,
}

impl RegistryDouble {
    pub(crate) fn new() -> Self {
        Self { script: Script::new() }
    }

    pub(crate) fn routes(self: &Arc<Self>) -> Routes {
        Routes::new(PersonServiceServer::from_arc(self.clone()))
            .add_service(CaseServiceServer::from_arc(self.clone()))
            .add_service(DecisionServiceServer::from_arc(self.clone()))
            .add_service(SearchServiceServer::from_arc(self.clone()))
            .add_service(MergeServiceServer::from_arc(self.clone()))
            .add_service(HistoryServiceServer::from_arc(self.clone()))
            .add_service(DocumentServiceServer::from_arc(self.clone()))
            .add_service(BlankServiceServer::from_arc(self.clone()))
            .add_service(AlertServiceServer::from_arc(self.clone()))
            .add_service(ConsultationServiceServer::from_arc(self.clone()))
            .add_service(ConsultationNetworkServiceServer::from_arc(self.clone()))
            .add_service(ConsumerServiceServer::from_arc(self.clone()))
            .add_service(VisaServiceServer::from_arc(self.clone()))
            .add_service(RetentionServiceServer::from_arc(self.clone()))
            .add_service(IntakeServiceServer::from_arc(self.clone()))
    }
}

fn statement() -> registry::Statement {
    registry::Statement {
        statement_id: DECISION.to_owned(),
        fact: Some(registry::Fact { fact: Some(Fact::Nationality(registry::Nationality { code: "SYR".to_owned() })) }),
        valid_from: "2001-02-03".to_owned(),
        source: "passport".to_owned(),
        reason: "application".to_owned(),
        recorded_at_ms: AT,
        recorded_by: "sg-1".to_owned(),
        replaced_by: CASE.to_owned(),
        person_id: OTHER.to_owned(),
        ..registry::Statement::default()
    }
}

pub(super) fn text(word: &str) -> Option<registry::Text> {
    Some(registry::Text { pl: format!("{word} pl"), en: format!("{word} en") })
}

pub(super) fn basis() -> Option<registry::LegalBasis> {
    Some(registry::LegalBasis {
        act: text("act"),
        journal: "Dz.U. 2003 nr 128 poz. 1176".to_owned(),
        article: "art. 34".to_owned(),
        verified: "place".to_owned(),
    })
}

fn deadline() -> registry::Deadline {
    registry::Deadline {
        rule: "decision".to_owned(),
        title: text("title"),
        owed_by: "head".to_owned(),
        last_day: "2026-11-30".to_owned(),
        due_at_ms: AT,
        state: registry::DeadlineState::Running.into(),
        basis: basis(),
        says: text("rule"),
        why: vec![
            registry::CountingStep {
                kind: registry::CountingKind::Counted.into(),
                event: "application_registered".to_owned(),
                number: 1,
                day: "2026-05-28".to_owned(),
                reaches: "2026-11-28".to_owned(),
                ..registry::CountingStep::default()
            },
            registry::CountingStep {
                kind: registry::CountingKind::Shifted.into(),
                reaches: "2026-11-30".to_owned(),
                over: vec!["2026-11-28 saturday".to_owned(), "2026-11-29 sunday".to_owned()],
                ..registry::CountingStep::default()
            },
        ],
        ..registry::Deadline::default()
    }
}

fn case() -> registry::GetCaseResponse {
    registry::GetCaseResponse {
        case_id: CASE.to_owned(),
        number: "protection/2026/000017".to_owned(),
        case_type: "protection".to_owned(),
        rule_set: "protection-2015".to_owned(),
        version: 7,
        stage: "merits".to_owned(),
        person_ids: vec![PERSON.to_owned()],
        events: vec![registry::RecordedEvent {
            number: 1,
            event: Some(registry::CaseEvent {
                event: "application_registered".to_owned(),
                at_ms: AT,
                posted_on: "2026-05-27".to_owned(),
                ..registry::CaseEvent::default()
            }),
            recorded_at_ms: AT,
            recorded_by: "sg-1".to_owned(),
        }],
        deadlines: vec![deadline()],
        decisions: vec![decision()],
        taken_by: "udsc-1".to_owned(),
        alert_checks: Vec::new(),
    }
}

fn decision() -> registry::Decision {
    registry::Decision {
        decision_id: DECISION.to_owned(),
        decision: "refugee_status".to_owned(),
        state: registry::DecisionState::Approved.into(),
        drafted_by: "udsc-1".to_owned(),
        approved_by: "udsc-2".to_owned(),
        drafted_at_ms: AT,
        approved_at_ms: Some(AT),
        issued_at_ms: None,
    }
}

pub(crate) fn decision_text() -> registry::DecisionText {
    registry::DecisionText {
        operative: vec!["Nadaje się status uchodźcy.".to_owned()],
        grounds: vec![registry::Ground {
            act: "ustawa".to_owned(),
            article: "art. 13".to_owned(),
            text: "Obawa jest uzasadniona.".to_owned(),
        }],
        translation: Some(registry::Translation {
            language: "ru".to_owned(),
            operative: vec!["Статус беженца.".to_owned()],
            instruction: "14 дней".to_owned(),
        }),
        panel: vec![registry::PanelVote { member: "rdu-3".to_owned(), agrees: false, dissent: "nie".to_owned() }],
    }
}

pub(crate) fn service(recorded_by: &str, recorded_at_ms: i64) -> registry::ServiceRecord {
    registry::ServiceRecord {
        manner: registry::ServiceManner::Refused.into(),
        at_ms: AT,
        recipient_person_id: PERSON.to_owned(),
        served_by: "sg-1".to_owned(),
        note: "would not sign".to_owned(),
        recorded_by: recorded_by.to_owned(),
        recorded_at_ms,
    }
}

fn whole_decision() -> registry::GetDecisionResponse {
    registry::GetDecisionResponse {
        decision: Some(decision()),
        text: Some(decision_text()),
        text_version: 2,
        written_by: "udsc-1".to_owned(),
        written_at_ms: AT,
        instruction: vec![registry::Remedy {
            rule: "appeal".to_owned(),
            title: text("title"),
            says: text("rule"),
            basis: basis(),
        }],
        services: vec![service("sg-2", AT)],
    }
}

fn work_item() -> registry::WorkItem {
    registry::WorkItem {
        case_id: CASE.to_owned(),
        number: "protection/2026/000017".to_owned(),
        case_type: "protection".to_owned(),
        stage: "merits".to_owned(),
        opened_at_ms: AT,
        next: Some(deadline()),
        late: true,
        blocked_by: vec!["security_opinion".to_owned()],
        taken_by: String::new(),
    }
}

fn found() -> registry::FoundPerson {
    registry::FoundPerson {
        person_id: OTHER.to_owned(),
        score: 0.97,
        why: vec![registry::FindingReason {
            field: "name".to_owned(),
            weight: 14.5,
            said: "near".to_owned(),
            standing: registry::FindingStanding::Ended.into(),
        }],
        history: true,
        name: Some(registry::Name {
            kind: registry::NameKind::Alias.into(),
            original_surname: "Шевченко".to_owned(),
            original_given: String::new(),
            latin_surname: "Shevchenko".to_owned(),
            latin_given: String::new(),
        }),
        known: vec![registry::Fact { fact: Some(Fact::Sex(registry::Sex::Male.into())) }],
    }
}

fn merge() -> registry::Merge {
    let step = |step: registry::MergeStep, officer: &str, reason: &str| registry::MergeStepTaken {
        step: step.into(),
        at_ms: AT,
        officer: officer.to_owned(),
        reason: reason.to_owned(),
    };
    registry::Merge {
        merge_id: MERGE.to_owned(),
        person_id: PERSON.to_owned(),
        merged_person_id: OTHER.to_owned(),
        steps: vec![
            step(registry::MergeStep::Proposed, "udsc-1", "same passport"),
            step(registry::MergeStep::Confirmed, "udsc-2", ""),
        ],
    }
}

fn document() -> registry::IssuedDocument {
    registry::IssuedDocument {
        document_id: DOCUMENT.to_owned(),
        case_id: CASE.to_owned(),
        person_id: PERSON.to_owned(),
        kind: "tztc".to_owned(),
        number: "TZ0000017".to_owned(),
        office: "debak".to_owned(),
        version: 7,
        state: registry::DocumentState::Expired.into(),
        valid_to: "2026-08-25".to_owned(),
        steps: vec![registry::DocumentStep {
            step: "issued".to_owned(),
            at_ms: AT,
            by: "sg-1".to_owned(),
            reason: String::new(),
            valid_to: "2026-08-25".to_owned(),
        }],
    }
}

fn order() -> registry::BlankOrder {
    registry::BlankOrder {
        order_id: ORDER.to_owned(),
        action: registry::BlankAction::Move.into(),
        office: "debak".to_owned(),
        to_office: "biala".to_owned(),
        kind: "tztc".to_owned(),
        series: "TZ".to_owned(),
        range: Some(registry::BlankRange { first: 17, count: 3 }),
        note: "WZ 17".to_owned(),
        proposed_by: "sg-1".to_owned(),
        proposed_at_ms: AT,
    }
}

fn access() -> registry::HistoryEntry {
    registry::HistoryEntry {
        position: Some(4_700),
        at_ms: AT,
        kind: "person.read".to_owned(),
        officer: "udsc-1".to_owned(),
        actor: "service/gateway".to_owned(),
        terminal: String::new(),
        purpose: "protection_proceedings".to_owned(),
        case_number: "protection/2026/000017".to_owned(),
        legal_basis: "art. 119".to_owned(),
    }
}

fn due() -> registry::ErasureItem {
    registry::ErasureItem {
        case_id: CASE.to_owned(),
        case_number: "protection/1976/000017".to_owned(),
        closed_on: "1976-05-21".to_owned(),
        kept_to: "2026-05-21".to_owned(),
        state: registry::ErasureState::Kept.into(),
    }
}

/// Remembers each call and gives one answer; `also`: methods that do more.
macro_rules! plays {
    ($service:ident { $($method:ident($request:ident) -> $response:ident = $answer:expr;)* } $(also { $($own:tt)* })?) => {
        #[tonic::async_trait]
        impl $service for RegistryDouble {
            $($($own)*)?

            $(async fn $method(
                &self,
                request: tonic::Request<registry::$request>,
            ) -> Result<tonic::Response<registry::$response>, tonic::Status> {
                let asked = Asked::Exchange(stringify!($method), request.into_inner().encode_to_vec());
                self.script.answer(asked, $answer).await
            })*
        }
    };
}
pub(super) use plays;

plays! { PersonService {
    register_person(RegisterPersonRequest) -> RegisterPersonResponse = registry::RegisterPersonResponse {
        person_id: PERSON.to_owned(), version: 1,
        likely_duplicates: vec![registry::LikelyDuplicate { person_id: OTHER.to_owned(), score: 0.97 }],
    };
    change_person(ChangePersonRequest) -> ChangePersonResponse = registry::ChangePersonResponse { version: 8 };
    get_person(GetPersonRequest) -> GetPersonResponse = registry::GetPersonResponse {
        version: 7, statements: vec![statement()], withheld: true, person_id: PERSON.to_owned(),
        merged_person_ids: vec![OTHER.to_owned()],
    };
    list_person_history(ListPersonHistoryRequest) -> ListPersonHistoryResponse = registry::ListPersonHistoryResponse {
        version: 7, statements: vec![statement()], person_id: PERSON.to_owned(), ..Default::default()
    };
    list_person_cases(ListPersonCasesRequest) -> ListPersonCasesResponse = registry::ListPersonCasesResponse {
        cases: vec![registry::PersonCase {
            case_id: CASE.to_owned(), number: "protection/2026/000017".to_owned(), case_type: "protection".to_owned(),
            person_id: OTHER.to_owned(),
        }],
    };
} }

plays! { CaseService {
    open_case(OpenCaseRequest) -> OpenCaseResponse = registry::OpenCaseResponse {
        case_id: CASE.to_owned(), number: "protection/2026/000017".to_owned(), version: 1, stage: "registered".to_owned(),
    };
    record_event(RecordEventRequest) -> RecordEventResponse =
        registry::RecordEventResponse { version: 8, stage: "merits".to_owned() };
    get_case(GetCaseRequest) -> GetCaseResponse = case();
    list_work(ListWorkRequest) -> ListWorkResponse = registry::ListWorkResponse { items: vec![work_item()] };
    take_case(TakeCaseRequest) -> TakeCaseResponse = registry::TakeCaseResponse { version: 8, out_of_order: true };
    draft_decision(DraftDecisionRequest) -> DraftDecisionResponse =
        registry::DraftDecisionResponse { version: 8, decision_id: DECISION.to_owned() };
    approve_decision(ApproveDecisionRequest) -> ApproveDecisionResponse =
        registry::ApproveDecisionResponse { version: 8 };
    issue_decision(IssueDecisionRequest) -> IssueDecisionResponse =
        registry::IssueDecisionResponse { version: 8, stage: "decided".to_owned() };
} }

fn reading() -> registry::ReadPersonsResponse {
    registry::ReadPersonsResponse {
        persons: vec![registry::ReadPerson {
            person_id: PERSON.to_owned(),
            facts: vec![registry::ReadFact {
                field: registry::PersonField::Nationalities.into(),
                fact: statement().fact,
                valid_from: "2001-02-03".to_owned(),
                valid_to: String::new(),
                source: "passport".to_owned(),
                as_of_ms: AT,
            }],
            procedures: vec![registry::ReadProcedure {
                case_number: "protection/2026/000017".to_owned(),
                case_type: "protection".to_owned(),
                opened_at_ms: AT,
                stage: "merits".to_owned(),
                closed: false,
                decisions: vec![registry::ReadDecision { decision: "refugee_status".to_owned(), issued_at_ms: AT }],
                as_of_ms: AT,
            }],
        }],
        fields: vec![registry::PersonField::Nationalities.into(), registry::PersonField::Procedures.into()],
        answered_at_ms: AT,
    }
}

fn agreed() -> registry::DescribeAccessResponse {
    registry::DescribeAccessResponse {
        consumer: "POL.zus".to_owned(),
        state: "POL".to_owned(),
        authority: "Zakład".to_owned(),
        valid_from: "2026-01-01".to_owned(),
        valid_to: "2027-01-01".to_owned(),
        per_minute: 60,
        per_day: 5_000,
        purposes: vec![registry::GrantedPurpose {
            purpose: "social_insurance".to_owned(),
            legal_basis: "Act, art. 50".to_owned(),
            fields: vec![registry::PersonField::MainName.into()],
            asked_by: vec![registry::AskedBy::PersonId.into(), registry::AskedBy::Document.into()],
        }],
    }
}

plays! { ConsumerService {
    read_persons(ReadPersonsRequest) -> ReadPersonsResponse = reading();
    describe_access(DescribeAccessRequest) -> DescribeAccessResponse = agreed();
} }

fn visas() -> registry::ReadCaseVisasResponse {
    let mut visa = registry::VisaFacts::default();
    for (member, text) in [
        (&mut visa.number, "POL00000001"),
        (&mut visa.r#type, "D"),
        (&mut visa.state, "issued"),
        (&mut visa.valid_from, "2026-03-01"),
        (&mut visa.holder_surname, "KOWALENKO"),
    ] {
        text.clone_into(member);
    }
    visa.entries = 2;
    let reading = |outcome: registry::VisaOutcome| registry::VisaReading {
        person_id: PERSON.to_owned(),
        statement_id: DECISION.to_owned(),
        outcome: outcome.into(),
        ..registry::VisaReading::default()
    };
    let (source, as_of_ms, visas) = ("cvr".to_owned(), Some(AT), vec![visa]);
    let found = registry::VisaReading { source, as_of_ms, visas, ..reading(registry::VisaOutcome::Found) };
    let readings = vec![found, reading(registry::VisaOutcome::Unavailable)];
    registry::ReadCaseVisasResponse { readings, left_out: 1 }
}

plays! { VisaService {
    read_case_visas(ReadCaseVisasRequest) -> ReadCaseVisasResponse = visas();
} }

plays! { DecisionService {
    write_decision_text(WriteDecisionTextRequest) -> WriteDecisionTextResponse =
        registry::WriteDecisionTextResponse { version: 8, text_version: 2 };
    get_decision(GetDecisionRequest) -> GetDecisionResponse = whole_decision();
    render_decision(RenderDecisionRequest) -> RenderDecisionResponse = registry::RenderDecisionResponse {
        content_type: "text/html; charset=utf-8".to_owned(), content: LETTER.into(),
    };
    record_service(RecordServiceRequest) -> RecordServiceResponse =
        registry::RecordServiceResponse { version: 8, stage: "served".to_owned() };
} }

plays! { SearchService {
    search_persons(SearchPersonsRequest) -> SearchPersonsResponse = registry::SearchPersonsResponse {
        persons: vec![found()], too_common: true, incomplete: false, next_offset: 30,
    };
} }

plays! { MergeService {
    propose_merge(ProposeMergeRequest) -> ProposeMergeResponse =
        registry::ProposeMergeResponse { merge_id: MERGE.to_owned() };
    propose_split(ProposeSplitRequest) -> ProposeSplitResponse = registry::ProposeSplitResponse {};
    confirm_proposal(ConfirmProposalRequest) -> ConfirmProposalResponse =
        registry::ConfirmProposalResponse { version: 12 };
    reject_proposal(RejectProposalRequest) -> RejectProposalResponse = registry::RejectProposalResponse {};
    list_merges(ListMergesRequest) -> ListMergesResponse = registry::ListMergesResponse { merges: vec![merge()] };
    list_duplicates(ListDuplicatesRequest) -> ListDuplicatesResponse = registry::ListDuplicatesResponse {
        duplicates: vec![registry::Duplicate { person_id: PERSON.to_owned(), other: Some(found()), found_at_ms: AT }],
    };
    dismiss_duplicate(DismissDuplicateRequest) -> DismissDuplicateResponse = registry::DismissDuplicateResponse {};
} }

plays! { HistoryService {
    list_history(ListHistoryRequest) -> ListHistoryResponse =
        registry::ListHistoryResponse { entries: vec![access()] };
} }

plays! { DocumentService {
    issue_document(IssueDocumentRequest) -> IssueDocumentResponse = registry::IssueDocumentResponse {
        document_id: DOCUMENT.to_owned(), valid_from: "2026-05-28".to_owned(), valid_to: "2026-08-25".to_owned(),
        version: 8,
    };
    extend_document(ExtendDocumentRequest) -> ExtendDocumentResponse =
        registry::ExtendDocumentResponse { version: 8, valid_to: "2027-02-25".to_owned() };
    change_document(ChangeDocumentRequest) -> ChangeDocumentResponse =
        registry::ChangeDocumentResponse { version: 8, state: registry::DocumentState::Lost.into() };
    get_document(GetDocumentRequest) -> GetDocumentResponse =
        registry::GetDocumentResponse { document: Some(document()) };
    list_documents(ListDocumentsRequest) -> ListDocumentsResponse =
        registry::ListDocumentsResponse { documents: vec![document()] };
} }

plays! { BlankService {
    propose_blank_order(ProposeBlankOrderRequest) -> ProposeBlankOrderResponse =
        registry::ProposeBlankOrderResponse { order_id: ORDER.to_owned() };
    confirm_blank_order(ConfirmBlankOrderRequest) -> ConfirmBlankOrderResponse = registry::ConfirmBlankOrderResponse {};
    list_blank_orders(ListBlankOrdersRequest) -> ListBlankOrdersResponse =
        registry::ListBlankOrdersResponse { orders: vec![order()] };
    spoil_blank(SpoilBlankRequest) -> SpoilBlankResponse = registry::SpoilBlankResponse {};
    propose_blank_count(ProposeBlankCountRequest) -> ProposeBlankCountResponse =
        registry::ProposeBlankCountResponse { count_id: ORDER.to_owned() };
    confirm_blank_count(ConfirmBlankCountRequest) -> ConfirmBlankCountResponse = registry::ConfirmBlankCountResponse {
        agreed: true, differ: Vec::new(), missing: vec![registry::BlankRange { first: 17, count: 1 }],
        found_again: vec![registry::BlankRange { first: 18, count: 1 }],
        surplus: vec![registry::BlankRange { first: 19, count: 1 }],
    };
    get_blank_balance(GetBlankBalanceRequest) -> GetBlankBalanceResponse = registry::GetBlankBalanceResponse {
        movements: [("delivered".to_owned(), 100)].into(), states: [("in_stock".to_owned(), 100)].into(),
        expected_in_stock: 100, discrepancy: 0,
    };
} }

plays! { AlertService {
    check_person(CheckPersonRequest) -> CheckPersonResponse =
        registry::CheckPersonResponse { check: Some(alerts::check()) };
    check_document(CheckDocumentRequest) -> CheckDocumentResponse =
        registry::CheckDocumentResponse { check: Some(alerts::check()) };
    check_at_border(CheckAtBorderRequest) -> CheckAtBorderResponse = registry::CheckAtBorderResponse::default();
    list_alert_checks(ListAlertChecksRequest) -> ListAlertChecksResponse = registry::ListAlertChecksResponse {
        checks: vec![alerts::check()], consultations: vec![alerts::consultation()],
    };
    list_open_alerts(ListOpenAlertsRequest) -> ListOpenAlertsResponse =
        registry::ListOpenAlertsResponse { alerts: vec![alerts::open()] };
    propose_alert_resolution(ProposeAlertResolutionRequest) -> ProposeAlertResolutionResponse =
        registry::ProposeAlertResolutionResponse { resolution_id: DECISION.to_owned() };
    decide_alert_resolution(DecideAlertResolutionRequest) -> DecideAlertResolutionResponse =
        registry::DecideAlertResolutionResponse { state: registry::AlertResolutionState::Agreed.into() };
    record_alert_consultation(RecordAlertConsultationRequest) -> RecordAlertConsultationResponse =
        registry::RecordAlertConsultationResponse { consultation: Some(alerts::consultation()) };
    record_alert_consultation_answer(RecordAlertConsultationAnswerRequest) -> RecordAlertConsultationAnswerResponse =
        registry::RecordAlertConsultationAnswerResponse { consultation: Some(alerts::consultation()) };
} }

plays! { ConsultationService {
    open_consultation(OpenConsultationRequest) -> OpenConsultationResponse = registry::OpenConsultationResponse {
        consultation_id: MERGE.to_owned(), number: "consultation/2026/000004".to_owned(), version: 1,
    };
    ask_further(AskFurtherRequest) -> AskFurtherResponse = registry::AskFurtherResponse { version: 8 };
    get_consultation(GetConsultationRequest) -> GetConsultationResponse =
        registry::GetConsultationResponse { consultation: Some(consultations::consultation()) };
    list_consultations(ListConsultationsRequest) -> ListConsultationsResponse =
        registry::ListConsultationsResponse { consultations: vec![consultations::summary()] };
    record_answer(RecordAnswerRequest) -> RecordAnswerResponse = registry::RecordAnswerResponse { version: 8 };
    prolong_answer(ProlongAnswerRequest) -> ProlongAnswerResponse = registry::ProlongAnswerResponse { version: 8 };
    record_consul_told(RecordConsulToldRequest) -> RecordConsulToldResponse =
        registry::RecordConsulToldResponse { version: 8 };
    withdraw_consultation(WithdrawConsultationRequest) -> WithdrawConsultationResponse =
        registry::WithdrawConsultationResponse { version: 8 };
    record_foreign_delivery(RecordForeignDeliveryRequest) -> RecordForeignDeliveryResponse =
        registry::RecordForeignDeliveryResponse { version: 8 };
    record_foreign_reply(RecordForeignReplyRequest) -> RecordForeignReplyResponse =
        registry::RecordForeignReplyResponse { version: 8, late: true };
} }

plays! { ConsultationNetworkService {
    get_network_report(GetNetworkReportRequest) -> GetNetworkReportResponse = consultations::report();
    resend_form(ResendFormRequest) -> ResendFormResponse = registry::ResendFormResponse {};
    send_notice(SendNoticeRequest) -> SendNoticeResponse =
        registry::SendNoticeResponse { unifier: "POL-0197a3c09b5d7e118a3c6d0f2b9e4c55".to_owned() };
    list_notices(ListNoticesRequest) -> ListNoticesResponse =
        registry::ListNoticesResponse { notices: vec![consultations::notice()] };
} }

plays! { RetentionService {
    list_retention_rules(ListRetentionRulesRequest) -> ListRetentionRulesResponse =
        registry::ListRetentionRulesResponse { rules: vec![registry::RetentionRule {
            rule: "protection_files".to_owned(), title: text("title"), says: text("rule"),
            case_types: vec!["protection".to_owned()], keep: 600, unit: "months".to_owned(), basis: basis(),
        }] };
    preview_erasure(PreviewErasureRequest) -> PreviewErasureResponse =
        registry::PreviewErasureResponse { due: vec![due()], more: true, held: vec![due()] };
    propose_erasure(ProposeErasureRequest) -> ProposeErasureResponse =
        registry::ProposeErasureResponse { erasure_id: ORDER.to_owned(), cases: 17 };
    approve_erasure(ApproveErasureRequest) -> ApproveErasureResponse = registry::ApproveErasureResponse {};
    list_erasures(ListErasuresRequest) -> ListErasuresResponse =
        registry::ListErasuresResponse { erasures: vec![registry::Erasure {
            erasure_id: ORDER.to_owned(), rule: "protection_files".to_owned(), proposed_by: "udsc-21".to_owned(),
            proposed_at_ms: AT, approved_by: "udsc-22".to_owned(), approved_at_ms: Some(AT),
        }] };
    get_erasure(GetErasureRequest) -> GetErasureResponse = registry::GetErasureResponse {
        rule: "protection_files".to_owned(), proposed_by: "udsc-21".to_owned(), proposed_at_ms: AT,
        approved_by: String::new(), approved_at_ms: None, items: vec![due()], persons_erased: 3, entries_erased: 4,
    };
    place_hold(PlaceHoldRequest) -> PlaceHoldResponse = registry::PlaceHoldResponse { hold_id: MERGE.to_owned() };
    lift_hold(LiftHoldRequest) -> LiftHoldResponse = registry::LiftHoldResponse {};
    list_holds(ListHoldsRequest) -> ListHoldsResponse = registry::ListHoldsResponse { holds: vec![registry::Hold {
        hold_id: MERGE.to_owned(), reason: "ombudsman".to_owned(), placed_by: "udsc-1".to_owned(), placed_at_ms: AT,
        lifted_by: "udsc-21".to_owned(), lifted_at_ms: Some(AT), lifting_reason: String::new(),
    }] };
} }
