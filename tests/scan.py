"""What a telephone reads from a page of paper."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import numpy as np
import zxingcpp


def scanned(pdf: Path) -> str:
    """The QR code of the page, printed at 150 dpi. Raises: ValueError unless it has one that can be read.

    ZXing is what many telephones read with; OpenCV's detector fails at one code in a hundred, by what stands in it.
    """
    printed = subprocess.run(["pdftoppm", "-r", "150", "-png", str(pdf)], capture_output=True, check=True).stdout
    picture = cv2.imdecode(np.frombuffer(printed, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    (code,) = zxingcpp.read_barcodes(picture)
    return code.text
