"""Every catalogue and the template, written for the texts of now: `make catalogues`. What is translated and signed stays so."""

from __future__ import annotations

from bot import app, i18n, review


def main() -> None:
    """Only what has changed is touched."""
    entries = tuple(i18n.messages(app.source()))
    made = {"messages.pot": review.template(entries)}
    for locale, catalogue in i18n.load_catalogues(app.LOCALES).items():
        made[f"{locale.replace('-', '_')}/LC_MESSAGES/messages.po"] = review.rewritten(entries, catalogue)
    for name, text in made.items():
        path = app.LOCALES / name
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"locales/{name}: written")  # noqa: T201 - for whoever ran it


if __name__ == "__main__":
    main()
