//! What ends, begins or falls due.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::scalars::{Instant, present};

/// What happens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CalendarKind {
    /// A renewal of ours begins.
    Renewal,
    /// Our document verifier's certificate under a foreign CVCA, or our own, ends.
    DvExpires,
    /// An inspection system's certificate ends.
    IsExpires,
    /// A certificate of the national CVCA ends.
    NationalCvcaExpires,
    /// A certificate of a partner's CVCA ends.
    ForeignCvcaExpires,
    /// A certificate we issued to a foreign document verifier ends.
    IssuedExpires,
    /// The period of use of a partner's SPOC root ends.
    PartnerRootEnds,
    /// A partner's announced outage begins.
    PlannedOutage,
    /// A partner's registration ends.
    RegistrationEnds,
    /// The answer to a partner's waiting request is due.
    AnswerDue,
    /// A certificate by which partners know our SPOC ends.
    SpocCertificateExpires,
    /// The period of use of a partner's SPOC root begins.
    PartnerRootBegins,
    /// Two officers have to compare it before it counts: a root of a partner's SPOC, or a certificate of its CVCA.
    AwaitsOfficers,
    /// The certificate by which a partner's SPOC was last let in, or answered us, ends.
    PartnerCertificateExpires,
    /// Something this gateway is too old to know: the detail says what.
    Other,
}

impl From<contract::CalendarKind> for CalendarKind {
    fn from(kind: contract::CalendarKind) -> Self {
        match kind {
            contract::CalendarKind::Unspecified => Self::Other,
            contract::CalendarKind::Renewal => Self::Renewal,
            contract::CalendarKind::DvExpires => Self::DvExpires,
            contract::CalendarKind::IsExpires => Self::IsExpires,
            contract::CalendarKind::NationalCvcaExpires => Self::NationalCvcaExpires,
            contract::CalendarKind::ForeignCvcaExpires => Self::ForeignCvcaExpires,
            contract::CalendarKind::IssuedExpires => Self::IssuedExpires,
            contract::CalendarKind::PartnerRootEnds => Self::PartnerRootEnds,
            contract::CalendarKind::PlannedOutage => Self::PlannedOutage,
            contract::CalendarKind::RegistrationEnds => Self::RegistrationEnds,
            contract::CalendarKind::AnswerDue => Self::AnswerDue,
            contract::CalendarKind::SpocCertificateExpires => Self::SpocCertificateExpires,
            contract::CalendarKind::PartnerRootBegins => Self::PartnerRootBegins,
            contract::CalendarKind::AwaitsOfficers => Self::AwaitsOfficers,
            contract::CalendarKind::PartnerCertificateExpires => Self::PartnerCertificateExpires,
        }
    }
}

/// How much it matters.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CalendarSeverity {
    /// It goes on by itself.
    Information,
    /// Somebody should look.
    Attention,
    /// Documents cannot be opened, or partners not served, if nobody acts.
    Urgent,
}

impl From<contract::CalendarSeverity> for CalendarSeverity {
    fn from(severity: contract::CalendarSeverity) -> Self {
        match severity {
            contract::CalendarSeverity::Information => Self::Information,
            contract::CalendarSeverity::Attention | contract::CalendarSeverity::Unspecified => Self::Attention,
            contract::CalendarSeverity::Urgent => Self::Urgent,
        }
    }
}

/// One day's matter.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarEntry {
    /// What happens.
    kind: CalendarKind,
    /// How much it matters.
    severity: CalendarSeverity,
    /// When.
    at: Instant,
    /// With a planned outage: its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
    /// Country of the partner; our own for what is ours.
    #[schema(example = "UT")]
    country: String,
    /// Holder reference, CVCA, or name of a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00007")]
    subject: Option<String>,
    /// Words for people.
    #[schema(example = "the renewal has begun")]
    detail: String,
}

impl From<contract::CalendarEntry> for CalendarEntry {
    fn from(entry: contract::CalendarEntry) -> Self {
        let (kind, severity) = (entry.kind().into(), entry.severity().into());
        let contract::CalendarEntry { at_ms, until_ms, country, subject, detail, .. } = entry;
        let (at, until) = (Instant::at(at_ms), Instant::from_contract(until_ms));
        Self { kind, severity, at, until, country, subject: present(subject), detail }
    }
}

/// What ends, begins or falls due in a span of days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Calendar {
    /// By time.
    entries: Vec<CalendarEntry>,
}

impl From<contract::GetCalendarResponse> for Calendar {
    fn from(calendar: contract::GetCalendarResponse) -> Self {
        Self { entries: calendar.entries.into_iter().map(CalendarEntry::from).collect() }
    }
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarQuery {
    /// First day; today if absent.
    #[serde(default)]
    #[param(format = Date, example = "2027-01-01")]
    from: Option<String>,
    /// Last day; ninety days later if absent.
    #[serde(default)]
    #[param(format = Date, example = "2027-06-30")]
    to: Option<String>,
}

impl From<CalendarQuery> for contract::GetCalendarRequest {
    fn from(query: CalendarQuery) -> Self {
        Self { from: query.from.unwrap_or_default(), to: query.to.unwrap_or_default() }
    }
}
