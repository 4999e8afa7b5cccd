//! The certificates by which partners know this SPOC: nobody renews them but us, and without them no partner lets us in.

use emrtd::x509::Certificate;
use straznica_exchange_wire::Binding;
use straznica_types::Timestamp;

use crate::app::App;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnCertificate {
    pub(crate) binding: Binding,
    /// `client` or `server`.
    pub(crate) side: &'static str,
    pub(crate) subject: String,
    /// Last moment of its validity.
    pub(crate) until: Timestamp,
}

impl OwnCertificate {
    /// What a chain in force says, its first certificate being ours. `None` for one that cannot be read: no partner would let us in with it, and the
    /// listeners have said so.
    pub(crate) fn read(binding: Binding, side: &'static str, chain: &[impl AsRef<[u8]>]) -> Option<Self> {
        let certificate = Certificate::parse(chain.first()?.as_ref()).ok()?;
        let until = Timestamp::from_seconds(certificate.not_after().unix_timestamp());
        Some(Self { binding, side, subject: certificate.subject().to_string(), until })
    }

    /// Days left, where they are so few by the policy that somebody has to be told.
    pub(crate) fn days_left(&self, app: &App) -> Option<i64> {
        let days = (self.until.millis() - app.clock.now().millis()).div_euclid(24 * 60 * 60 * 1000);
        (days < i64::from(app.policy.common().alarms.own_expiry_days)).then_some(days)
    }
}

/// Those in force; none on a node without the exchange.
pub(crate) fn in_force(app: &App) -> Vec<OwnCertificate> {
    app.bundles.get().map(|credentials| credentials.certificates()).unwrap_or_default()
}
