"""`tests/vectors/sealing.json`: a key sealed in every way, which camera, browser and the age tool must open.

``python tests/keys/sealingvectors.py`` makes the file anew. The people's secrets stand here and in it: they are
nobody's.
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.keys.sealing import SealingKind, sealing

VECTORS = Path(__file__).parents[1] / "vectors" / "sealing.json"
SECRET = bytes(range(32))
OWNERS = (
    "AGE-SECRET-KEY-12Y8KCETM2GTHP9DGSWK7HR4E7LG4A7RRQCP9VDJ3CL6CCDR7JWGQ05NXE3",
    "AGE-SECRET-KEY-1HY8DKQKELUFZW7HHCERUNT8RTQ4Z6S38GEU24YLYVF9RRLPGESPQ0SC4DU",
)
OPERATORS = (
    "AGE-SECRET-KEY-19H60GWUDDXRCXA5XLAR9TK96YY6EJAE568QGFTU5Q2T66LF5S52QJAK992",
    "AGE-SECRET-KEY-16CN7SGUJA8436TSMX9X46PAA0T74RSNLY6GUAXKUGLRJ9PHZX7QSQV9D6A",
)


def made() -> dict[str, Any]:
    """The whole file; what is sealed is random."""
    owners, operators = (
        [OwnerIdentity.from_secret(one).recipient() for one in some] for some in (OWNERS, OPERATORS)
    )
    sealed = {kind.value: sealing(kind, owners, operators, 1 << 16).seal(SECRET) for kind in SealingKind}
    # What an owner leaves for the first operator: the inner layer, sealed to them alone.
    inner = OwnerIdentity.from_secret(OWNERS[0]).without_layer(sealed["two_person"])
    sealed["permit"] = Recipients([operators[0]]).seal(inner)
    return {
        "about": "made by tests/keys/sealingvectors.py; sealed keys are base64, the secret is hex",
        "secret": SECRET.hex(),
        "owners": OWNERS,
        "operators": OPERATORS,
        "owner_recipients": owners,
        "operator_recipients": operators,
    } | {name: b64encode(data).decode("ascii") for name, data in sealed.items()}


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(made(), indent=1) + "\n")
