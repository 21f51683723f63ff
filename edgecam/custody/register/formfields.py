"""What the guidelines' forms ask of an act beside who, when, which footage and why: told by who acts, if at all."""

from __future__ import annotations

from dataclasses import dataclass, fields

from edgecam.core.errors import BadInput
from edgecam.custody.cases.case import Use, Want

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class FormFields:
    """Each is one line, empty where nobody told; the names are those of the line's ``detail``.

    ``affiliation`` is where who acts belongs and as what; ``use`` a `Use`, ``form`` a `Want`; ``viewers`` are who
    else sees it; ``case`` the number of what was asked.
    """

    affiliation: str = ""
    use: str = ""
    legal_basis: str = ""
    recipient: str = ""
    recipient_affiliation: str = ""
    recipient_contact: str = ""
    form: str = ""
    viewers: str = ""
    case: str = ""
    remarks: str = ""

    def __post_init__(self) -> None:
        """Raises: BadInput for more than one line, 500 letters, or a use or form that the forms do not know."""
        for name, text in self.detail().items():
            if len(text) > _LONGEST or not text.isprintable():
                raise BadInput(
                    f"the {name.replace('_', ' ')} {text[:40]!r} is not one line of {_LONGEST} letters at most",
                    do="shorten it",
                )
        _require_one_of("use", self.use, tuple(Use))
        _require_one_of("form", self.form, tuple(Want))

    def detail(self) -> dict[str, str]:
        """What was told, as it stands in a line."""
        told = {field.name: str(getattr(self, field.name)).strip() for field in fields(self)}
        return {name: text for name, text in told.items() if text}


def _require_one_of(name: str, text: str, known: tuple[str, ...]) -> None:
    if text and text not in known:
        raise BadInput(f"{text!r} is no {name} that the forms know", do=f"use one of {', '.join(known)}")


UNTOLD = FormFields()
