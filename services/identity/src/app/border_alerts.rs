//! Asks registry whether there are alerts on a document's holder or on the document, when DG1 says who and which.
//!
//! What is not a complete answer in time is told as not checked, with the reason. Registry journals the question; here the outcome is kept and nothing of the person.

use std::sync::Arc;
use std::time::Duration;

use emrtd::lds::dg1;
use emrtd::mrz::{Format, Mrz, Sex as ZoneSex};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::{
    self as contract, AlertResult, AlertStanding, AlertUnavailability, CheckAtBorderRequest, CheckAtBorderResponse,
};
use straznica_runtime::channel::Channel;
use straznica_types::{SharedClock, Timestamp};
use time::OffsetDateTime;
use tokio::time::timeout;
use tonic::{Code, Request};

use super::App;
use crate::domain::{
    AlertCheckId, AlertsResult, BorderAlerts, BothTexts, CallerClaims, Evidence, FoundAlert, Mission, Unchecked,
};
use crate::metrics::Metrics;

/// Registry, as far as it is asked about alerts.
pub(crate) struct AlertDesk {
    client: Option<AlertServiceClient<Channel>>,
    patience: Duration,
    clock: SharedClock,
    metrics: Arc<Metrics>,
}

impl AlertDesk {
    /// Reached over this channel, waited for so long; without a channel nobody is asked.
    pub(crate) fn new(channel: Option<Channel>, patience: Duration, clock: SharedClock, metrics: Arc<Metrics>) -> Self {
        Self { client: channel.map(AlertServiceClient::new), patience, clock, metrics }
    }

    /// Checks holder and document by what DG1 says.
    async fn check(&self, context: CallContext, dg1: &[u8]) -> BorderAlerts {
        let checked = match &self.client {
            None => Err(Unchecked::NotConfigured),
            Some(client) => self.ask(client, context, dg1).await,
        };
        let now = self.clock.now();
        let alerts = checked.map_or_else(|why| BorderAlerts::unchecked(why, now), |answer| believed(answer, now));
        self.metrics.alerts_checked(alerts.result);
        alerts
    }

    async fn ask(
        &self,
        client: &AlertServiceClient<Channel>,
        context: CallContext,
        dg1: &[u8],
    ) -> Result<CheckAtBorderResponse, Unchecked> {
        let mut question = question(dg1, self.clock.now()).ok_or(Unchecked::HolderUnreadable)?;
        question.context = Some(context);
        let mut request = Request::new(question);
        request.set_timeout(self.patience);
        let (code, why) = match timeout(self.patience, client.clone().check_at_border(request)).await {
            Ok(Ok(answer)) => return Ok(answer.into_inner()),
            Err(_) => (Code::DeadlineExceeded, Unchecked::TimedOut),
            Ok(Err(status)) => (status.code(), why(status.code())),
        };
        // The code alone: what is written beside it may tell of the person.
        tracing::warn!(?code, "registry did not say whether there are alerts");
        Err(why)
    }
}

