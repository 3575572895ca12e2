"""A page of ours as PDF. The only user of WeasyPrint; may not fetch anything from anywhere, nor leave out a letter in silence.

WeasyPrint draws with the system's Pango and its fonts: every script of a child needs one (`fonts-noto-core`, `fonts-noto-cjk`). A
letter that no font has would be an empty box: then there is no PDF, and what to install is said. A picture letter that no font
has is written out by its name. The same page gives the same bytes with the same fonts.
"""

from __future__ import annotations

import hashlib
import html
import logging
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, NoReturn

from bot.filing.extra import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Collection
    from re import Match

_LIBRARY: Final = "a PDF needs WeasyPrint, which is not installed: in Waymark's own folder, pip install '.[pdf]'"
_PANGO: Final = (
    "a PDF needs Pango, which is not installed: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
_STYLE: Final = """
@page { size: A4; margin: 18mm 16mm; font: 8pt "Noto Sans", sans-serif; }
@page { @bottom-right { content: counter(page) " / " counter(pages); } }
html { font-size: 9.5pt; }
body { font-family: "Noto Sans", sans-serif; line-height: 1.5; }
"""
# What is said to a browser, which finds the direction of such words itself.
_AUTO: Final = re.compile(r'dir="auto"([^>]*)>([^<]*)')
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


class NotDrawn(RuntimeError):
    """No font here has some of its letters; the message says which to install. Nothing was written."""


def pdf(page: str) -> bytes:
    """A whole page, in A4. Raises NotInstalled and NotDrawn."""
    made, missing = _drawn(page)
    pictures = {one for one in missing if not unicodedata.category(one).startswith(("L", "M", "N"))}
    if missing - pictures:
        scripts = sorted({unicodedata.name(one, "UNKNOWN").split()[0].capitalize() for one in missing - pictures})
        raise NotDrawn(
            f"no font here has the letters of {', '.join(scripts)}: apt-get install fonts-noto-core fonts-noto-cjk"
        )
    return _drawn(_named(page, pictures))[0] if pictures else made


def _named(page: str, pictures: Collection[str]) -> str:
    """A picture by its name, for whoever reads it on paper."""
    names = {ord(one): f"[{unicodedata.name(one, 'picture').lower()}]" for one in pictures}
    return page.translate(names)


def _drawn(page: str) -> tuple[bytes, set[str]]:
    """The PDF, and the letters for which it has empty boxes."""
    library, seen = _library(), _Seen()
    fetcher = _fetcher()
    log = logging.getLogger("weasyprint")
    log.addFilter(seen)
    try:
        made = library.HTML(string=_directed(page), url_fetcher=fetcher).write_pdf(
            stylesheets=[library.CSS(string=_STYLE, url_fetcher=fetcher)],
            pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
            pdf_tags=True,
        )
    finally:
        log.removeFilter(seen)
    return bytes(made), seen.missing


class _Seen(logging.Filter):
    """Keeps which letters had no font. Nothing is passed on to a log: what the library says quotes the page."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
            self.missing.add(str(record.args[0]))
        return False


def _refuse(_url: str) -> NoReturn:
    """Nothing on a page of ours stands anywhere else, and nobody is told that it is read."""
    raise ValueError("nothing is fetched for a PDF")


def _fetcher() -> Any:  # noqa: ANN401 - published without types
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as `_library`

    class Nobody(URLFetcher):  # type: ignore[misc]
        """Asks nobody for anything."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002 - what the library calls
            _refuse(url)

    return Nobody()


def _directed(page: str) -> str:
    """Words whose direction a browser would find, with the direction that their first letter has."""

    def found(match: Match[str]) -> str:
        strong = (unicodedata.bidirectional(one) for one in html.unescape(match[2]))
        first = next((one for one in strong if one in _RIGHT_TO_LEFT or one == "L"), "L")
        return f'dir="{"rtl" if first in _RIGHT_TO_LEFT else "ltr"}"{match[1]}>{match[2]}'

    return _AUTO.sub(found, page)


def _library() -> Any:  # noqa: ANN401 - published without types
    try:
        import weasyprint  # noqa: PLC0415 - an extra, and slow to load: only who wants a PDF needs it
    except ImportError:
        raise NotInstalled(_LIBRARY) from None
    except OSError:
        raise NotInstalled(_PANGO) from None
    return weasyprint
