"""
pyOpenSSL for ceph-mgr's modules, by Python's own ssl.

The real one needs python3-cryptography, which Debian's Python cannot load into the interpreters that ceph-mgr makes for its
modules ("PyO3 modules ... may only be initialized once per interpreter process"), so that the dashboard could not speak TLS.
This has what mgr_util.py checks certificates and keys with. Certificates are made when the image is built, not here.
"""

from OpenSSL import SSL, crypto

__all__ = ["SSL", "crypto"]
