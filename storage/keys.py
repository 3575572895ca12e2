"""The service's keys: what is sealed, what is only compared, and which key did it. May not read files or the
environment.

Two things are kept apart. The *service keys* seal (AES-256-GCM) and can be rotated; the *pepper* feeds every HMAC and
stays, for a fingerprint that changes finds nobody. Every contact has a data key of their own, wrapped by a service key:
to erase a child is to destroy 32 bytes, and backups forget with us (decisions 11).

A sealed value is bound to its place (table and row id are associated data), so that it cannot be moved to another row.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from storage import chance

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_NONCE: Final = 12
# No 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: read aloud at 2 a.m. each is itself. No A E: no code is a word.
ALPHABET: Final = "34679CDFGHJKMNPQRTWXY"
CODE_LENGTH: Final = 6
_MEND: Final = "put back the copy you keep, or make a first one with `waymark keys new`"


class KeysMalformed(ValueError):
    """The key text cannot be read: make one with `waymark keys new` and keep its lines whole."""


class SealBroken(ValueError):
    """A sealed value does not open: it was changed, moved to another row, or its key is gone; ask `waymark doctor`."""


class Sealed(bytes):
    """Bytes that went through `seal`. The column type refuses anything else, so plain text cannot be stored by slip."""

    __slots__ = ()


def _place(place: tuple[str, ...]) -> bytes:
    return "\x1f".join(place).encode()


def encode(text: str) -> bytes:
    """UTF-8 that also carries lone surrogates, which arrive from broken phones and must come back as they were."""
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """The other way of `encode`."""
    return data.decode("utf-8", "surrogatepass")


class DataKey:
    """The key of one contact (or case). Never leaves storage, never prints itself."""

    __slots__ = ("_cipher", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._cipher = AESGCM(raw)

    def seal(self, text: str | bytes, *place: str) -> Sealed:
        """Seal for the row named by `place` (table, id, ...)."""
        nonce = os.urandom(_NONCE)
        data = encode(text) if isinstance(text, str) else text
        return Sealed(nonce + self._cipher.encrypt(nonce, data, _place(place)))

    def open(self, sealed: bytes, *place: str) -> str:
        """The text again; raises SealBroken when it is not whole or not of this place."""
        return decode(self.open_bytes(sealed, *place))

    def open_bytes(self, sealed: bytes, *place: str) -> bytes:
        """As `open`, undecoded."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(place))
        except (InvalidTag, ValueError):  # ValueError: too short to be sealed at all
            raise SealBroken(SealBroken.__doc__) from None

    def mac(self, *parts: str) -> bytes:
        """A keyed hash under this contact's key: worthless without it, and gone with it."""
        return hmac.digest(self._raw, _place(parts), hashlib.sha256)

    def __repr__(self) -> str:
        return "DataKey(...)"


