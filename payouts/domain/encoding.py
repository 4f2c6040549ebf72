"""The text of a file that a person uploaded, in the encodings that programs write unasked."""

import codecs


def decoded(content: bytes) -> str | None:
    """The text, without its byte order mark: UTF-8, or UTF-16 where a mark says so. None for anything else."""
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        return None
