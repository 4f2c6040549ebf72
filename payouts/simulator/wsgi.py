"""The WSGI entry point: `gunicorn --workers 1 --threads 16 payouts.simulator.wsgi`.

One worker, because the book lives in the process. Reads SIMULATOR_CUSTOMERS; see customers.py.
"""

import os

from payouts.simulator.customers import VARIABLE, BadCustomers, parse
from payouts.simulator.site import Simulator

if VARIABLE not in os.environ:
    raise BadCustomers(f"{VARIABLE} is not set: nobody could call.")

application = Simulator(parse(os.environ[VARIABLE]))
