"""Who answers for a camera and why it is there: what its signs and forms say, as people write it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# What people read: one line, as it stands on a sign.
Line = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$")]


class Notice(BaseModel):
    """Each is one line, empty where nobody told."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    owner: Line = Field("", description="who put the camera up, as people here know them")
    responsible: Line = Field("", description="the person who answers for how it is used")
    purpose: Line = Field("", description="what it is there for, and nothing else")
    place: Line = Field("", description="where it hangs")
    area: Line = Field("", description="what it films")
    contact: Line = Field("", description="where people ask and complain: a telephone number, an address")
    delegate: Line = Field("", description="who looks after it for the owner, and their number; empty: nobody")
