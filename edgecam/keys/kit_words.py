"""The words of the recovery kit in Japanese, Korean and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KitWords:
    """One language. ``steps`` belong to the commands of `edgecam.keys.kit.COMMANDS`, one to one."""

    font: str
    title: str
    warning: str
    secret: str
    typing: str
    camera: str
    recipient: str
    ring: str
    made: str
    what_title: str
    what: str
    keep_title: str
    keep: str
    open_title: str
    steps: tuple[str, str, str, str, str]
    format: str
    passphrase_title: str
    passphrase: str


WORDS = {
    "ja": KitWords(
        font="Noto Sans CJK JP",
        title="防犯カメラ映像 復旧キット",
        warning="この紙を持つ人は、このカメラの映像をすべて開けます。現金や実印と同じように保管してください。",
        secret="秘密鍵",
        typing=(
            "入力するときは空白を入れず、1行で続けて打ちます。"
            "最初の行より後に、英字の B・I・O と数字の 1 は現れません。"
            "O に見える字は数字の 0 (ゼロ)、B に見える字は数字の 8 です。"
        ),
        camera="カメラ",
        recipient="公開鍵",
        ring="映像のファイル",
        made="作成日",
        what_title="これは何か",
        what=(
            "カメラの映像は、所有者だけが開けるように暗号化されています。ふだんは所有者のパスフレーズで開きます。"
            "パスフレーズを忘れたとき、カメラが壊れたとき、この紙だけが映像を開く手段です。"
            "この紙とパスフレーズを両方失うと、製造者を含め誰にも開けません。"
        ),
        keep_title="保管のしかた",
        keep=(
            "カメラとは別の場所で、鍵のかかる所に、紙のまま保管します。写真に撮らず、メールやクラウドに置かないでください。"
            "印刷に使ったファイルは消してください。失くしたとき、人に見られたときは、"
            "受取人を入れ替え (edgecam recipients)、新しいキットを作ります。"
        ),
        open_title="パソコンで映像を開く手順",
        steps=(
            "Python 3.11 以降、cryptography、age (age-encryption.org)、および edgecam の docs/design/ にある "
            "read_ring.py を用意します。Debian では:",
            "上の秘密鍵を key.txt というファイルに1行で書きます (QRコードを読み取ってもよい)。"
            "次の命令で上の公開鍵が表示されれば、正しく打てています。",
            "カメラのカードをパソコンに挿し、映像のファイルを探して写します。カードには何も書き込みません。",
            "映像を取り出します。一部だけなら時刻を加えます: --from 2026-11-21T14:00 --to 2026-11-21T15:00",
            "終わったら key.txt を消します。",
        ),
        format=(
            "read_ring.py がなくても開けます。映像の鍵は10分ごとに age 形式で映像のファイルに入っており、"
            "age -d -i key.txt で開けます。形式はすべて docs/design/ring-format.md に書かれています。"
        ),
        passphrase_title="新しいパスフレーズを決める",
        passphrase="カメラが動くときは、カメラで次の命令を実行し、この秘密鍵を入力します:",
    ),
    "ko": KitWords(
        font="Noto Sans CJK KR",
        title="방범 카메라 영상 복구 키트",
        warning="이 종이를 가진 사람은 이 카메라의 모든 영상을 열 수 있습니다. 현금이나 인감처럼 보관하십시오.",
        secret="비밀키",
        typing=(
            "입력할 때는 빈칸 없이 한 줄로 이어서 칩니다. 첫 줄 다음에는 영문자 B, I, O와 숫자 1이 나오지 "
            "않습니다. O처럼 보이는 글자는 숫자 0(영), B처럼 보이는 글자는 숫자 8입니다."
        ),
        camera="카메라",
        recipient="공개키",
        ring="영상 파일",
        made="만든 날",
        what_title="이것은 무엇입니까",
        what=(
            "카메라의 영상은 소유자만 열 수 있도록 암호화되어 있습니다. 평소에는 소유자의 암호문구로 엽니다. "
            "암호문구를 잊었거나 카메라가 고장 났을 때는 이 종이가 영상을 여는 유일한 수단입니다. "
            "이 종이와 암호문구를 모두 잃으면 제조자를 포함하여 아무도 열 수 없습니다."
        ),
        keep_title="보관 방법",
        keep=(
            "카메라와 다른 곳의 잠금장치가 있는 곳에 종이 그대로 보관하십시오. 사진을 찍거나 전자우편, "
            "클라우드에 두지 마십시오. 인쇄에 쓴 파일은 지우십시오. 잃어버렸거나 남이 보았다면 수신자를 "
            "바꾸고(edgecam recipients) 새 키트를 만드십시오."
        ),
        open_title="컴퓨터에서 영상을 여는 순서",
        steps=(
            "Python 3.11 이상, cryptography, age(age-encryption.org), 그리고 edgecam의 docs/design/에 있는 "
            "read_ring.py를 준비합니다. Debian에서는:",
            "위의 비밀키를 key.txt 파일에 한 줄로 적습니다(QR 코드를 읽어도 됩니다). "
            "다음 명령이 위의 공개키를 보여 주면 바르게 입력한 것입니다.",
            "카메라의 카드를 컴퓨터에 꽂고 영상 파일을 찾아 복사합니다. 카드에는 아무것도 쓰지 않습니다.",
            "영상을 꺼냅니다. 일부만 필요하면 시각을 덧붙입니다: --from 2026-11-21T14:00 --to 2026-11-21T15:00",
            "끝나면 key.txt를 지웁니다.",
        ),
        format=(
            "read_ring.py가 없으면 age -d -i key.txt로 엽니다. 영상의 키는 10분마다 age 형식으로 영상 파일에 "
            "들어 있고, 형식은 모두 docs/design/ring-format.md에 적혀 있습니다."
        ),
        passphrase_title="새 암호문구 정하기",
        passphrase="카메라가 작동하면 카메라에서 다음 명령을 실행하고 이 비밀키를 입력합니다:",
    ),
    "en": KitWords(
        font="Libertinus Serif",
        title="Recovery kit for camera footage",
        warning="Whoever holds this page can open all footage of this camera. Keep it like cash or a deed.",
        secret="Secret key",
        typing=(
            "Type it as one line without spaces. After the first row the letters B, I, O and the digit 1 never "
            "occur: what looks like an O is the digit 0 (zero), what looks like a B is an 8."
        ),
        camera="Camera",
        recipient="Public key",
        ring="Footage file",
        made="Made on",
        what_title="What this is",
        what=(
            "The footage of this camera is encrypted so that only its owner can open it, normally with the owner's "
            "passphrase. When the passphrase is forgotten or the camera is broken, this page is the only way. When "
            "both this page and the passphrase are lost, nobody can open the footage, its makers included."
        ),
        keep_title="Where to keep it",
        keep=(
            "On paper, locked away, somewhere else than the camera. Take no photograph of it, and put it neither "
            "into mail nor into a cloud. Delete the file it was printed from. If it is lost or was seen, change "
            "the recipients (edgecam recipients) and make a new kit."
        ),
        open_title="How to open footage on a PC",
        steps=(
            "You need Python 3.11 or later with cryptography, the tool age (age-encryption.org), and read_ring.py "
            "from docs/design/ of edgecam. On Debian:",
            "Write the secret key above into a file key.txt, as one line (or scan the QR code). It is typed right "
            "if this command prints the public key above:",
            "Put the camera's card into the PC, find the footage file and copy it. Nothing is written to the card.",
            "Take the footage out. For a part of it, add times: --from 2026-11-21T14:00 --to 2026-11-21T15:00",
            "Delete key.txt when you are done.",
        ),
        format=(
            "It also works without read_ring.py: the footage file holds a key for every ten minutes as an age "
            "file, which age -d -i key.txt opens. All of the format is written down in docs/design/ring-format.md."
        ),
        passphrase_title="Setting a new passphrase",
        passphrase="If the camera works, run this on it and enter the secret key:",
    ),
}
