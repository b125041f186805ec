"""Makes a replica set of the one mongod that listens on a port, and waits until it takes writes.

Two commands are all that is said to the server, so its wire protocol is spoken here rather than
through a driver that would have to be fetched first.
"""

import socket
import struct
import sys
import time

OP_MSG = 2013


def bson(document):
    """Encodes the few types that the commands need."""
    body = b""
    for name, value in document.items():
        key = name.encode() + b"\0"
        if isinstance(value, dict):
            body += b"\x03" + key + bson(value)
        elif isinstance(value, list):
            body += b"\x04" + key + bson({str(n): item for n, item in enumerate(value)})
        elif isinstance(value, str):
            text = value.encode() + b"\0"
            body += b"\x02" + key + struct.pack("<i", len(text)) + text
        else:
            body += b"\x10" + key + struct.pack("<i", value)
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def command(port, document):
    """Sends one command and gives back the raw reply."""
    message = struct.pack("<I", 0) + b"\0" + bson({**document, "$db": "admin"})
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(struct.pack("<4i", len(message) + 16, 1, 0, OP_MSG) + message)
        stream = connection.makefile("rb")
        (length,) = struct.unpack("<i", stream.read(4))
        return stream.read(length - 4)


def main():
    port = int(sys.argv[1])
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    reply = command(port, {"replSetInitiate": {"_id": "rs0", "members": [member]}})
    if b"\x01ok\0" + struct.pack("<d", 1.0) not in reply:
        sys.exit(f"the replica set cannot be made: {reply!r}")
    for _ in range(300):
        if b"\x08isWritablePrimary\0\x01" in command(port, {"hello": 1}):
            return
        time.sleep(0.1)
    sys.exit("the replica set takes no writes")


main()
