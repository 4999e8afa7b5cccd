"""What the peers of the exchange share: a folder with root.pem, chain.pem, key.pem and plan.json, and one answer a line of the plan.

plan.json is a list of messages, each with "operation", "callerID" and the fields of the operation as the standard names them; octets are
hexadecimal. An answer is {"result": the standard's code, "certificates": [hexadecimal]}, or {"refused": what the transport said}.
"""

import json
import pathlib


class Folder:
    """What a peer is given."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def file(self, name):
        return str(self.path / name)

    def octets(self, name):
        return (self.path / name).read_bytes()

    def plan(self):
        return json.loads(self.octets("plan.json"))


def answered(result, certificates=None):
    """An answer as it is printed."""
    answer = {"result": result}
    if certificates is not None:
        answer["certificates"] = [bytes(certificate).hex() for certificate in certificates]
    return answer


def tell(answers):
    """Prints all answers."""
    print(json.dumps(answers))
