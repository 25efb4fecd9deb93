"""
bcrypt for ceph-mgr, by the C library's crypt(3).

ceph-mgr runs each of its modules in a Python interpreter of its own, and Debian's python3-bcrypt, which all of them import,
refuses to be loaded by more than one ("PyO3 modules do not yet support subinterpreters",
https://github.com/PyO3/pyo3/issues/576): no module would run, and the health would never be HEALTH_OK. This has the part of
its interface that ceph-mgr uses; the hashes are the same. See crypt(5), crypt_gensalt(3).
"""

import ctypes
import hmac
import os

_libcrypt = ctypes.CDLL("libcrypt.so.1", use_errno=True)
_libcrypt.crypt_rn.restype = ctypes.c_char_p
_libcrypt.crypt_gensalt_rn.restype = ctypes.c_char_p
_DATA_SIZE = 32768  # sizeof(struct crypt_data), fixed by crypt.h
_OUTPUT_SIZE = 192  # CRYPT_GENSALT_OUTPUT_SIZE


def gensalt(rounds: int = 12, prefix: bytes = b"2b") -> bytes:
    if prefix not in (b"2a", b"2b"):
        raise ValueError("Supported prefixes are b'2a' or b'2b'")
    random = os.urandom(16)
    output = ctypes.create_string_buffer(_OUTPUT_SIZE)
    salt = _libcrypt.crypt_gensalt_rn(
        b"$" + prefix + b"$", ctypes.c_ulong(rounds), random, len(random), output, len(output)
    )
    if salt is None:
        raise ValueError("Invalid rounds")
    return salt


def hashpw(password: bytes, salt: bytes) -> bytes:
    if isinstance(password, str) or isinstance(salt, str):
        raise TypeError("Strings must be encoded before hashing")
    if b"\x00" in password:
        raise ValueError("password may not contain NUL bytes")
    if not salt.startswith(b"$2"):
        raise ValueError("Invalid salt")
    data = ctypes.create_string_buffer(_DATA_SIZE)
    # bcrypt knows 72 bytes of a password; python3-bcrypt cuts off the rest, too.
    hashed = _libcrypt.crypt_rn(password[:72], salt, data, len(data))
    if hashed is None:
        raise ValueError("Invalid salt")
    return hashed


def checkpw(password: bytes, hashed_password: bytes) -> bool:
    return hmac.compare_digest(hashpw(password, hashed_password), hashed_password)
