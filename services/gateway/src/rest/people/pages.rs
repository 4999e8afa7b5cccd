//! Pages for people between a provider and the gateway, Polish first, English second. No script, nothing from elsewhere, nothing of what was sent.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use straznica_error::Coded;
use straznica_types::RequestId;

use crate::{app::people::oidc::LoginFailure, error::GatewayError};

/// The answer is a page already: nothing makes a problem document of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::rest) struct Page;

/// One matter in both languages.
struct Words {
    polish: (&'static str, &'static str),
    english: (&'static str, &'static str),
}

const LOGGED_IN: Words = Words {
    polish: ("Zalogowano", "Za chwilę nastąpi przejście dalej. Jeśli nie, wybierz „Dalej”."),
    english: ("Logged in", "You are taken on in a moment. If not, choose “Continue”."),
};

/// What people are told of a failure: what they can do, not what was wrong with an answer they did not write.
const fn words(failure: LoginFailure) -> Words {
    match failure {
        LoginFailure::Unreachable => Words {
            polish: ("Dostawca logowania nie odpowiada", "Spróbuj ponownie za kilka minut."),
            english: ("The login provider does not answer", "Try again in a few minutes."),
        },
        LoginFailure::Cancelled => Words {
            polish: ("Logowanie przerwano", "Możesz zacząć od nowa."),
            english: ("The login was given up", "You may begin again."),
        },
        LoginFailure::Declined | LoginFailure::NotBegunHere => Words {
            polish: (
                "To logowanie nie jest już ważne",
                "Zaczęto je zbyt dawno, w innej przeglądarce albo dokończono wcześniej. Zacznij od nowa.",
            ),
            english: (
                "This login counts no longer",
                "It was begun too long ago, in another browser, or completed before. Begin again.",
            ),
        },
        LoginFailure::Untrusted(_) => Words {
            polish: (
                "Odpowiedzi dostawcy logowania nie można zaufać",
                "Zacznij od nowa. Jeśli to się powtarza, zgłoś to administratorowi i podaj numer zgłoszenia.",
            ),
            english: (
                "The login provider's answer cannot be trusted",
                "Begin again. If it happens again, tell the administrator the number below.",
            ),
        },
        LoginFailure::TooWeak => Words {
            polish: (
                "Potrzebne jest pewniejsze logowanie",
                "Zaloguj się z drugim składnikiem, na przykład kodem lub kluczem.",
            ),
            english: ("A surer login is needed", "Log in with a second factor, such as a code or a key."),
        },
        LoginFailure::TooOld => Words {
            polish: ("Zaloguj się ponownie", "Logowanie u dostawcy odbyło się zbyt dawno."),
            english: ("Log in once more", "You logged in at the provider too long ago."),
        },
        LoginFailure::NoPesel => Words {
            polish: (
                "Brak numeru PESEL",
                "Dostawca logowania nie potwierdził numeru PESEL. Bez niego nie można skorzystać z usługi.",
            ),
            english: ("No PESEL", "The login provider did not vouch for a PESEL. The service cannot be used without."),
        },
    }
}

/// Logged in: on to the gateway's own pages, by a step the browser takes itself.
pub(super) fn logged_in() -> Response {
    page(StatusCode::OK, &LOGGED_IN, true, None)
}

/// A failure, to be read.
pub(super) fn failure(failure: GatewayError, request_id: RequestId) -> Response {
    match &failure {
        GatewayError::Login(why) => page(failure.code().class.http(), &words(*why), false, Some(request_id)),
        _ => failure.into_response(),
    }
}

fn page(status: StatusCode, words: &Words, onward: bool, request_id: Option<RequestId>) -> Response {
    let refresh = if onward { "<meta http-equiv=\"refresh\" content=\"0;url=/\">\n" } else { "" };
    let link = if onward { "<p><a href=\"/\">Dalej / <span lang=\"en\">Continue</span></a></p>\n" } else { "" };
    let number =
        request_id.map(|id| format!("<p>Nr zgłoszenia / <span lang=\"en\">number</span>: <code>{id}</code></p>\n"));
    let ((title, text), (english_title, english_text)) = (words.polish, words.english);
    let html = format!(
        "<!doctype html>\n<html lang=\"pl\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{refresh}<title>{title}</title>\n</head>\n<body>\n\
         <main>\n<h1>{title}</h1>\n<p>{text}</p>\n<div lang=\"en\">\n<h2>{english_title}</h2>\n<p>{english_text}</p>\n</div>\n\
         {link}{}</main>\n</body>\n</html>\n",
        number.unwrap_or_default(),
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.extensions_mut().insert(Page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
    response
}
