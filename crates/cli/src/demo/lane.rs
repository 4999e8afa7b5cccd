//! A terminal's conversation with the gateway: what a lane at the border sends and what it makes of the answers.

use base64::{Engine, prelude::BASE64_STANDARD};
use cvc::reference::Reference;
use serde_json::{Map, Value, json};
use straznica_simulators::terminal::{ChipAuthenticationReport, Reading};
use straznica_types::Timestamp;

use super::{DemoError, expect};
use crate::rest::{Answer, RestClient};

/// The officer at the lane. A service identifier, never a name.
const OFFICER: &str = "SG-20418";

/// One lane.
#[derive(Debug)]
pub(super) struct Lane {
    rest: RestClient,
}

/// The chain as the gateway hands it out.
#[derive(Debug)]
pub(super) struct Chain {
    /// Certificates, links first.
    pub(super) certificates: Vec<Vec<u8>>,
    /// `role CHR` of each.
    pub(super) path: Vec<String>,
    /// The inspection system to name.
    pub(super) is_chr: String,
    /// Whether fingerprints may be read.
    pub(super) dg3: bool,
}

/// An inspection as the gateway answers it.
#[derive(Debug)]
pub(super) struct Judged(pub(super) Value);

impl Judged {
    pub(super) fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    pub(super) fn verdict(&self) -> &str {
        self.0["verdict"].as_str().unwrap_or_default()
    }

    /// Result of one check, empty when it is not there.
    pub(super) fn result(&self, check: &str) -> &str {
        self.checks()
            .find(|entry| entry["check"] == check)
            .and_then(|entry| entry["result"].as_str())
            .unwrap_or_default()
    }

    /// Names of the checks that failed.
    pub(super) fn failed(&self) -> Vec<&str> {
        self.checks().filter(|entry| entry["result"] == "failed").filter_map(|entry| entry["check"].as_str()).collect()
    }

    fn checks(&self) -> impl Iterator<Item = &Value> {
        self.0["checks"].as_array().into_iter().flatten()
    }
}

impl Lane {
    pub(super) fn new(rest: RestClient) -> Self {
        Self { rest }
    }

    /// A challenge for Active Authentication.
    pub(super) async fn challenge(&self) -> Result<(String, [u8; 8]), DemoError> {
        let answer = self.post("/v1/inspections/challenge", &json!({})).await?;
        let challenge = bytes(&answer["challenge"])?;
        let challenge = challenge
            .try_into()
            .map_err(|bytes: Vec<u8>| DemoError::Expectation(format!("a challenge of {} bytes", bytes.len())))?;
        Ok((answer["challengeId"].as_str().unwrap_or_default().to_owned(), challenge))
    }

    /// Opens an inspection with the security object and some of the data groups; `more` adds members.
    pub(super) async fn inspect(
        &self,
        reference: &str,
        reading: &Reading,
        groups: &[u8],
        more: Value,
        now: Timestamp,
    ) -> Result<Judged, DemoError> {
        let mut body = json!({
            "documentRef": reference,
            "access": "bac",
            "mrzOptical": reading.optical_mrz,
            "sod": BASE64_STANDARD.encode(&reading.sod),
            "dataGroups": data_groups(reading, groups),
            "unreadable": reading.unreadable.iter()
                .map(|(group, status)| json!({ "dg": group, "statusWord": format!("{status:04X}") }))
                .collect::<Vec<_>>(),
            "readAt": now.to_string(),
            "officer": OFFICER,
            "purpose": "border_check",
            "line": "first",
        });
        if let Some(com) = &reading.com {
            body["com"] = BASE64_STANDARD.encode(com).into();
        }
        if let Some(card_access) = &reading.card_access {
            body["cardAccess"] = BASE64_STANDARD.encode(card_access).into();
        }
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        Ok(Judged(self.post("/v1/inspections", &body).await?))
    }

    /// Adds what was read since.
    pub(super) async fn add(&self, id: &str, evidence: &Value) -> Result<Judged, DemoError> {
        Ok(Judged(self.post(&format!("/v1/inspections/{id}/data-groups"), evidence).await?))
    }

