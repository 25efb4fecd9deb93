"""Whether a certificate and a key belong together."""

import ssl
import tempfile

TLSv1_METHOD = 4
Error = ssl.SSLError


class Context:
    def __init__(self, _method):
        self._certificate = self._key = ""

    def use_certificate(self, certificate):
        self._certificate = certificate.pem

    def use_privatekey(self, key):
        self._key = key.pem

    def use_certificate_file(self, path, _type):
        with open(path) as file:
            self._certificate = file.read()

    def use_privatekey_file(self, path, _type):
        with open(path) as file:
            self._key = file.read()

    def check_privatekey(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self._certificate + "\n" + self._key)
            file.flush()
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file.name)
