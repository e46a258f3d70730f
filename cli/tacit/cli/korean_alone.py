"""Korean forms of what commands without a coordinator say, by their English text."""

from collections.abc import Mapping

_SCHEMA = {
    "Reading files": "파일 읽는 중",
    "{file} is valid: {n} bits, SHA-256 {hash}.": "{file}: 올바른 스키마, {n}비트, SHA-256 {hash}.",
    "Features": "특징",
    "Feature": "특징",
    "Register field": "대장 항목",
    "Normaliser": "정규화",
    "Bits": "비트",
}

_EVALUATE = {
    "At least two files are needed.": "파일이 둘 이상 필요합니다.",
    "{records} records in {files} files, {pairs} true pairs.": "파일 {files}개, 레코드 {records}건, 참 쌍 {pairs}개.",
    "Threshold": "임계값",
    "Probability from": "확률 하한",
    "Precision": "정밀도",
    "Recall": "재현율",
    "F1": "F1",
    "automatic": "자동",
    "best, by truth": "정답 기준 최선",
    "Expected without truth: precision {precision:.3f}, recall {recall:.3f}.": "정답 없이 예상한 정밀도 {precision:.3f}, 재현율 {recall:.3f}.",
    "Seconds: {times}": "걸린 시간(초): {times}",
}

_SYNTH = {
    "The story has shares of its own; choose --scenario even.": "이 시나리오의 비율은 정해져 있습니다. --scenario even을 선택하십시오.",
    "Writing registers": "명부 쓰는 중",
    "Invented registers": "합성 명부",
    "File": "파일",
    "Written as": "형식",
    "Shared with others": "다른 회원과 공유",
}

_DEMO = {
    "{project}: {problem}": "{project}: {problem}",
    "{step} ...": "{step} ...",
    "{text}": "{text}",
    "Report: {path} ({seconds:.0f} seconds)": "보고서: {path} ({seconds:.0f}초)",
}

KOREAN_ALONE: Mapping[str, str] = {**_SCHEMA, **_EVALUATE, **_SYNTH, **_DEMO}
