"""Uploads: kept in memory, and no more of them than evidence may have, however much somebody sends."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler

from payouts.domain.evidence import LARGEST


class BoundedUploadHandler(MemoryFileUploadHandler):
    """One byte more than a file may have is enough to say that it is too large: the rest is read and dropped."""

    room = LARGEST + 1  # of one request, over all its files

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Always in memory: what does not fit is not kept."""
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep as much as there is room for."""
        kept, self.room = raw_data[: self.room], max(0, self.room - len(raw_data))
        self.file.write(kept)

    def file_complete(self, file_size: int) -> Any:
        """The file, as long as what was kept of it."""
        return super().file_complete(self.file.tell())
