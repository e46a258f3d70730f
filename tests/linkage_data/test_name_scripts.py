"""Names in Han characters, kana, Cyrillic and other scripts meet the same names in Latin letters.

All names are invented or those of public figures as newspapers write them.
"""

import pytest

from tacit.linkage.normalise.names import name, name_fine
from tacit.linkage.normalise.text import ALTERNATIVE

MEET = [
    "리영희|이영희|Ri Yong-hui|Lee Young Hee|Yi Yŏnghŭi|LEE Young-Hee|李英姬|李英姫|Ли Ён Хи|リ・ヨンヒ",
    "이영희(李英姬)|리 영희|イ・ヨンヒ|りよんひ/李英姬|Lee Younghee a.k.a. Kim",
    "김정은|金正恩|Ким Чен Ын|Ким Чон Ын|キム・ジョンウン|Kim Džong-un|Kim Dzsongun|Kim Jong Un|ｷﾑ･ｼﾞｮﾝｳﾝ",
    "최룡해|崔龍海|崔竜海|崔龙海|Чхве Рён Хэ|Цой Рён Хэ|チェ・リョンヘ|Choe Ryong-hae|Tsoi Ryong Hae",
    "박근혜|朴槿惠|朴槿恵|Пак Кын Хе|Park Geun-hye|Pak Kŭnhye",
    "문재인|文在寅|Мун Джэ Ин|ムン・ジェイン|Moon Jae-in|Mun Jae In",
    "유관순|류관순|柳寬順|Yu Gwan-sun|Ryu Kwan Sun|Yoo Kwan Soon",
    "황병서|黃炳瑞|黄炳瑞|Хван Пён Со|Hwang Pyong So|Hvang Bjongszo",
    "정병국|Choung Byoung-gug|Chung Byung-kook|Chŏng Pyŏngguk|鄭柄國",
    "金한길|김한길|Kim Han-gil",
    "習近平|习近平|Xi Jinping|Xi Jin Ping|Jinping Xi",
    "李娜|Li Na|Ли На",
    "王小明|Wang Xiaoming|WANG Xiao Ming",
    "金正恩|Jin Zheng'en",
    "朴正熙|Piao Zhengxi|박정희",
    "Иван Петров|Ivan Petrov|Петров, Иван",
    "ヤマダ・タロウ|Yamada Taro|やまだ たろう",
    "Գարիկ Մանուկյան|Garik Manowkyan",
    "lee|이|李|리|Lee",
    "park|박|朴|Пак|パク",
    "youngsoo|영수|Young-soo",
]


def alternatives(written: str) -> set[str]:
    return set(name(written).split(ALTERNATIVE))


@pytest.mark.parametrize("person", MEET)
def test_all_spellings_of_one_name_share_an_alternative(person: str) -> None:
    first, *others = person.split("|")
    for other in others:
        assert alternatives(first) & alternatives(other), other


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("李英姬", ["i yonghi", "li yingji"]),
        # н and ン stand for ㄴ and for ㅇ.
        ("Ли Ён Хи", ["i yonghi", "i yonhi"]),
        ("リ・ヨンヒ", ["i yonghi", "i yonhi"]),
        ("Ли Анна", ["anna li"]),
        ("Виктор Цой", ["tsoy viktor"]),
        ("Юрий Ким", ["kim ury"]),
        ("習近平", ["jinping xi"]),
        ("Li Wei", ["i e", "li wei"]),
        ("lee", ["lee", "i"]),
        ("park", ["park", "pak"]),
        ("susan", ["susan"]),
        ("Mr. John Smith", ["john smith"]),
        ("Dr Kim Chol Su", ["kim colso"]),
        ("Jin-ping Xi", ["jinping xi"]),
        ("林淑芬", ["im sokpon", "lin shufen"]),
        ("Shu-Fen Lin", ["lin shufen"]),
        ("홍길동 외 2명", ["hong kiltong"]),
        ("불명", [""]),
        ("성명 미상", [""]),
        ("김철수 동지", ["kim colso"]),
        ("김철수씨", ["kim colso"]),
    ],
)
def test_readings_in_order(written: str, expected: list[str]) -> None:
    assert name(written).split(ALTERNATIVE) == expected


def test_japanese_forms_bring_the_sino_japanese_reading() -> None:
    assert "ri ryuei" in alternatives("李竜栄")
    assert len(alternatives("李龍榮")) == 2  # Korean and Chinese


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("이영희", "이영호"),
        ("Ли Ён Хи", "Ли Ён Хо"),
        ("李英姬", "李英鎬"),
        ("キム・ヨンヒ", "パク・ヨンヒ"),
        ("Иван Петров", "Пётр Иванов"),
        ("park", "parker"),
        ("lee", "leigh"),
        ("John Smith", "Jon Smyth"),
    ],
)
def test_different_names_share_none(one: str, other: str) -> None:
    assert not alternatives(one) & alternatives(other)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("李英姬", "i yeonghui"),
        ("趙民洙", "jo minsu"),
        ("朱民洙", "ju minsu"),
        ("崔龍海", "choe yonghae"),
    ],
)
def test_hanja_have_a_fine_form(written: str, expected: str) -> None:
    assert name_fine(written).split(ALTERNATIVE)[0] == expected
