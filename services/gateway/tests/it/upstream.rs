//! When an inner service refuses, is slow, or is not there.

use std::time::Duration;

use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_runtime::channel::ChannelConfig;
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    border_check::whole_inspection,
    doubles::INSPECTION,
    house::{House, TERMINAL},
};

#[derive(Debug, thiserror::Error)]
#[error("the database of identity at 10.1.2.3 says no")]
struct Refusal {
    code: &'static Code,
    member: Option<&'static str>,
}

impl Coded for Refusal {
    fn code(&self) -> &'static Code {
        self.code
    }

    fn field_errors(&self) -> Vec<FieldError> {
        self.member.map(|member| FieldError::new(member, "missing")).into_iter().collect()
    }
}

const CASE_MISSING: Code =
    Code::new("identity.field_missing", Class::InvalidArgument, "A field the purpose needs is missing");
const NOT_YOURS: Code = Code::new("identity.inspection_unknown", Class::NotFound, "No such inspection");
const CLOSED: Code = Code::new("identity.inspection_closed", Class::FailedPrecondition, "The inspection is closed");

on_both_engines! {
    NoMigrations;

    async fn a_refusal_keeps_its_code_and_names_members_as_the_json_does(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let path = format!("/v1/inspections/{INSPECTION}");
        for (code, member, status, pointer) in [
            (&CASE_MISSING, Some("/context/case_number"), 400, Some("/case")),
            (&NOT_YOURS, None, 404, None),
            (&CLOSED, None, 409, None),
        ] {
            house.identity.script.refuse(straznica_error::status(&Refusal { code, member }));
            let answer = terminal.get(&path).await;
            let problem = answer.problem(status, code.id);
            assert_eq!(problem["errors"][0]["pointer"].as_str(), pointer);
            assert!(!problem.to_string().contains("10.1.2.3"), "{problem}");
        }
        house.end().await;
    }

    async fn what_an_inner_service_says_without_a_code_is_not_passed_on(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        house.identity.script.refuse(tonic::Status::internal("panicked at /srv/identity.rs:17"));
        let problem = terminal.get(&format!("/v1/inspections/{INSPECTION}")).await.problem(500, "common.internal");
        assert!(!problem.to_string().contains("/srv"), "{problem}");
        house.end().await;
    }

    async fn an_answer_that_does_not_come_in_time_is_504(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        house.identity.script.dawdle(Duration::from_secs(30));
        let answer = terminal.post("/v1/inspections", &whole_inspection()).await;
        answer.problem(504, "common.deadline_exceeded");
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(terminal.get("/v1/trust/summary").await.status, 200, "others are served meanwhile");
        house.end().await;
    }

    async fn a_service_that_cannot_be_reached_is_503_until_it_can(database: TestDatabase) {
        let nowhere = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, straznica_testkit::free_port()));
        let elsewhere = |config: &mut straznica_gateway::Config| {
            config.identity = ChannelConfig { timeout_ms: 2_000, ..ChannelConfig::at(nowhere) };
        };
        let house = House::with(database, elsewhere).await;
        let terminal = house.enrolled(TERMINAL).await;
        let answer = terminal.post("/v1/inspections", &whole_inspection()).await;
        answer.problem(503, "common.unavailable");
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(terminal.get("/v1/trust/summary").await.status, 200);
        house.end().await;
    }

    async fn that_the_gateway_itself_is_refused_inside_is_no_fault_of_the_terminal(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        for code in [&common::UNAUTHENTICATED, &common::CERTIFICATE_REVOKED, &common::PERMISSION_DENIED] {
            house.identity.script.refuse(straznica_error::status(&Refusal { code, member: None }));
            terminal.get(&format!("/v1/inspections/{INSPECTION}")).await.problem(500, "common.internal");
        }
        house.end().await;
    }
}
