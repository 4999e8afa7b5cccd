//! Whether what a SPOC delivers is what was asked for (TR-03139 table 3), one property at a time: what is wrong with one of them is told by the case that
//! is about it, and stands in no other's way.

use cvc::chat::Role;
use cvc::policy::TR_03139;
use cvc::reference::Reference;
use cvc::{Certificate, PublicKey, TrustGraph};
use time::Date;

/// A promise that is not kept; the text is for the report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

fn broken<T>(what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(what.into()))
}

/// What GetCACertificates gave, whatever it is good for.
#[derive(Clone, Debug)]
pub struct Given(Vec<Certificate>);

impl Given {
    /// Reads the sequence.
    ///
    /// # Errors
    /// [`Broken`] when one of it is no certificate, or there is none.
    pub fn read(sequence: &[Vec<u8>]) -> Result<Self, Broken> {
        match sequence {
            [] => broken("ok_cert_available without a certificate"),
            some => parse_all(some).map(Self),
        }
    }

    /// Every certificate is one of a CVCA.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_roles(&self) -> Result<(), Broken> {
        match self.0.iter().find(|one| one.chat().role() != Role::Cvca) {
            Some(other) => broken(format!("{} is no certificate of a CVCA", other.chr())),
            None => Ok(()),
        }
    }

    /// By ascending effective date.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_order(&self) -> Result<(), Broken> {
        ascending(&self.0)
    }

    /// Every signature verifies, and every link leads on from a certificate that is there, but for the oldest.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_links(&self) -> Result<(), Broken> {
        let (_, findings) = TrustGraph::from_trust_points(&self.0);
        if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
            return broken(format!("the certificates do not hold together: {finding}"));
        }
        match self.0.iter().find(|one| begins_in_the_air(one, &self.0)) {
            Some(gap) => broken(format!("{} is signed by {}, which is missing", gap.chr(), gap.car())),
            None => Ok(()),
        }
    }
}

/// A CVCA that can be asked, as GetCACertificates told of it.
#[derive(Clone, Debug)]
pub struct Authorities {
    /// Its certificates, joined as far as they hold together.
    pub graph: TrustGraph,
    /// The generation that signs now.
    pub current: Reference,
    /// Its key.
    pub key: PublicKey,
}

impl Authorities {
    /// Reads an answer of GetCACertificates as far as it takes to know whom to ask. `mnemonic` chooses among several CVCAs.
    ///
    /// # Errors
    /// [`Broken`] when there is nobody to ask.
    pub fn read(sequence: &[Vec<u8>], mnemonic: Option<&str>) -> Result<Self, Broken> {
        let certificates = parse_all(sequence)?;
        let (graph, _) = TrustGraph::from_trust_points(&certificates);
        // what leads nowhere, or is no certificate of a CVCA, stands in nobody's way
        let holds = |one: &&Certificate| graph.cvcas(one.chr()).next().is_some();
        let wanted = |one: &&Certificate| mnemonic.is_none_or(|name| one.chr().mnemonic() == name);
        let replaced = |one: &&Certificate| {
            let mut others = certificates.iter().filter(holds);
            others.any(|other| other.car() == one.chr() && other.chr() != one.chr())
        };
        let newest = certificates.iter().filter(holds).filter(wanted).filter(|one| !replaced(one));
        let newest = newest.max_by_key(|one| one.effective());
        let node = newest.and_then(|certificate| graph.cvcas(certificate.chr()).next());
        let Some((current, key)) = node.map(|node| (node.certificate().chr(), node.key().clone())) else {
            return broken("no CVCA that could be asked");
        };
        Ok(Self { graph, current, key })
    }

