"""Korean surnames and name syllables, with weights and with the spellings in use.

The weights are rounded shares put together by hand for recognition and for invented test data;
they are no statistics.
"""

# Hangul (South's spelling), weight per 10,000, Latin spellings in use besides those that folding
# makes equal. Spellings of which several surnames make use stand with each of them.
_SURNAMES = """
김 2150 kim gim khim ghim keem
이 1470 lee yi i ri li rhee rhie ree yee
박 840 park pak bak bahk pahk paak parc
최 470 choi choe choy chwe chey che choei tchoe
정 480 jung jeong chung chong cheong joung jong jeung djung
강 240 kang gang kahng
조 210 cho jo joh choh jho tcho
윤 210 yoon yun youn yune
장 200 jang chang jahng tchang
임 170 lim im rim yim leem rhim ihm eem
한 150 han hahn hann
오 150 oh o
서 150 seo so suh su seoh
신 150 shin sin shinn sheen
권 140 kwon gwon kweon kwun gweon
황 140 hwang whang hoang
안 140 an ahn aan
송 140 song soung
유 190 yoo yu ryu ryoo you lyu ryou
전 110 jeon jun chun chon cheon jhun jeun jon
홍 110 hong houng
고 95 ko go koh goh kho
문 90 moon mun
양 90 yang ryang lyang
손 90 son sohn
배 80 bae pae bai pai bea
백 75 baek paek paik baik back beak paeck baeg baick
허 65 heo ho huh hur her
남 55 nam nahm
심 55 shim sim
노 60 noh no roh ro rho
하 45 ha hah
곽 40 kwak gwak kwack kwahk
성 40 sung seong song seung
차 40 cha
주 40 joo ju chu choo jou
우 38 woo u wu
구 38 koo ku gu goo kou
민 34 min minn
나 34 na ra rah nah la
진 35 jin chin
지 32 ji chi jee
엄 28 um eom om uhm
채 26 chae chai
원 26 won weon
천 24 cheon chun chon
방 24 bang pang bahng
공 18 kong gong
현 18 hyun hyeon hyon hyeun hyoun
함 16 ham hahm
변 16 byun pyon byeon byon pyun pyeon byoun
염 14 yeom yum yom ryom youm
여 12 yeo yo ryo yuh
추 11 choo chu
도 11 do to doh toh
소 10 so soh
석 10 seok suk sok seuk
선 9 sun seon son
설 9 seol sul sol
마 8 ma mah
길 7 gil kil gill
연 7 yeon yon youn ryon yun
위 6 wi wee
표 6 pyo phyo
명 6 myung myeong myong
기 6 ki gi kee
반 6 ban pan bahn
왕 5 wang
금 5 keum kum geum
옥 5 ok ock
육 5 yuk yook ryuk
인 5 in ihn
맹 4 maeng maing
제 4 je che jae
모 4 mo moh
탁 4 tak tahk
국 4 kook guk kuk gook
어 4 eo o uh
은 3 eun un
편 3 pyeon pyun pyon
용 3 yong ryong
예 3 ye
봉 2 bong pong
사 2 sa
부 2 boo bu pu
가 2 ka ga
태 2 tae
목 2 mok
형 2 hyung hyong
두 2 doo du
남궁 4 namgung namkung namgoong namkoong
황보 2 hwangbo hwangpo whangbo
제갈 1 jegal chegal jaegal
선우 1 sunwoo sonu seonu sunoo seonwoo
독고 1 dokgo tokko dokko
사공 1 sagong sakong
"""

