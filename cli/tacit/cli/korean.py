"""Korean forms of what the command line says, by their English text."""

from collections.abc import Mapping

KOREAN: Mapping[str, str] = {
    "Error": "오류",
    "Errors": "오류 목록",
    "Code": "코드",
    "Exit code": "종료 코드",
    "Exit codes": "종료 코드",
    "gRPC status": "gRPC 상태",
    "Sentence": "문장",
    "Meaning": "뜻",
}
