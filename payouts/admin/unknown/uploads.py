"""Uploads: kept in memory, and no more of them than evidence may have, however much somebody sends."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler

from payouts.domain.evidence import LARGEST


class BoundedUploadHandler(MemoryFileUploadHandler):
    """Keeps one byte more than a file may have, enough to say that it is too large; the rest is dropped."""

    room = LARGEST + 1  # of one request, over all its files

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Keep every file in memory, whatever its size."""
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        kept, self.room = raw_data[: self.room], max(0, self.room - len(raw_data))
        self.file.write(kept)

    def file_complete(self, file_size: int) -> Any:
        """The file; its size is that of what was kept."""
        return super().file_complete(self.file.tell())