# Syllables of given names by weight: what parents born under each custom chose, men's and women's.
MALE_FIRST = (
    "영 90 성 80 정 70 상 60 재 60 동 55 종 50 진 50 명 50 광 50 철 45 용 45 창 40 태 40 기 40 승 40 현 40 "
    "병 35 경 35 인 30 민 30 준 30 대 28 충 25 일 25 학 22 남 22 국 20 원 20 혁 20 금 20 강 20 길 18 덕 18 "
    "문 18 만 15 봉 15 세 15 수 15 우 15 근 15 두 12 석 12 형 12 희 10 순 10 윤 10 은 8 관 8 규 8 홍 8 "
    "옥 6 련 5 룡 12 림 5 권 5 치 6 중 8 춘 8 칠 4 팔 3 복 8 주 8 지 12 찬 6 한 8 해 6 호 8 흥 5 평 4 택 3"
)
MALE_SECOND = (
    "호 90 철 85 수 80 일 60 식 55 석 55 훈 45 남 45 진 45 혁 40 국 40 민 38 용 35 환 35 준 35 현 35 우 35 "
    "기 30 길 30 섭 28 규 26 근 26 범 24 성 24 영 24 욱 22 학 22 선 20 만 20 복 18 덕 18 룡 22 원 18 태 16 "
    "구 14 균 14 삼 10 춘 10 필 8 곤 6 배 8 찬 14 빈 8 종 8 주 14 봉 8 걸 8 권 8 익 6 열 10 률 5 화 8 동 8 "
    "관 5 천 6 택 8 득 5 술 3 팔 3 락 3 린 4 명 8 모 4 묵 3 설 2 승 6 은 8 정 8 중 6 칠 3 헌 5 헌 3 협 3"
)
FEMALE_FIRST = (
    "영 110 정 90 순 80 미 70 옥 60 명 60 경 55 은 55 금 50 혜 45 선 45 춘 40 복 35 지 45 현 35 수 30 숙 28 "
    "인 25 분 22 말 20 봉 20 성 25 진 20 향 22 련 10 연 18 윤 16 민 25 유 22 설 12 송 8 화 8 희 12 은 15 "
    "남 10 덕 10 효 10 해 12 애 8 계 10 귀 10 길 8 문 8 보 8 상 8 승 8 신 8 예 10 옥 10 월 5 점 5 정 15 "
    "종 6 주 12 창 5 청 3 초 4 추 4 하 10 학 4 홍 5 후 2 란 4 련 5 류 2 리 3 림 3 국 6 광 6 난 4 간 2 언 2"
)
FEMALE_SECOND = (
    "희 110 숙 100 옥 90 순 85 자 70 화 60 영 60 미 55 선 50 란 45 심 30 실 25 애 30 은 35 주 30 경 28 금 28 "
    "녀 18 복 22 분 18 임 14 림 10 례 14 춘 12 향 25 혜 20 정 30 아 28 연 26 련 14 월 10 진 25 지 16 현 20 "
    "나 18 리 12 별 4 솔 4 슬 6 인 14 민 14 윤 10 원 14 서 10 하 6 빈 6 봉 6 덕 8 남 8 필 4 이 8 단 6 매 5 "
    "명 8 성 8 수 10 신 5 양 5 엽 3 예 5 일 4 점 4 조 3 채 3 초 3 해 6 홍 4 난 6 년 4 념 2 열 3 라 4 미 8"
)

# Every other syllable that Sino-Korean readings or native names use.
_OTHER_SYLLABLES = (
    "가각간갈감갑강개거건걸검게격견결겸경계고곡곤골공과관광괴교구국군굴궁권귀규균극근글금기길"
    "나난남내녀년념녕노농누늘니다단달담대덕도독돈돌동두득들등라락란람랑래량려력련렬렴령례로록룡"
    "루류륙륜률륭릉리린림립마막만말망매맥맹면명모목몽묘무묵문미민밀바박반발방배백번범법벽변별병"
    "보복본봄봉부북분불비빈빛사산삼상새샘생서석선설섬섭성세소솔송쇠수숙순술숭슬승시식신실심"
    "쌍아안암애야약양어억언엄업여역연열염엽영예오옥온옹와완왕외요용우욱운울웅원월위유육윤율융은"
    "을음응의이익인일임입자작장재적전절점정제조종좌주죽준중즐증지직진질집징차찬창채척천철첨첩청"
    "초총최추축춘출충치칠침타탁탄태택토통투특파판팔패편평포표품풍피필하학한함합항해행향허헌혁현"
    "협형혜호홍화환활황회효후훈휘휴흔흠흥희"
    "겨레딸끝꽃울람"
)