impl App {
    /// Checks the holder and the document of evidence that says who that is; `None` where it does not. What was asked for is done for the inspection's officer and purpose.
    pub(super) async fn check_alerts(
        &self,
        caller: &CallerClaims,
        mission: &Mission,
        evidence: &Evidence,
    ) -> Option<BorderAlerts> {
        let dg1 = evidence.data_group(1)?;
        let context = CallContext {
            terminal_id: mission.terminal.to_string(),
            officer: caller.officer.as_ref().unwrap_or(&mission.officer).to_string(),
            purpose: mission.purpose.clone(),
            case_number: mission.case_number.as_ref().map(ToString::to_string).unwrap_or_default(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        };
        Some(self.alerts.check(context, dg1).await)
    }
}

/// Why there is no answer.
const fn why(code: Code) -> Unchecked {
    match code {
        // A client's own time-out shows as cancelled.
        Code::Cancelled | Code::DeadlineExceeded => Unchecked::TimedOut,
        Code::InvalidArgument | Code::PermissionDenied | Code::Unauthenticated | Code::FailedPrecondition => {
            Unchecked::Refused
        }
        // Larger than an answer may be.
        Code::OutOfRange => Unchecked::Malformed,
        _ => Unchecked::Unreachable,
    }
}

/// Whom and what to ask about; `None` where DG1 does not say.
fn question(dg1: &[u8], now: Timestamp) -> Option<CheckAtBorderRequest> {
    let today = OffsetDateTime::from_unix_timestamp(now.millis().div_euclid(1_000)).ok()?.date();
    let zone = dg1::parse(dg1, today).ok()?;
    if zone.primary_identifier().is_empty() && zone.secondary_identifier().is_empty() {
        return None;
    }
    let mut holder = contract::BorderHolder::default();
    zone.primary_identifier().clone_into(&mut holder.latin_surname);
    zone.secondary_identifier().clone_into(&mut holder.latin_given);
    holder.birth_date = zone.date_of_birth().day().map(|day| day.to_string()).unwrap_or_default();
    // What is no code is not asked with: that finds more, not less.
    code(zone.nationality()).unwrap_or_default().clone_into(&mut holder.nationality);
    holder.set_sex(match zone.sex() {
        ZoneSex::Female => contract::Sex::Female,
        ZoneSex::Male => contract::Sex::Male,
        ZoneSex::Unspecified | ZoneSex::NonConformant => contract::Sex::Unspecified,
    });
    let mut document = contract::BorderDocument::default();
    kind(&zone).clone_into(&mut document.kind);
    zone.document_number().clone_into(&mut document.number);
    code(zone.issuing_state())?.clone_into(&mut document.issuing_state);
    Some(CheckAtBorderRequest { context: None, holder: Some(holder), document: Some(document) })
}

fn code(text: &str) -> Option<&str> {
    Some(text).filter(|text| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// What kind of document a zone is of (Doc 9303 parts 4 to 7; residence permits by Regulation (EC) No 1030/2002).
fn kind(zone: &Mrz) -> &'static str {
    match (zone.format(), zone.document_code()) {
        (Format::MrvA | Format::MrvB, _) => "visa",
        (_, code) if code.starts_with('P') => "passport",
        (_, "AR" | "CR" | "IR") => "residence_permit",
        (_, code) if code.starts_with(['A', 'C', 'I']) => "identity_card",
        _ => "other",
    }
}

/// What an answer is worth: "no hit" is believed only where nothing in the answer speaks against it.
fn believed(mut answer: CheckAtBorderResponse, now: Timestamp) -> BorderAlerts {
    let found: Vec<FoundAlert> = std::mem::take(&mut answer.findings).into_iter().map(found).collect();
    let part = match answer.unavailable() {
        AlertUnavailability::Unspecified if answer.unavailable == 0 => None,
        AlertUnavailability::Unspecified => Some(Unchecked::Malformed),
        AlertUnavailability::NotConfigured => Some(Unchecked::NotConfigured),
        AlertUnavailability::TimedOut => Some(Unchecked::TimedOut),
        AlertUnavailability::Unreachable => Some(Unchecked::Unreachable),
        AlertUnavailability::SourceDown => Some(Unchecked::SourceDown),
        AlertUnavailability::Refused => Some(Unchecked::Refused),
        AlertUnavailability::Malformed => Some(Unchecked::Malformed),
        AlertUnavailability::Incomplete => Some(Unchecked::Incomplete),
        AlertUnavailability::Stale => Some(Unchecked::Stale),
    };
    let result = match (answer.result(), part) {
        (AlertResult::NoHit, None) if found.is_empty() && answer.as_of_ms.is_some() => AlertsResult::NoHit,
        (AlertResult::Unavailable, Some(why)) => AlertsResult::NotChecked(why),
        (AlertResult::Possible, part) => AlertsResult::Possible(part),
        (AlertResult::Hit, part) => AlertsResult::Hit(part),
        (AlertResult::NoHit | AlertResult::Unavailable | AlertResult::Unspecified, _) => {
            tracing::error!("registry's answer about alerts contradicts itself or is of another release");
            AlertsResult::NotChecked(Unchecked::Malformed)
        }
    };
    BorderAlerts::made(result, AlertCheckId::parse(&answer.check_id).ok(), now, found)
}

fn found(finding: contract::AlertFinding) -> FoundAlert {
    let possible = finding.standing() == AlertStanding::Possible;
    let both = |text: Option<contract::Text>| {
        let text = text.unwrap_or_default();
        BothTexts { pl: text.pl, en: text.en }
    };
    let basis = finding.basis.unwrap_or_default();
    let act = basis.act.unwrap_or_default().en;
    FoundAlert {
        category: finding.category,
        title: both(finding.title),
        basis: [act, basis.article].join(", ").trim_matches([',', ' ']).to_owned(),
        action: finding.action,
        instruction: both(finding.instruction),
        discreet: finding.discreet,
        issuing_state: finding.issuing_state,
        possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_300_000_000);

    fn answer(result: AlertResult) -> CheckAtBorderResponse {
        let mut answer = CheckAtBorderResponse { as_of_ms: Some(1), ..CheckAtBorderResponse::default() };
        answer.set_result(result);
        answer
    }

    fn unavailable(result: AlertResult, why: AlertUnavailability) -> CheckAtBorderResponse {
        let mut answer = answer(result);
        answer.set_unavailable(why);
        answer
    }

    #[test]
    fn no_hit_is_believed_only_where_nothing_speaks_against_it() {
        let refused = Unchecked::Malformed;
        let finding = || contract::AlertFinding::default();
        for (answer, result) in [
            (answer(AlertResult::NoHit), AlertsResult::NoHit),
            (CheckAtBorderResponse { as_of_ms: None, ..answer(AlertResult::NoHit) }, AlertsResult::NotChecked(refused)),
            (
                CheckAtBorderResponse { findings: vec![finding()], ..answer(AlertResult::NoHit) },
                AlertsResult::NotChecked(refused),
            ),
            (unavailable(AlertResult::NoHit, AlertUnavailability::Stale), AlertsResult::NotChecked(refused)),
            (
                CheckAtBorderResponse { unavailable: 99, ..answer(AlertResult::NoHit) },
                AlertsResult::NotChecked(refused),
            ),
            (CheckAtBorderResponse { result: 99, ..answer(AlertResult::NoHit) }, AlertsResult::NotChecked(refused)),
            (answer(AlertResult::Unspecified), AlertsResult::NotChecked(refused)),
            (answer(AlertResult::Unavailable), AlertsResult::NotChecked(refused)),
            (
                unavailable(AlertResult::Unavailable, AlertUnavailability::SourceDown),
                AlertsResult::NotChecked(Unchecked::SourceDown),
            ),
            (unavailable(AlertResult::Hit, AlertUnavailability::Stale), AlertsResult::Hit(Some(Unchecked::Stale))),
            (answer(AlertResult::Hit), AlertsResult::Hit(None)),
            (answer(AlertResult::Possible), AlertsResult::Possible(None)),
        ] {
            assert_eq!(believed(answer.clone(), NOW).result, result, "{answer:?}");
        }
    }

    /// EF.DG1 of a zone of one run of characters.
    fn dg1(zone: &str) -> Vec<u8> {
        let length = u8::try_from(zone.len()).unwrap();
        [&[0x61, length + 3, 0x5f, 0x1f, length], zone.as_bytes()].concat()
    }

    #[test]
    fn holder_and_document_are_asked_about_as_the_zone_has_them() {
        let passport = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let asked = question(&dg1(passport), NOW).unwrap();
        let (holder, document) = (asked.holder.unwrap(), asked.document.unwrap());
        assert_eq!((holder.latin_surname.as_str(), holder.latin_given.as_str()), ("ERIKSSON", "ANNA MARIA"));
        assert_eq!((holder.birth_date.as_str(), holder.nationality.as_str()), ("1974-08-12", "UTO"));
        assert_eq!(holder.sex(), contract::Sex::Female);
        assert_eq!((document.kind.as_str(), document.number.as_str()), ("passport", "L898902C3"));
        assert_eq!(document.issuing_state, "UTO");

        for (zone, kind, birth) in [
            (
                "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
                "identity_card",
                "1974-08-12",
            ),
            (
                "IRUTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
                "residence_permit",
                "1974-08-12",
            ),
            (
                "I<UTOD231458907<<<<<<<<<<<<<<<74<<<<2F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
                "identity_card",
                "",
            ),
        ] {
            let asked = question(&dg1(zone), NOW).unwrap();
            assert_eq!(
                (asked.document.unwrap().kind.as_str(), asked.holder.unwrap().birth_date.as_str()),
                (kind, birth)
            );
        }
    }

    #[test]
    fn what_names_nobody_is_not_asked_about() {
        let nobody = "P<UTO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let nowhere = "P<<<<ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        for bytes in [dg1(nobody), dg1(nowhere), dg1("P<UTO"), b"no DG1".to_vec(), Vec::new()] {
            assert_eq!(question(&bytes, NOW), None);
        }
    }

    #[test]
    fn each_refusal_and_failure_has_its_reason() {
        for (code, reason) in [
            (Code::Cancelled, Unchecked::TimedOut),
            (Code::DeadlineExceeded, Unchecked::TimedOut),
            (Code::InvalidArgument, Unchecked::Refused),
            (Code::PermissionDenied, Unchecked::Refused),
            (Code::OutOfRange, Unchecked::Malformed),
            (Code::Unavailable, Unchecked::Unreachable),
            (Code::Internal, Unchecked::Unreachable),
        ] {
            assert_eq!(why(code), reason, "{code:?}");
        }
    }
}
