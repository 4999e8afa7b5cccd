//! Local administrators and bulk notices: dispatch played, and every address.

use std::collections::HashMap;

use prost::Message as _;
use serde_json::{Value, json};
use straznica_contracts::dispatch::v1::{self as dispatch, notice_service_server::NoticeService};
use straznica_contracts::identity::v1::Role;
use straznica_store::{NoMigrations, on_both_engines};
use tonic::{Request, Response, Status};

use super::{
    browser::{Account, Browser},
    double::{AT, LATER, PeopleDouble, VERIFICATION as NOTICE},
    rest::{Case, case, official},
};
use crate::it::{doubles::Asked, house::House};

/// Each call with its answer.
macro_rules! notice_service {
    ($( $rpc:ident($request:ident) -> $response:ident $answer:expr; )*) => {
        #[tonic::async_trait]
        impl NoticeService for PeopleDouble {
            $(
                async fn $rpc(&self, request: Request<dispatch::$request>) -> Result<Response<dispatch::$response>, Status> {
                    let asked = Asked::Exchange(stringify!($rpc), request.into_inner().encode_to_vec());
                    self.script.answer(asked, $answer).await
                }
            )*
        }
    };
}

notice_service! {
    propose_template(ProposeTemplateRequest) -> ProposeTemplateResponse dispatch::ProposeTemplateResponse { version: 3 };
    approve_template(ApproveTemplateRequest) -> ApproveTemplateResponse dispatch::ApproveTemplateResponse {};
    list_templates(ListTemplatesRequest) -> ListTemplatesResponse dispatch::ListTemplatesResponse {
        versions: vec![dispatch::TemplateVersion {
            template: "payment-day".to_owned(),
            version: 3,
            places: vec![place()],
            texts: texts(),
            fallback: "pl".to_owned(),
            proposed_by: "um-1".to_owned(),
            proposed_at_ms: AT,
            approved_by: String::new(),
        }],
        next_page_token: "payment-day/3".to_owned(),
    };
    record_choice(RecordChoiceRequest) -> RecordChoiceResponse dispatch::RecordChoiceResponse {};
    create_notice(CreateNoticeRequest) -> CreateNoticeResponse dispatch::CreateNoticeResponse {};
    add_recipients(AddRecipientsRequest) -> AddRecipientsResponse dispatch::AddRecipientsResponse { added: 1 };
    preview_notice(PreviewNoticeRequest) -> PreviewNoticeResponse dispatch::PreviewNoticeResponse {
        languages: vec![dispatch::LanguagePreview { language: "uk".to_owned(), recipients: 2, in_ucs2: 1, parts: 3, cost_grosz: 21 }],
        no_opt_in: 4,
    };
    propose_start(ProposeStartRequest) -> ProposeStartResponse dispatch::ProposeStartResponse {};
    start_notice(StartNoticeRequest) -> StartNoticeResponse dispatch::StartNoticeResponse {};
    stop_notice(StopNoticeRequest) -> StopNoticeResponse dispatch::StopNoticeResponse { withdrawn: 80 };
    get_notice(GetNoticeRequest) -> GetNoticeResponse dispatch::GetNoticeResponse {
        notice: Some(notice()),
        recipients: HashMap::from([("delivered".to_owned(), 7)]),
        quiet_until_ms: LATER,
    };
    list_notices(ListNoticesRequest) -> ListNoticesResponse dispatch::ListNoticesResponse { notices: vec![notice()], next_page_token: String::new() };
    list_recipients(ListRecipientsRequest) -> ListRecipientsResponse dispatch::ListRecipientsResponse {
        recipients: vec![dispatch::RecipientReport {
            reference: "r-1".to_owned(),
            state: "delivered".to_owned(),
            language: "uk".to_owned(),
            in_ucs2: true,
            parts: 2,
            cost_grosz: 14,
        }],
        next_page_token: "r-1".to_owned(),
    };
}

fn place() -> dispatch::TemplatePlace {
    dispatch::TemplatePlace { name: "date".to_owned(), longest: 10 }
}

