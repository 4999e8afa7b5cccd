//! What a peer presented, before anything is believed of it.

use emrtd::x509::{Certificate, Name};
use straznica_types::Timestamp;

use super::path::{Path, Search};
use super::{IdentityRefusal, Registration, leaf};
use crate::{Binding, Country, Side};

/// Most certificates taken from a peer: its own, two between, and one more (a root, a link), which is also the longest path.
pub(super) const MAX_CERTIFICATES: usize = 4;

/// The certificates of a peer, read and not yet believed.
#[derive(Clone, Debug)]
pub struct Presented {
    leaf: Certificate,
    authorities: Vec<Certificate>,
    country: Country,
}

impl Presented {
    /// Reads what a peer presented, its own certificate first, DER.
    ///
    /// # Errors
    /// [`IdentityRefusal`] when there is none or too many, one cannot be read, or the first does not claim exactly one country.
    pub fn read(presented: &[Vec<u8>]) -> Result<Self, IdentityRefusal> {
        if presented.len() > MAX_CERTIFICATES {
            return Err(IdentityRefusal::TooManyCertificates { found: presented.len() });
        }
        let mut certificates = presented.iter().enumerate().map(|(position, der)| {
            Certificate::parse(der)
                .map_err(|why| IdentityRefusal::Unreadable { position: position + 1, why: why.to_string() })
        });
        let leaf = certificates.next().ok_or(IdentityRefusal::NoCertificate)??;
        let authorities = certificates.collect::<Result<_, _>>()?;
        let country = country_of(leaf.subject())?;
        Ok(Self { leaf, authorities, country })
    }

    /// The country the certificate claims, by which the registration is looked up.
    #[must_use]
    pub fn country(&self) -> Country {
        self.country
    }

    /// The peer's own certificate.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// Everything but revocation.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn verify(
        &self,
        registration: &Registration,
        side: Side<'_>,
        binding: Binding,
        at: Timestamp,
    ) -> Result<Path, IdentityRefusal> {
        if let Side::Server { country, .. } = side {
            self.check_country(country)?;
        }
        let path = self.verify_again(registration, binding, at)?;
        leaf::check_purpose(&self.leaf, side, binding, &registration.purposes)?;
        Ok(path)
    }

    /// Of a peer verified before on an open connection: what may have changed since, which is everything but the certificate's purpose, and
    /// revocation left out as before.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn verify_again(
        &self,
        registration: &Registration,
        binding: Binding,
        at: Timestamp,
    ) -> Result<Path, IdentityRefusal> {
        self.check_country(registration.country)?;
        leaf::check_form(&self.leaf, at)?;
        Search::new(&self.authorities, registration, binding, at).from(self.leaf.clone())
    }

    fn check_country(&self, expected: Country) -> Result<(), IdentityRefusal> {
        if self.country == expected {
            return Ok(());
        }
        Err(IdentityRefusal::OtherCountry { found: self.country, expected })
    }
}

/// The one country of a subject, whatever its case.
fn country_of(subject: &Name) -> Result<Country, IdentityRefusal> {
    let mut countries = subject.countries();
    let text = countries.next().ok_or(IdentityRefusal::NoCountry)?;
    if countries.next().is_some() {
        return Err(IdentityRefusal::SeveralCountries);
    }
    text.to_ascii_uppercase().parse().map_err(|_| IdentityRefusal::MalformedCountry { text: text.to_owned() })
}
