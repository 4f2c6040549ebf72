"""The audit trail: the closed list of events, and record(), the only code that adds a row.

Rows are written in the transaction of the change they tell of; nothing changes or deletes them (the database refuses).
"""

from payouts.audit.event import Event
from payouts.audit.trail import Actor, Origin, Subject, Worker, origin, record, this_worker

__all__ = ["Actor", "Event", "Origin", "Subject", "Worker", "origin", "record", "this_worker"]
