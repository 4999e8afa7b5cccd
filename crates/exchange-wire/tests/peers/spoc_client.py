"""A SPOC client made from the proto file alone: spoc_client.py <proto folder> <folder with root.pem, chain.pem, key.pem> <host:port>."""

import importlib
import pathlib
import sys
import tempfile

import grpc
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


def main(protos, folder, address):
    spoc, spoc_grpc = stubs(protos)
    root, chain, key = ((pathlib.Path(folder) / name).read_bytes() for name in ("root.pem", "chain.pem", "key.pem"))
    credentials = grpc.ssl_channel_credentials(root_certificates=root, private_key=key, certificate_chain=chain)
    with grpc.secure_channel(address, credentials) as channel:
        client = spoc_grpc.SpocExchangeStub(channel)
        answer = client.RequestCertificate(
            spoc.RequestCertificateRequest(caller_id="ZZ", message_id="1", certificate_request=b"\x67\x00"), timeout=10
        )
        name = spoc.RequestCertificateResult.Name(answer.result).removeprefix("REQUEST_CERTIFICATE_RESULT_")
        print("RequestCertificate", name, len(answer.certificate_sequence))
        for message_id in (None, "2"):
            answer = client.SendCertificates(
                spoc.SendCertificatesRequest(
                    caller_id="ZZ",
                    message_id=message_id,
                    certificate_sequence=[b"\x7f\x21\x00"],
                    status_info=spoc.STATUS_INFO_NEW_CERT_AVAILABLE_NOTIFICATION,
                ),
                timeout=10,
            )
            print("SendCertificates", spoc.SendCertificatesResult.Name(answer.result).removeprefix("SEND_CERTIFICATES_RESULT_"))
        answer = client.GetCaCertificates(spoc.GetCaCertificatesRequest(caller_id="ZZ", message_id="3"), timeout=10)
        name = spoc.GetCaCertificatesResult.Name(answer.result).removeprefix("GET_CA_CERTIFICATES_RESULT_")
        print("GetCaCertificates", name, len(answer.certificate_sequence))
        answer = client.GeneralMessage(
            spoc.GeneralMessageRequest(caller_id="ZZ", message_id="4", subject="DV not compliant", body="..."), timeout=10
        )
        print("GeneralMessage", spoc.GeneralMessageResult.Name(answer.result).removeprefix("GENERAL_MESSAGE_RESULT_"))
        try:
            client.GetCaCertificates(spoc.GetCaCertificatesRequest(caller_id="UT", message_id="5"), timeout=10)
        except grpc.RpcError as error:
            print("caller_id of another:", error.code().name, repr(error.details()))


if __name__ == "__main__":
    main(*sys.argv[1:])
