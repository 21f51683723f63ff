"""Every error is one of the kinds and reads as one sentence."""

import pytest

from edgecam.core.errors import BadInput, EdgecamError


def test_the_base_cannot_be_raised() -> None:
    with pytest.raises(TypeError):
        EdgecamError("something")


def test_what_do_and_safe_make_one_sentence() -> None:
    error = BadInput("the disk is full", do="make room", safe="nothing was lost")
    assert str(error) == "the disk is full: make room; nothing was lost"
    assert str(BadInput("the disk is full")) == "the disk is full"
