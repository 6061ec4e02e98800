"""The city for real phones: on the local network, with TLS made at home, and its address as a QR in the terminal.

A browser gives its camera only to pages that came over TLS. The certificate is signed by nobody, so the phone warns once.
"""

from __future__ import annotations

import datetime as dt
import io
import ipaddress
import socket
from dataclasses import replace
from pathlib import Path
from typing import Final

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from haihe.base.home import Home
from haihe.base.settings import EVERYWHERE, LOOPBACK, Settings
from haihe.ops.city import City
from haihe.ops.serve import Tls, serve

VALID_DAYS: Final = 365
RENEW_DAYS: Final = 30
CERTIFICATE: Final = "phone.crt"
KEY: Final = "phone.key"
OUTSIDE: Final = ("192.0.2.1", 9)
"""An address of documentation: connecting a datagram socket sends nothing, it only shows which way out would be taken."""


def serve_phone(settings: Settings, city: City) -> None:
    """Run the city for the local network until a signal comes. Raises what `serve` raises."""
    address = local_address()
    home = Home(settings.home).create()
    tls = ensure_certificate(home, address)
    open_settings = replace(settings, host=EVERYWHERE, base_url=f"https://{address}:{settings.port}")
    serve(open_settings, city, tls=tls, banner=banner)


def banner(settings: Settings) -> str:
    """Write the address with its QR for the terminal."""
    drawing = io.StringIO()
    segno.make(settings.base_url, error="l", micro=False).terminal(drawing, compact=True, border=2)
    return (
        f"\n{drawing.getvalue()}\n  海河 Haihe for phones: {settings.base_url}\n"
        "  The phone must be in the same network. It will warn of the home-made certificate once: go on.\n"
    )


def local_address() -> str:
    """Find the machine's address in the local network; the loopback when it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(OUTSIDE)
        except OSError:
            return LOOPBACK
        return str(probe.getsockname()[0])


def ensure_certificate(home: Home, address: str) -> Tls:
    """Give certificate and key for this address, made anew when there is none, it is old, or for another address."""
    tls = Tls(certificate=home.path / CERTIFICATE, key=home.path / KEY)
    if not (tls.key.exists() and _serves(tls.certificate, address)):
        key = ec.generate_private_key(ec.SECP256R1())
        home.write_private(KEY, _key_text(key))
        home.write_private(CERTIFICATE, _certificate(key, address).public_bytes(serialization.Encoding.PEM).decode())
    return tls


def _serves(path: Path, address: str) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    last = certificate.not_valid_after_utc - dt.timedelta(days=RENEW_DAYS)
    return ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress) and _now() < last


def _certificate(key: ec.EllipticCurvePrivateKey, address: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Haihe on this network")])
    addresses = {ipaddress.ip_address(address), ipaddress.ip_address(LOOPBACK)}
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), *map(x509.IPAddress, sorted(addresses, key=str))]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - dt.timedelta(days=1))  # phones' clocks differ
        .not_valid_after(_now() + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
