"""Names in every script and romanisation of one person come out alike; other names stay themselves.

All names are invented or those of public figures as newspapers write them.
"""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tacit.linkage.normalise.hangul import compose, decompose, initial_law, is_syllable
from tacit.linkage.normalise.korean_tables import (
    SURNAMES,
    SYLLABLES,
    WESTERN_GIVEN,
    name_syllables,
)
from tacit.linkage.normalise.names import name, name_fine
from tacit.linkage.normalise.revised import mccune, revised
from tacit.linkage.normalise.text import ALTERNATIVE

ALIKE = {
    "i yonghi": "리영희|이영희|Ri Yong-hui|Lee Young Hee|Yi Yŏnghŭi|LEE, Young-Hee|Young-Hee Lee|"
    "Yonghui Ri|Rhee Young-hee|Yi Yong Hui|리 영희|영희 리|Lee Yeong-hui|LEE Younghee|Li Yong Hui|"
    "ri yong hui|이영희 (李英姬)|ＬＥＥ，Ｙｏｕｎｇ　Ｈｅｅ|Yi Yo\u0306nghu\u0306i",
    "pak songcol": "박성철|Pak Song Chol|Park Sung-chul|Bak Seongcheol|Pak Sŏngch'ŏl|PARK, Sung Chul|"
    "Pak Sŏngch\u2019ŏl|Sung-chul PARK",
    "ce yonghe": "최룡해|최용해|Choe Ryong Hae|Choi Yong-hae|Ch'oe Ryonghae|CHOI Ryong-hae",
    "yo kyongso": "류경수|유경수|Ryu Kyong Su|Yoo Kyung-soo|Yu Gyeongsu|Ryu Kyŏngsu|You Kyungsoo",
    "co myongnok": "조명록|Jo Myong Rok|Cho Myung-rok|Cho Myŏngnok|Jo Myeongrok",
    "kim congon": "김정은|Kim Jong Un|Kim Jong-un|Gim Jeong-eun|Kim Chŏngŭn|Jong-un Kim",
    "cong onhe": "정은혜|Jung Eun Hye|Chung Un-hye|Jeong Eunhye|Chŏng Ŭnhye",
    "kang colhwan": "강철환|Kang Chol Hwan|Kang Chul-hwan|Kang Ch'ŏrhwan|Gang Cheolhwan",
    "ho congsok": "허정숙|Ho Jong Suk|Heo Jeong-suk|Huh Jung-sook|Hŏ Chŏngsuk",
    "sin tonghyok": "신동혁|Shin Dong-hyuk|Sin Tong Hyok|Shin Dong Hyeok|Sin Tonghyŏk",
    "no sohi": "노수희|로수희|Ro Su Hui|Noh Su-hui|No Suhŭi",
    "im okson": "림옥순|임옥순|Rim Ok Sun|Lim Ok-soon|Im Oksun",
    "kim yongnan": "김영란|Kim Young-ran|Kim Yong Ran|Kim Yŏngnan",
    "kim colyong": "김철룡|김철용|Kim Chol Ryong|Kim Ch'ŏllyong|Kim Chol-yong",
    "pek sonyo": "백순녀|Paek Sun Nyo|Baek Soon-nyeo|Paek Sunnyŏ",
    "namkong won": "남궁원|Namgung Won|Namkoong Won",
    "hwang cangyop": "황장엽|Hwang Jang Yop|Hwang Jang-yop|Hwang Changyŏp",
    "yonghi": "영희|Young-Hee|Yong-hui|Young Hee",
}


@pytest.mark.parametrize(
    ("skeleton", "written"),
    [(skeleton, written) for skeleton, all_ in ALIKE.items() for written in all_.split("|")],
)
def test_one_person_has_one_skeleton(skeleton: str, written: str) -> None:
    assert skeleton in name(written).split(ALTERNATIVE)


