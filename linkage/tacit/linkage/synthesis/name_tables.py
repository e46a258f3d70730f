"""Invented people's names: surnames and syllables of given names, with weights.

The weights are rough shares put together by hand so that registers look familiar; they are no
statistics. They are deliberately not those by which names are normalised, which would make
matching look better than it is. Syllables stand in the North's spelling; the South's follows
from the initial-sound law.
"""

# Surname, weight per 1,000, spellings in passports. The South writes 리 as 이, 림 as 임.
_SURNAMES = """
김 210 Kim Kim Kim Gim
리 148 Lee Lee Lee Yi Rhee Li
박 86 Park Park Park Pak Bak
최 48 Choi Choi Choi Choe
정 44 Jung Jung Chung Jeong
강 24 Kang Kang Gang
조 22 Cho Cho Jo
윤 21 Yoon Yoon Yun
장 20 Jang Jang Chang
림 15 Lim Lim Im Rim
임 3 Lim Im
한 17 Han Han Hahn
오 16 Oh Oh O
서 15 Seo Seo Suh
신 15 Shin Shin Sin
권 14 Kwon Kwon Gwon
황 14 Hwang Hwang Whang
안 14 Ahn Ahn An
송 13 Song
류 8 Ryu Yoo Yu
유 9 Yoo Yu You
홍 12 Hong
전 11 Jeon Chun Jun
고 10 Ko Koh Go
문 10 Moon Mun
손 10 Son Sohn
량 5 Yang Ryang
양 5 Yang
배 9 Bae Bae Pae
백 8 Baek Paik Paek
허 7 Heo Huh Hur
남 6 Nam
심 6 Shim Sim
로 6 Roh Noh No
하 5 Ha
곽 4 Kwak
성 4 Sung Seong
차 4 Cha
주 4 Joo Ju
우 4 Woo
구 4 Koo Ku
민 4 Min
라 3 Na Ra
진 3 Jin
지 3 Ji Jee
엄 3 Um Eom
채 3 Chae
원 3 Won
천 2 Cheon Chun
방 3 Bang
현 2 Hyun
함 2 Ham
변 2 Byun
렴 2 Yeom Yum
마 1 Ma
길 1 Kil Gil
표 1 Pyo
남궁 1 Namgung Namkung
황보 1 Hwangbo
선우 1 Sunwoo
"""

