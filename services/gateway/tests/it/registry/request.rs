//! One address of the register used: who asks, in which roles, what registry is to be asked, and what the official is to read.

use http::Method;
use prost::Message;
use serde_json::Value;
use straznica_contracts::{common::v1::CallContext, identity::v1::Role};

use crate::it::{doubles::Asked, house::Answer};

pub(super) const PURPOSE: &str = "protection_proceedings";
pub(super) const CASE_NUMBER: &str = "protection/2026/000017";
const REQUEST_ID: &str = "0197a3c0-7f1e-7d55-8c1b-2a9f5e0d4b61";

pub(super) const READERS: &[Role] =
    &[Role::RegistryReader, Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];
pub(super) const INTAKE: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer];
pub(super) const PLANNERS: &[Role] = &[Role::RegistryReader, Role::RegistryOfficer, Role::RegistryApprover];
pub(super) const OFFICERS: &[Role] = &[Role::RegistryOfficer];
pub(super) const ASKERS: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];
pub(super) const APPROVERS: &[Role] = &[Role::RegistryApprover];
pub(super) const ISSUERS: &[Role] = &[Role::RegistryOfficer, Role::RegistryApprover];
pub(super) const STOREKEEPERS: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];

pub(super) const ARCHIVISTS: &[Role] = &[Role::RegistryArchivist];
pub(super) const KEEPERS: &[Role] = &[Role::RegistryOfficer, Role::RegistryApprover, Role::RegistryArchivist];

/// One address used once.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) verb: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Value,
    pub(super) roles: &'static [Role],
    pub(super) status: u16,
    /// How often registry is asked.
    calls: usize,
    rpc: &'static str,
    request: Vec<u8>,
    answer: Value,
    version: Option<u64>,
}

impl Request {
    pub(super) fn new(verb: &str, path: &str, roles: &'static [Role], body: Value) -> Self {
        let headers = [("x-purpose", PURPOSE), ("x-case", CASE_NUMBER), ("x-request-id", REQUEST_ID)];
        Self {
            verb: verb.parse().unwrap(),
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            body,
            roles,
            status: 0,
            calls: 1,
            rpc: "",
            request: Vec::new(),
            answer: Value::Null,
            version: None,
        }
    }

    /// Changes version 7.
    pub(super) fn changing(mut self) -> Self {
        self.headers.push(("if-match", "\"7\"".to_owned()));
        self
    }

    pub(super) fn asks(self, rpc: &'static str, request: &impl Message) -> Self {
        Self { rpc, request: request.encode_to_vec(), ..self }
    }

    /// What is sent in many messages, laid one behind the other.
    pub(super) fn asks_bytes(self, rpc: &'static str, request: Vec<u8>) -> Self {
        Self { rpc, request, ..self }
    }

    pub(super) fn answers(self, status: u16, answer: Value) -> Self {
        let version = answer["version"].as_u64();
        Self { status, answer, version, ..self }
    }

    /// Registry is asked for something else first.
    pub(super) fn after_another_call(self) -> Self {
        Self { calls: 2, ..self }
    }

    pub(super) fn is_at(&self, method: &str, template: &str) -> bool {
        let path = self.path.split('?').next().unwrap();
        let same = |(said, used): (&str, &str)| said == used || said.starts_with('{');
        self.verb.as_str().eq_ignore_ascii_case(method)
            && template.split('/').count() == path.split('/').count()
            && template.split('/').zip(path.split('/')).all(same)
    }

    /// Changes nothing.
    pub(super) fn reads(&self) -> bool {
        self.verb == "GET" || ["/v1/registry/search", "/v1/registry/former-numbers"].contains(&self.path.as_str())
    }

    /// Is about somebody: there is a case for it.
    pub(super) fn is_of_a_person(&self) -> bool {
        let rooms = [
            "persons",
            "search",
            "duplicates",
            "merges",
            "alert-findings",
            "alert-resolutions",
            "intakes",
            "sources",
            "former-numbers",
        ];
        rooms.iter().any(|room| self.path.split('/').nth(3).is_some_and(|used| used.starts_with(room)))
    }

    pub(super) fn is_right(&self, answer: &Answer, asked: &[Asked]) {
        let name = format!("{} {}", self.verb, self.path);
        assert_eq!(answer.status.as_u16(), self.status, "{name}: {answer:?}");
        match &self.answer {
            Value::String(page) => {
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{name}");
                assert_eq!(answer.body, page.as_bytes(), "{name}");
            }
            Value::Null => assert!(answer.body.is_empty(), "{name}"),
            expected => assert_eq!(&answer.json(), expected, "{name}"),
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{name}");
        let tag = self.version.map(|version| format!("\"{version}\"")).unwrap_or_default();
        assert_eq!(answer.header("etag"), tag, "{name}");
        let Some(Asked::Exchange(rpc, request)) = asked.last() else { panic!("{name}: {asked:?}") };
        assert_eq!(asked.len(), self.calls, "{name}: {asked:?}");
        assert_eq!((*rpc, request), (self.rpc, &self.request), "{name}");
    }
}

pub(super) fn context() -> Option<CallContext> {
    Some(CallContext {
        officer: "j.kowalska".to_owned(),
        purpose: PURPOSE.to_owned(),
        case_number: CASE_NUMBER.to_owned(),
        request_id: REQUEST_ID.to_owned(),
        ..CallContext::default()
    })
}
