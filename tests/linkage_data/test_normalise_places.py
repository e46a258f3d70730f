"""Places of both Koreas, whatever they are called and were called, and places elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.normalise.korean_gazetteer import counties, foreign
from tacit.linkage.normalise.korean_places import PROVINCES
from tacit.linkage.normalise.places import place


@pytest.mark.parametrize(
    "written",
    [
        "함경북도 회령시",
        "함북 회령",
        "함경북도회령시",
        "함경도 회령",
        "회령",
        "북한 함경북도 회령시",
        "咸鏡北道 會寧",
        "Hoeryong City, North Hamgyong Province",
        "Hoeryong, North Hamgyong, DPRK",
        "Hoeryong, North Korea",
        "Hamgyŏng-bukto Hoeryŏng",
        "Hamgyongbuk-do Hoeryong-si",
        "Hamgyeongbuk-do, Hoeryeong-si",
        "N. Hamgyong, Hoeryong",
    ],
)
def test_one_place_in_all_scripts(written: str) -> None:
    assert place(written) == "hamkyongpok heyong"


@pytest.mark.parametrize(
    "same",
    [
        "평양시 만경대구역|Mangyongdae-guyok, Pyongyang|평양 만경대",
        "평양|平壤|Пхеньян|Phyongyang|Heijo|Pyongyang, North Korea",
        "서울특별시|Seoul|京城|Сеул|서울시",
        "량강도 혜산시|Yanggang-do Hyesan|양강도 혜산|Ryanggang Province, Hyesan|함남 혜산",
        "함남 요덕군|Yodok, South Hamgyong|Yodok",
        "강원도 원산|Wonsan, Kangwon Province|함경남도 원산시|元山",
        "자강도 강계시|평안북도 강계|Kanggye, Jagang|Kanggye, North Pyongan|평안도 강계",
        "함경북도 김책시|성진|함북 성진시|Songjin|Kim Chaek City|Kimch'aek",
        "라선|나선시|Rason|Rajin-Sonbong",
        "선봉|웅기|Unggi",
        "황해남도 해주시|황해도 해주|Haeju|Haeju, South Hwanghae",
        "남포|진남포|Chinnampo|평안남도 남포시",
        "개성|경기도 개성|Kaesong|황해북도 개성시|開城",
        "경상남도 창원시|경상남도 마산|진해시",
        "부산직할시|부산광역시|Busan|Pusan|釜山",
        "인천광역시 강화군|경기도 강화",
        "전북특별자치도 익산시|전라북도 이리|전북 익산",
        "강원특별자치도 춘천시|강원도 춘천",
        "북한|North Korea|DPRK|КНДР|朝鮮民主主義人民共和国",
    ],
)
def test_old_and_new_names_meet(same: str) -> None:
    assert len({place(written) for written in same.split("|")}) == 1


def test_a_county_that_moved_is_in_both_provinces() -> None:
    assert place("평안북도 강계") == "cakang kangke\x1fpyonganpok kangke"
    assert place("황해도") == "hwanghenam\x1fhwanghepok"
    # Both Koreas have a Goseong, and Kyonggi had a Kwangju of its own.
    assert place("경상남도 고성군") != place("강원도 고성군")
    assert place("경기도 광주") != place("전라남도 광주")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("London", "london"),
        ("Winston  Hills", "winston hills"),
        ("guest village (cnr bull creek", "guest village cnr bull creek"),
        ("Saint Petersburg", "st petersburg"),
        ("St. Petersburg", "st petersburg"),
        ("Москва, Россия", "moskva russia"),
        ("München, Deutschland", "munchen germany"),
        ("Kiev Oblast", "kiev"),
        ("北京", "beijing"),
        ("大同, 中国", "datong china"),
        ("독일", "germany"),
        ("City", "city"),
        ("Panama", "panama"),
        ("", ""),
    ],
)
def test_other_places_stay_words(written: str, expected: str) -> None:
    assert place(written) == expected


def test_the_tables_name_only_known_provinces() -> None:
    named = {one for own in counties().values() for county in own for one in county.provinces}
    assert named - {"황해도"} <= PROVINCES.keys()
    known = {county.name for own in counties().values() for county in own} | PROVINCES.keys()
    assert set(foreign().values()) - known <= {"라남"}


@given(st.text(max_size=30))
def test_any_text_is_read(written: str) -> None:
    assert place(written) == place(f" {written} ")