# First and second syllables of given names, by sex and generation of birth.
_GIVEN = {
    ("m", 0): (
        """
        영 9 성 5 정 5 상 6 재 6 동 5 종 6 진 4 명 4 광 3 용 2 창 4 태 4 기 4 승 3 병 6 인 3 대 3 봉 4 학 3
        만 4 덕 4 길 3 두 2 석 3 원 3 춘 2 수 3 룡 2 화 1 순 2 복 2 관 2 규 2 치 1 홍 2 준 2 한 2 흥 2
        """,
        """
        호 6 수 7 식 7 석 6 환 5 섭 4 규 4 근 4 용 3 복 3 덕 3 룡 3 구 3 균 2 삼 2 배 2 선 3 만 3 학 3 길 4
        철 4 기 4 태 2 옥 1 하 2 봉 2 률 1 범 2 원 3 현 2 출 1 갑 1 득 2 칠 1 필 2 준 2 희 3 순 2 영 2
        """,
    ),
    ("m", 1): (
        """
        영 8 성 7 정 6 광 6 명 6 철 6 용 4 창 4 동 4 상 4 재 4 학 2 금 2 국 2 남 2 일 3 경 3 승 3 현 3 기 4
        춘 2 인 3 룡 2 태 3 진 3 종 3 원 2 은 1 혁 2 강 2 만 2 문 2 길 2 대 2 충 2 순 1 민 2 석 2 덕 1
        """,
        """
        철 11 호 8 수 7 남 6 일 5 진 4 혁 4 국 4 식 4 석 4 훈 3 민 3 환 3 길 4 성 3 룡 3 학 3 준 3 욱 2 규 2
        근 2 범 2 선 2 만 2 권 1 주 2 기 2 영 2 춘 1 삼 1 봉 1 원 2 광 1 섭 1 걸 1 명 1 복 1 관 1
        """,
    ),
    ("m", 2): (
        """
        지 5 현 5 민 5 준 4 성 5 은 4 혁 4 광 4 진 4 금 3 충 3 일 3 위 2 강 3 철 3 명 3 영 3 정 3 경 2 태 3
        동 3 승 3 재 3 상 2 주 2 세 1 남 2 유 2 평 1 룡 1 원 1 국 2 도 1 찬 1 건 2 효 1 향 1 수 1
        """,
        """
        혁 8 성 7 준 6 민 5 훈 5 현 5 철 6 진 5 일 4 국 4 호 4 우 4 명 3 범 3 욱 3 학 2 남 2 주 2 원 2 빈 2
        수 3 석 3 심 1 룡 1 광 2 경 1 림 1 권 1 규 1 환 2 영 2 윤 1 찬 2 영 1 건 1 은 1 별 1
        """,
    ),
    ("f", 0): (
        """
        순 8 영 6 정 6 복 6 옥 6 금 6 말 3 봉 4 춘 4 분 4 명 3 숙 2 인 3 선 2 은 3 일 2 필 2 경 2 덕 2 귀 2
        월 2 점 2 량 1 보 2 애 2 화 2 련 2 간 1 길 1 남 1 계 2 후 1 삼 1 기 1 재 1 창 1 태 1 희 1
        """,
        """
        순 9 자 8 옥 7 희 5 숙 5 녀 5 선 4 분 4 례 4 금 3 님 2 이 3 임 3 단 2 실 3 화 4 덕 3 월 3 봉 2 애 3
        심 2 란 3 연 2 매 2 남 2 복 3 점 1 엽 2 년 1 조 1 춘 1 향 2 련 2 주 1 영 1 선 1 경 1
        """,
    ),
    ("f", 1): (
        """
        영 9 정 7 명 5 순 5 미 5 경 5 혜 4 금 4 은 4 춘 4 옥 4 선 4 성 3 향 2 인 3 복 2 현 3 련 2 수 3 숙 2
        설 2 화 2 남 2 봉 2 분 1 희 2 연 2 진 2 신 1 애 1 해 1 월 1 류 1 송 1 광 1 종 1 철 1 계 1
        """,
        """
        희 10 숙 9 옥 8 순 7 화 6 애 5 실 4 란 4 심 4 자 3 선 4 미 4 영 4 녀 3 금 3 향 3 복 2 분 2 월 2 춘 2
        련 2 주 2 림 2 정 2 은 2 경 2 혜 2 남 1 단 1 녕 1 매 1 봉 1 연 2 임 1 례 1 나 1 아 1
        """,
    ),
    ("f", 2): (
        """
        은 6 지 6 수 5 현 4 미 4 혜 4 진 4 설 4 향 3 유 3 민 3 서 2 예 2 금 3 은 2 연 3 영 3 정 3 경 3 윤 2
        송 2 효 2 봄 1 리 1 다 2 하 2 소 2 나 2 별 1 옥 2 국 1 충 1 명 2 성 2 란 1 화 1 련 1 주 2
        """,
        """
        경 6 희 5 영 5 미 5 정 5 향 5 주 5 연 4 은 4 심 3 진 3 아 4 혜 3 화 3 옥 3 별 2 현 3 윤 2 림 3 나 2
        원 2 빈 2 솔 2 슬 2 지 3 유 2 인 2 민 2 선 2 하 2 란 2 서 2 성 2 애 1 비 1 리 1 설 1 국 1
        """,
    ),
}


def _surnames() -> dict[str, tuple[int, tuple[str, ...]]]:
    rows = (line.split() for line in _SURNAMES.strip().splitlines())
    return {hangul: (int(weight), tuple(spellings)) for hangul, weight, *spellings in rows}


def _weighted(table: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    parts = table.split()
    return tuple(parts[::2]), tuple(map(int, parts[1::2]))


SURNAMES = _surnames()
"""Surname to its weight and the spellings of passports, the usual ones named more than once."""

GIVEN = {key: (_weighted(first), _weighted(second)) for key, (first, second) in _GIVEN.items()}
"""Sex and generation (0: born before 1945, 1: before 1975, 2: later) to the syllables, first and
second, each with its weights."""