fn texts() -> HashMap<String, String> {
    HashMap::from([("pl".to_owned(), "Wypłata {date}.".to_owned())])
}

fn notice() -> dispatch::Notice {
    dispatch::Notice {
        notice_id: NOTICE.to_owned(),
        template: "payment-day".to_owned(),
        version: 3,
        valid_hours: 48,
        state: dispatch::NoticeState::Proposed.into(),
        created_by: "um-1".to_owned(),
        created_at_ms: AT,
        proposed_by: "um-1".to_owned(),
        ..dispatch::Notice::default()
    }
}

fn notice_json() -> Value {
    json!({
        "id": NOTICE, "template": "payment-day", "version": 3, "validHours": 48, "state": "proposed", "createdBy": "um-1",
        "createdAt": "2026-05-28T09:30:00.000Z", "proposedBy": "um-1",
    })
}

pub(super) fn cases() -> Vec<Case> {
    words().into_iter().chain(notices()).collect()
}

fn words() -> Vec<Case> {
    let (context, institution, template) = (official("", ""), "um-a".to_owned(), "payment-day".to_owned());
    let words = json!({
        "template": "payment-day", "places": [{"name": "date", "longest": 10}], "texts": {"pl": "Wypłata {date}."}, "fallback": "pl",
    });
    vec![
        case("POST", "/v1/institutions/um-a/notice-templates", words)
            .asks(
                "propose_template",
                &dispatch::ProposeTemplateRequest {
                    context: context.clone(),
                    institution: institution.clone(),
                    template: template.clone(),
                    places: vec![place()],
                    texts: texts(),
                    fallback: "pl".to_owned(),
                },
            )
            .answers(201, json!({"template": "payment-day", "version": 3})),
        case("GET", "/v1/institutions/um-a/notice-templates?template=payment-day&from=payment-day/4", Value::Null)
            .asks(
                "list_templates",
                &dispatch::ListTemplatesRequest {
                    context: context.clone(),
                    institution: institution.clone(),
                    template: template.clone(),
                    page_size: 200,
                    page_token: "payment-day/4".to_owned(),
                },
            )
            .answers(
                200,
                json!({
                    "templates": [{
                        "template": "payment-day", "version": 3, "places": [{"name": "date", "longest": 10}],
                        "texts": {"pl": "Wypłata {date}."}, "fallback": "pl", "proposedBy": "um-1", "proposedAt": "2026-05-28T09:30:00.000Z",
                    }],
                    "next": "payment-day/3",
                }),
            ),
        case("POST", "/v1/institutions/um-a/notice-templates/payment-day/approval", json!({"version": 3}))
            .asks(
                "approve_template",
                &dispatch::ApproveTemplateRequest {
                    context: context.clone(),
                    institution: institution.clone(),
                    template,
                    version: 3,
                },
            )
            .answers(204, Value::Null),
        case("POST", "/v1/institutions/um-a/notice-choices", json!({"phone": "+48501234567", "wantsNotices": true}))
            .asks(
                "record_choice",
                &dispatch::RecordChoiceRequest {
                    context,
                    institution,
                    phone: "+48501234567".to_owned(),
                    wants_notices: true,
                },
            )
            .answers(204, Value::Null),
    ]
}

