"""Writes the test vectors of docs/sealed-format.md, from that document and with pyca/cryptography: python3 make.py"""

import hashlib
import hmac
import json
import pathlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(salt, key, info):
    return HKDF(SHA256(), 32, salt, info).derive(key)


def seal(key, object_id, part, chunk_size, plain):
    header = b"\x89SEAL\r\n\x1a" + bytes([1, 1, chunk_size.bit_length() - 1, part, 0, 0, 0, 0]) + object_id
    header += hmac.digest(hkdf(object_id, key, b"SecureStore sealed object v1 commitment"), header, "sha256")
    cipher = AESGCM(hkdf(object_id, key, b"SecureStore sealed object v1 chunks"))
    aad = hashlib.sha256(header).digest()
    chunks = [plain[at:at + chunk_size] for at in range(0, max(1, len(plain)), chunk_size)]
    body = b"".join(
        cipher.encrypt(i.to_bytes(11, "big") + bytes([i == len(chunks) - 1]), chunk, aad) for i, chunk in enumerate(chunks))
    return header + body


def make(name, part, chunk_size, length):
    key = hashlib.sha256(b"key " + name.encode()).digest()
    object_id = hashlib.sha256(b"id " + name.encode()).digest()[:16]
    plain = bytes(i % 251 for i in range(length))
    sealed = seal(key, object_id, part, chunk_size, plain)
    vector = {"key": key.hex(), "part": part, "chunkSize": chunk_size, "objectId": object_id.hex()}
    if length <= 64:
        vector |= {"plain": plain.hex(), "sealed": sealed.hex()}
    else:
        vector |= {"plainLength": length, "sealedSha256": hashlib.sha256(sealed).hexdigest()}
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(vector, indent=2) + "\n")


make("empty", 1, 65536, 0)
make("one-byte", 1, 65536, 1)
make("metadata", 2, 65536, 64)
make("one-chunk", 1, 65536, 65536)
make("one-chunk-and-a-byte", 1, 65536, 65537)
make("three-small-chunks", 3, 4096, 3 * 4096)
make("three-small-chunks-and-a-part", 1, 4096, 3 * 4096 + 1000)
make("large-chunk", 1, 1048576, 1048576 + 7)
