"""A SPOC client by zeep, a SOAP client nobody here wrote, over requests with a client certificate: spoc_zeep.py <WSDL: file or URL> <folder as
exchange.py has it>."""

import sys

import requests
import zeep
import zeep.exceptions
from exchange import Folder, answered, tell


def arguments(line):
    """The message's members as the description names them."""
    members = {name: value for name, value in line.items() if name != "operation"}
    if "certificateRequest" in members:
        members["certificateRequest"] = bytes.fromhex(members["certificateRequest"])
    certificates = [bytes.fromhex(one) for one in members.pop("certificates", [])]
    if certificates:
        members["certificateSequence"] = {"certificate": certificates}
    return members


def ask(service, line):
    """Sends one message."""
    try:
        answer = service[line["operation"]](**arguments(line))
    except zeep.exceptions.TransportError as error:
        return {"refused": error.status_code}
    if isinstance(answer, str):
        return answered(answer)
    sequence = answer.certificateSequence
    return answered(answer.result, sequence.certificate if sequence is not None else [])


def main(wsdl, path):
    folder = Folder(path)
    session = requests.Session()
    # REQUESTS_CA_BUNDLE of the machine would take the place of the authority given.
    session.trust_env = False
    session.verify = folder.file("root.pem")
    session.cert = (folder.file("chain.pem"), folder.file("key.pem"))
    client = zeep.Client(wsdl, transport=zeep.Transport(session=session, timeout=20, operation_timeout=20))
    service = client.bind("SPOC", "SPOCPort")
    tell([ask(service, line) for line in folder.plan()])


if __name__ == "__main__":
    main(*sys.argv[1:])
