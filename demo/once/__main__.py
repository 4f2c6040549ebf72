"""`python -m demo.once WEB SIMULATOR`: go both roads once, and print what came of them."""

import os
import sys
import time

import django

from demo.once import back_in_time, main_road
from demo.once.report import check_orders, report
from demo.once.road import Road


def main(base_url: str, simulator_url: str) -> int:
    """0 when every line ended as it should and every other step went well, else 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    begun = time.time()
    road, lines = Road(base_url), list(main_road.LINES)
    complaints = main_road.walk(road)
    if back_in_time.is_offered(simulator_url):
        complaints |= back_in_time.walk(road, simulator_url)
        lines += back_in_time.LINES
    else:
        print("NOT REHEARSED: a server that DATABASE_URL names is not made to go back in time.")
    check_orders(lines, simulator_url, begun)
    report(lines)
    for what, complaint in complaints.items():
        print(f"{'ok' if not complaint else 'NOT OK'}: {what} {complaint}")
    return 1 if any(line.complaint for line in lines) or any(complaints.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
