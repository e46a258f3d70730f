"""Provinces and counties of both Koreas: where invented people were born."""

from dataclasses import dataclass

# Province, short form, weight, the same in English; then counties and cities.
_PROVINCES = """
평양시 평양 14 Pyongyang | 중구역 모란봉구역 대동강구역 선교구역 만경대구역 사동구역 형제산구역 강동군
평안남도 평남 12 South Pyongan | 평성시 순천시 안주시 개천시 덕천시 숙천군 문덕군 북창군 성천군 양덕군 증산군 대동군
평안북도 평북 11 North Pyongan | 신의주시 정주시 구성시 의주군 선천군 철산군 룡천군 태천군 운산군 녕변군 박천군 삭주군
자강도 자강 4 Jagang | 강계시 만포시 희천시 전천군 초산군 위원군 자성군 중강군
량강도 량강 9 Ryanggang | 혜산시 삼지연시 김정숙군 김형직군 보천군 백암군 갑산군 풍서군 운흥군 대홍단군
함경남도 함남 11 South Hamgyong | 함흥시 단천시 신포시 흥남시 요덕군 정평군 금야군 북청군 홍원군 리원군 허천군 덕성군
함경북도 함북 20 North Hamgyong | 청진시 회령시 김책시 무산군 온성군 길주군 명천군 화성군 경성군 어랑군 연사군 부령군 새별군
강원도 강원 5 Kangwon | 원산시 문천시 철원군 통천군 안변군 평강군 김화군 세포군
황해남도 황남 6 South Hwanghae | 해주시 연안군 배천군 재령군 신천군 안악군 옹진군 장연군
황해북도 황북 6 North Hwanghae | 사리원시 송림시 평산군 신계군 서흥군 곡산군 수안군 황주군
개성시 개성 2 Kaesong | 판문군 장풍군 개풍군
라선시 라선 1 Rason | 라진구역 선봉구역
서울특별시 서울 7 Seoul | 종로구 중구 용산구 성동구 동대문구 성북구 마포구 영등포구
경기도 경기 7 Gyeonggi | 수원시 개풍군 파주시 고양시 양주시 포천시 가평군 화성시 여주시 이천시
강원도 강원 5 Gangwon | 춘천시 강릉시 원주시 속초시 고성군 양구군 인제군 홍천군 횡성군 정선군
충청북도 충북 2 North Chungcheong | 청주시 충주시 제천시 괴산군 음성군 영동군
충청남도 충남 2 South Chungcheong | 공주시 논산시 서산시 당진시 예산군 홍성군
전라북도 전북 3 North Jeolla | 전주시 군산시 익산시 남원시 고창군 부안군
전라남도 전남 3 South Jeolla | 목포시 여수시 순천시 나주시 해남군 완도군 신안군
경상북도 경북 3 North Gyeongsang | 포항시 경주시 안동시 영덕군 울진군 의성군
경상남도 경남 3 South Gyeongsang | 진주시 통영시 거제시 하동군 남해군 합천군
부산광역시 부산 2 Busan | 동래구 영도구 부산진구
인천광역시 인천 2 Incheon | 강화군 옹진군 중구
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A county or city.

    Attributes:
        province: its province in Hangul.
        short: the province's short form.
        english: the province in English.
        county: county or city, in Hangul, in the spelling of the side on which it lies.
    """

    province: str
    short: str
    english: str
    county: str


def _places() -> tuple[tuple[Place, ...], tuple[float, ...]]:
    places: list[Place] = []
    weights: list[float] = []
    for line in _PROVINCES.strip().splitlines():
        head, tail = line.split("|")
        province, short, weight, *english = head.split()
        counties = tail.split()
        places += [Place(province, short, " ".join(english), county) for county in counties]
        weights += [int(weight) / len(counties)] * len(counties)
    return tuple(places), tuple(weights)


PLACES, PLACE_WEIGHTS = _places()
