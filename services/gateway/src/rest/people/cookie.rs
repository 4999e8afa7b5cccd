//! The cookie a session is known by (RFC 6265bis). `__Host-`: set by this host alone, over TLS, for all of its addresses; never sent along from another site's
//! page; not to be read by a page's own scripts.

use http::{HeaderMap, HeaderValue, header};
use straznica_types::Secret;

use crate::{
    domain::people::{
        authorisation::Authorisation,
        session::{SessionDigest, SessionId},
    },
    error::GatewayError,
};

/// Name of the session's cookie.
const SESSION: &str = "__Host-straznica";
/// Name of the cookie that says by its digest which session there is. Lax: a provider that sends the browser back brings it along, and the session itself not.
/// Nobody is let in by it; the session it names ends when another begins.
const NAMED: &str = "__Host-straznica-named";
/// Name of the cookie of a login under way. Lax: it has to come along when a provider sends the browser back.
const LOGIN: &str = "__Host-straznica-login";

/// The session a request comes with. One that comes with several has none: somebody has put another in.
pub(super) fn session(headers: &HeaderMap) -> Option<SessionId> {
    SessionId::parse(find(headers, SESSION)?)
}

/// The sessions the browser had until now: the one that comes with the request, and the one it names.
pub(super) fn earlier(headers: &HeaderMap) -> Vec<SessionDigest> {
    let named = find(headers, NAMED).and_then(SessionDigest::parse);
    session(headers).map(|id| id.digest()).into_iter().chain(named).collect()
}

/// Sets the session's cookies. They end with the browser, the session with its own times.
pub(super) fn set_session(headers: &mut HeaderMap, id: &SessionId) -> Result<(), GatewayError> {
    let cookie =
        Secret::new(format!("{SESSION}={}; Path=/; Secure; HttpOnly; SameSite=Strict", id.to_cookie().expose()));
    append(headers, cookie.expose())?;
    append(headers, &format!("{NAMED}={}; Path=/; Secure; HttpOnly; SameSite=Lax", id.digest()))
}

/// Has the browser forget the session's cookies.
pub(super) fn forget_session(headers: &mut HeaderMap) -> Result<(), GatewayError> {
    append(headers, &format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"))?;
    append(headers, &format!("{NAMED}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
}

/// The login under way a request comes with.
pub(super) fn login(headers: &HeaderMap) -> Option<Authorisation> {
    Authorisation::parse(find(headers, LOGIN)?)
}

/// Has the browser hold a login under way.
pub(super) fn set_login(headers: &mut HeaderMap, begun: &Authorisation) -> Result<(), GatewayError> {
    let life = Authorisation::life().as_secs();
    let cookie = Secret::new(format!(
        "{LOGIN}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={life}",
        begun.to_cookie().expose()
    ));
    append(headers, cookie.expose())
}

/// Has the browser forget it.
pub(super) fn forget_login(headers: &mut HeaderMap) -> Result<(), GatewayError> {
    append(headers, &format!("{LOGIN}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
}

fn append(headers: &mut HeaderMap, cookie: &str) -> Result<(), GatewayError> {
    let mut value = HeaderValue::from_str(cookie).map_err(|_| GatewayError::IncompleteAnswer("a cookie"))?;
    value.set_sensitive(true);
    headers.append(header::SET_COOKIE, value);
    Ok(())
}

fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        headers
    }

    #[test]
    fn the_session_is_found_among_other_cookies_and_only_if_it_is_the_only_one() {
        let id = SessionId::generate().unwrap();
        let text = id.to_cookie().expose().clone();
        for (cookies, found) in [
            (vec![format!("__Host-straznica={text}")], true),
            (vec![format!("a=b; __Host-straznica={text}; c=d")], true),
            (vec!["a=b".to_owned(), format!("__Host-straznica={text}")], true),
            (vec![format!("__Host-straznica={text}; __Host-straznica={text}")], false),
            (vec![format!("straznica={text}")], false),
            (vec!["__Host-straznica=x".to_owned()], false),
            (vec![], false),
        ] {
            let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
            assert_eq!(session(&headers(&cookies)).is_some(), found, "{}", cookies.len());
        }
    }

    #[test]
    fn the_cookie_that_is_set_is_the_one_that_is_read_and_no_log_shows_it() {
        let id = SessionId::generate().unwrap();
        let mut answer = HeaderMap::new();
        set_session(&mut answer, &id).unwrap();
        let set = answer[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{set}");
        let back = set.split(';').next().unwrap();
        assert_eq!(session(&headers(&[back])).unwrap().digest(), id.digest());
        let named = answer.get_all(header::SET_COOKIE).iter().nth(1).unwrap().to_str().unwrap().to_owned();
        assert!(named.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{named}");
        let named = headers(&[named.split(';').next().unwrap()]);
        assert_eq!(earlier(&named), [id.digest()]);
        assert!(session(&named).is_none(), "nobody is let in by it");
        assert!(!format!("{answer:?}").contains(back.split_once('=').unwrap().1));
    }
}