# Given names of other languages that can be read as Korean syllables. With a surname that those
# languages share (below) such a name is left as it is.
WESTERN_GIVEN = frozenset(
    [
        "ada",
        "ai",
        "an",
        "ana",
        "andy",
        "ann",
        "anna",
        "anne",
        "annie",
        "art",
        "ben",
        "bob",
        "bill",
        "bo",
        "bonnie",
        "cher",
        "chi",
        "chad",
        "dan",
        "dana",
        "dani",
        "danny",
        "dean",
        "dee",
        "del",
        "dee",
        "don",
        "donna",
        "doris",
        "ed",
        "eli",
        "emma",
        "ed",
        "eugene",
        "eva",
        "eve",
        "gene",
        "gina",
        "guy",
        "hal",
        "ham",
        "hanna",
        "hannah",
        "hans",
        "hugh",
        "ian",
        "ida",
        "ike",
        "ina",
        "inge",
        "ira",
        "irma",
        "jan",
        "jana",
        "jane",
        "janie",
        "jay",
        "jean",
        "jed",
        "jen",
        "jim",
        "jimmy",
        "jo",
        "joan",
        "joanna",
        "joe",
        "joey",
        "john",
        "johnny",
        "jon",
        "jose",
        "joy",
        "juan",
        "jud",
        "judy",
        "june",
        "juno",
        "justin",
        "kate",
        "kay",
        "kaye",
        "ken",
        "kim",
        "kimi",
        "kit",
        "kitty",
        "kyle",
        "la",
        "lana",
        "lea",
        "lee",
        "leah",
        "len",
        "lena",
        "leo",
        "leon",
        "les",
        "lena",
        "lew",
        "li",
        "lia",
        "lily",
        "lin",
        "lina",
        "linda",
        "liz",
        "lo",
        "lois",
        "lon",
        "lou",
        "lu",
        "luke",
        "lyn",
        "lynn",
        "ma",
        "mae",
        "maia",
        "mai",
        "may",
        "maya",
        "meg",
        "mel",
        "mia",
        "mila",
        "mimi",
        "mina",
        "minnie",
        "moe",
        "mona",
        "nan",
        "nana",
        "nate",
        "ned",
        "nell",
        "neil",
        "nina",
        "noah",
        "nora",
        "norm",
        "otto",
        "pam",
        "pat",
        "paul",
        "pam",
        "peg",
        "penny",
        "phil",
        "rae",
        "ray",
        "reg",
        "rene",
        "rod",
        "roe",
        "ron",
        "rona",
        "rosa",
        "rose",
        "roy",
        "rue",
        "sal",
        "sally",
        "sam",
        "sara",
        "sarah",
        "sean",
        "seth",
        "shane",
        "sid",
        "sonia",
        "sonya",
        "stan",
        "sue",
        "susan",
        "susie",
        "suzanne",
        "tad",
        "ted",
        "tess",
        "tia",
        "tim",
        "tina",
        "toby",
        "tom",
        "toni",
        "tony",
        "una",
        "van",
        "vi",
        "vic",
        "wade",
        "wally",
        "will",
        "zoe",
    ]
)
SHARED_SURNAMES = frozenset(
    [
        "ahn",
        "an",
        "ann",
        "back",
        "bae",
        "ban",
        "bang",
        "beak",
        "black",
        "boo",
        "chan",
        "che",
        "chin",
        "cho",
        "choo",
        "chu",
        "chung",
        "do",
        "du",
        "eo",
        "gill",
        "go",
        "goo",
        "gu",
        "ha",
        "hahn",
        "ham",
        "han",
        "hann",
        "her",
        "ho",
        "hong",
        "hoang",
        "huh",
        "hur",
        "in",
        "jean",
        "jo",
        "jon",
        "joy",
        "jun",
        "ka",
        "keem",
        "kim",
        "kit",
        "ko",
        "koh",
        "la",
        "lee",
        "li",
        "lim",
        "lin",
        "ma",
        "mah",
        "min",
        "mo",
        "moon",
        "na",
        "nam",
        "no",
        "o",
        "oh",
        "ok",
        "om",
        "pae",
        "pan",
        "pang",
        "park",
        "pong",
        "ree",
        "ro",
        "roh",
        "sa",
        "seem",
        "shin",
        "sim",
        "sin",
        "sol",
        "son",
        "song",
        "su",
        "sul",
        "sun",
        "tae",
        "to",
        "um",
        "wang",
        "wee",
        "will",
        "won",
        "wong",
        "woo",
        "wu",
        "yang",
        "ye",
        "yong",
        "you",
        "yu",
        "yuk",
        "yum",
        "yun",
    ]
)


def _read_surnames() -> dict[str, tuple[int, tuple[str, ...]]]:
    rows = (line.split() for line in _SURNAMES.split("\n") if line)
    return {hangul: (int(weight), tuple(spellings)) for hangul, weight, *spellings in rows}


def weights(table: str) -> dict[str, int]:
    """Read a table of syllables and weights; a syllable named twice counts for the sum."""
    found: dict[str, int] = {}
    parts = table.split()
    for syllable, weight in zip(parts[::2], parts[1::2], strict=True):
        found[syllable] = found.get(syllable, 0) + int(weight)
    return found


def name_syllables(*, first: bool) -> dict[str, int]:
    """Give every syllable that names use, with its weight as first or as later syllable.

    A syllable that is not listed for that place weighs 0.
    """
    tables = ((MALE_FIRST, FEMALE_FIRST), (MALE_SECOND, FEMALE_SECOND))
    every = "".join(char for pair in tables for table in pair for char in weights(table))
    found = dict.fromkeys(sorted({*_OTHER_SYLLABLES, *every}), 0)
    for table in tables[0 if first else 1]:
        for syllable, weight in weights(table).items():
            found[syllable] += weight
    return found


SURNAMES = _read_surnames()