    /// The certificates of a notification bring the root of a new generation, and the link to it from the current one.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_followed_by(&self, sequence: &[Vec<u8>]) -> Result<(), Broken> {
        let told = parse_all(sequence)?;
        let link = told.iter().find(|one| one.car() == self.current && one.chr() != self.current);
        let Some(link) = link else { return broken(format!("no link leads on from {}", self.current)) };
        if !told.iter().any(|one| one.is_self_signed() && one.chr() == link.chr()) {
            return broken(format!("the root of {} is missing", link.chr()));
        }
        match self.graph.clone().admit(link) {
            Ok(_) => Ok(()),
            Err(why) => broken(format!("the link to {} does not hold: {why}", link.chr())),
        }
    }

    /// Whether all certificates of a sequence are of generations known here.
    #[must_use]
    pub fn include(&self, sequence: &[Vec<u8>]) -> bool {
        let known = |one: &Certificate| self.graph.nodes().any(|node| node.certificate().chr() == one.chr());
        parse_all(sequence).is_ok_and(|all| all.iter().all(known))
    }

    /// The generation before the current one whose key is of the same kind, if there is one.
    #[must_use]
    pub fn earlier_of_same_kind(&self) -> Option<Reference> {
        self.graph
            .nodes()
            .filter(|node| node.certificate().chr() != self.current && node.key().same_kind(&self.key))
            .map(|node| node.certificate())
            .max_by_key(|certificate| certificate.effective())
            .map(Certificate::chr)
    }
}

/// The answer to a request, beside what was asked.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The sequence, in its order.
    sequence: Vec<Certificate>,
    /// The document verifier's certificate, wherever it stands.
    dv: Certificate,
    /// The authority that was asked.
    asked: Reference,
    /// The reference asked for.
    chr: Reference,
    /// The key in the request.
    key: PublicKey,
}

impl Answered {
    /// Reads the sequence of an answer.
    ///
    /// # Errors
    /// [`Broken`] when there is no document verifier's certificate in it.
    pub fn read(sequence: &[Vec<u8>], asked: Reference, chr: Reference, key: PublicKey) -> Result<Self, Broken> {
        let sequence = parse_all(sequence)?;
        let Some(dv) = sequence.iter().find(|one| one.chat().role().is_dv()).cloned() else {
            return broken("ok_cert_available without a document verifier's certificate");
        };
        Ok(Self { sequence, dv, asked, chr, key })
    }

    /// The document verifier's certificate.
    #[must_use]
    pub fn into_certificate(self) -> Certificate {
        self.dv
    }

