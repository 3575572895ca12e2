"""Passkeys: what a browser is asked for, and whether what it gives is true. The only file that knows the library.

May not store anything: challenges and public halves are handed in and out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VERIFIED: Final = UserVerificationRequirement.REQUIRED


class NotProven(ValueError):
    """What the browser gave does not prove who is there."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A passkey's public half (`value`), its id, and how often it says it was used."""

    credential: bytes
    value: bytes
    counter: int


class Passkeys:
    """For one desk. `address`: scheme and host as browsers write them; passkeys are bound to its host."""

    def __init__(self, address: str, name: str) -> None:
        self._address = address
        entity = PublicKeyCredentialRpEntity(name=name, id=urlsplit(address).hostname or "localhost")
        self._server = Fido2Server(entity, verify_origin=self._is_ours)

    def _is_ours(self, origin: str) -> bool:
        return origin == self._address

    def enrolment(self, staff: str, name: str, have: Iterable[bytes]) -> tuple[dict[str, Any], bytes]:
        """What a browser needs to make a passkey, and the challenge to keep. `have`: ids of those there are already."""
        user = PublicKeyCredentialUserEntity(name=name, id=staff.encode(), display_name=name)
        known = [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=one) for one in have]
        asked, state = self._server.register_begin(
            user,
            known,
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=_VERIFIED,
        )
        return dict(asked.public_key), websafe_decode(state["challenge"])

    def enrolled(self, challenge: bytes, given: Mapping[str, Any]) -> Signed:
        """The passkey that was made. Raises NotProven."""
        try:
            data = self._server.register_complete(_state(challenge), RegistrationResponse.from_dict(given))
        except _WRONG as wrong:
            raise NotProven(NotProven.__doc__) from wrong
        made = data.credential_data
        if made is None:
            raise NotProven(NotProven.__doc__)
        return Signed(made.credential_id, bytes(made), data.counter)

    def sign_in(self) -> tuple[dict[str, Any], bytes]:
        """What a browser needs to sign somebody in, and the challenge to keep. It names nobody."""
        asked, state = self._server.authenticate_begin(user_verification=_VERIFIED)
        return dict(asked.public_key), websafe_decode(state["challenge"])

    def credential(self, given: Mapping[str, Any]) -> bytes:
        """Which passkey a browser says it used. Raises NotProven."""
        try:
            return AuthenticationResponse.from_dict(given).raw_id
        except _WRONG as wrong:
            raise NotProven(NotProven.__doc__) from wrong

    def signed(self, challenge: bytes, value: bytes, given: Mapping[str, Any]) -> Signed:
        """Whether the passkey of this public half signed the challenge. Raises NotProven."""
        try:
            answer = AuthenticationResponse.from_dict(given)
            known = AttestedCredentialData(value)
            self._server.authenticate_complete(_state(challenge), [known], answer)
        except _WRONG as wrong:
            raise NotProven(NotProven.__doc__) from wrong
        return Signed(known.credential_id, value, answer.response.authenticator_data.counter)


# What the library raises for what is not as it should be: a browser may send anything at all.
_WRONG: Final = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _VERIFIED}


def credential_of(value: bytes) -> bytes:
    """The id of a passkey, from its public half."""
    return AttestedCredentialData(value).credential_id
