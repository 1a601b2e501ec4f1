# SPDX-License-Identifier: Apache-2.0
"""As much of a WebSocket client as a benchmark needs that must not itself be slow: it counts a message, it does not keep
it."""

import socket
import struct

from processes import BenchError

MASK = b"\x01\x02\x03\x04"


class Client:
    def __init__(self, port, target):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb", buffering=1 << 20)
        self.socket.sendall((f"GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        if not self.input.readline().startswith(b"HTTP/1.1 101 "):
            raise BenchError("the gateway refused a WebSocket")
        while self.input.readline() not in (b"\r\n", b""):
            pass

    def send(self, text, opcode=1):
        data = bytes(byte ^ MASK[i % 4] for i, byte in enumerate(text))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(data)]) + MASK + data)

    def frame(self):
        """Reads a frame; gives its first byte and the length of its payload."""
        head = self.input.read(2)
        if len(head) < 2:
            raise BenchError("the gateway closed a WebSocket")
        length = head[1]
        if length == 126:
            (length,) = struct.unpack(">H", self.input.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.input.read(8))
        left = length
        while left:
            read = len(self.input.read(min(left, 1 << 20)))
            if not read:
                raise BenchError("the gateway closed a WebSocket")
            left -= read
        return head[0], length

    def skip_message(self):
        """The size of the next message."""
        size = 0
        while True:
            first, length = self.frame()
            if first & 8:
                if first & 15 == 8:
                    raise BenchError("the gateway closed a WebSocket")
                continue
            size += length
            if first & 0x80:
                return size

    def ping(self):
        """Comes back with the pong."""
        self.send(b"", opcode=9)
        while self.frame()[0] & 15 != 10:
            pass
