//! Issuing: certificates (TR-03110-3 C.1), requests and authenticated requests (C.2).
//!
//! Every function takes a [`Signer`], so the key may live in a key store, and parses what it made before handing it
//! out: what leaves here reads back.

use time::Date;

use crate::certificate::Certificate;
use crate::chat::Chat;
use crate::date::{self, DateError};
use crate::error::{ParseError, SignatureError};
use crate::private_key::{SignError, Signer};
use crate::public_key::{ParameterForm, PublicKey};
use crate::reference::Reference;
use crate::request::{AuthenticatedRequest, Request};
use crate::tlv::{self, TlvError};

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The certificate would expire before it takes effect.
    #[error("the expiration date lies before the effective date")]
    DatesReversed,
    /// A date that certificates cannot express.
    #[error(transparent)]
    Date(#[from] DateError),
    /// A role that this kind of certificate does not have.
    #[error("the role does not belong to this kind of certificate")]
    Role,
    /// The key is not of the issuer's kind; only a link certificate switches (TR-03110-3 2.3).
    #[error("the key's algorithm, domain parameters or size differ from the issuer's")]
    KeyKind,
    /// A link without parameters whose key has others than the key before (TR-03110-3 D.3.3).
    #[error("a link certificate that changes domain parameters must carry them")]
    ParametersChange,
    /// A link from a reference to itself.
    #[error("a link certificate needs a new holder reference")]
    SameReference,
    /// The object became too long.
    #[error(transparent)]
    Length(#[from] TlvError),
    /// What was made does not read back.
    #[error("what was made does not read back: {0}")]
    Unreadable(#[from] ParseError),
    /// The signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signature the signer returned does not verify under its public key.
    #[error("the signer's signature does not verify: {0}")]
    Signer(#[from] SignatureError),
}

/// What a certificate says beside its keys.
#[derive(Clone, Debug)]
pub struct Template {
    /// Reference of the holder.
    pub chr: Reference,
    /// Role and rights; from the issuer's policy, never from a request.
    pub chat: Chat,
    /// First day of validity: the day of generation.
    pub effective: Date,
    /// Last day of validity.
    pub expires: Date,
    /// Extensions in their order.
    pub extensions: Vec<ExtensionTemplate>,
}

/// An extension to be written: an object identifier and the objects that follow it, encoded.
#[derive(Clone, Debug)]
pub struct ExtensionTemplate {
    /// The value of the object identifier.
    pub oid: Vec<u8>,
    /// The objects that follow.
    pub content: Vec<u8>,
}

impl Template {
    /// A template without extensions.
    pub const fn new(chr: Reference, chat: Chat, effective: Date, expires: Date) -> Self {
        Self { chr, chat, effective, expires, extensions: Vec::new() }
    }
}

/// A self-signed CVCA certificate, domain parameters written out.
///
/// # Errors
/// [`IssueError`]
pub fn self_signed(signer: &dyn Signer, template: &Template) -> Result<Certificate, IssueError> {
    if template.chat.role() != crate::chat::Role::Cvca {
        return Err(IssueError::Role);
    }
    sign_certificate(signer, template.chr, signer.public_key(), ParameterForm::Written, template)
}

/// A link certificate: the new key of a CVCA, signed with the previous key and the previous algorithm. It has the same
/// dates as the matching self-signed certificate.
///
/// # Errors
/// [`IssueError::ParametersChange`] when the parameters change and are not to be written, or another [`IssueError`].
pub fn link(
    previous: &dyn Signer,
    previous_reference: Reference,
    new_key: &PublicKey,
    parameters: ParameterForm,
    template: &Template,
) -> Result<Certificate, IssueError> {
    if template.chat.role() != crate::chat::Role::Cvca {
        return Err(IssueError::Role);
    }
    if previous_reference == template.chr {
        return Err(IssueError::SameReference);
    }
    let changed = new_key.parameters() != previous.public_key().parameters();
    if parameters == ParameterForm::Inherited && changed {
        return Err(IssueError::ParametersChange);
    }
    sign_certificate(previous, previous_reference, new_key, parameters, template)
}

/// A certificate of a document verifier (by a CVCA) or of a terminal (by a document verifier).
///
/// # Errors
/// [`IssueError::KeyKind`] when the key differs in kind from the issuer's, or another [`IssueError`].
pub fn subordinate(
    issuer: &dyn Signer,
    car: Reference,
    key: &PublicKey,
    template: &Template,
) -> Result<Certificate, IssueError> {
    if template.chat.role() == crate::chat::Role::Cvca {
        return Err(IssueError::Role);
    }
    if !key.same_kind(issuer.public_key()) {
        return Err(IssueError::KeyKind);
    }
    sign_certificate(issuer, car, key, ParameterForm::Inherited, template)
}

/// A request for a certificate on the signer's key, with its domain parameters. TR-03139 asks document verifiers to
/// name the authority always.
///
/// # Errors
/// [`IssueError`]
pub fn request(
    signer: &dyn Signer,
    car: Option<Reference>,
    chr: Reference,
    extensions: &[ExtensionTemplate],
) -> Result<Request, IssueError> {
    let mut body = profile()?;
    if let Some(car) = car {
        tlv::write(&mut body, 0x42, car.as_bytes())?;
    }
    tlv::write(&mut body, 0x7F49, &signer.public_key().encode(ParameterForm::Written)?)?;
    tlv::write(&mut body, 0x5F20, chr.as_bytes())?;
    write_extensions(&mut body, extensions)?;
    let der = sign_body(signer, &body)?;
    Ok(Request::parse(der.as_slice())?.to_owned())
}

/// Vouches for a request: the CVCA of the requesting state for an initial one, the key of the certificate still valid
/// for a successive one.
///
/// # Errors
/// [`IssueError`]
pub fn countersign(
    signer: &dyn Signer,
    outer_car: Reference,
    request: &Request<impl AsRef<[u8]>>,
) -> Result<AuthenticatedRequest, IssueError> {
    let mut content = request.as_der().to_vec();
    tlv::write(&mut content, 0x42, outer_car.as_bytes())?;
    let signature = sign(signer, &content)?;
    tlv::write(&mut content, 0x5F37, &signature)?;
    let mut der = Vec::with_capacity(content.len() + 4);
    tlv::write(&mut der, 0x67, &content)?;
    Ok(AuthenticatedRequest::parse(der.as_slice())?.to_owned())
}

fn sign_certificate(
    issuer: &dyn Signer,
    car: Reference,
    key: &PublicKey,
    form: ParameterForm,
    template: &Template,
) -> Result<Certificate, IssueError> {
    if template.expires < template.effective {
        return Err(IssueError::DatesReversed);
    }
    if key.algorithm().is_weak() {
        return Err(SignError::WeakAlgorithm(key.algorithm()).into());
    }
    let mut chat = Vec::new();
    tlv::write(&mut chat, 0x06, template.chat.terminal_type().oid())?;
    tlv::write(&mut chat, 0x53, &template.chat.to_bytes())?;

    let mut body = profile()?;
    tlv::write(&mut body, 0x42, car.as_bytes())?;
    tlv::write(&mut body, 0x7F49, &key.encode(form)?)?;
    tlv::write(&mut body, 0x5F20, template.chr.as_bytes())?;
    tlv::write(&mut body, 0x7F4C, &chat)?;
    tlv::write(&mut body, 0x5F25, &date::encode(template.effective)?)?;
    tlv::write(&mut body, 0x5F24, &date::encode(template.expires)?)?;
    write_extensions(&mut body, &template.extensions)?;
    let der = sign_body(issuer, &body)?;
    Ok(Certificate::parse(der.as_slice())?.to_owned())
}

fn profile() -> Result<Vec<u8>, TlvError> {
    let mut body = Vec::with_capacity(512);
    tlv::write(&mut body, 0x5F29, &[0])?;
    Ok(body)
}

fn write_extensions(body: &mut Vec<u8>, extensions: &[ExtensionTemplate]) -> Result<(), TlvError> {
    if extensions.is_empty() {
        return Ok(());
    }
    let mut templates = Vec::new();
    for extension in extensions {
        let mut template = Vec::new();
        tlv::write(&mut template, 0x06, &extension.oid)?;
        template.extend_from_slice(&extension.content);
        tlv::write(&mut templates, 0x73, &template)?;
    }
    tlv::write(body, 0x65, &templates)
}

fn sign_body(signer: &dyn Signer, body: &[u8]) -> Result<Vec<u8>, IssueError> {
    let mut content = Vec::with_capacity(body.len() + 300);
    tlv::write(&mut content, 0x7F4E, body)?;
    let signature = sign(signer, &content)?;
    tlv::write(&mut content, 0x5F37, &signature)?;
    let mut der = Vec::with_capacity(content.len() + 5);
    tlv::write(&mut der, 0x7F21, &content)?;
    Ok(der)
}

/// Signs, and checks the signature: a faulty key store must not put a worthless certificate into the world.
fn sign(signer: &dyn Signer, message: &[u8]) -> Result<Vec<u8>, IssueError> {
    if signer.algorithm().is_weak() {
        return Err(SignError::WeakAlgorithm(signer.algorithm()).into());
    }
    let signature = signer.sign(message)?;
    signer.public_key().verify(message, &signature)?;
    Ok(signature)
}
