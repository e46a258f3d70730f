"""Provinces, cities and counties of both Koreas, in Hangul, by the names now in use."""

# Province, then its cities, counties and districts.
_GAZETTEER = """
평양 중 평천 보통강 모란봉 서성 선교 동대원 대동강 사동 대성 만경대 형제산 룡성 삼석 력포 락랑 순안 은정 강남 강동 상원
평안남도 평성 순천 개천 덕천 안주 남포 강서 대동 문덕 맹산 북창 성천 숙천 신양 양덕 영원 온천 은산 증산 평원 회창 대흥 청남 득장
평안북도 신의주 구성 정주 곽산 구장 녕변 대관 동림 동창 룡천 박천 벽동 삭주 선천 염주 운산 운전 의주 창성 천마 철산 태천 피현 향산 신도
자강도 강계 만포 희천 고풍 동신 랑림 룡림 성간 송원 시중 우시 위원 자성 장강 전천 중강 초산 화평
량강도 혜산 갑산 김정숙 김형권 김형직 대홍단 백암 보천 삼수 삼지연 운흥 풍서
함경북도 청진 김책 회령 경성 경원 경흥 길주 명간 명천 무산 부령 어랑 연사 온성 화대 화성 라진 선봉 은덕 새별
함경남도 함흥 단천 신포 금야 고원 덕성 락원 리원 부전 북청 신흥 영광 요덕 장진 정평 함주 허천 홍원 흥남 수동
황해북도 사리원 송림 개성 곡산 금천 린산 봉산 상원 서흥 수안 승호 신계 신평 연산 연탄 은파 장풍 중화 토산 평산 황주
황해남도 해주 강령 과일 룡연 배천 벽성 봉천 삼천 송화 신원 신천 안악 연안 옹진 은률 은천 장연 재령 청단 태탄
강원도 원산 문천 고산 고성 금강 김화 법동 세포 안변 이천 창도 천내 철원 통천 판교 평강 회양 춘천 강릉 속초 양구 인제 화천 삼척 동해
서울 종로 중 용산 성북 동대문 마포 영등포 서대문
인천 강화 옹진 부평
경기도 수원 파주 포천 연천 김포 개풍 고양 양주 가평 평택
충청북도 청주 충주 제천 단양 영동
충청남도 천안 공주 서산 논산 대전 당진
전라북도 전주 군산 남원 정읍 고창
전라남도 목포 여수 순천 광주 해남 나주 완도
경상북도 포항 안동 경주 대구 울진 영덕 상주
경상남도 부산 마산 진주 통영 울산 거제 밀양
제주도 제주 서귀포
"""

PROVINCES: dict[str, tuple[str, ...]] = {
    row[0]: tuple(row[1:]) for row in (line.split() for line in _GAZETTEER.split("\n") if line)
}

# What a place is, which registers write or leave out.
HANGUL_KINDS = (
    "특별자치도",
    "특별자치시",
    "특별시",
    "광역시",
    "직할시",
    "구역",
    "도",
    "시",
    "군",
    "구",
)
LATIN_KINDS = frozenset(
    [
        "do",
        "si",
        "gun",
        "kun",
        "guyok",
        "kuyok",
        "guyeok",
        "gu",
        "ku",
        "city",
        "county",
        "province",
        "district",
        "special",
        "metropolitan",
        "municipality",
        "ward",
        "dprk",
        "rok",
        "korea",
        "north-korea",
    ]
)
# Directions as English puts them before a province, and as Korean shortens provinces.
DIRECTIONS = {
    "north": "북",
    "northern": "북",
    "n": "북",
    "south": "남",
    "southern": "남",
    "s": "남",
}
SHORT_PROVINCES = {
    "평남": "평안남도",
    "평북": "평안북도",
    "함남": "함경남도",
    "함북": "함경북도",
    "황남": "황해남도",
    "황북": "황해북도",
    "충남": "충청남도",
    "충북": "충청북도",
    "전남": "전라남도",
    "전북": "전라북도",
    "경남": "경상남도",
    "경북": "경상북도",
    "강원": "강원도",
    "자강": "자강도",
    "양강": "량강도",
    "량강": "량강도",
    "경기": "경기도",
    "양강도": "량강도",
    "제주": "제주도",
}
