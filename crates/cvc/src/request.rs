//! Certificate requests (TR-03110-3 C.2): the request itself and the one an authority or a former key vouches for.

use std::ops::Range;
use std::sync::Arc;

use crate::certificate::{Extension, extensions, parse_extensions, profile};
use crate::error::{KeyError, ParseError, SignatureError};
use crate::public_key::{KeyLayout, PublicKey, PublicKeyView};
use crate::reference::Reference;
use crate::tlv::{Element, Reader};

/// Why a request's inner signature does not prove possession of the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InnerSignatureError {
    /// The key is not usable; a request must carry its domain parameters (TR-03110-3 D.3.3).
    #[error("the key of the request: {0}")]
    Key(#[from] KeyError),
    /// The signature is not made by the key of the request (TR-03110-3 C.2.6).
    #[error("inner signature: {0}")]
    Signature(#[from] SignatureError),
}

/// A certificate request, signed with the key it asks a certificate for.
#[derive(Clone, Debug)]
pub struct Request<B = Arc<[u8]>> {
    bytes: B,
    layout: Layout,
}

#[derive(Clone, Debug)]
struct Layout {
    whole: Range<usize>,
    body: Range<usize>,
    car: Option<Reference>,
    key: KeyLayout,
    chr: Reference,
    extensions: Option<Range<usize>>,
    signature: Range<usize>,
}

impl<B: AsRef<[u8]>> Request<B> {
    /// Parses one request, with nothing before or after it.
    ///
    /// # Errors
    /// [`ParseError`] for anything that is not exactly the structure of TR-03110-3 C.2 in DER.
    pub fn parse(bytes: B) -> Result<Self, ParseError> {
        let mut top = Reader::new(bytes.as_ref())?;
        let whole = top.expect(0x7F21)?;
        let layout = Layout::parse(bytes.as_ref(), &top, &whole)?;
        top.finish()?;
        Ok(Self { bytes, layout })
    }

    /// The request as it was received.
    pub fn as_der(&self) -> &[u8] {
        self.slice(&self.layout.whole)
    }

    /// The bytes of the inner signature: the whole 7F4E object.
    pub fn body(&self) -> &[u8] {
        self.slice(&self.layout.body)
    }

    /// The authority that is asked, where it is named.
    pub const fn car(&self) -> Option<Reference> {
        self.layout.car
    }

    /// The reference asked for.
    pub const fn chr(&self) -> Reference {
        self.layout.chr
    }

    /// The key as written.
    pub fn public_key(&self) -> PublicKeyView<'_> {
        self.layout.key.view(self.bytes.as_ref())
    }

    /// The inner signature.
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.layout.signature)
    }

    /// The extensions, in their order.
    pub fn extensions(&self) -> Vec<Extension<'_>> {
        self.layout.extensions.as_ref().map_or_else(Vec::new, |range| extensions(self.slice(range)))
    }

    /// Checks the key and that whoever asks holds its private half.
    ///
    /// # Errors
    /// [`InnerSignatureError`] when the key is unusable, has no domain parameters, or did not sign.
    pub fn verify_inner(&self) -> Result<PublicKey, InnerSignatureError> {
        let key = PublicKey::resolve(&self.public_key(), None)?;
        key.verify(self.body(), self.signature())?;
        Ok(key)
    }

    /// A copy that owns its bytes.
    pub fn to_owned(&self) -> Request {
        let der: Arc<[u8]> = Arc::from(self.as_der());
        Request { bytes: der, layout: self.layout.moved(self.layout.whole.start) }
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes.as_ref()[range.clone()]
    }
}

impl<A: AsRef<[u8]>, B: AsRef<[u8]>> PartialEq<Request<B>> for Request<A> {
    fn eq(&self, other: &Request<B>) -> bool {
        self.as_der() == other.as_der()
    }
}

impl<B: AsRef<[u8]>> Eq for Request<B> {}