def test_different_people_stay_apart() -> None:
    people = ["이영희", "이영호", "김영희", "이명희", "박성철", "박상철", "최룡해", "조명록"]
    assert len({name(person) for person in people}) == len(people)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("smith", "smith"),
        ("leigh", "leigh"),
        ("Smith, John", "john smith"),
        ("John  SMITH", "john smith"),
        ("Anna Lee", "anna lee"),
        ("Tom Moon", "moon tom"),
        ("Kim Novak", "kim novak"),
        ("O\u2019Brien", "obrien"),
        ("Zoë Müller-Łukasz", "lukasz muller zoe"),
        ("fred fitzroy, 8th duke william grafton", "8th duke fitzroy fred grafton william"),
        ("Иван Петров", "ivan petrov"),
        ("John (Jack) Smith", "john smith"),
        ("(unnamed)", "unnamed"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_other_names_stay_themselves(written: str, expected: str) -> None:
    assert name(written) == expected
    assert name_fine(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("이영희", "i yeonghui"),
        ("리영희", "i yeonghui"),
        ("Yi Yŏnghŭi", "i yeonghui"),
        ("Lee Yeong-hui", "i yeonghui"),
        ("Pak Sŏngch'ŏl", "bak seongcheol"),
        ("최룡해", "choe yonghae"),
        # Whatever the romanisation, no name has 용 for Young nor 촐 for Chol.
        ("Lee Young Hee", "i yeonghui"),
        ("Kim Chol-su", "gim cheolsu"),
        ("LEE Young-hyun", "i yeonghyeon"),
        # What may be 영 or 용, 정 or 중, has no fine form rather than a wrong one.
        ("Ri Yong-hui", ""),
        ("Kim Jong Un", ""),
        ("Kim Eun-jung", ""),
    ],
)
def test_fine_form_only_where_it_is_certain(written: str, expected: str) -> None:
    assert name_fine(written) == expected


def test_fine_form_parts_what_the_skeleton_merges() -> None:
    assert name("조민수") == name("주민수")
    assert name_fine("조민수") != name_fine("주민수")


syllables = st.integers(0, 18), st.integers(0, 20), st.integers(0, 27)


@given(*syllables)
def test_hangul_arithmetic_is_unicodes(initial: int, vowel: int, final: int) -> None:
    char = compose(initial, vowel, final)
    assert is_syllable(char)
    assert decompose(char) == (initial, vowel, final)


@pytest.mark.parametrize(
    ("syllable", "first", "expected"),
    [("리", True, "이"), ("로", True, "노"), ("녀", True, "여"), ("니", True, "이"),
     ("리", False, "리"), ("룡", False, "용"), ("로", False, "로"), ("김", True, "김")],
)  # fmt: skip
def test_initial_sound_law(syllable: str, first: bool, expected: str) -> None:
    assert initial_law(syllable, first=first) == expected


@st.composite
def persons(draw: st.DrawFn) -> tuple[str, str]:
    places = draw(st.sampled_from([("male_first", "male_later"), ("female_first", "female_later")]))
    usual = [[s for s, weights in SYLLABLES.items() if getattr(weights, p)] for p in places]
    given_name = "".join(draw(st.sampled_from(syllables)) for syllables in usual)
    return draw(st.sampled_from(sorted(SURNAMES))), given_name


def test_tables_are_read_whole() -> None:
    assert SURNAMES["남궁"] == (4, ("namgung", "namkung", "namgoong", "namkoong"))
    assert (len(SURNAMES), len(SYLLABLES)) == (105, 339)
    assert name_syllables(first=True)["영"] == 90 + 110
    assert name_syllables(first=False)["영"] == 24 + 60
    assert name_syllables(first=True)["늘"] == 0


@settings(max_examples=300)
@given(persons(), st.data())
def test_hyphenated_romanisations_reach_the_hangul(
    person: tuple[str, str], data: st.DataObject
) -> None:
    surname, given_name = person
    one, two = given_name[0], given_name[1]
    assume(surname + one not in SURNAMES)  # 선 + 우환 reads as 선우 + 환
    romanised = {revised(one), revised(two)}, {mccune(one, voiced=False), mccune(two, voiced=False)}
    assume(not any(WESTERN_GIVEN.issuperset(parts) for parts in romanised))  # Chi-sam
    spelling = data.draw(st.sampled_from(SURNAMES[surname][1])).capitalize()
    expected = name(surname + one + two)
    in_revised = f"{revised(one)}-{revised(two)}"
    assert name(f"{spelling}, {in_revised}") == expected
    assert name(f"{in_revised} {spelling}") == expected
    voiced = decompose(one)[2] in {0, 4, 8, 16, 21}
    in_mccune = f"{mccune(one, voiced=False)}-{mccune(two, voiced=voiced)}"
    assert name(f"{spelling} {in_mccune}") == expected


@settings(deadline=None)  # the first call reads the tables
@given(st.text())
def test_any_text_has_a_name(value: str) -> None:
    assert isinstance(name(value), str)
    assert name(value) == name(f"  {value}\t")
    assert isinstance(name_fine(value), str)
