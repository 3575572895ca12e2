"""What is filed by a call: signed so that another's library believes it, and never called anywhere but where it should."""

from __future__ import annotations

import base64
import datetime as dt
import http.server
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import standardwebhooks
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.filing import webhook
from bot.filing.webhook import Net, NotDelivered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
HOST = "receiver.example.org"
PUBLIC = "93.184.216.34"
DATA = {"case": "amber-heron", "outcome": "done", "deadlines": []}


class Receiver:
    """A council's server on this machine, under a certificate of its own; it keeps what it was told."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.location = 204, ""
        receiver = self

        class Hand(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.calls.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Hand)
        certificate = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def net(self, *resolved: str, trust: ssl.SSLContext | None = None) -> Net:
        """The world as this receiver's name service tells it; whoever dials a public address gets this server."""
        self.dialled: list[str] = []
        self.asked = 0

        def resolve(host: str, port: int) -> list[str]:
            assert (host, port) == (HOST, 443)
            self.asked += 1
            # Asked again, the name leads elsewhere: rebinding.
            return list(resolved or (PUBLIC,)) if self.asked == 1 else ["127.0.0.1"]

        def dial(address: str, port: int, seconds: float) -> socket.socket:
            self.dialled.append(address)
            return socket.create_connection(("127.0.0.1", self.server.server_port), timeout=seconds)

        return Net(resolve, dial, trust or self.trust)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    made = Receiver(tmp_path)
    yield made
    made.close()


def send(net: Net, url: str = f"https://{HOST}/in?from=waymark", secret: str = SECRET) -> None:
    webhook.send(url, secret, "delivery1", datetime.now(UTC), DATA, net)


def refused(net: Net, url: str = f"https://{HOST}/in", secret: str = SECRET) -> str:
    with pytest.raises(NotDelivered) as why:
        send(net, url, secret)
    return why.value.code


# --- the signature ----------------------------------------------------------------------------------------------------


def test_the_reference_library_believes_it(receiver: Receiver) -> None:
    send(receiver.net())
    ((path, headers, body),) = receiver.calls
    assert path == "/in?from=waymark"
    assert headers["host"] == HOST
    read = standardwebhooks.Webhook(SECRET).verify(body, headers)
    assert (read["type"], read["data"]) == ("record.filed", DATA)
    assert receiver.dialled == [PUBLIC]


def test_a_changed_body_or_another_secret_is_not_believed(receiver: Receiver) -> None:
    send(receiver.net())
    ((_, headers, body),) = receiver.calls
    other = standardwebhooks.Webhook("whsec_" + base64.b64encode(b"o" * 32).decode())
    for library, told in ((standardwebhooks.Webhook(SECRET), body.replace(b"done", b"none")), (other, body)):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            library.verify(told, headers)


def test_a_secret_of_plain_text_signs_too_and_a_short_one_does_not() -> None:
    plain = "a secret of thirty characters!"
    signed = webhook.headers(plain, "m", datetime.now(UTC), b"{}")
    assert standardwebhooks.Webhook(base64.b64encode(plain.encode()).decode()).verify(b"{}", signed) == {}
    for secret, code in (("short", "short_secret"), ("whsec_!!", "bad_secret"), ("whsec_YWJj", "short_secret")):
        with pytest.raises(NotDelivered) as why:
            webhook.headers(secret, "m", datetime.now(UTC), b"{}")
        assert why.value.code == code


def test_the_receiver_proves_itself_for_one_delivery_and_five_minutes() -> None:
    now = datetime.now(UTC)
    asked = webhook.headers(SECRET, "delivery1", now, b"")
    assert webhook.is_receiver(SECRET, "delivery1", asked, now)
    assert webhook.is_receiver(
        SECRET, "delivery1", asked | {"webhook-signature": "v1,x " + asked["webhook-signature"]}, now
    )
    assert not webhook.is_receiver(SECRET, "delivery2", asked, now)
    assert not webhook.is_receiver(SECRET, "delivery1", asked, now + timedelta(minutes=6))
    assert not webhook.is_receiver(SECRET, "delivery1", asked, now - timedelta(minutes=6))
    assert not webhook.is_receiver(SECRET, "delivery1", {}, now)
    assert not webhook.is_receiver(SECRET, "delivery1", asked | {"webhook-signature": "v1,"}, now)
    assert not webhook.is_receiver(SECRET, "delivery1", asked | {"webhook-timestamp": "\u0663" * 10}, now)
    assert not webhook.is_receiver(SECRET, "delivery1", webhook.headers(SECRET, "delivery1", now, b"x"), now)


# --- where it may go --------------------------------------------------------------------------------------------------

NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::",
    "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_is_called_that_is_not_public(receiver: Receiver, address: str) -> None:
    assert not webhook.is_public(address)
    assert refused(receiver.net(address)) == "not_public"
    # One public address among them makes it no better.
    assert refused(receiver.net(PUBLIC, address)) == "not_public"
    assert receiver.dialled == []
    assert receiver.calls == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_a_public_address_is(address: str) -> None:
    assert webhook.is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"http://{HOST}/", "not_https"),
        (f"ftp://{HOST}/", "not_https"),
        ("https:///in", "bad_address"),
        (f"https://user:secret@{HOST}/", "bad_address"),
        (f"https://{HOST}/#there", "bad_address"),
        (f"https://{HOST}:port/", "bad_address"),
        ("file:///etc/passwd", "not_https"),
    ],
)
def test_nothing_is_called_but_https(receiver: Receiver, url: str, code: str) -> None:
    assert refused(receiver.net(), url) == code
    assert receiver.asked == 0


@pytest.mark.parametrize(
    "url", ["https://127.1/", "https://2130706433/", "https://[::ffff:127.0.0.1]/", "https://localhost/"]
)
def test_other_ways_to_write_this_machine_lead_nowhere(url: str) -> None:
    assert refused(Net(), url) in {"not_public", "not_resolved"}


def test_a_name_that_changes_its_mind_is_not_asked_twice(receiver: Receiver) -> None:
    send(receiver.net())
    assert (receiver.asked, receiver.dialled) == (1, [PUBLIC])


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 500, 503])
def test_nobody_is_followed_elsewhere_and_only_a_yes_is_a_yes(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, "https://127.0.0.1/"
    assert refused(receiver.net()) == f"status_{status}"
    assert len(receiver.dialled) == 1


def test_a_certificate_that_is_not_the_names_is_not_trusted(receiver: Receiver) -> None:
    assert refused(receiver.net(trust=ssl.create_default_context())) == "not_trusted"
    assert receiver.calls == []


def test_what_cannot_be_resolved_or_reached_has_a_code() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    def closed(_address: str, _port: int, _seconds: float) -> socket.socket:
        raise ConnectionRefusedError

    def slow(_address: str, _port: int, _seconds: float) -> socket.socket:
        raise TimeoutError

    def public(_host: str, _port: int) -> list[str]:
        return [PUBLIC]

    assert refused(Net(nowhere)) == "not_resolved"
    assert refused(Net(lambda _h, _p: [])) == "not_resolved"
    assert refused(Net(public, closed)) == "not_reached"
    assert refused(Net(public, slow)) == "too_slow"


def test_what_went_wrong_names_nothing_of_the_record(receiver: Receiver) -> None:
    receiver.status = 500
    with pytest.raises(NotDelivered) as why:
        send(receiver.net())
    assert "amber" not in repr(why.value)
    assert HOST not in repr(why.value)
    assert json.loads(receiver.calls[0][2])["data"]["case"] == "amber-heron"