    /// The DV certificate first, then certificates of the CVCA by ascending effective date.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_order(&self) -> Result<(), Broken> {
        let Some((first, rest)) = self.sequence.split_first() else { return broken("an empty sequence") };
        if *first != self.dv {
            return broken(format!("{} stands before the document verifier's certificate", first.chr()));
        }
        if let Some(other) = rest.iter().find(|one| one.chat().role() != Role::Cvca) {
            return broken(format!("{} follows, which is no certificate of the CVCA", other.chr()));
        }
        ascending(rest)
    }

    /// Certificates of the CVCA come with an answer that another generation signed than the one asked.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_authorities_given(&self) -> Result<(), Broken> {
        if self.dv.car() != self.asked && self.sequence.len() == 1 {
            let (asked, issuer) = (self.asked, self.dv.car());
            return broken(format!("asked {asked}, issued by {issuer}, and no certificate of the CVCA is with it"));
        }
        Ok(())
    }

    /// For the reference that was asked for.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_reference(&self) -> Result<(), Broken> {
        if self.dv.chr() == self.chr {
            return Ok(());
        }
        broken(format!("asked for {}, issued for {}", self.chr, self.dv.chr()))
    }

    /// For the key that was in the request.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_key(&self) -> Result<(), Broken> {
        match PublicKey::resolve(&self.dv.public_key(), self.key.parameters()) {
            Ok(key) if key == self.key => Ok(()),
            Ok(_) => broken("the certificate is for another key than the request's"),
            Err(why) => broken(format!("the certificate's key cannot be used: {why}")),
        }
    }

    /// Issued by a generation of the CVCA that is known, from before or with the answer.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_authority(&self, authorities: &Authorities) -> Result<(), Broken> {
        match self.graph(authorities).cvcas(self.dv.car()).next() {
            Some(_) => Ok(()),
            None => broken(format!("issued by {}, which is no CVCA of the partner's", self.dv.car())),
        }
    }

    /// Signed by the key of the authority it names. That the authority is known is another question.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_signature(&self, authorities: &Authorities) -> Result<(), Broken> {
        let graph = self.graph(authorities);
        let mut keys = graph.cvcas(self.dv.car()).map(|node| node.key()).peekable();
        let unknown = keys.peek().is_none();
        if unknown || keys.any(|key| key.verify(self.dv.body(), self.dv.signature()).is_ok()) {
            return Ok(());
        }
        broken(format!("not signed by {}, as it says", self.dv.car()))
    }

    /// Valid today.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_day(&self, today: Date) -> Result<(), Broken> {
        let (from, until) = (self.dv.effective(), self.dv.expires());
        if (from..=until).contains(&today) {
            return Ok(());
        }
        broken(format!("valid from {from} to {until}, not today"))
    }

    /// Valid for no longer than a document verifier may, and than the CVCA.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_validity(&self, authorities: &Authorities) -> Result<(), Broken> {
        let (from, until) = (self.dv.effective(), self.dv.expires());
        if TR_03139.dv.longest.after(from).is_some_and(|last| until > last) {
            return broken(format!("valid from {from} to {until}, longer than three months"));
        }
        let above = self.graph(authorities).cvcas(self.dv.car()).map(|node| node.certificate().expires()).max();
        match above.filter(|end| until > *end) {
            Some(end) => broken(format!("valid until {until}, longer than the CVCA ({end})")),
            None => Ok(()),
        }
    }

    /// Without domain parameters, which a document verifier inherits.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_parameters(&self) -> Result<(), Broken> {
        match self.dv.public_key().has_parameters() {
            true => broken("the certificate carries domain parameters, which a document verifier inherits"),
            false => Ok(()),
        }
    }

    /// With the role of a foreign document verifier, and no right that the CVCA has not.
    ///
    /// # Errors
    /// [`Broken`]
    pub fn check_role(&self, authorities: &Authorities) -> Result<(), Broken> {
        let chat = self.dv.chat();
        if chat.role() != Role::DvForeign {
            return broken(format!("a foreign document verifier was given the role {}", chat.role()));
        }
        let graph = self.graph(authorities);
        let above = graph.cvcas(self.dv.car()).map(|node| node.certificate().chat().rights());
        let beyond = above.into_iter().all(|rights| rights.and(&chat.rights()) != Some(chat.rights()));
        if (beyond && graph.cvcas(self.dv.car()).next().is_some()) || chat.rights().reserved_bits() != 0 {
            return broken(format!("it has rights that its CVCA has not: {}", chat.rights()));
        }
        Ok(())
    }

    /// What is known of the CVCA, with what came with the answer.
    fn graph(&self, authorities: &Authorities) -> TrustGraph {
        let mut graph = authorities.graph.clone();
        for certificate in self.sequence.iter().filter(|one| one.chat().role() == Role::Cvca) {
            // what leads nowhere is left out, and missed where it was needed
            drop(graph.admit(certificate));
        }
        graph
    }
}

/// A link whose predecessor is missing, where no self-signed certificate of its key takes its place as the beginning.
fn begins_in_the_air(link: &Certificate, all: &[Certificate]) -> bool {
    let named = |reference: Reference| all.iter().any(|other| other.chr() == reference);
    let root = || all.iter().any(|other| other.is_self_signed() && other.chr() == link.chr());
    !named(link.car()) && !root()
}

fn ascending(certificates: &[Certificate]) -> Result<(), Broken> {
    for pair in certificates.windows(2) {
        if let [one, two] = pair
            && two.effective() < one.effective()
        {
            let (first, second) = (one.chr(), two.chr());
            return broken(format!("not by ascending effective date: {first} ({}) before {second}", one.effective()));
        }
    }
    Ok(())
}

fn parse_all(sequence: &[Vec<u8>]) -> Result<Vec<Certificate>, Broken> {
    let parse = |der: &Vec<u8>| match Certificate::parse(der.as_slice()) {
        Ok(certificate) => Ok(certificate.to_owned()),
        Err(error) => broken(format!("not a certificate: {error}")),
    };
    sequence.iter().map(parse).collect()
}
