//! What the partner can be told to do wrong, one thing at a time or several.

use exchange::Operation;
use exchange::code::{GetCaCertificatesCode, RequestCertificateCode};

/// Something another state's SPOC does and should not.
///
/// The first group is about what it lets pass as the one that is asked, the others about what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mischief {
    /// Lets in whom it should refuse for the reason of this name ([`exchange::identity::IdentityRefusal::code`]).
    Forgives(&'static str),
    /// Lets in no clients but those with the extended key usage of CSN 36 9791.
    KnowsNoIcaoUsage,
    /// Lets in no clients but those with the extended key usage of ICAO.
    KnowsNoCsnUsage,
    /// Lets in clients that have the extended key usage of a SPOC's server.
    TakesServersForClients,
    /// Takes anyExtendedKeyUsage for that of a SPOC.
    TakesAnyUsage,
    /// Takes a certificate that names no revocation list for one that cannot be revoked.
    TakesWhoNamesNoList,
    /// Takes whatever list lies where the certificate says for its issuer's.
    TakesAnybodysLists,
    /// Does not hold callerID against the certificate.
    BelievesCallerId,
    /// The same in messages of one operation. Where a server asks before it tells which one it is, nothing comes of it: see
    /// [`super::SpocPartner::takes`].
    BelievesCallerIdIn(Operation),
    /// Takes a callerID that is no country for the certificate's.
    TakesStrangeCallerIds,
    /// Judges certificates when a connection begins, and never again.
    LooksOnlyOnce,

    /// Issues without checking that the request is signed by its key.
    SkipsInnerSignature,
    /// Issues without checking the outer signature's bytes.
    SkipsOuterSignature,
    /// Issues on requests that nobody countersigned.
    TakesBareRequests,
    /// Lets a request vouch for itself.
    LetsRequestsVouchForThemselves,
    /// Lets any state's CVCA it knows vouch.
    TakesAnyStatesWord,
    /// Lets any CVCA vouch, known or not.
    TakesStrangersWord,
    /// Lets expired certificates vouch.
    ForgetsExpiry,
    /// Checks a request that waited only when it comes, not when it is issued.
    ForgetsToCheckAgain,
    /// Lets any holder's certificate vouch for any holder of the state.
    MixesHolders,
    /// Reports keys of another kind than its own as not accepted.
    BlursParameters,
    /// Certifies keys on other curves than its own.
    TakesOtherCurves,
    /// Certifies keys for other hashes than its own.
    TakesOtherHashes,
    /// Issues whichever authority a request names, or none.
    IgnoresTheNamedAuthority,
    /// Takes a request that names no authority for one to itself.
    TakesUnaddressedRequests,
    /// Refuses requests that name an earlier generation of its CVCA.
    KnowsNoEarlierGeneration,
    /// Certifies a key again.
    CertifiesKeysTwice,
    /// Gives a reference again.
    GivesReferencesTwice,
    /// Issues for holders of any country.
    IgnoresTheHoldersCountry,
    /// Issues for holders nobody registered.
    IssuesToAnybody,
    /// Issues nothing on initial requests.
    RefusesBeginners,
    /// Issues nothing on successive requests.
    RefusesSuccessors,
    /// Reads a request as far as it needs and ignores the rest.
    ReadsLoosely,
    /// Reads a request whose outermost length is not as short as it can be.
    ReadsLongLengths,
    /// Falls over a request that ends before it says it does.
    FallsOverTheEnd,
    /// Falls over a request of no bytes.
    FallsOverNothing,
    /// Takes a certificate for a request that nobody countersigned.
    TakesCertificatesForRequests,
    /// Says of a request it cannot read that it is not accepted.
    BlursSyntax,
    /// Supplies the domain parameters that a request lacks from its own key.
    SuppliesParameters,
    /// Takes any message id.
    TakesAnyMessageId,
    /// Takes messages without a message id.
    TakesEmptyMessageIds,
    /// Takes message ids of any length.
    TakesLongMessageIds,
    /// Takes message ids of visible ASCII characters alone.
    TakesPlainMessageIdsAlone,
    /// Takes any message id of a question for its CA certificates.
    TakesAnyMessageIdOfQuestions,

    /// Processes a message again when it comes again.
    ForgetsMessages,
    /// Gives the stored answer whatever comes under a message id.
    KnowsMessagesByIdAlone,
    /// Takes message ids of different operations for different ones.
    KnowsMessagesByOperation,
    /// Looks whether a message came before, and keeps it only when it was answered: of two at once it takes both for the first.
    RacesItself,
    /// Keeps what it refused under a used message id in place of what it answered before.
    KeepsTheLatest,
    /// Lets a request whose outer signature it refused pass when it comes again.
    GivesInWhenAskedAgain,

    /// Gives another answer when it is asked for its CA certificates again.
    AnswersOtherwiseAgain,

    /// Says that every delivery was expected.
    ExpectsEverything,
    /// Says that a failure was expected, whatever it answers.
    ExpectsFailures,
    /// Says that an answer was expected that does not say to what.
    TakesAnswersToNothing,
    /// Takes its own messages' ids and those of others for the same.
    MixesOriginators,
    /// Says that a notification is malformed because it lacks a message id.
    WantsIdsInNotifications,
    /// Says that a notification is malformed because it has a message id.
    WantsNoIdsInNotifications,
    /// Fails on notifications without certificates.
    StumblesOverNothing,
    /// Believes a certificate of a CVCA that is refused with this finding.
    Believes(cvc::finding::Code),
    /// Does not take links whose parameters are inherited.
    WantsParametersInLinks,
    /// Does not take links that change the algorithm.
    KnowsNoSwitch,
    /// Says that certificates were received, and drops them.
    DropsWhatItReceived,
    /// Takes what is no certificate.
    TakesGarbage,
    /// Takes links of other states from anybody.
    TakesAnyStatesLinks,

    /// Takes messages without subject or message id.
    TakesEmptyMessages,
    /// Takes texts of any length.
    TakesLongTexts,
    /// Takes letters beyond ASCII for a malformed message.
    KnowsOnlyAscii,
    /// Keeps no general message.
    KeepsNoMessages,
    /// Loses general messages that are repeated.
    RefusesRepetition,

    /// Certificates of an answer in the wrong order.
    WrongOrder,
    /// The DV certificate after those of the CVCA.
    PutsAuthoritiesFirst,
    /// No certificates of the CVCA in an answer.
    LeavesAuthoritiesOut,
    /// A document verifier's certificate among those of the CVCA.
    GivesOthersToo,
    /// The CVCA's certificates without one of the links.
    LinkGap,
    /// Keeps new generations of its CVCA to itself.
    TellsNobody,
    /// The DV certificate is for another key than the request's.
    OtherKey,
    /// The DV certificate is for another holder reference than the request's.
    OtherReference,
    /// The DV certificate is issued by a CVCA nobody knows.
    UnknownAuthority,
    /// The DV certificate expired before it was issued.
    AlreadyExpired,
    /// The DV certificate is valid for a year.
    TooLong,
    /// The DV certificate's signature does not verify.
    WrongSignature,
    /// The DV certificate carries domain parameters.
    ParametersWritten,
    /// The DV certificate has the role of a domestic one.
    WrongRole,
    /// The DV certificate has rights to fingerprints and irises, whatever the CVCA itself may grant.
    GrantsBeyondItsOwn,
    /// The DV certificate is valid from ten days on.
    NotYetValid,
    /// The DV certificate is a hundred bytes of nothing.
    GivesGarbage,
    /// Certificates are available, and there are none in the answer.
    GivesNothing,
    /// The CVCA's certificates so many times over that nobody takes them all.
    GivesTooMany,
    /// The signature of the newest of the CVCA's links does not verify, and the root it leads to is left out.
    SpoiltLink,
    /// The newest of the CVCA's links is signed with the hash of the new key's algorithm, and the root it leads to is left out. A link that changes no
    /// hash is as it should be.
    LinkWithNewAlgorithm,
    /// The newest of the CVCA's links leaves the domain parameters out, changed or not, and the root it leads to is left out.
    LinkWithoutParameters,
    /// A self-signed CVCA certificate of another state among its own.
    SpeaksForAnotherState,
    /// Forty self-signed certificates of CVCAs nobody heard of among its own.
    FloodsWithRoots,
    /// Every RequestCertificate is answered with this code.
    Answers(RequestCertificateCode),
    /// Every GetCACertificates is answered with this code, and nothing follows.
    AnswersCaQuestions(GetCaCertificatesCode),

    /// Acknowledges every request, and answers it later.
    AcknowledgesFirst,
    /// Acknowledges, and never answers.
    NeverAnswers,
    /// Delivers what it answers later before it acknowledges the request. For a partner with a port ([`super::station`]).
    CallsBackFirst,
    /// Does what it is asked, and the connection breaks before the answer. For a partner with a port.
    LosesAnswers,
    /// Delivers once, whatever the answer is.
    DeliversOnce,
    /// Delivers under another message id than the request's.
    AnswersUnderAnotherId,
    /// Delivers again what was received, with another certificate.
    DeliversAnotherAgain,
    /// Changes what it delivers from attempt to attempt.
    ChangesItsDelivery,
    /// Issues although an officer declined.
    IssuesWhatWasDeclined,
}
