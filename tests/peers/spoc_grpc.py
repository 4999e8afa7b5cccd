"""A SPOC client made from the proto file alone: spoc_grpc.py <proto folder> <host:port> <folder as exchange.py has it>."""

import importlib
import sys
import tempfile

import grpc
from exchange import Folder, answered, tell
from grpc_tools import protoc

PROTO = "straznica/spoc/v1/spoc_exchange.proto"


def stubs(protos):
    """Generates and loads the modules of the contract."""
    made = tempfile.mkdtemp()
    if protoc.main(["protoc", f"-I{protos}", f"--python_out={made}", f"--grpc_python_out={made}", PROTO]) != 0:
        sys.exit("the proto file does not compile")
    sys.path.insert(0, made)
    module = PROTO.removesuffix(".proto").replace("/", ".")
    return importlib.import_module(f"{module}_pb2"), importlib.import_module(f"{module}_pb2_grpc")


def request_certificate(spoc, line):
    return spoc.RequestCertificateRequest(
        caller_id=line["callerID"],
        message_id=line["messageID"],
        certificate_request=bytes.fromhex(line["certificateRequest"]),
    )


def send_certificates(spoc, line):
    return spoc.SendCertificatesRequest(
        caller_id=line["callerID"],
        message_id=line.get("messageID"),
        certificate_sequence=[bytes.fromhex(one) for one in line["certificates"]],
        status_info=spoc.StatusInfo.Value("STATUS_INFO_" + line["statusInfo"].upper()),
    )


def get_ca_certificates(spoc, line):
    return spoc.GetCaCertificatesRequest(caller_id=line["callerID"], message_id=line["messageID"])


def general_message(spoc, line):
    return spoc.GeneralMessageRequest(
        caller_id=line["callerID"], message_id=line["messageID"], subject=line["subject"], body=line["body"]
    )


# operation of the standard: method of the contract, how its message is made, its codes, whether it answers with certificates
OPERATIONS = {
    "RequestCertificate": ("RequestCertificate", request_certificate, "RequestCertificateResult", True),
    "SendCertificates": ("SendCertificates", send_certificates, "SendCertificatesResult", False),
    "GetCACertificates": ("GetCaCertificates", get_ca_certificates, "GetCaCertificatesResult", True),
    "GeneralMessage": ("GeneralMessage", general_message, "GeneralMessageResult", False),
}


def ask(spoc, client, line):
    """Sends one message."""
    method, message, codes, certificates = OPERATIONS[line["operation"]]
    try:
        answer = getattr(client, method)(message(spoc, line), timeout=20)
    except grpc.RpcError as error:
        return {"refused": [error.code().name, error.details()]}
    # the first name is the unspecified one: its ending tells what all names begin with
    begins = getattr(spoc, codes).Name(0).removesuffix("UNSPECIFIED")
    code = getattr(spoc, codes).Name(answer.result).removeprefix(begins).lower().replace("message_id", "messageID")
    return answered(code, answer.certificate_sequence if certificates else None)


def main(protos, address, path):
    folder = Folder(path)
    spoc, spoc_grpc = stubs(protos)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=folder.octets("root.pem"),
        private_key=folder.octets("key.pem"),
        certificate_chain=folder.octets("chain.pem"),
    )
    with grpc.secure_channel(address, credentials) as channel:
        client = spoc_grpc.SpocExchangeStub(channel)
        tell([ask(spoc, client, line) for line in folder.plan()])


if __name__ == "__main__":
    main(*sys.argv[1:])
