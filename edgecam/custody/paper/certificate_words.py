"""The words of the certificate of disposal in Japanese, Korean and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    title: str
    camera: str
    ring: str
    medium: str
    serial: str
    size: str
    footage: str
    album: str
    holds: str
    moment: str
    who: str
    reason: str
    register_line: str
    signature: str
    unknown: str
    untrusted: str
    verified: str
    not_verified: str
    remainder: str
    destroy: str
    signed_here: str


WORDS = {
    "ja": Words(
        title="記録媒体 消去・廃棄証明書",
        camera="カメラ",
        ring="記録領域の識別番号",
        medium="記録媒体",
        serial="媒体の製造番号",
        size="容量",
        footage="消去した鍵の数 (録画の開始時刻)",
        album="あわせて消去した出来事の画像・一日のまとめの鍵の数",
        holds="あわせて消去した保存延長の数",
        moment="消去日時",
        who="実施者",
        reason="理由",
        register_line="記録簿の行番号",
        signature="カメラの電子署名 (Ed25519)",
        unknown="不明",
        untrusted="時刻は未同期",
        verified=(
            "確認方法: 暗号鍵の保管箇所をすべて乱数で上書きし、キャッシュを介さず媒体から読み戻して一致を確認した。"
            "そのうえで、鍵の保管箇所と、映像および出来事の画像の領域をゼロで消去した。"
            "鍵が失われたため、所有者を含め誰もこれらを復元できない。"
        ),
        not_verified=(
            "警告: 暗号鍵の保管箇所を上書きしたが、読み戻しでは確認できなかった。媒体が故障している。"
            "鍵が残っているものとして扱い、ただちに媒体を物理的に破壊すること。"
        ),
        remainder=(
            "注意: フラッシュメモリは、上書き前の内容の写しを、どの命令でも届かない領域に残すことがある。"
            "鍵は所有者の公開鍵で封印されており、所有者の秘密鍵がなければ、その写しからも映像は開けない。"
        ),
        destroy="この媒体は、破砕・切断など物理的に破壊したうえで廃棄すること。",
        signed_here="物理的破壊の実施日:                実施者 (署名):                立会人 (署名):",
    ),
    "ko": Words(
        title="저장매체 파기 확인서",
        camera="카메라",
        ring="저장영역 식별번호",
        medium="저장매체",
        serial="매체 일련번호",
        size="용량",
        footage="파기한 키 수 (녹화 시작 시각)",
        album="함께 파기한 이벤트 사진·하루 요약 영상의 키 수",
        holds="함께 파기한 보존 연장 건수",
        moment="파기 일시",
        who="파기 담당자",
        reason="파기 사유",
        register_line="관리대장 행 번호",
        signature="카메라 전자서명 (Ed25519)",
        unknown="알 수 없음",
        untrusted="시각이 동기화되지 않음",
        verified=(
            "확인 방법: 암호키 보관 위치를 모두 난수로 덮어쓰고, 캐시를 거치지 않고 매체에서 다시 읽어 일치함을 "
            "확인한 뒤, 키 보관 위치와 영상 및 이벤트 사진 영역을 0으로 삭제하였음. 키가 파기되었으므로 소유자를 "
            "포함하여 누구도 이를 복원할 수 없음."
        ),
        not_verified=(
            "경고: 암호키 보관 위치를 덮어썼으나 다시 읽어 확인하지 못하였음. 매체가 고장난 상태임. "
            "키가 남아 있는 것으로 보고 즉시 매체를 물리적으로 파괴하여야 함."
        ),
        remainder=(
            "주의: 플래시 메모리는 덮어쓰기 전 내용의 사본을 어떤 명령으로도 접근할 수 없는 영역에 남길 수 있음. "
            "키는 소유자의 공개키로 봉인되어 있어, 소유자의 비밀키 없이는 그 사본으로도 영상을 열 수 없음."
        ),
        destroy="이 매체는 파쇄·절단 등 물리적으로 파괴한 후 폐기하여야 함.",
        signed_here="물리적 파괴일:                담당자 (서명):                입회자 (서명):",
    ),
    "en": Words(
        title="Certificate of erasure and disposal",
        camera="Camera",
        ring="Identity of the ring",
        medium="Medium",
        serial="Serial number of the medium",
        size="Size",
        footage="Keys destroyed (start of their footage)",
        album="Keys of pictures of events and of the day's digest destroyed with them",
        holds="Holds destroyed with it",
        moment="Made unreadable",
        who="By",
        reason="Reason",
        register_line="Register line",
        signature="Signature of the camera (Ed25519)",
        unknown="unknown",
        untrusted="clock not synchronised",
        verified=(
            "How it was verified: every place that can hold a key was overwritten with random bytes, read back "
            "from the medium past every cache and compared; then these places, all footage and all pictures of "
            "events were overwritten with zeros. With the keys gone nobody can restore them, the owner included."
        ),
        not_verified=(
            "WARNING: the places of the keys were overwritten, but reading them back did not confirm it. The "
            "medium is failing. Treat the keys as still being on it, and destroy it physically at once."
        ),
        remainder=(
            "Note: flash memory may keep a copy of what was overwritten where no command reaches it. The keys were "
            "sealed to the owner; without the owner's secret such a copy opens nothing."
        ),
        destroy="Destroy the medium physically (shred or cut it) before it is thrown away.",
        signed_here="Destroyed on:                By (signature):                Witness (signature):",
    ),
}
