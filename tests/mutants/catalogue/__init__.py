"""The seeded bugs: what each breaks, as replacements of exact text, and the test files that catch it."""

from tests.mutants.catalogue.deciding import DECIDING
from tests.mutants.catalogue.identities import IDENTITIES
from tests.mutants.catalogue.mutant import Mutant
from tests.mutants.catalogue.providers import PROVIDERS
from tests.mutants.catalogue.sending import SENDING
from tests.mutants.catalogue.witness import WITNESS

__all__ = ["MUTANTS", "Mutant"]

MUTANTS = [*PROVIDERS, *SENDING, *DECIDING, *IDENTITIES, *WITNESS]