@dataclass(slots=True, eq=False)
class Keys:
    """The key ring. The last service key seals; all of them open.

    `again`: the key text as it stands now, read when a value names a key that this ring does not hold: it was rotated in
    another process, and no child's text waits until this one is started again.
    """

    _service: dict[bytes, AESGCM] = field(repr=False)
    _raw: tuple[bytes, ...] = field(repr=False)
    _pepper: bytes = field(repr=False)
    _mac: HMAC = field(repr=False)
    _current: bytes = field(repr=False)
    _again: Callable[[], str] | None = field(repr=False, default=None)

    # --- text form ---

    @staticmethod
    def new() -> str:
        """A fresh key text: `pepper=...;key=...`, base64, one line, fit for a file or a setting."""
        return f"pepper={_b64(secrets.token_bytes(KEY_BYTES))};key={_b64(secrets.token_bytes(KEY_BYTES))}"

    @staticmethod
    def load(text: str, again: Callable[[], str] | None = None) -> Keys:
        """Read a key text (`;` or new lines between entries). Raises KeysMalformed naming the entry, never its
        value. `again` raises ValueError where it cannot be read.
        """
        pepper: list[bytes] = []
        service: list[bytes] = []
        entries = [entry.strip() for entry in text.replace("\n", ";").split(";") if entry.strip()]
        for number, entry in enumerate(entries, start=1):
            name, _, value = entry.partition("=")
            where = {"pepper": pepper, "key": service}.get(name.strip())
            if where is None:
                message = f"keys, entry {number}: expected `pepper=` or `key=`; {_MEND}"
                raise KeysMalformed(message)
            where.append(_unb64(value.strip(), number))
        if len(pepper) != 1 or not service:
            message = f"keys: one `pepper=` and at least one `key=` are needed; {_MEND}"
            raise KeysMalformed(message)
        ring = {_key_id(raw): AESGCM(raw) for raw in service}
        return Keys(
            _service=ring,
            _raw=tuple(service),
            _pepper=pepper[0],
            _mac=HMAC(pepper[0], SHA256()),
            _current=_key_id(service[-1]),
            _again=again,
        )

    def rotated(self) -> str:
        """The key text with one more service key at its end, which then seals. `rotation.rewrap` moves the rest
        over.
        """
        held = "".join(f";key={_b64(raw)}" for raw in self._raw)
        return f"pepper={_b64(self._pepper)}{held};key={_b64(secrets.token_bytes(KEY_BYTES))}"

    # --- the service key ---

    def seal(self, text: str | bytes, *place: str) -> Sealed:
        """Seal under the current service key for the row named by `place` (table, id, ...)."""
        nonce, current = os.urandom(_NONCE), self._current
        data = encode(text) if isinstance(text, str) else text
        return Sealed(current + nonce + self._service[current].encrypt(nonce, data, _place(place)))

    def open(self, sealed: bytes, *place: str) -> str:
        """The text again; raises SealBroken when changed, moved, or sealed under a key that is not in the ring."""
        return decode(self.open_bytes(sealed, *place))

    def open_bytes(self, sealed: bytes, *place: str) -> bytes:
        """As `open`, undecoded."""
        cipher = self._service.get(sealed[:_ID_BYTES]) or self._met(sealed[:_ID_BYTES])
        if cipher is None:
            message = "sealed under a service key that is not in the key ring; ask `waymark doctor`"
            raise SealBroken(message)
        try:
            rest = sealed[_ID_BYTES:]
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], _place(place))
        except (InvalidTag, ValueError):
            raise SealBroken(SealBroken.__doc__) from None

    def _met(self, named: bytes) -> AESGCM | None:
        """A key that was added since this ring was read: from then on this process seals under the newest too."""
        if self._again is None:
            return None
        try:
            found = Keys.load(self._again())
        except ValueError:
            return None
        return self._taken_from(found, named)

    def _taken_from(self, other: Keys, named: bytes) -> AESGCM | None:
        if named not in other._service or not hmac.compare_digest(other._pepper, self._pepper):
            return None
        # In this order: whoever seals meanwhile, in another thread, finds the current key among those that are held.
        self._service = self._service | other._service
        self._raw, self._current = other._raw, other._current
        return self._service[named]

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest service key sealed this."""
        return sealed[:_ID_BYTES] == self._current

    def holds(self, sealed: bytes) -> bool:
        """Whether the key that sealed this is in the ring; whether it opens is another matter."""
        return sealed[:_ID_BYTES] in self._service or self._met(sealed[:_ID_BYTES]) is not None

    @staticmethod
    def id_of(sealed: bytes) -> bytes:
        """Which key sealed a value, as the value says."""
        return sealed[:_ID_BYTES]

    def new_data_key(self, *place: str) -> tuple[DataKey, Sealed]:
        """A data key and the same key wrapped for the row named by `place`."""
        raw = secrets.token_bytes(KEY_BYTES)
        return DataKey(raw), self.seal(raw, *place)

    def unwrap(self, wrapped: bytes, *place: str) -> DataKey:
        """The data key of a row."""
        return DataKey(self.open_bytes(wrapped, *place))

    # --- the pepper ---

    def mac(self, *parts: str) -> bytes:
        """32 bytes that only the holder of the pepper can make."""
        made = self._mac.copy()
        made.update(_place(parts))
        return made.finalize()

    def fingerprint(self, *parts: str) -> bytes:
        """How an address is found without being kept: HMAC of (store, channel, address). Another store, another
        fingerprint, so that not even the whole database tells that one number stands in both (G13).
        """
        return self.mac("fingerprint", *parts)

    def page_code(self, alert_id: str, serial: int, rung: int, person: str) -> str:
        """The six characters a page carries. Nothing is stored: they are made again when somebody texts them back."""
        number = int.from_bytes(self.mac("page", alert_id, str(serial), str(rung), person)[:8], "big")
        letters = []
        for _ in range(CODE_LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        return "".join(letters)


def same_code(given: str, expected: str) -> bool:
    """Compare a texted code in constant time; case, spaces and hyphens do not count."""
    plain = "".join(mark for mark in given.upper() if mark.isascii() and mark.isalnum())
    return hmac.compare_digest(plain.encode(), expected.encode())


def same_mark(given: str, expected: str) -> bool:
    """Compare what was given with a mark of ours, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def new_code() -> str:
    """A random code of the same alphabet, for offers."""
    return "".join(chance.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _key_id(raw: bytes) -> bytes:
    return hashlib.sha256(b"waymark key id" + raw).digest()[:_ID_BYTES]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _unb64(value: str, number: int) -> bytes:
    try:
        raw = base64.b64decode(value.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if len(raw) != KEY_BYTES:
        message = f"keys, entry {number}: expected {KEY_BYTES} bytes in base64; {_MEND}"
        raise KeysMalformed(message)
    return raw
