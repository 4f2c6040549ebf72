"""`python -m demo.enter`: make the demo's people and addresses, and print who can sign in. Refuses outside the demo."""

import sys

import django


def main() -> None:
    """Make the people and addresses that are missing; what is there already stays as it is."""
    django.setup()
    from demo import cast
    from demo.codes import NotTheDemo, refuse_outside_demo

    try:
        refuse_outside_demo()
    except NotTheDemo as err:
        sys.exit(str(err))
    cast.enter()
    print(cast.table())


if __name__ == "__main__":
    main()
