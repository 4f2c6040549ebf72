"""Scripted faults: what shall go wrong with the next calls, asked for beforehand and used up one by one."""

import threading
from dataclasses import replace

from demo.simulator.faults.fault import Fault, FaultKind, On


class Faults:
    """What is still to go wrong, first come first served per provider and endpoint. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let this fault wait for its turn, behind those that wait already."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, provider: str, on: On = On.CREATE) -> Fault | None:
        """The fault for a call that just arrived, None when it shall go well; uses up one of its times."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if (fault.provider, fault.on) == (provider, on):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[place : place + 1] = left
                    return fault
        return None

    def waiting(self) -> list[Fault]:
        """What is still scripted, in the order it was asked for."""
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        """Let everything go well from here on."""
        with self._lock:
            self._waiting.clear()

    def clock_offset(self) -> float:
        """Seconds by which Zoomex's clock is off, by the fault scripted last."""
        return next((fault.seconds for fault in reversed(self.waiting()) if fault.kind is FaultKind.CLOCK), 0.0)
