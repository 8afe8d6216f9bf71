"""How hard those tests try that try many things: generated input, seeds, races, long talks, faults.

`make test` does one round; `make test ROUNDS=20` is for a night, and does twenty times as many of each. TypeScript has the
same in client/test/rounds.ts.
"""

import os

ROUNDS = int(os.environ.get("ROUNDS") or 1)
EXAMPLES = 50 * ROUNDS
"""Of each property, unless it says otherwise."""
EXAMPLES_WITH_A_DATABASE = 20 * ROUNDS
"""Of each path that takes a body: one round still tries more than a thousand bodies."""
