"""An account kept elsewhere (OpenID Connect): where a browser is sent, and whether what it brings back is true. The only file
that knows the libraries, which are an extra: `waymark[oidc]`.

May not store anything, and may not decide who somebody is here: it says which account of which issuer has proved itself.
Nothing raised here carries a token, an address or a name. What is asked of a token: OpenID Connect Core 1.0, 3.1.3.7.
"""

from __future__ import annotations

import hmac
import secrets
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from bot.desk.asking import Account, Journey, NotReached, NotTrue

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

SCOPE: Final = "openid"
SECONDS: Final = 5.0
# How long what an issuer says of itself is believed; its keys are fetched anew for every token.
KNOWN_FOR: Final = 600.0
CLOCKS_APART: Final = 60
LONGEST: Final = 255
# Signed with a key that the issuer alone has: never a shared secret, never nothing.
SIGNED_BY: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WRONG: Final = (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError, AttributeError)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The authorities that httpx brings along, read once and not for every sign-in."""
    return httpx.create_ssl_context(trust_env=False)


class Accounts:
    """One issuer's accounts. `back`: the address of ours to which it sends browsers."""

    def __init__(
        self, issuer: str, client: str, secret: str, back: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._issuer, self._client, self._secret, self._back = issuer, client, secret, back
        self._transport = transport
        self._told: tuple[float, Mapping[str, Any]] | None = None

    def away(self, prompt: str = "select_account") -> Journey:
        """Where to send a browser, with what only this journey knows. `prompt`: whoever sat here before is not taken for who
        sits here now; to bind an account takes a `login`. Raises NotReached, NotTrue.
        """
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": SCOPE,
            "prompt": prompt,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        url = add_params_to_uri(self._endpoint("authorization_endpoint"), list(asked.items()))
        return Journey(url, state, nonce, verifier)

    def proven(self, journey: Journey, said: Mapping[str, str]) -> Account:
        """The account that a browser brings back (`said`: the query of its address). Raises NotTrue, NotReached."""
        if not hmac.compare_digest(said.get("state", "").encode("utf-8", "replace"), journey.state.encode()):
            raise NotTrue("state")
        # RFC 9207: whoever answers names itself, so that one issuer's answer is never taken for another's.
        named = said.get("iss")
        if named != self._issuer and (named or self._says("authorization_response_iss_parameter_supported")):
            raise NotTrue("issuer")
        if not said.get("code"):
            raise NotTrue("code")
        token = self._exchanged(said["code"], journey.verifier)
        return self._read(token, journey.nonce)

    # --- what the issuer says -----------------------------------------------------------------------------------------

    def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        """The tokens of a code (RFC 6749, 4.1.3), with what proves that it was we who began (RFC 7636)."""
        url, methods = self._endpoint("token_endpoint"), self._says("token_endpoint_auth_methods_supported")
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        ours = httpx.BasicAuth(quote_plus(self._client), quote_plus(self._secret))
        if methods and "client_secret_basic" not in methods:
            given |= {"client_id": self._client, "client_secret": self._secret}
            return self._fetched("POST", url, data=given)
        return self._fetched("POST", url, data=given, auth=ours)

    def _read(self, token: Mapping[str, Any], nonce: str) -> Account:
        keys = self._fetched("GET", self._endpoint("jwks_uri"))
        wanted = {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": self._client}}
        known = {"nonce": nonce, "client_id": self._client, "access_token": token.get("access_token")}
        try:
            read = jwt.decode(
                str(token["id_token"]),
                KeySet.import_key_set(cast("Any", keys)),
                registry=JWSRegistry(algorithms=list(SIGNED_BY), strict_check_header=False),
            )
            claims = CodeIDToken(read.claims, read.header, wanted, known)
            claims.validate(leeway=CLOCKS_APART)
            subject = claims["sub"]
        except _WRONG:
            raise NotTrue("token") from None
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
            raise NotTrue("subject")
        return Account(self._issuer, subject)

    def _says(self, what: str) -> Any:  # noqa: ANN401 - as the issuer wrote it
        known = self._told
        if known is None or time.monotonic() - known[0] > KNOWN_FOR:
            # Two may ask at the same time: that costs a second question, where a lock would let all wait for a slow answer.
            told = self._fetched("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
            if told.get("issuer") != self._issuer:
                raise NotTrue("issuer")
            known = self._told = (time.monotonic(), told)
        return known[1].get(what)

    def _endpoint(self, name: str) -> str:
        url = str(self._says(name) or "")
        try:
            parts = urlsplit(url)
        except ValueError:
            raise NotTrue(name) from None
        # An issuer elsewhere does not send us to a door of this machine.
        here = parts.hostname in _LOOPBACK and urlsplit(self._issuer).hostname in _LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            raise NotTrue(name)
        return url

    def _fetched(self, method: str, url: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - as httpx takes them
        try:
            with httpx.Client(timeout=SECONDS, transport=self._transport, verify=_trusted(), trust_env=False) as client:
                answer = client.request(method, url, headers={"Accept": "application/json"}, **given)
            found = answer.json() if answer.is_success else None
        except httpx.HTTPError:
            raise NotReached(NotReached.__doc__) from None
        except ValueError:
            raise NotTrue("answer") from None
        if found is None and not answer.is_client_error:
            raise NotReached(NotReached.__doc__)
        if not isinstance(found, dict):
            raise NotTrue("answer")
        return found
