"""The words of the sign in Japanese, Korean and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignWords:
    """One language. ``labels`` are in the order of the sign, by the names of `Sign`; ``required`` are filled in.

    ``days`` begin on Monday; ``{n}`` in the retention's words is a number.
    """

    font: str
    title: str
    says: str
    labels: dict[str, str]
    required: tuple[str, ...]
    always: str
    days: tuple[str, ...]
    daily: str
    to: str
    kept_days: str
    kept_civil: str
    kept_hours: str
    more: str


WORDS = {
    "ja": SignWords(
        font="Noto Sans CJK JP",
        title="防犯カメラ作動中",
        says="この場所では防犯カメラで撮影し、映像を記録しています。",
        labels={
            "owner": "設置者",
            "responsible": "運用責任者",
            "purpose": "設置目的",
            "place": "設置場所",
            "area": "撮影範囲",
            "hours": "撮影時間",
            "retention": "保存期間",
            "contact": "連絡先",
            "delegate": "委託先",
        },
        required=("owner", "purpose", "contact"),
        always="24時間",
        days=("月", "火", "水", "木", "金", "土", "日"),
        daily="毎日",
        to="〜",
        kept_days="{n}日間（その後は自動的に消去）",
        kept_civil="記録の翌日から{n}日以内（その後は自動的に消去）",
        kept_hours="{n}時間（その後は自動的に消去）",
        more="この表示の内容",
    ),
    "ko": SignWords(
        font="Noto Sans CJK KR",
        title="CCTV 설치 안내",
        says="이곳에서는 영상정보처리기기(CCTV)로 촬영하여 영상을 기록합니다.",
        labels={
            "purpose": "설치 목적",
            "place": "설치 장소",
            "area": "촬영 범위",
            "hours": "촬영 시간",
            "responsible": "관리책임자",
            "contact": "관리책임자 연락처",
            "owner": "설치·운영자",
            "retention": "보관 기간",
            "delegate": "수탁자(연락처)",
        },
        required=("purpose", "place", "area", "responsible", "contact"),
        always="24시간 연중무휴",
        days=("월", "화", "수", "목", "금", "토", "일"),
        daily="매일",
        to="~",
        kept_days="{n}일(지난 영상은 자동 삭제)",
        kept_civil="기록 다음 날부터 {n}일 이내(지난 영상은 자동 삭제)",
        kept_hours="{n}시간(지난 영상은 자동 삭제)",
        more="안내판 내용",
    ),
    "en": SignWords(
        font="Libertinus Serif",
        title="Camera in operation",
        says="This place is filmed and the pictures are recorded.",
        labels={
            "owner": "Put up by",
            "responsible": "Answerable",
            "purpose": "Purpose",
            "place": "Place",
            "area": "Filmed area",
            "hours": "Hours",
            "retention": "Kept for",
            "contact": "Contact",
            "delegate": "Looked after by",
        },
        required=("owner", "purpose", "contact"),
        always="day and night",
        days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        daily="daily",
        to="–",
        kept_days="{n} days, then erased",
        kept_civil="{n} days from the day after recording, then erased",
        kept_hours="{n} hours, then erased",
        more="What this sign says",
    ),
}
