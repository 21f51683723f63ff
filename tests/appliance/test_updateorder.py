"""Orders about updates: a few words, taken once, and nothing else that whoever leaves them could mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.deferral import PutOff
from edgecam.appliance.updateorder import UpdateOrder, decode_order, leave_order, take_order, waiting_order
from edgecam.core.errors import BadInput, MediaFailing, Unavailable

pytestmark = pytest.mark.row("I2")


@given(st.binary(max_size=70) | st.sampled_from([b"check", b"install\n", b"install\n\n", b"Check", b" check"]))
def test_an_order_is_one_of_a_few_words(data: bytes) -> None:
    words = {word.encode() for word in UpdateOrder}
    if data.removesuffix(b"\n") in words:
        assert decode_order(data) == data.decode().strip()
    else:
        with pytest.raises(BadInput):
            decode_order(data)


@pytest.mark.parametrize("order", UpdateOrder)
def test_orders_are_taken_once(tmp_path: Path, order: UpdateOrder) -> None:
    path = tmp_path / "update"
    assert take_order(path) is None
    leave_order(UpdateOrder.CHECK, path)
    leave_order(order, path)
    assert waiting_order(path) is order
    assert take_order(path) is order
    assert (take_order(path), waiting_order(path)) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_two_of_them_put_off() -> None:
    told = {order: order.put_off for order in UpdateOrder if order.put_off}
    assert told == {UpdateOrder.DEFER_DAY: PutOff.DAY, UpdateOrder.DEFER_WEEK: PutOff.WEEK}


@pytest.mark.parametrize("kind", ["a link", "a folder's name", "long", "a path"])
def test_orders_that_are_none(tmp_path: Path, kind: str) -> None:
    order, secret = tmp_path / "update", tmp_path / "secret"
    secret.write_text("install")
    if kind == "a link":
        order.symlink_to(secret)
    elif kind == "a folder's name":
        order.symlink_to(tmp_path)
    else:
        order.write_bytes(b"install" * 1000 if kind == "long" else b"install /tmp/x.raucb")
    with pytest.raises(BadInput, match="is none"):
        take_order(order)
    assert not order.is_symlink()
    assert not order.exists()
    assert secret.read_text() == "install"


def test_where_nobody_takes_orders_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nobody takes orders"):
        leave_order(UpdateOrder.CHECK, tmp_path / "gone" / "update")
    (tmp_path / "update").mkdir()
    with pytest.raises(MediaFailing, match="cannot be written"):
        leave_order(UpdateOrder.CHECK, tmp_path / "update")