impl Layout {
    fn parse(bytes: &[u8], outer: &Reader<'_>, whole: &Element) -> Result<Self, ParseError> {
        let mut reader = outer.inside(whole);
        let body = reader.expect(0x7F4E)?;
        let mut inner = reader.inside(&body);
        let signature = reader.expect(0x5F37)?;
        reader.finish()?;

        profile(bytes, &mut inner)?;
        let car = match inner.optional(0x42)? {
            Some(element) => Some(Reference::from_bytes(&bytes[element.value])?),
            None => None,
        };
        let key = inner.expect(0x7F49)?;
        let key = KeyLayout::parse(bytes, inner.inside(&key))?;
        let chr = Reference::from_bytes(&bytes[inner.expect(0x5F20)?.value])?;
        let extensions = parse_extensions(&mut inner)?;
        inner.finish()?;
        if signature.value.is_empty() {
            return Err(ParseError::EmptySignature);
        }
        let (body, signature) = (body.whole(), signature.value);
        Ok(Self { whole: whole.whole(), body, car, key, chr, extensions, signature })
    }

    /// The same layout in a buffer that begins `offset` bytes later.
    fn moved(&self, offset: usize) -> Self {
        let by = |range: &Range<usize>| range.start - offset..range.end - offset;
        Self {
            whole: by(&self.whole),
            body: by(&self.body),
            car: self.car,
            key: self.key.moved(offset),
            chr: self.chr,
            extensions: self.extensions.as_ref().map(by),
            signature: by(&self.signature),
        }
    }
}

/// A request with an outer signature: by the CVCA of the requesting state (initial), or by the key of a certificate
/// still valid (successive).
#[derive(Clone, Debug)]
pub struct AuthenticatedRequest<B = Arc<[u8]>> {
    bytes: B,
    request: Layout,
    outer_car: Reference,
    signed: Range<usize>,
    outer_signature: Range<usize>,
}

impl<B: AsRef<[u8]>> AuthenticatedRequest<B> {
    /// Parses one authenticated request, with nothing before or after it.
    ///
    /// # Errors
    /// [`ParseError`] for anything that is not exactly the structure of TR-03110-3 C.2 in DER.
    pub fn parse(bytes: B) -> Result<Self, ParseError> {
        let buffer = bytes.as_ref();
        let mut top = Reader::new(buffer)?;
        let whole = top.expect(0x67)?;
        let mut reader = top.inside(&whole);
        top.finish()?;
        let request_element = reader.expect(0x7F21)?;
        let request = Layout::parse(buffer, &reader, &request_element)?;
        let car = reader.expect(0x42)?;
        let outer_car = Reference::from_bytes(&buffer[car.value.clone()])?;
        let signature = reader.expect(0x5F37)?;
        reader.finish()?;
        if signature.value.is_empty() {
            return Err(ParseError::EmptySignature);
        }
        let signed = request_element.start..car.value.end;
        Ok(Self { bytes, request, outer_car, signed, outer_signature: signature.value })
    }

    /// The authenticated request as it was received.
    pub fn as_der(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The request inside.
    pub fn request(&self) -> Request<&[u8]> {
        Request { bytes: self.bytes.as_ref(), layout: self.request.clone() }
    }

    /// Who vouches for the request.
    pub const fn outer_car(&self) -> Reference {
        self.outer_car
    }

    /// The bytes of the outer signature: the request and the outer CAR object, one after the other.
    pub fn signed(&self) -> &[u8] {
        &self.bytes.as_ref()[self.signed.clone()]
    }

    /// The outer signature.
    pub fn outer_signature(&self) -> &[u8] {
        &self.bytes.as_ref()[self.outer_signature.clone()]
    }

    /// Checks the outer signature with the key that [`AuthenticatedRequest::outer_car`] names.
    ///
    /// # Errors
    /// [`SignatureError`] unless the signature is that key's.
    pub fn verify_outer(&self, key: &PublicKey) -> Result<(), SignatureError> {
        key.verify(self.signed(), self.outer_signature())
    }

    /// A copy that owns its bytes.
    pub fn to_owned(&self) -> AuthenticatedRequest {
        AuthenticatedRequest {
            bytes: Arc::from(self.bytes.as_ref()),
            request: self.request.clone(),
            outer_car: self.outer_car,
            signed: self.signed.clone(),
            outer_signature: self.outer_signature.clone(),
        }
    }
}
