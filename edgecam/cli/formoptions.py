"""What the guidelines' forms ask and no camera can know: options of the commands that act on footage."""

from __future__ import annotations

from typing import Annotated

import typer

AffiliationOption = Annotated[
    str, typer.Option(help="Where who acts belongs and as what, as `School office, vice-principal`.")
]
UseOption = Annotated[str, typer.Option(help="within the declared purpose, outside of it, or provision to others.")]
LegalBasisOption = Annotated[str, typer.Option("--legal-basis", help="The ground in law, where one is needed.")]
RecipientOption = Annotated[str, typer.Option(help="Who gets it, by post and name, if somebody outside does.")]
RecipientAffiliationOption = Annotated[
    str, typer.Option("--recipient-affiliation", help="Where they belong, as `Kita police station`.")
]
RecipientContactOption = Annotated[str, typer.Option("--recipient-contact", help="How they are reached.")]
ViewersOption = Annotated[str, typer.Option(help="Who sees it too, each with post and name.")]
RemarksOption = Annotated[str, typer.Option(help="Whatever else is to stand on the form.")]
