//! CVCAs whose certificates are held, with their keys, and the rules by which another certificate joins them.

use std::collections::HashMap;

use cvc::{
    certificate::Certificate,
    chat::{Rights, Role as ChatRole, TerminalType},
    domain_parameters::DomainParameters,
    error::{KeyError, SignatureError},
    public_key::PublicKey,
    reference::Reference,
};
use thiserror::Error;
use time::Date;

/// One generation of a CVCA.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Its holder reference.
    pub chr: Reference,
    /// Its public key, with domain parameters.
    pub key: PublicKey,
    /// Rights it can pass on: those of the self-signed certificate where it is held, else of the link.
    pub rights: Rights,
    /// First day of validity.
    pub effective: Date,
    /// Last day of validity.
    pub expires: Date,
    /// Two officers have agreed on the root it comes from.
    pub trusted: bool,
}

/// How a CVCA certificate joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Reached from a trusted certificate by its signature.
    Trusted,
    /// Self-signed and reached by no trusted link, or linked from one such: two officers have to compare its fingerprint first.
    AwaitsConfirmation,
}

/// Why a certificate does not join.
#[derive(Debug, Error)]
pub enum AuthorityRefusal {
    /// Its role is not CVCA.
    #[error("it is no CVCA certificate (TR-03110-3 §C.4)")]
    NotACvca,
    /// It is for another kind of terminal.
    #[error("its terminal type is {0}; border control uses inspection systems (TR-03110-3 §C.4.1)")]
    TerminalType(TerminalType),
    /// It ends before it begins.
    #[error("its expiration date lies before its effective date")]
    Dates,
    /// The issuer of a link is not held.
    #[error("the certificate of its issuer {0} is not held")]
    IssuerUnknown(Reference),
    /// A link leads into another country.
    #[error("it leads from {from} to {to}, another country")]
    OtherCountry {
        /// Issuer.
        from: Reference,
        /// Holder.
        to: Reference,
    },
    /// Another key is held under the same holder reference.
    #[error("another key is held under its holder reference")]
    OtherKey,
    /// Its key cannot be used.
    #[error("its key: {0}")]
    Key(#[from] KeyError),
    /// Its signature does not verify. A link is signed by the previous key with the previous algorithm.
    #[error("its signature: {0}")]
    Signature(#[from] SignatureError),
}

/// Authorities by holder reference.
#[derive(Debug, Clone, Default)]
pub struct Authorities(HashMap<Reference, Authority>);

impl Authorities {
    /// The authority of this holder reference.
    #[must_use]
    pub fn get(&self, chr: &Reference) -> Option<&Authority> {
        self.0.get(chr)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Authority> {
        self.0.values()
    }

    /// Verifies a CVCA certificate against those held and takes it in.
    ///
    /// # Errors
    /// [`AuthorityRefusal`] names the rule it breaks.
    pub fn admit<B: AsRef<[u8]>>(&mut self, certificate: &Certificate<B>) -> Result<Admission, AuthorityRefusal> {
        let chat = certificate.chat();
        if chat.role() != ChatRole::Cvca {
            return Err(AuthorityRefusal::NotACvca);
        }
        if chat.terminal_type() != TerminalType::InspectionSystem {
            return Err(AuthorityRefusal::TerminalType(chat.terminal_type()));
        }
        if certificate.expires() < certificate.effective() {
            return Err(AuthorityRefusal::Dates);
        }
        let (key, vouched) = if certificate.is_self_signed() {
            // A self-signed certificate has to carry its domain parameters (TR-03110-3 §D.3).
            let key = PublicKey::resolve(&certificate.public_key(), None)?;
            key.verify(certificate.body(), certificate.signature())?;
            (key, false)
        } else {
            let issuer = self.issuer_of(certificate)?;
            let key = PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())?;
            (key, issuer.trusted)
        };
        self.join(certificate, key, vouched)
    }

    fn issuer_of<B: AsRef<[u8]>>(&self, link: &Certificate<B>) -> Result<&Authority, AuthorityRefusal> {
        let issuer = self.get(&link.car()).ok_or_else(|| AuthorityRefusal::IssuerUnknown(link.car()))?;
        if issuer.chr.country() != link.chr().country() {
            return Err(AuthorityRefusal::OtherCountry { from: issuer.chr, to: link.chr() });
        }
        issuer.key.verify(link.body(), link.signature())?;
        Ok(issuer)
    }

    fn join<B: AsRef<[u8]>>(
        &mut self,
        certificate: &Certificate<B>,
        key: PublicKey,
        vouched: bool,
    ) -> Result<Admission, AuthorityRefusal> {
        let authority = self.0.entry(certificate.chr()).or_insert_with(|| Authority {
            chr: certificate.chr(),
            key: key.clone(),
            rights: certificate.chat().rights(),
            effective: certificate.effective(),
            expires: certificate.expires(),
            trusted: false,
        });
        if authority.key != key {
            return Err(AuthorityRefusal::OtherKey);
        }
        if certificate.is_self_signed() {
            authority.rights = certificate.chat().rights();
        }
        authority.trusted |= vouched;
        Ok(if authority.trusted { Admission::Trusted } else { Admission::AwaitsConfirmation })
    }

    /// Trusts the root of this holder reference: two officers have compared it.
    pub fn trust(&mut self, chr: &Reference) {
        if let Some(authority) = self.0.get_mut(chr) {
            authority.trusted = true;
        }
    }

    /// Domain parameters of an authority's key, where it has any: what document verifiers and inspection systems below it inherit.
    #[must_use]
    pub fn parameters(&self, chr: &Reference) -> Option<&DomainParameters> {
        self.get(chr).and_then(|authority| authority.key.parameters())
    }
}
