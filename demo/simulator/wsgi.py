"""The WSGI entry point: `gunicorn --workers 1 --threads 16 demo.simulator.wsgi`.

One worker, because the book lives in the process. Reads SIMULATOR_CUSTOMERS (see customers.py) and, where it is set,
SIMULATOR_BOOK: the file in which the orders received outlast a restart. With SIMULATOR_GOING_BACK, a directory, its
page offers to let the database go back in time (see pages/going_back.py).
"""

import os
from pathlib import Path

from demo.simulator.book import Book
from demo.simulator.customers import VARIABLE, BadCustomers, parse
from demo.simulator.pages import going_back
from demo.simulator.site import Simulator

if VARIABLE not in os.environ:
    raise BadCustomers(f"{VARIABLE} is not set: nobody could call.")

_book, _place = os.environ.get("SIMULATOR_BOOK"), os.environ.get(going_back.VARIABLE)
application = Simulator(
    parse(os.environ[VARIABLE]),
    book=Book(kept_in=Path(_book) if _book else None),
    going_back=going_back.GoingBack(Path(_place)) if _place else None,
)
