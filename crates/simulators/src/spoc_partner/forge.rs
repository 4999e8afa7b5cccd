//! Certificates no proper library makes.

use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, IssueError, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::{ParameterForm, PublicKey};
use cvc::reference::Reference;
use cvc::{Algorithm, Certificate, tlv};

use crate::partner_state::PartnerError;

/// Signs whatever the template says, with parameters written or not, whatever the role.
pub(super) fn certificate(
    signer: &dyn Signer,
    car: Reference,
    key: &PublicKey,
    form: ParameterForm,
    template: &Template,
) -> Result<Certificate, IssueError> {
    let mut chat = Vec::new();
    tlv::write(&mut chat, 0x06, template.chat.terminal_type().oid())?;
    tlv::write(&mut chat, 0x53, &template.chat.to_bytes())?;
    let mut body = Vec::new();
    tlv::write(&mut body, 0x5F29, &[0])?;
    tlv::write(&mut body, 0x42, car.as_bytes())?;
    tlv::write(&mut body, 0x7F49, &key.encode(form)?)?;
    tlv::write(&mut body, 0x5F20, template.chr.as_bytes())?;
    tlv::write(&mut body, 0x7F4C, &chat)?;
    tlv::write(&mut body, 0x5F25, &cvc::date::encode(template.effective)?)?;
    tlv::write(&mut body, 0x5F24, &cvc::date::encode(template.expires)?)?;
    let mut content = Vec::new();
    tlv::write(&mut content, 0x7F4E, &body)?;
    let signature = signer.sign(&content)?;
    tlv::write(&mut content, 0x5F37, &signature)?;
    let mut der = Vec::new();
    tlv::write(&mut der, 0x7F21, &content)?;
    Ok(Certificate::parse(der.as_slice())?.to_owned())
}

/// Turns the last bit: the last of the signature.
pub(super) fn spoilt(der: &[u8]) -> Vec<u8> {
    let mut spoilt = der.to_vec();
    if let Some(last) = spoilt.last_mut() {
        *last ^= 1;
    }
    spoilt
}

/// Self-signed certificates of so many CVCAs of a state, each with a key of its own, valid as long as another root.
pub(super) fn roots(country: &str, count: usize, like: &Certificate) -> Result<Vec<Vec<u8>>, PartnerError> {
    let root = |number: usize| {
        let key = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::P256)?;
        let chr = Reference::new(country, &format!("FALSE{number:02}"), "00001")?;
        let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
        let root = issue::self_signed(&key, &Template::new(chr, chat, like.effective(), like.expires()))?;
        Ok(root.as_der().to_vec())
    };
    (1..=count).map(root).collect()
}