fn notices() -> Vec<Case> {
    let context = || official("", "");
    let (institution, notice_id) = (|| "um-a".to_owned(), || NOTICE.to_owned());
    let at = |rest: &str| format!("/v1/institutions/um-a/notices/{NOTICE}{rest}");
    let new = json!({"id": NOTICE, "template": "payment-day", "version": 3, "validHours": 48});
    let recipient = json!({"reference": "r-1", "phone": "+48501234567", "language": "uk", "values": {"date": "1.12"}});
    vec![
        case("POST", "/v1/institutions/um-a/notices", new)
            .asks(
                "create_notice",
                &dispatch::CreateNoticeRequest {
                    context: context(),
                    notice_id: notice_id(),
                    institution: institution(),
                    template: "payment-day".to_owned(),
                    version: 3,
                    valid_hours: 48,
                },
            )
            .answers(204, Value::Null),
        case("GET", "/v1/institutions/um-a/notices?from=x", Value::Null)
            .asks(
                "list_notices",
                &dispatch::ListNoticesRequest {
                    context: context(),
                    institution: institution(),
                    page_size: 200,
                    page_token: "x".to_owned(),
                },
            )
            .answers(200, json!({"notices": [notice_json()]})),
        case("GET", &at(""), Value::Null)
            .asks(
                "get_notice",
                &dispatch::GetNoticeRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                },
            )
            .answers(
                200,
                json!({"notice": notice_json(), "recipients": {"delivered": 7}, "quietUntil": "2026-05-28T09:35:00.000Z"}),
            ),
        case("POST", &at("/recipients"), json!({"recipients": [recipient]}))
            .asks(
                "add_recipients",
                &dispatch::AddRecipientsRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                    recipients: vec![dispatch::NoticeRecipient {
                        reference: "r-1".to_owned(),
                        phone: "+48501234567".to_owned(),
                        language: "uk".to_owned(),
                        values: HashMap::from([("date".to_owned(), "1.12".to_owned())]),
                    }],
                },
            )
            .answers(200, json!({"added": 1})),
        case("GET", &at("/recipients?from=r-0"), Value::Null)
            .asks(
                "list_recipients",
                &dispatch::ListRecipientsRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                    page_size: 200,
                    page_token: "r-0".to_owned(),
                },
            )
            .answers(
                200,
                json!({
                    "recipients": [{"reference": "r-1", "state": "delivered", "language": "uk", "inUcs2": true, "parts": 2, "costGrosz": 14}],
                    "next": "r-1",
                }),
            ),
        case("GET", &at("/preview"), Value::Null)
            .asks(
                "preview_notice",
                &dispatch::PreviewNoticeRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                },
            )
            .answers(
                200,
                json!({
                    "languages": [{"language": "uk", "recipients": 2, "inUcs2": 1, "parts": 3, "costGrosz": 21}],
                    "noOptIn": 4,
                }),
            ),
        case("POST", &at("/proposal"), json!({}))
            .asks(
                "propose_start",
                &dispatch::ProposeStartRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                },
            )
            .answers(204, Value::Null),
        case("POST", &at("/start"), json!({}))
            .asks(
                "start_notice",
                &dispatch::StartNoticeRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                },
            )
            .answers(204, Value::Null),
        case("POST", &at("/stop"), json!({"reason": "the day stays"}))
            .asks(
                "stop_notice",
                &dispatch::StopNoticeRequest {
                    context: context(),
                    institution: institution(),
                    notice_id: notice_id(),
                    reason: "the day stays".to_owned(),
                },
            )
            .answers(200, json!({"withdrawn": 80})),
    ]
}

on_both_engines! {
    NoMigrations;

    async fn local_administrators_deal_with_notices_of_their_own_institution(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::LocalAdministrator])]);
        let browser = Browser::logged_in(&house, &account).await;
        for case in cases() {
            case.is_right(&house, &browser).await;
        }
        house.people.script.take();
        for roles in [[("um-b", &[Role::LocalAdministrator][..])], [("um-a", &[Role::Official, Role::SecurityOfficer][..])]] {
            house.people.knows("j.kowalska", &roles);
            for case in cases() {
                let refused = browser.send(case.verb.clone(), &case.path, &[], &case.body.to_string()).await;
                refused.problem(403, "gateway.role_missing");
            }
        }
        assert_eq!(house.people.script.count(), 0, "dispatch is not asked");
        house.end().await;
    }

    async fn people_of_a_suspended_institution_only_read_and_stop(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        house.people.knows("j.kowalska", &[("um-a", &[Role::LocalAdministrator])]);
        house.people.suspends("j.kowalska");
        let browser = Browser::logged_in(&house, &account).await;
        for case in cases() {
            if case.verb == http::Method::GET || case.path.ends_with("/stop") {
                case.is_right(&house, &browser).await;
            } else {
                let refused = browser.send(case.verb.clone(), &case.path, &[], &case.body.to_string()).await;
                refused.problem(403, "gateway.role_missing");
            }
        }
        house.end().await;
    }
}
