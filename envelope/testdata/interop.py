"""Opens and seals envelopes with nothing but public packages.

    interop.py open LINK [PASSPHRASE] < envelope > data
    interop.py seal LINK VIEWS EXPIRES META [PASSPHRASE] < data > envelope
    interop.py keys LINK [PASSPHRASE]
"""

import base64
import hashlib
import json
import re
import struct
import sys
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

sys.setrecursionlimit(10000)  # for JSON of 4096 bytes
SURROGATE, COMBINING_HANGUL = re.compile("[\ud800-\udfff]"), re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
CROCKFORD, RFC4648 = "0123456789abcdefghjkmnpqrstvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def parse_link(link):
    """Returns K and slot of a link as it is written, without repairs."""
    text = link.split("/s#1")[1]
    padded = text.translate(str.maketrans(CROCKFORD, RFC4648)) + "="
    raw = base64.b32decode(padded)
    payload, checksum = raw[:36], raw[36:]
    if hashlib.sha256(b"secret-link/v1 checksum\x01" + payload).digest()[:3] != checksum:
        raise ValueError("link: checksum")
    return payload[:32], payload[32:]


def extract(salt, secret):
    return HKDF.extract(SHA512(), salt, secret)


def expand(prk, name, size):
    return HKDFExpand(SHA512(), size, b"secret-link/v1 " + name).derive(prk)


def combines(character):
    return unicodedata.category(character)[0] == "M" or COMBINING_HANGUL.match(character)


def normalize(passphrase):
    """Returns a passphrase in NFC. Unicode's version is that of Python, and should be 15.0 or earlier."""
    runs = "".join("m" if combines(c) else " " for c in unicodedata.normalize("NFKD", passphrase))
    unassigned = any(unicodedata.category(c) == "Cn" for c in passphrase)
    if len(passphrase.encode()) > 1024 or unassigned or "m" * 31 in runs:
        raise ValueError("passphrase")
    return unicodedata.normalize("NFC", passphrase).encode()


def derive(link, passphrase):
    """Returns id, access, claim and enc."""
    key, slot = parse_link(link)
    prk = root = extract(b"secret-link/v1", key)
    if passphrase:
        pw = hash_secret_raw(normalize(passphrase), expand(prk, b"pw-salt", 16), 3, 64 * 1024, 1, 32, Type.ID)
        root = extract(b"secret-link/v1 pw", expand(prk, b"pw-mix", 32) + pw)
    return slot + expand(prk, b"id", 16), expand(prk, b"access", 32), expand(root, b"claim", 32), expand(root, b"enc", 32)


def padme(size):
    if size <= 256:
        return 256
    exponent = size.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return (size + step - 1) // step * step


def seal(link, passphrase, views, expires, meta, data):
    ident, _, _, enc = derive(link, passphrase)
    flag = 1 if passphrase else 0
    header = struct.pack(">3sBBBBBQ20s", b"SEC", 1, flag, flag, views, 0, expires, ident)
    plain = struct.pack(">I", len(meta)) + meta + struct.pack(">Q", len(data)) + data
    encryptor = Cobblestone256Encryptor(enc, header)
    return header + encryptor.update(plain.ljust(padme(len(plain)), b"\0")) + encryptor.finalize()


def refuse(constant):
    raise ValueError("content")  # NaN and Infinity are not JSON


def parse_meta(text):
    """Returns type, name and media, which are empty if they are missing."""
    pairs = json.loads(text.decode(), object_pairs_hook=tuple, parse_constant=refuse)
    if len(text) > 4096 or not isinstance(pairs, tuple):
        raise ValueError("content")
    members = {SURROGATE.sub("\ufffd", name): value for name, value in pairs}
    meta = [members.get(name, "") for name in ("type", "name", "media")]
    if len(members) < len(pairs) or not all(isinstance(value, str) for value in meta):
        raise ValueError("content")
    if meta[0] != "file" and meta != ["text", "", ""]:
        raise ValueError("content")
    return [SURROGATE.sub("\ufffd", value) for value in meta]


def open_envelope(link, passphrase, envelope):
    ident, _, _, enc = derive(link, passphrase)
    header = envelope[:36]
    magic, version, flags, profile, views, zero, expires, header_id = struct.unpack(">3sBBBBBQ20s", header)
    valid = magic == b"SEC" and version == 1 and profile == flags <= 1 and 1 <= views <= 100 and zero == 0
    if not valid or struct.pack(">Q", expires // 600)[4:] != header_id[:4] or header_id != ident:
        raise ValueError("header")
    decryptor = Cobblestone256Decryptor(enc, header)
    plain = decryptor.update(envelope[36:]) + decryptor.finalize()
    meta_end = 4 + struct.unpack(">I", plain[:4])[0]
    data_end = meta_end + 8 + struct.unpack(">Q", plain[meta_end : meta_end + 8])[0]
    if len(plain) != padme(data_end) or plain[data_end:].strip(b"\0"):
        raise ValueError("padding")
    return parse_meta(plain[4:meta_end]), plain[meta_end + 8 : data_end]


def main(command, link, *rest):
    if command == "keys":
        print(*(key.hex() for key in derive(link, *rest or [""])))
    elif command == "open":
        meta, data = open_envelope(link, rest[0] if rest else "", sys.stdin.buffer.read())
        print(json.dumps(dict(zip(("type", "name", "media"), meta))), file=sys.stderr)
        sys.stdout.buffer.write(data)
    elif command == "seal":
        views, expires, meta, *passphrase = rest
        args = int(views), int(expires), meta.encode(), sys.stdin.buffer.read()
        sys.stdout.buffer.write(seal(link, "".join(passphrase), *args))


if __name__ == "__main__":
    main(*sys.argv[1:])
