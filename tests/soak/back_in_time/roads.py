"""The roads by which a database goes back in time. Each takes a copy now, and opens it in the old one's place later."""

from collections.abc import Callable

import psycopg

from tests.soak.back_in_time.clusters import Cluster, Clusters
from tests.soak.back_in_time.waiting import Wait

Open = Callable[[], Cluster]  # once the old one has stopped
Road = Callable[[Clusters, Wait], Open]


def standby(clusters: Clusters, wait: Wait) -> Open:
    """A standby that stops receiving here, and is promoted later.

    Replay is not what is held back: at its promotion a standby replays all that it has received, whatever its delay.
    """
    old = clusters.current
    follower = old.backup(standby=True).start()
    wait("the standby follows", lambda: _followers(old) == 1)
    follower.cut_off()
    wait("the standby is cut off", lambda: _followers(old) == 0)

    def promoted() -> Cluster:
        follower.promote()
        return follower

    return promoted


def base_backup(clusters: Clusters, wait: Wait) -> Open:
    """A base backup of the running database, restored later."""
    return clusters.current.backup().start


def put_back(clusters: Clusters, wait: Wait) -> Open:
    """The data directory copied while PostgreSQL is stopped for a moment, and put back later."""
    old = clusters.current
    old.stop()
    kept = old.copy()
    old.start()

    def back() -> Cluster:
        old.remove()
        kept.data.rename(old.data)
        return old.start()

    return back


def dump(clusters: Clusters, wait: Wait) -> Open:
    """A dump, read into a new cluster later."""
    file = clusters.current.dump()

    def read_in() -> Cluster:
        new = clusters.new_and_empty().start()
        new.read_in(file)
        return new

    return read_in


def crash(clusters: Clusters, wait: Wait) -> Open:
    """No copy: sessions do not wait for the flush, the WAL writer is held, and the power goes before it goes on.

    What was committed and acknowledged from here on is gone when the server starts again, and nothing tells it so.
    """
    old = clusters.current
    here = _told(old, "pg_current_wal_insert_lsn()")
    wait("all so far is flushed", lambda: _told(old, f"pg_current_wal_flush_lsn() >= '{here}'") == "True")
    old.hold_wal_writer()
    return old.start


CRASH = "crash without a flush"
ROADS: dict[str, Road] = {
    "standby promoted": standby,
    "base backup restored": base_backup,
    "data directory put back": put_back,
    "dump read in": dump,
    CRASH: crash,
}
BESIDE = "copy started beside"


def _followers(cluster: Cluster) -> int:
    return int(_told(cluster, "count(*) FROM pg_stat_replication"))


def _told(cluster: Cluster, question: str) -> str:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        ((answer,),) = connection.execute(f"SELECT {question}".encode()).fetchall()
    return str(answer)