    /// The chain from what the chip trusts, newest first.
    pub(super) async fn chain(&self, id: &str, cars: &[Reference]) -> Result<Chain, DemoError> {
        let cars: Vec<String> = cars.iter().map(ToString::to_string).collect();
        let body = json!({ "cars": cars, "inspectionId": id });
        let answer = self.post("/v1/terminal-authentication/chain", &body).await?;
        let certificates = answer["certificates"].as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Chain {
            path: certificates.iter().map(|one| format!("{} {}", word(&one["role"]), word(&one["chr"]))).collect(),
            certificates: certificates.iter().map(|one| bytes(&one["der"])).collect::<Result<_, _>>()?,
            is_chr: word(&answer["isChr"]),
            dg3: answer["rights"]["dg3"] == true,
        })
    }

    /// What the gateway says to a request for a signature over `hash`.
    pub(super) async fn ask_signature(&self, id: &str, is_chr: &str, hash: &[u8]) -> Result<Answer, DemoError> {
        let body = json!({ "inspectionId": id, "isChr": is_chr, "hash": BASE64_STANDARD.encode(hash) });
        Ok(self.rest.post("/v1/terminal-authentication/signature", &body).await?)
    }

    /// A signature over `hash`.
    pub(super) async fn sign(&self, id: &str, is_chr: &str, hash: &[u8]) -> Result<Vec<u8>, DemoError> {
        bytes(&accepted(&self.ask_signature(id, is_chr, hash).await?)?["signature"])
    }

    /// Records what the comparison of fingerprints gave.
    pub(super) async fn fingerprints_match(&self, id: &str) -> Result<(), DemoError> {
        let path = format!("/v1/inspections/{id}/fingerprint-result");
        let judged = Judged(self.post(&path, &json!({ "result": "match", "officer": OFFICER })).await?);
        expect(judged.0["fingerprintResult"] == "match", || format!("recorded as {}", judged.0["fingerprintResult"]))
    }

    /// Sends the person to the second line.
    pub(super) async fn refer(&self, id: &str, reason: &str) -> Result<(), DemoError> {
        self.post(&format!("/v1/inspections/{id}/referral"), &json!({ "reason": reason, "officer": OFFICER })).await?;
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        accepted(&self.rest.post(path, body).await?)
    }
}

/// The body of an answer that is none of a refusal.
pub(super) fn accepted(answer: &Answer) -> Result<Value, DemoError> {
    let body = answer.json();
    expect(answer.status.is_success(), || refusal(answer.status, &body))?;
    Ok(body)
}

/// A problem document in one line.
pub(super) fn refusal(status: http::StatusCode, body: &Value) -> String {
    let word = |member: &str| body[member].as_str().unwrap_or_default();
    let same = word("detail").eq_ignore_ascii_case(word("title"));
    let detail = if same { "" } else { word("detail") };
    [status.as_str(), word("code"), word("title"), detail].join(" ").trim_end().to_owned()
}

/// Data groups as a request carries them.
pub(super) fn data_groups(reading: &Reading, groups: &[u8]) -> Value {
    let members: Map<String, Value> = reading
        .data_groups
        .iter()
        .filter(|(number, _)| groups.contains(number))
        .map(|(number, content)| (number.to_string(), BASE64_STANDARD.encode(content).into()))
        .collect();
    Value::Object(members)
}

/// What the terminal says of Chip Authentication.
pub(super) fn chip_authentication(report: &ChipAuthenticationReport) -> Value {
    json!({
        "protocol": "ca_v1",
        "result": if report.succeeded { "successful" } else { "failed" },
        "evidence": BASE64_STANDARD.encode(&report.chip_public_key),
        "keyId": report.key_id,
    })
}

/// The chip's answer to a challenge.
pub(super) fn active_authentication(challenge_id: &str, response: &[u8]) -> Value {
    json!({ "challengeId": challenge_id, "response": BASE64_STANDARD.encode(response) })
}

fn bytes(member: &Value) -> Result<Vec<u8>, DemoError> {
    BASE64_STANDARD
        .decode(member.as_str().unwrap_or_default())
        .map_err(|error| DemoError::Expectation(format!("an answer carries no base64: {error}")))
}
