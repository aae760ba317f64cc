"""Writes every made part of the documents anew."""

from __future__ import annotations

from docs.making.pages import PAGES, renewed


def main() -> None:
    """Rewrites the pages whose made parts have changed, and names them."""
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            print(f"Wrote {page.name}.")  # noqa: T201


if __name__ == "__main__":
    main()
