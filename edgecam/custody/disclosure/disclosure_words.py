"""What there is to read in a package that is given away, in English, Korean and Japanese."""

from __future__ import annotations

from edgecam.custody.cases.case import Case
from edgecam.custody.evidence.account import wall_time

_COPY = {
    "en": """\
FOOTAGE OF A SECURITY CAMERA

Given to: {name}. On the ground of: {basis}. Case {case}.
Footage: {range}

copy.mp4 (and copy-2.mp4, ...): the footage; every player shows it.
register-page.jsonl: what the camera's register says of this case; each line is signed by the camera.
verify.sh: proves the footage. It needs OpenSSL 3 and sha256sum, as Linux and macOS have them:

    sh verify.sh

{proof}
Camera {camera}, public key {key}
Compare that key with the one on the camera's sign or from the owner: the files alone cannot prove whose it is.

What you see is personal information. Use it for nothing but what it was given for, give it to nobody else, and
destroy it when it is not needed any more.
""",
    "ko": """\
영상정보처리기기의 영상

제공받는 자: {name}. 법적 근거: {basis}. 접수번호 {case}.
영상: {range}

copy.mp4 (copy-2.mp4, ...): 영상. 모든 재생기에서 볼 수 있습니다.
register-page.jsonl: 이 건에 대한 카메라 관리대장의 기록. 각 줄에 카메라의 전자서명이 있습니다.
verify.sh: 영상의 진정성을 증명합니다. 리눅스와 macOS의 OpenSSL 3과 sha256sum만 있으면 됩니다.

    sh verify.sh

{proof}
카메라 {camera}, 공개키 {key}
이 공개키를 카메라 안내판의 것 또는 운영자가 알려 준 것과 비교하십시오. 파일만으로는 누구의 키인지 알 수 없습니다.

영상은 개인정보입니다. 제공받은 목적 외에 이용하거나 다른 사람에게 제공하지 말고, 필요가 없어지면 파기하십시오.
""",
    "ja": """\
防犯カメラの画像

提供先: {name}　根拠: {basis}　受付番号 {case}
画像: {range}

copy.mp4（copy-2.mp4 …）: 画像。どの再生ソフトでも見られます。
register-page.jsonl: この件についてのカメラの記録簿の記録。各行にカメラの署名があります。
verify.sh: 画像が記録のままであることを証明します。Linux と macOS の OpenSSL 3 と sha256sum だけで動きます。

    sh verify.sh

{proof}
カメラ {camera}、公開鍵 {key}
この鍵を、カメラの標示のもの、または設置者から聞いたものと照らし合わせてください。ファイルだけでは誰の鍵か分かりません。

画像は個人情報です。提供を受けた目的以外に使わず、他人に渡さず、不要になったら消去してください。
""",
}
_PROOF = {
    "en": (
        'It says "genuine" when nothing was changed, dropped, moved or added; else it names the first wrong time.',
        "The pictures were covered or written on before they were given away, so they are no original. The script\n"
        "proves that they are as the camera gave them out; their manifest names the original by its hashes.",
    ),
    "ko": (
        '변경, 삭제, 이동, 추가가 없으면 "genuine"이라고 나오고, 있으면 처음으로 잘못된 구간을 알려 줍니다.',
        "제공하기 전에 제3자를 가리거나 글자를 넣었으므로 원본이 아닙니다. 카메라가 제공한 그대로인지를 증명하며,\n"
        "원본은 해시값으로 표시되어 있습니다.",
    ),
    "ja": (
        "変更・削除・移動・追加がなければ「genuine」と表示し、あれば最初の誤った区間を示します。",
        "提供の前に第三者を塗りつぶし、または文字を入れたため、原本ではありません。カメラが提供したままであることを\n"
        "証明します。原本はハッシュ値で示されています。",
    ),
}


def read_me(case: Case, camera: str, camera_public: bytes, *, derived: bool) -> bytes:
    """The text, UTF-8; ``derived`` where pictures were covered or written on."""
    assert case.from_wall_ns is not None
    assert case.to_wall_ns is not None
    told = {
        "name": case.asker.name or "-",
        "basis": case.legal_basis or "-",
        "case": case.case_id,
        "range": f"{wall_time(case.from_wall_ns)} - {wall_time(case.to_wall_ns)}",
        "camera": camera,
        "key": camera_public.hex(),
    }
    texts = [text.format(**told, proof=_PROOF[language][derived]) for language, text in _COPY.items()]
    return ("\n" + "-" * 70 + "\n\n").join(texts).encode()
