"""Certificates and keys as mgr_util.py looks at them."""

import ssl
import tempfile
import time

FILETYPE_PEM = 1
Error = ssl.SSLError


class Name:
    """An issuer, as OpenSSL's own decoder shows it."""

    _SHORT = {"organizationName": b"O", "commonName": b"CN"}

    def __init__(self, names):
        self._names = names

    def get_components(self):
        pairs = [pair for group in self._names for pair in group]
        return [(self._SHORT.get(key, key.encode()), value.encode()) for key, value in pairs]


class X509:
    def __init__(self, pem):
        self.pem = pem.decode() if isinstance(pem, bytes) else pem
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.pem)
            file.flush()
            self._decoded = ssl._ssl._test_decode_cert(file.name)
        self._end = ssl.cert_time_to_seconds(self._decoded["notAfter"])

    def has_expired(self):
        return self._end < time.time()

    def get_notAfter(self):
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(self._end)).encode()

    def get_issuer(self):
        return Name(self._decoded["issuer"])


class PKey:
    def __init__(self, pem):
        self.pem = pem.decode() if isinstance(pem, bytes) else pem
        if "PRIVATE KEY-----" not in self.pem:
            raise ValueError("no private key in PEM")

    def check(self):
        """SSL.Context.check_privatekey() does it, with the certificate."""
        return True


def load_certificate(_type, buffer):
    return X509(buffer)


def load_privatekey(_type, buffer):
    return PKey(buffer)
