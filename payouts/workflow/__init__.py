"""The only code that changes state. No HTTP in here: the import table in tests/documents/test_architecture.py says so.

Public functions take the actor as `by=`, open their own durable transaction, write the audit event in it, and raise
NotPermitted after it, so that the trail keeps the refused attempt.
"""
