//! CV certificates (TR-03110-3 C.1): parsed without copying, kept with their exact bytes.

use std::ops::Range;
use std::sync::Arc;

use time::Date;

use crate::chat::Chat;
use crate::date;
use crate::error::ParseError;
use crate::public_key::{KeyLayout, PublicKeyView};
use crate::reference::Reference;
use crate::tlv::Reader;

/// A certificate. `Certificate<&[u8]>` borrows the buffer it was parsed from; `Certificate` owns its bytes and is cheap
/// to clone.
#[derive(Clone, Debug)]
pub struct Certificate<B = Arc<[u8]>> {
    bytes: B,
    layout: Layout,
}

#[derive(Clone, Debug)]
struct Layout {
    body: Range<usize>,
    car: Reference,
    key: KeyLayout,
    chr: Reference,
    chat: Chat,
    effective: Date,
    expires: Date,
    extensions: Option<Range<usize>>,
    signature: Range<usize>,
}

/// One extension (TR-03110-3 C.3): a discretionary data template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// The value of the object identifier that names the extension.
    pub oid: &'a [u8],
    /// The objects that follow it, encoded.
    pub content: &'a [u8],
}

impl<B: AsRef<[u8]>> Certificate<B> {
    /// Parses one certificate, with nothing before or after it.
    ///
    /// # Errors
    /// [`ParseError`] for anything that is not exactly the structure of TR-03110-3 C.1 in DER.
    pub fn parse(bytes: B) -> Result<Self, ParseError> {
        let layout = Layout::parse(bytes.as_ref())?;
        Ok(Self { bytes, layout })
    }

    /// The certificate as it was received.
    pub fn as_der(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The signed bytes: the whole 7F4E object.
    pub fn body(&self) -> &[u8] {
        self.slice(&self.layout.body)
    }

    /// Reference of the authority that signed.
    pub const fn car(&self) -> Reference {
        self.layout.car
    }

    /// Reference of the holder.
    pub const fn chr(&self) -> Reference {
        self.layout.chr
    }

    /// The holder's key as written.
    pub fn public_key(&self) -> PublicKeyView<'_> {
        self.layout.key.view(self.bytes.as_ref())
    }

    /// The holder's role and rights.
    pub const fn chat(&self) -> Chat {
        self.layout.chat
    }

    /// First day of validity (GMT).
    pub const fn effective(&self) -> Date {
        self.layout.effective
    }

    /// Last day of validity (GMT).
    pub const fn expires(&self) -> Date {
        self.layout.expires
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.layout.signature)
    }

    /// The extensions, in their order.
    pub fn extensions(&self) -> Vec<Extension<'_>> {
        self.layout.extensions.as_ref().map_or_else(Vec::new, |range| extensions(self.slice(range)))
    }

    /// True for a root: authority and holder are the same.
    pub fn is_self_signed(&self) -> bool {
        self.layout.car == self.layout.chr
    }

    /// A copy that owns its bytes.
    pub fn to_owned(&self) -> Certificate {
        Certificate { bytes: Arc::from(self.bytes.as_ref()), layout: self.layout.clone() }
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes.as_ref()[range.clone()]
    }
}

impl<A: AsRef<[u8]>, B: AsRef<[u8]>> PartialEq<Certificate<B>> for Certificate<A> {
    fn eq(&self, other: &Certificate<B>) -> bool {
        self.as_der() == other.as_der()
    }
}

impl<B: AsRef<[u8]>> Eq for Certificate<B> {}

impl Layout {
    fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut top = Reader::new(bytes)?;
        let whole = top.expect(0x7F21)?;
        let mut reader = top.inside(&whole);
        top.finish()?;

        let body = reader.expect(0x7F4E)?;
        let mut inner = reader.inside(&body);
        let signature = reader.expect(0x5F37)?;
        reader.finish()?;

        profile(bytes, &mut inner)?;
        let car = Reference::from_bytes(&bytes[inner.expect(0x42)?.value])?;
        let key = inner.expect(0x7F49)?;
        let key = KeyLayout::parse(bytes, inner.inside(&key))?;
        let chr = Reference::from_bytes(&bytes[inner.expect(0x5F20)?.value])?;
        let chat = inner.expect(0x7F4C)?;
        let chat = parse_chat(bytes, inner.inside(&chat))?;
        let effective = date::decode(&bytes[inner.expect(0x5F25)?.value])?;
        let expires = date::decode(&bytes[inner.expect(0x5F24)?.value])?;
        let extensions = parse_extensions(&mut inner)?;
        inner.finish()?;
        if signature.value.is_empty() {
            return Err(ParseError::EmptySignature);
        }
        let (body, signature) = (body.whole(), signature.value);
        Ok(Self { body, car, key, chr, chat, effective, expires, extensions, signature })
    }
}

fn parse_chat(bytes: &[u8], mut reader: Reader<'_>) -> Result<Chat, ParseError> {
    let oid = reader.expect(0x06)?;
    let authorisation = reader.expect(0x53)?;
    reader.finish()?;
    Ok(Chat::from_parts(&bytes[oid.value], &bytes[authorisation.value])?)
}

/// Reads the profile identifier, which has but one version.
pub(crate) fn profile(bytes: &[u8], reader: &mut Reader<'_>) -> Result<(), ParseError> {
    let version = reader.expect(0x5F29)?;
    if bytes[version.value] == [0] { Ok(()) } else { Err(ParseError::Profile) }
}

/// Reads the optional extensions and checks that each is a template led by an object identifier.
pub(crate) fn parse_extensions(reader: &mut Reader<'_>) -> Result<Option<Range<usize>>, ParseError> {
    let Some(element) = reader.optional(0x65)? else { return Ok(None) };
    let mut templates = reader.inside(&element);
    while !templates.is_empty() {
        let template = templates.expect(0x73)?;
        let mut objects = templates.inside(&template);
        objects.expect(0x06)?;
        while objects.any()?.is_some() {}
    }
    Ok(Some(element.value))
}

/// Lists extensions from the content of a 65 that parsed.
pub(crate) fn extensions(content: &[u8]) -> Vec<Extension<'_>> {
    let list = || {
        let mut found = Vec::new();
        let mut reader = Reader::new(content)?;
        while let Some(template) = reader.optional(0x73)? {
            let oid = reader.inside(&template).expect(0x06)?.value;
            found.push(Extension { oid: &content[oid.clone()], content: &content[oid.end..template.value.end] });
        }
        Ok::<_, crate::tlv::TlvError>(found)
    };
    list().unwrap_or_default()
}
