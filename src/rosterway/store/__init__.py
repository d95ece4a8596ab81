"""The store remembers what is true: tenants, feeds, deliveries, runs, plans, imports, baselines.

One module a noun, each with its table, its frozen value and its functions. `Store.open(home)`
leads to `store.tenant("lincoln")`, and every function about a tenant takes that handle: the walls
between tenants are in `walls`, the few looks over them in `conductor`. Functions are synchronous
and safe in any thread; times are given by the caller, in UTC. Where a run is, is the durable
engine's to know.
"""

from rosterway.store.home import Home, Running
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore

__all__ = ["Home", "Running", "Store", "TenantStore"]
