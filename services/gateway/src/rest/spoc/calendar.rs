//! The calendar of expiries.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use straznica_contracts::spoc::v1 as contract;

use super::wire::calendar::{Calendar, CalendarQuery};
use crate::{
    app::Gateway,
    calendar,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, Parameters},
    },
};

/// What ends, begins or falls due
///
/// Certificates of every kind, partners' roots, planned outages, renewals, answers. With `Accept: text/calendar` as iCalendar (RFC 5545), for
/// people's own programs.
#[utoipa::path(get, path = "/v1/spoc/calendar", tag = "certificates", operation_id = "getCalendar", params(CalendarQuery),
    responses((status = 200, description = "By time", content((Calendar = "application/json"), (String = "text/calendar")))))]
pub(crate) async fn calendar(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(span): Parameters<CalendarQuery>,
    headers: HeaderMap,
) -> Result<Response, GatewayError> {
    let request = contract::GetCalendarRequest::from(span);
    let answer = gateway.subscriptions().get_calendar(request).await?.into_inner();
    let mut response = if wants_icalendar(&headers) {
        let text = calendar::of(answer.entries, gateway.clock().now()).to_string();
        ([(header::CONTENT_TYPE, calendar::MEDIA_TYPE)], text).into_response()
    } else {
        Json(Calendar::from(answer)).into_response()
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Whether the caller named iCalendar among what it takes, and did not rule it out.
fn wants_icalendar(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/calendar"))
            && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icalendar_is_given_to_whom_names_it() {
        for (accept, wanted) in [
            ("text/calendar", true),
            ("application/json;q=0.5, Text/Calendar; charset=utf-8", true),
            ("text/calendar;q=0", false),
            ("application/json", false),
            ("*/*", false),
            ("text/calendarium", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wants_icalendar(&headers), wanted, "{accept}");
        }
        assert!(!wants_icalendar(&HeaderMap::new()));
    }
}
