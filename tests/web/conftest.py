"""Where pytest looks for `pagefixtures`. Nothing else stands here: mypy passes over files of one name."""

from __future__ import annotations

from pagefixtures import browser, camera, client, other, phone, server, steady_client, stranger

__all__ = ["browser", "camera", "client", "other", "phone", "server", "steady_client", "stranger"]
