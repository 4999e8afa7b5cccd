//! What each fault of a partner is caught by.

use cvc::finding::Code;
use exchange::Operation;
use straznica_simulators::spoc_partner::Mischief;

/// An answer that brings what was asked for: let in, or issued.
const OK: &str = "ok_cert_available";
/// Refused for a reason nobody is told.
const NOT_ACCEPTED: &str = "failure_request_not_accepted";
/// The partner fell over the message.
const FELL: &str = "failure_internal_error";
/// Told of a new generation, the partner takes it; and its key vouches.
const TAKEN_AND_VOUCHES: &str = "the notification got ok_received_correctly, the request ok_cert_available";
/// Told of a new generation, the partner does not take it; and its key vouches all the same.
const REFUSED_AND_VOUCHES: &str = "the notification got failure_syntax, the request ok_cert_available";
/// Told of a new generation, the partner does not take it; nor does its key vouch.
const REFUSED: &str = "the notification got failure_syntax, the request failure_outer_signature";
/// Told of a new generation, the partner takes it; and its key does not vouch.
const DROPPED: &str = "the notification got ok_received_correctly, the request failure_outer_signature";

/// A fault with the cases that fail, and what is told of each; for `…` stands what differs from run to run.
pub(crate) type Caught = (Mischief, &'static [(&'static str, &'static str)]);

/// Faults about messages and who sends them.
pub(crate) const FAULTS: &[Caught] = &[
    (Mischief::Forgives("no_certificate"), &[("identity/no-certificate", OK)]),
    (Mischief::Forgives("key_identifier"), &[("identity/unregistered-root", OK)]),
    (Mischief::Forgives("no_extended_key_usage"), &[("identity/no-usage", OK)]),
    (
        Mischief::Forgives("extended_key_usage"),
        &[("identity/server-usage", OK), ("identity/tls-usage", OK), ("identity/any-usage", OK)],
    ),
    (Mischief::TakesServersForClients, &[("identity/server-usage", OK)]),
    (Mischief::TakesAnyUsage, &[("identity/any-usage", OK)]),
    (Mischief::Forgives("key_usage"), &[("identity/key-usage", OK)]),
    (Mischief::Forgives("weak_key"), &[("identity/short-key", OK)]),
    (Mischief::Forgives("expired"), &[("identity/expired", OK)]),
    (Mischief::Forgives("not_yet_valid"), &[("identity/not-yet-valid", OK)]),
    (Mischief::Forgives("other_country"), &[("identity/other-country", OK)]),
    (Mischief::Forgives("several_countries"), &[("identity/two-countries", OK)]),
    (
        Mischief::Forgives("revoked"),
        &[
            ("identity/revoked", OK),
            ("identity/revoked-while-connected", "… s after the list before was due again, still ok_cert_available"),
        ],
    ),
    (
        Mischief::LooksOnlyOnce,
        &[("identity/revoked-while-connected", "… s after the list before was due again, still ok_cert_available")],
    ),
    (Mischief::Forgives("crl_too_old"), &[("identity/stale-list", OK)]),
    (Mischief::Forgives("crl_expired"), &[("identity/overdue-list", OK)]),
    (Mischief::Forgives("crl_from_the_future"), &[("identity/list-to-come", OK)]),
    (
        Mischief::Forgives("no_crl"),
        &[("identity/no-list", OK), ("identity/no-distribution-point", OK), ("identity/list-of-another", OK)],
    ),
    (Mischief::TakesWhoNamesNoList, &[("identity/no-distribution-point", OK)]),
    (Mischief::TakesAnybodysLists, &[("identity/list-of-another", OK)]),
    (Mischief::Forgives("crl_signature"), &[("identity/list-spoilt", OK)]),
    (Mischief::KnowsNoCsnUsage, &[("identity/csn-usage", "refused")]),
    (Mischief::KnowsNoIcaoUsage, &[("identity/icao-usage", "refused")]),
    (
        Mischief::BelievesCallerId,
        &[
            ("identity/caller-id-request", "failure_request_syntax"),
            ("identity/caller-id-delivery", "failure_messageID_unknown"),
            ("identity/caller-id-question", OK),
            ("identity/caller-id-general", "ok"),
            ("identity/caller-id-nonsense", OK),
        ],
    ),
    (
        Mischief::BelievesCallerIdIn(Operation::RequestCertificate),
        &[("identity/caller-id-request", "failure_request_syntax")],
    ),
    (
        Mischief::BelievesCallerIdIn(Operation::SendCertificates),
        &[("identity/caller-id-delivery", "failure_messageID_unknown")],
    ),
    (Mischief::BelievesCallerIdIn(Operation::GeneralMessage), &[("identity/caller-id-general", "ok")]),
    (Mischief::TakesStrangeCallerIds, &[("identity/caller-id-nonsense", OK)]),
    (Mischief::SkipsInnerSignature, &[("request/inner-signature", OK)]),
    (Mischief::SkipsOuterSignature, &[("request/outer-signature", OK), ("repetition/refused-stays-refused", OK)]),
    (Mischief::TakesBareRequests, &[("request/no-countersignature", OK)]),
    (Mischief::LetsRequestsVouchForThemselves, &[("request/vouching-for-itself", OK)]),
    (Mischief::TakesAnyStatesWord, &[("request/other-states-countersignature", OK)]),
    (
        Mischief::TakesStrangersWord,
        &[
            ("request/other-states-countersignature", OK),
            ("request/unknown-countersignature", OK),
            ("delivery/change-untold", REFUSED_AND_VOUCHES),
            ("delivery/link-with-new-algorithm", REFUSED_AND_VOUCHES),
            ("delivery/link-gap", REFUSED_AND_VOUCHES),
            ("delivery/link-spoilt", REFUSED_AND_VOUCHES),
            ("delivery/root-alone", REFUSED_AND_VOUCHES),
            ("delivery/other-states-link", REFUSED_AND_VOUCHES),
        ],
    ),
    (
        Mischief::ForgetsExpiry,
        &[
            ("request/expired-countersigner", OK),
            ("later/signer-expired-at-submission", OK),
            ("later/signer-expired-at-issuance", "a certificate was issued on the word of one that had expired"),
        ],
    ),
    (
        Mischief::ForgetsToCheckAgain,
        &[("later/signer-expired-at-issuance", "a certificate was issued on the word of one that had expired")],
    ),
    (Mischief::MixesHolders, &[("request/another-holders-signature", OK)]),
    (
        Mischief::BlursParameters,
        &[
            ("request/domain-parameters", NOT_ACCEPTED),
            ("request/algorithm", NOT_ACCEPTED),
            ("request/family", NOT_ACCEPTED),
        ],
    ),
    (Mischief::TakesOtherCurves, &[("request/domain-parameters", OK)]),
    (Mischief::TakesOtherHashes, &[("request/algorithm", OK)]),
    (Mischief::IgnoresTheNamedAuthority, &[("request/other-authority", OK), ("request/no-authority", OK)]),
    (Mischief::TakesUnaddressedRequests, &[("request/no-authority", OK)]),
    (Mischief::KnowsNoEarlierGeneration, &[("request/earlier-generation", NOT_ACCEPTED)]),
    (Mischief::CertifiesKeysTwice, &[("request/key-reused", OK)]),
    (Mischief::GivesReferencesTwice, &[("request/reference-reused", OK)]),
    (Mischief::IgnoresTheHoldersCountry, &[("request/other-country", OK)]),
    (Mischief::IssuesToAnybody, &[("request/unregistered-holder", OK)]),
    (
        Mischief::RefusesSuccessors,
        &[
            ("request/successive", "failure_outer_signature"),
            ("later/signer-expired-at-submission", "failure_outer_signature"),
            (
                "later/signer-expired-at-issuance",
                "a request that people approve, to be acknowledged failed first: failure_outer_signature",
            ),
        ],
    ),
    (Mischief::ReadsLoosely, &[("request/trailing-bytes", OK)]),
    (Mischief::ReadsLongLengths, &[("request/long-length", OK)]),
    (Mischief::FallsOverTheEnd, &[("request/cut-short", FELL)]),
    (Mischief::FallsOverNothing, &[("request/empty", FELL)]),
    (Mischief::TakesCertificatesForRequests, &[("request/certificate-instead", "failure_outer_signature")]),
    (
        Mischief::BlursSyntax,
        &[
            ("request/no-countersignature", NOT_ACCEPTED),
            ("request/garbage", NOT_ACCEPTED),
            ("request/empty", NOT_ACCEPTED),
            ("request/trailing-bytes", NOT_ACCEPTED),
            ("request/cut-short", NOT_ACCEPTED),
            ("request/long-length", NOT_ACCEPTED),
            ("request/certificate-instead", NOT_ACCEPTED),
        ],
    ),
    (
        Mischief::TakesAnyMessageId,
        &[
            ("request/empty-message-id", OK),
            ("request/long-message-id", OK),
            ("ca/empty-message-id", OK),
            ("ca/long-message-id", OK),
            ("general/no-message-id", "ok"),
        ],
    ),
    (
        Mischief::TakesEmptyMessageIds,
        &[("request/empty-message-id", OK), ("ca/empty-message-id", OK), ("general/no-message-id", "ok")],
    ),
    (Mischief::TakesPlainMessageIdsAlone, &[("request/any-message-id", "failure_syntax")]),
    (Mischief::TakesLongMessageIds, &[("request/long-message-id", OK), ("ca/long-message-id", OK)]),
    (Mischief::TakesAnyMessageIdOfQuestions, &[("ca/empty-message-id", OK), ("ca/long-message-id", OK)]),
    (
        Mischief::ForgetsMessages,
        &[
            ("repetition/same-message", "first ok_cert_available, then failure_request_not_accepted"),
            (
                "repetition/at-once",
                "at once failure_request_not_accepted and ok_cert_available, then failure_request_not_accepted",
            ),
            ("repetition/other-bytes", OK),
            ("repetition/other-operation", OK),
            ("repetition/first-answer-stands", "first ok_cert_available, then failure_request_not_accepted"),
            ("general/other-text", "ok"),
            ("later/asked-again-after", "acknowledged before, now failure_request_not_accepted"),
        ],
    ),
    (
        Mischief::KnowsMessagesByIdAlone,
        &[
            ("repetition/other-bytes", "ok_cert_available with the certificates of the other request"),
            ("general/other-text", "ok"),
        ],
    ),
    (Mischief::KnowsMessagesByOperation, &[("repetition/other-operation", OK)]),
    (Mischief::RacesItself, &[("repetition/at-once", "two certificates were issued for one message")]),
    (
        Mischief::KeepsTheLatest,
        &[("repetition/first-answer-stands", "first ok_cert_available, then failure_request_not_accepted")],
    ),
    (
        Mischief::GivesInWhenAskedAgain,
        &[("repetition/refused-stays-refused", "first failure_outer_signature, then ok_cert_available")],
    ),
    (
        Mischief::ExpectsEverything,
        &[
            ("delivery/unknown-id", "ok_received_correctly"),
            ("delivery/unknown-id-failure", "ok_received_correctly to failure_inner_signature"),
            ("delivery/foreign-id", "ok_received_correctly"),
            ("delivery/answer-without-id", "ok_received_correctly"),
        ],
    ),
    (Mischief::ExpectsFailures, &[("delivery/unknown-id-failure", "ok_received_correctly to failure_inner_signature")]),
    (Mischief::TakesAnswersToNothing, &[("delivery/answer-without-id", "ok_received_correctly")]),
    (Mischief::MixesOriginators, &[("delivery/foreign-id", "ok_received_correctly")]),
    (
        Mischief::WantsIdsInNotifications,
        &[
            ("delivery/notification", "failure_syntax"),
            ("delivery/new-generation", REFUSED),
            ("delivery/algorithm-switch", REFUSED),
            ("delivery/link-without-parameters", REFUSED),
        ],
    ),
    (
        Mischief::Believes(Code::IssuerUnknown),
        &[("delivery/link-gap", TAKEN_AND_VOUCHES), ("delivery/other-states-link", TAKEN_AND_VOUCHES)],
    ),
    (Mischief::Believes(Code::SignatureInvalid), &[("delivery/link-spoilt", TAKEN_AND_VOUCHES)]),
    (Mischief::Believes(Code::LinkSignedWithNewAlgorithm), &[("delivery/link-with-new-algorithm", TAKEN_AND_VOUCHES)]),
    (Mischief::Believes(Code::ParameterChangeWithoutParameters), &[("delivery/change-untold", TAKEN_AND_VOUCHES)]),
    (Mischief::Believes(Code::SelfSignedNotTrusted), &[("delivery/root-alone", TAKEN_AND_VOUCHES)]),
    (Mischief::WantsParametersInLinks, &[("delivery/link-without-parameters", REFUSED)]),
    (Mischief::KnowsNoSwitch, &[("delivery/algorithm-switch", REFUSED)]),
    (
        Mischief::DropsWhatItReceived,
        &[
            ("delivery/new-generation", DROPPED),
            ("delivery/algorithm-switch", DROPPED),
            ("delivery/link-without-parameters", DROPPED),
        ],
    ),
    (Mischief::SuppliesParameters, &[("request/inner-signature", OK), ("request/parameters-missing", OK)]),
    (
        Mischief::AnswersOtherwiseAgain,
        &[("ca/again", "first ok_cert_available with 5 certificates, then ok_cert_available with 4")],
    ),
    (Mischief::WantsNoIdsInNotifications, &[("delivery/notification-with-id", "failure_syntax")]),
    (Mischief::StumblesOverNothing, &[("delivery/notification-of-nothing", FELL)]),
    (
        Mischief::KeepsNoMessages,
        &[
            ("general/taken", FELL),
            ("general/any-text", FELL),
            ("general/again", "GeneralMessage failed first: failure_internal_error"),
            ("general/other-text", "GeneralMessage failed first: failure_internal_error"),
        ],
    ),
    (
        Mischief::GivesOthersToo,
        &[
            ("issued/order", "XADVONE… follows, which is no certificate of the CVCA"),
            ("ca/given", "XADVONE… is no certificate of a CVCA"),
            (
                "ca/links",
                "the certificates do not hold together: error trust_point_role [XADVONE…]: a DV (foreign) certificate cannot be a trust point (TR-03110-3 2.6)",
            ),
        ],
    ),
    (Mischief::TakesGarbage, &[("delivery/malformed", "ok_received_correctly")]),
    (Mischief::TakesAnyStatesLinks, &[("delivery/other-states-link", TAKEN_AND_VOUCHES)]),
    (Mischief::TakesEmptyMessages, &[("general/no-subject", "ok"), ("general/no-message-id", "ok")]),
    (Mischief::TakesLongTexts, &[("general/long-body", "ok")]),
    (Mischief::KnowsOnlyAscii, &[("general/any-text", "failure_syntax")]),
    (Mischief::RefusesRepetition, &[("general/again", "first ok, then failure_internal_error")]),
    (
        Mischief::WrongOrder,
        &[
            ("issued/order", "UTCVCASIM00003 stands before the document verifier's certificate"),
            ("ca/order", "not by ascending effective date: UTCVCASIM00003 (2025-11-22) before UTCVCASIM00002"),
        ],
    ),
    (
        Mischief::PutsAuthoritiesFirst,
        &[("issued/order", "UTCVCASIM00001 stands before the document verifier's certificate")],
    ),
    (
        Mischief::LeavesAuthoritiesOut,
        &[(
            "request/earlier-generation",
            "asked UTCVCASIM00002, issued by UTCVCASIM00003, and no certificate of the CVCA is with it",
        )],
    ),
    (
        Mischief::LinkGap,
        &[
            ("ca/links", "UTCVCASIM00003 is signed by UTCVCASIM00002, which is missing"),
            ("later/new-generation-told", "the root of UTCVCASIM00004 is missing"),
        ],
    ),
    (
        Mischief::TellsNobody,
        &[("later/new-generation-told", "no answer: a new generation, and no SendCertificates about it within …")],
    ),
    (Mischief::OtherKey, &[("issued/key", "the certificate is for another key than the request's")]),
    (
        Mischief::OtherReference,
        // the reference that was not given vouches for nothing
        &[
            ("request/successive", "failure_outer_signature"),
            ("issued/reference", "asked for XADVONE…, issued for XADVONEZZZZZ"),
            ("later/signer-expired-at-submission", "failure_outer_signature"),
            (
                "later/signer-expired-at-issuance",
                "a request that people approve, to be acknowledged failed first: failure_outer_signature",
            ),
        ],
    ),
    (
        Mischief::UnknownAuthority,
        // nor can the next be asked of it
        &[
            ("issued/authority", "issued by UTSTRANGER00001, which is no CVCA of the partner's"),
            (
                "later/signer-expired-at-issuance",
                "a request that people approve, to be acknowledged failed first: failure_request_not_accepted",
            ),
        ],
    ),
    (
        Mischief::AlreadyExpired,
        &[
            ("request/successive", "failure_expired"),
            ("issued/day", "valid from 2026-01-18 to 2026-03-01, not today"),
            (
                "later/signer-expired-at-issuance",
                "a request that people approve, to be acknowledged failed first: failure_expired",
            ),
        ],
    ),
    (
        Mischief::TooLong,
        // and nobody waits so long for its end
        &[
            ("issued/validity", "valid from 2026-03-02 to 2027-03-02, longer than three months"),
            (
                "later/signer-expired-at-submission",
                "a certificate of three months at most failed first: valid until 2027-03-02",
            ),
            (
                "later/signer-expired-at-issuance",
                "a certificate of three months at most failed first: valid until 2027-03-02",
            ),
        ],
    ),
    (Mischief::WrongSignature, &[("issued/signature", "not signed by UTCVCASIM00003, as it says")]),
    (
        Mischief::ParametersWritten,
        &[("issued/parameters", "the certificate carries domain parameters, which a document verifier inherits")],
    ),
    (Mischief::WrongRole, &[("issued/role", "a foreign document verifier was given the role DV (official, domestic)")]),
    (
        Mischief::DeliversOnce,
        &[("later/until-received", "no answer: delivered once, told that it failed, and never delivered again")],
    ),
    (
        Mischief::AnswersUnderAnotherId,
        &[
            (
                "later/approved",
                "no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
            (
                "later/declined",
                "no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
            (
                "later/until-received",
                "no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
            (
                "later/asked-again-while-waiting",
                "no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
            (
                "later/asked-again-after",
                "no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
            (
                "later/signer-expired-at-issuance",
                "a request that people approved failed first: no answer: acknowledged, and no SendCertificates within …, but one under …-other, which no message of the kit's has",
            ),
        ],
    ),
    (
        Mischief::DeliversAnotherAgain,
        &[
            ("later/until-received", "the second delivery differs from the first"),
            ("later/asked-again-while-waiting", "two deliveries with different certificates"),
            ("later/asked-again-after", "two deliveries with different certificates"),
        ],
    ),
    (Mischief::ChangesItsDelivery, &[("later/until-received", "the second delivery differs from the first")]),
    (Mischief::IssuesWhatWasDeclined, &[("later/declined", "a refusal that brings certificates")]),
];
