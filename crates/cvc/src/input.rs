//! Files as people have them: DER, hexadecimal digits, base64 or PEM.

use crate::certificate::Certificate;
use crate::error::ParseError;
use crate::hex;
use crate::request::{AuthenticatedRequest, Request};
use crate::tlv::{MAX_LENGTH, Reader};

/// The largest file read: the longest object in base64 or hexadecimal, with line breaks to spare.
pub const MAX_FILE: usize = 3 * MAX_LENGTH;

/// Why a file holds nothing that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// More than [`MAX_FILE`] bytes.
    #[error("the file is too large to be a certificate or request")]
    TooLarge,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Neither an object of TR-03110 nor its hexadecimal or base64 form.
    #[error("neither DER, hexadecimal nor base64")]
    Encoding,
    /// Another object than a certificate, request or authenticated request.
    #[error("no certificate, request or authenticated request")]
    Kind,
    /// The object does not parse.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Object {
    /// A certificate.
    Certificate(Certificate),
    /// A request.
    Request(Request),
    /// An authenticated request.
    AuthenticatedRequest(AuthenticatedRequest),
}

impl Object {
    /// Parses DER; what it is shows in its tags.
    ///
    /// # Errors
    /// [`InputError::Kind`] or [`InputError::Parse`].
    pub fn parse(der: &[u8]) -> Result<Self, InputError> {
        let mut reader = Reader::new(der).map_err(ParseError::from)?;
        match reader.peek() {
            Some(0x67) => Ok(Self::AuthenticatedRequest(AuthenticatedRequest::parse(der)?.to_owned())),
            Some(0x7F21) if has_authorisation(&mut reader) => {
                Ok(Self::Certificate(Certificate::parse(der)?.to_owned()))
            }
            Some(0x7F21) => Ok(Self::Request(Request::parse(der)?.to_owned())),
            _ => Err(InputError::Kind),
        }
    }

    /// Decodes a file and parses what is in it.
    ///
    /// # Errors
    /// [`InputError`]
    pub fn from_file(content: &[u8]) -> Result<Self, InputError> {
        Self::parse(&decode(content)?)
    }
}

/// Certificates carry an authorisation or a date, requests neither.
fn has_authorisation(reader: &mut Reader<'_>) -> bool {
    let mut search = || {
        let whole = reader.expect(0x7F21).ok()?;
        let mut level = reader.inside(&whole);
        let body = level.expect(0x7F4E).ok()?;
        let mut objects = level.inside(&body);
        while let Some(tag) = objects.peek() {
            if matches!(tag, 0x7F4C | 0x5F24 | 0x5F25) {
                return Some(());
            }
            objects.any().ok()??;
        }
        None
    };
    search().is_some()
}

/// Undoes the text form of a file.
///
/// # Errors
/// [`InputError`] for a file that is too large, empty or of no known form.
pub fn decode(content: &[u8]) -> Result<Vec<u8>, InputError> {
    if content.len() > MAX_FILE {
        return Err(InputError::TooLarge);
    }
    if content.first().is_some_and(|byte| matches!(byte, 0x67 | 0x7F)) && !is_text(content) {
        return Ok(content.to_vec());
    }
    let lines = content.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.starts_with(b"-----"));
    let text: Vec<u8> = lines.flatten().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if text.is_empty() {
        return Err(InputError::Empty);
    }
    if let Some(der) = hex::decode(&text) {
        return Ok(der);
    }
    let base64 = std::str::from_utf8(&text).ok().filter(|text| is_base64(text)).ok_or(InputError::Encoding)?;
    openssl::base64::decode_block(base64).map_err(|_| InputError::Encoding)
}

fn is_text(content: &[u8]) -> bool {
    content.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::{InputError, MAX_FILE, Object, decode};

    #[test]
    fn der_hex_base64_and_pem_give_the_same_bytes() {
        let der = [0x7F, 0x21, 0x03, 0x42, 0x01, 0xFF];
        for text in [
            &der[..],
            b"7F21034201FF\n",
            b"7f 21 03 42\r\n01 ff",
            b"fyEDQgH/",
            b"-----BEGIN CV CERTIFICATE-----\nfyED\nQgH/\n-----END CV CERTIFICATE-----\n",
        ] {
            assert_eq!(decode(text).unwrap(), der, "{text:02X?}");
        }
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        assert_eq!(decode(b" \n"), Err(InputError::Empty));
        assert_eq!(decode(b"not a certificate!"), Err(InputError::Encoding));
        assert_eq!(decode(b"\xFF\xFE\x00"), Err(InputError::Encoding));
        assert_eq!(decode(&vec![b'0'; MAX_FILE + 1]), Err(InputError::TooLarge));
        assert_eq!(Object::from_file(b"30020500").unwrap_err(), InputError::Kind);
        assert!(matches!(Object::from_file(b"7F2100"), Err(InputError::Parse(_))));
    }
}
