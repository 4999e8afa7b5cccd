"""All four operations by zeep, a SOAP client nobody here wrote, over requests with a client certificate.

Arguments: WSDL (file or URL), CA file, client certificate file, client key file. Prints one JSON object.
"""

import json
import sys

import requests
import zeep
import zeep.exceptions


def main(wsdl, authority, certificate, key):
    session = requests.Session()
    # REQUESTS_CA_BUNDLE of the machine would take the place of the authority given.
    session.trust_env = False
    session.verify = authority
    session.cert = (certificate, key)
    client = zeep.Client(wsdl, transport=zeep.Transport(session=session, timeout=20, operation_timeout=20))
    service = client.bind("SPOC", "SPOCPort")
    status = sys.argv[5]
    requested = service.RequestCertificate(callerID="CZ", messageID="m-1", certificateRequest=b"\x67\x82\x00")
    sent = service.SendCertificates(
        callerID="CZ", certificateSequence={"certificate": [b"\x01", b"\x02"]}, statusInfo=status
    )
    authorities = service.GetCACertificates(callerID="CZ", messageID="m-2")
    message = service.GeneralMessage(callerID="CZ", messageID="m-3", subject="Certificate inaccurate", body="Žluťoučký <&>")
    refused = None
    try:
        service.GeneralMessage(callerID="SK", messageID="m-4", subject="s", body="b")
    except zeep.exceptions.TransportError as error:
        refused = error.status_code
    print(
        json.dumps(
            {
                "request": requested.result,
                "certificates": [one.hex() for one in requested.certificateSequence.certificate],
                "send": sent,
                "authorities": authorities.result,
                "message": message,
                "refused": refused,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:5])
