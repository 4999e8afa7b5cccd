//! The places at which a test stops a node and kills it, to see that what it was doing is done once, and wholly, after the restart.
//!
//! There is one before and one after whatever must not be lost or done twice: a signature, a commit, a message to a partner. "Written" means
//! that all rows are written and the transaction is not yet committed. `straznica_runtime::failpoint` says how a place is armed.

/// A place, and what has happened when it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What the code calls it.
    pub name: &'static str,
    /// What has happened by then.
    pub when: &'static str,
}

/// Every place, in the order of an exchange: the state that asks, the state that issues, and back.
pub const PLACES: [Place; 32] = [
    place("spoc.renewal.decided", "the renewal job has decided to ask for something"),
    place("spoc.dv_request.numbered", "the new holder reference's number is used up"),
    place("spoc.dv_request.signed", "key and request are made, nothing is written"),
    place("spoc.dv_request.written", "request and message are written, not committed"),
    place("spoc.dv_request.committed", "request and message are committed"),
    place("spoc.renewal.acted", "the renewal job's step is committed, its outcome not noted"),
    place("spoc.outbox.leased", "a message is about to be sent"),
    place("spoc.outbox.answered", "its answer is here, and nowhere on record"),
    place("spoc.outbox.settled", "its answer is on record"),
    place("spoc.request.received", "a partner's request for a certificate is here"),
    place("spoc.request.judged", "it is judged, and signed where it is answered at once"),
    place("spoc.request.written", "what became of it and its answer are written, not committed"),
    place("spoc.request.committed", "they are committed, the answer has not left"),
    place("spoc.approval.written", "an officer's approval is written, not committed"),
    place("spoc.approval.committed", "it is committed"),
    place("spoc.settlement.begun", "a request that waited is taken up"),
    place("spoc.settlement.judged", "it is judged anew and signed"),
    place("spoc.settlement.written", "certificate and message to the partner are written, not committed"),
    place("spoc.settlement.committed", "they are committed"),
    place("spoc.callback.received", "a partner's certificates are here"),
    place("spoc.answer.written", "the certificate asked for is taken in and its message settled, not committed"),
    place("spoc.answer.committed", "that is committed, memory does not know it yet"),
    place("spoc.callback.taken", "the partner has not been told"),
    place("spoc.inspection_system.signed", "key and certificate of an inspection system are made, nothing is written"),
    place("spoc.inspection_system.committed", "they are committed"),
    place("spoc.ca_certificates.received", "a partner asks for our CVCA certificates"),
    place("spoc.ca_certificates.committed", "the answer is committed and has not left"),
    place("spoc.message.received", "a partner's general message is here"),
    place("spoc.message.kept", "it is committed, the partner has not been told"),
    place("spoc.rollover.signed", "the CVCA's new key, link and root are made, nothing is written"),
    place("spoc.rollover.written", "they and the news to all partners are written, not committed"),
    place("spoc.rollover.committed", "they are committed"),
];

const fn place(name: &'static str, when: &'static str) -> Place {
    Place { name, when }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::PLACES;

    /// Collects what stands in quotation marks after each `failpoint::reach(`.
    fn reached(folder: &Path, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                reached(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let calls = text.split("failpoint::reach(\"").skip(1);
                names.extend(calls.filter_map(|call| call.split_once('"')).map(|(name, _)| name.to_owned()));
            }
        }
    }

    #[test]
    fn the_list_has_every_place_of_the_code_and_no_other() {
        let mut in_code = Vec::new();
        reached(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app"), &mut in_code);
        in_code.sort();
        let mut listed: Vec<String> = PLACES.iter().map(|place| place.name.to_owned()).collect();
        listed.sort();
        assert_eq!(in_code, listed, "each is in the code once and on the list once");
    }
}
