//! CVCAs whose certificates are held, with their keys, and the rules by which another certificate joins them.

use std::collections::{HashMap, HashSet};

use cvc::{
    certificate::Certificate,
    chat::{Rights, Role as ChatRole, TerminalType},
    error::{KeyError, SignatureError},
    public_key::PublicKey,
    reference::Reference,
};
use thiserror::Error;
use time::Date;

use super::exchange::policy::Rule;

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

impl AuthorityRefusal {
    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NotACvca | Self::TerminalType(_) => Rule::ReceivedForm,
            Self::Dates => Rule::ReceivedDates,
            Self::IssuerUnknown(_) | Self::OtherCountry { .. } => Rule::ReceivedIssuer,
            Self::OtherKey => Rule::ReceivedReference,
            Self::Key(_) | Self::Signature(_) => Rule::ReceivedSignature,
        }
    }
}

/// Authorities by holder reference, and the links between them.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    by_holder: HashMap<Reference, Authority>,
    /// Issuer and holder of every link taken in.
    links: Vec<(Reference, Reference)>,
    /// Holders withdrawn from use: no trust reaches them or passes them.
    suspended: HashSet<Reference>,
}

impl Authorities {
    /// None yet; those of `suspended` will not be trusted, whatever leads to them.
    #[must_use]
    pub fn without(suspended: HashSet<Reference>) -> Self {
        Self { suspended, ..Self::default() }
    }

    /// The authority of this holder reference.
    #[must_use]
    pub fn get(&self, chr: &Reference) -> Option<&Authority> {
        self.by_holder.get(chr)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Authority> {
        self.by_holder.values()
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
        let key = if certificate.is_self_signed() {
            // A self-signed certificate has to carry its domain parameters (TR-03110-3 §D.3).
            let key = PublicKey::resolve(&certificate.public_key(), None)?;
            key.verify(certificate.body(), certificate.signature())?;
            key
        } else {
            let issuer = self.issuer_of(certificate)?;
            PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())?
        };
        self.join(certificate, key)
    }

