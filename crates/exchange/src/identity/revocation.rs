//! Revocation lists held against a path (RFC 5280 §6.3; Doc 9303-12 §7.1.4: reissued within ninety days).

use emrtd::inspection::ToleranceCode;
use emrtd::x509::Crl;
use straznica_types::Timestamp;

use super::{CrlIssuer, CrlNeed, IdentityRefusal, Path, PeerCertificate, Warning, timestamp};

impl CrlIssuer {
    /// Whether a list is one of this issuer: its name, its key, its signature.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn check_issuer(&self, crl: &Crl) -> Result<(), IdentityRefusal> {
        let issuer = || self.certificate.subject().to_string();
        if !self.is_named_by(crl) {
            return Err(IdentityRefusal::NoCrl { issuer: issuer() });
        }
        if !self.certificate.extensions().may_sign_crls() {
            return Err(IdentityRefusal::IssuerMayNotRevoke { issuer: issuer() });
        }
        let mut tolerances = Vec::new();
        let verified =
            self.certificate.key_for("crl", &mut tolerances).and_then(|key| crl.verify_signature(key, &mut tolerances));
        if verified.is_err() {
            return Err(IdentityRefusal::CrlSignature { issuer: issuer() });
        }
        if tolerances.iter().any(|tolerance| tolerance.code == ToleranceCode::WeakHash) {
            return Err(IdentityRefusal::WeakCrl { issuer: issuer() });
        }
        Ok(())
    }

    /// Whether a list counts at this moment.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn check_freshness(&self, crl: &Crl, at: Timestamp) -> Result<(), IdentityRefusal> {
        let issuer = self.certificate.subject().to_string();
        let this_update = timestamp(crl.this_update());
        if at < this_update {
            return Err(IdentityRefusal::CrlFromTheFuture { issuer, this_update });
        }
        if at > this_update + self.crl_max_age {
            return Err(IdentityRefusal::CrlTooOld { issuer, this_update });
        }
        match crl.next_update().map(timestamp) {
            Some(next_update) if at > next_update => Err(IdentityRefusal::CrlExpired { issuer, next_update }),
            _ => Ok(()),
        }
    }

    pub(super) fn is_named_by(&self, crl: &Crl) -> bool {
        let same_key = match (crl.authority_key(), &self.certificate.extensions().subject_key) {
            (Some(named), Some(own)) => named == own.as_slice(),
            _ => true,
        };
        same_key && crl.issuer().matches(self.certificate.subject())
    }
}

impl CrlNeed {
    /// Whether a list is one of the issuer: its name, its key, its signature.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn check_issuer(&self, crl: &Crl) -> Result<(), IdentityRefusal> {
        self.by.check_issuer(crl)
    }

    /// Whether a list counts at this moment.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn check_freshness(&self, crl: &Crl, at: Timestamp) -> Result<(), IdentityRefusal> {
        self.by.check_freshness(crl, at)
    }

    /// The newest fresh list, none of whose issuer names the certificate.
    fn judge<'a>(&self, crls: &'a [Crl], at: Timestamp) -> Result<&'a Crl, IdentityRefusal> {
        let issuer = || self.issuer().subject().to_string();
        let mut refusal = IdentityRefusal::NoCrl { issuer: issuer() };
        let mut good = Vec::new();
        for crl in crls.iter().filter(|crl| self.by.is_named_by(crl)) {
            match self.check_issuer(crl) {
                Ok(()) => good.push(crl),
                Err(why) => refusal = why,
            }
        }
        // A list that is no longer fresh still tells who was revoked.
        for crl in &good {
            if let Some(on) = crl.revoked_on(self.certificate.serial()) {
                let subject = self.certificate.subject().to_string();
                return Err(IdentityRefusal::Revoked { subject, issuer: issuer(), on: timestamp(on) });
            }
        }
        good.sort_by_key(|crl| std::cmp::Reverse(crl.this_update()));
        // Of several that are stale the newest tells why.
        let newest = good.first().map(|crl| self.check_freshness(crl, at));
        if let Some(crl) = good.into_iter().find(|crl| self.check_freshness(crl, at).is_ok()) {
            return Ok(crl);
        }
        Err(newest.and_then(Result::err).unwrap_or(refusal))
    }
}

impl Path {
    /// Looks every certificate of the path up in the lists, and sums up what is known of the peer.
    ///
    /// # Errors
    /// [`IdentityRefusal`]
    pub fn check_revocation(&self, crls: &[Crl], at: Timestamp) -> Result<PeerCertificate, IdentityRefusal> {
        let mut good_until = self.good_until();
        let mut warnings: Vec<Warning> = self.tolerances.iter().cloned().map(Warning::Tolerated).collect();
        for need in self.crl_needs() {
            let crl = need.judge(crls, at)?;
            good_until = good_until.min(timestamp(crl.this_update()) + self.demands.crl_max_age);
            match crl.next_update() {
                Some(next) => good_until = good_until.min(timestamp(next)),
                None => warnings.push(Warning::CrlWithoutNextUpdate { issuer: need.issuer().subject().to_string() }),
            }
        }
        // A path holds at least the peer's own certificate.
        let leaf = self.certificates.first().ok_or(IdentityRefusal::NoCertificate)?;
        let days = (leaf.not_after() - leaf.not_before()).whole_days();
        let (shortest, longest) = (self.demands.shortest_days, self.demands.longest_days);
        if !(i64::from(shortest)..=i64::from(longest)).contains(&days) {
            warnings.push(Warning::Validity { days, shortest, longest });
        }
        Ok(PeerCertificate {
            country: self.country,
            fingerprint: leaf.fingerprint(),
            serial: leaf.serial().iter().map(|octet| format!("{octet:02x}")).collect(),
            not_after: timestamp(leaf.not_after()),
            root: self.root.certificate.fingerprint(),
            reached: self.reached.clone(),
            good_until,
            warnings,
        })
    }
}