    /// Takes in a certificate that [`Self::admit`] verified before it was kept: its signature is not verified once more.
    ///
    /// # Errors
    /// [`AuthorityRefusal`] when it no longer fits those held.
    pub fn hold<B: AsRef<[u8]>>(&mut self, certificate: &Certificate<B>) -> Result<(), AuthorityRefusal> {
        let key = if certificate.is_self_signed() {
            PublicKey::resolve(&certificate.public_key(), None)?
        } else {
            let issuer = self.get(&certificate.car());
            let issuer = issuer.ok_or_else(|| AuthorityRefusal::IssuerUnknown(certificate.car()))?;
            PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())?
        };
        self.join(certificate, key)?;
        Ok(())
    }

    /// Whether two references are of one CVCA: generations under one mnemonic, and those that links join across mnemonics.
    #[must_use]
    pub fn are_one_cvca(&self, one: &Reference, other: &Reference) -> bool {
        let alike = |a: &Reference, b: &Reference| a.country() == b.country() && a.mnemonic() == b.mnemonic();
        let mut reached = vec![*one];
        let mut next = 0;
        while let Some(here) = reached.get(next).copied() {
            if alike(&here, other) {
                return true;
            }
            next += 1;
            for (from, to) in self.links.iter().flat_map(|(car, chr)| [(car, chr), (chr, car)]) {
                if alike(from, &here) && !reached.iter().any(|known| alike(known, to)) {
                    reached.push(*to);
                }
            }
        }
        false
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
    ) -> Result<Admission, AuthorityRefusal> {
        let chr = certificate.chr();
        let authority = self.by_holder.entry(chr).or_insert_with(|| Authority {
            chr,
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
        } else {
            self.links.push((certificate.car(), chr));
        }
        self.spread_trust();
        let trusted = self.get(&chr).is_some_and(|authority| authority.trusted);
        Ok(if trusted { Admission::Trusted } else { Admission::AwaitsConfirmation })
    }

    /// Trusts the root of this holder reference, two officers having compared it, and what its links lead to.
    pub fn trust(&mut self, chr: &Reference) {
        if self.suspended.contains(chr) {
            return;
        }
        if let Some(authority) = self.by_holder.get_mut(chr) {
            authority.trusted = true;
        }
        self.spread_trust();
    }

    /// Carries trust along the links, in whatever order they came in.
    fn spread_trust(&mut self) {
        loop {
            let reached = self.links.iter().find(|(car, chr)| {
                let trusted = |reference| self.by_holder.get(reference).is_some_and(|authority| authority.trusted);
                trusted(car) && !trusted(chr) && !self.suspended.contains(chr)
            });
            let Some((_, chr)) = reached.copied() else { return };
            if let Some(authority) = self.by_holder.get_mut(&chr) {
                authority.trusted = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cvc::{
        algorithm::Algorithm,
        certificate::Certificate,
        chat::{Chat, Rights, Role},
        domain_parameters::StandardisedCurve,
        issue::{self, Template},
        private_key::{PrivateKey, Signer},
        public_key::ParameterForm,
        reference::Reference,
    };
    use time::{Date, Month};

    use super::{Admission, Authorities, AuthorityRefusal};

    fn template(chr: &str) -> Template {
        let chr: Reference = chr.parse().unwrap();
        let from = Date::from_calendar_date(2026, Month::January, 1).unwrap();
        let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
        Template::new(chr, chat, from, from + time::Duration::days(900))
    }

    fn key(algorithm: Algorithm, curve: StandardisedCurve) -> PrivateKey {
        PrivateKey::generate_ec(algorithm, curve).unwrap()
    }

    fn p256() -> PrivateKey {
        key(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)
    }

    fn link(from: &PrivateKey, car: &str, to: &PrivateKey, form: ParameterForm, chr: &str) -> Certificate {
        issue::link(from, car.parse().unwrap(), to.public_key(), form, &template(chr)).unwrap()
    }

    #[test]
    fn trust_reaches_every_generation_from_the_confirmed_root_on_and_none_before_it() {
        let keys = [p256(), key(Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1), p256()];
        let names = ["UTCVCA00001", "UTCVCA00002", "UTNEW00001"];
        let mut authorities = Authorities::default();
        let roots = keys.iter().zip(names).map(|(key, name)| issue::self_signed(key, &template(name)).unwrap());
        for root in roots {
            assert_eq!(authorities.admit(&root).unwrap(), Admission::AwaitsConfirmation);
        }
        for (from, to) in [(1, 2), (0, 1)] {
            let link = link(&keys[from], names[from], &keys[to], ParameterForm::Written, names[to]);
            assert_eq!(authorities.admit(&link).unwrap(), Admission::AwaitsConfirmation);
        }
        let trusted =
            |authorities: &Authorities| names.map(|name| authorities.get(&name.parse().unwrap()).unwrap().trusted);
        authorities.trust(&names[1].parse().unwrap());
        assert_eq!(trusted(&authorities), [false, true, true]);
        authorities.trust(&names[0].parse().unwrap());
        assert_eq!(trusted(&authorities), [true; 3]);
    }

    #[test]
    fn a_legal_link_without_parameters_inherits_them() {
        let (old, new) = (p256(), p256());
        let mut authorities = Authorities::default();
        authorities.admit(&issue::self_signed(&old, &template("UTCVCA00001")).unwrap()).unwrap();
        let link = link(&old, "UTCVCA00001", &new, ParameterForm::Inherited, "UTCVCA00002");
        authorities.admit(&link).unwrap();
        assert_eq!(authorities.get(&link.chr()).unwrap().key, *new.public_key());
    }

    #[test]
    fn a_link_signed_by_the_new_key_or_into_another_country_or_for_another_key_is_refused() {
        let (old, new) = (p256(), p256());
        let mut authorities = Authorities::default();
        authorities.admit(&issue::self_signed(&old, &template("UTCVCA00001")).unwrap()).unwrap();
        let wrong = link(&new, "UTCVCA00001", &new, ParameterForm::Written, "UTCVCA00002");
        assert!(matches!(authorities.admit(&wrong), Err(AuthorityRefusal::Signature(_))));
        let abroad = link(&old, "UTCVCA00001", &new, ParameterForm::Written, "XACVCA00001");
        assert!(matches!(authorities.admit(&abroad), Err(AuthorityRefusal::OtherCountry { .. })));
        let orphan = link(&old, "UTCVCA00009", &new, ParameterForm::Written, "UTCVCA00010");
        assert!(matches!(authorities.admit(&orphan), Err(AuthorityRefusal::IssuerUnknown(_))));
        authorities.admit(&link(&old, "UTCVCA00001", &new, ParameterForm::Written, "UTCVCA00002")).unwrap();
        let other = issue::self_signed(&p256(), &template("UTCVCA00002")).unwrap();
        assert!(matches!(authorities.admit(&other), Err(AuthorityRefusal::OtherKey)));
    }
}
