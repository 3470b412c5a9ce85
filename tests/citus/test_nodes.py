"""Whoever holds the table or a shard on any machine is seen, waited for outside the queue, and named."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.psql import Run, run_file
from steps.support.product import META_ADS
from steps.support.subject import Subject
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.writers import Writers
from steps.support.waiting import wait_until
from tests.background import autovacuum, overlapping
from tests.citus.cluster import Cluster
from tests.live.shapes import build, rows
from tests.live.test_beside import MANY
from tests.live.test_killed import RUNNING, TERMINATE
from tests.live.test_odd_tables import refused, wait_until_seen

DOWN = META_ADS.script.with_name("01_meta_ads_columns_down.sql")
SCRIPTS = {"up": META_ADS.script, "down": DOWN}
HOLDERS = ("coordinator", "worker", "shard")
# Long enough for it to have tried, if it were to try.
WAITING = (
    "application_name = 'migration' AND wait_event = 'PgSleep' AND xact_start < clock_timestamp() - interval '1 s'"
)
SEED = 12
KILLS = 10
UNDISTURBED = 200  # writes, by which is told how long one takes here


def holder(cluster: Cluster, where: str) -> tuple[Database, Subject]:
    """Through which database, and of which table, somebody is to hold it."""
    return {
        "coordinator": (cluster.database, META_ADS),
        "worker": (cluster.workers[0], META_ADS),
        "shard": cluster.shard(),
    }[where]


@pytest.fixture(params=["up", "down"])
def script(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    if request.param == "down":
        assert run_file(cluster.database, META_ADS.script).succeeded
    return str(request.param)


def done(cluster: Cluster, script: str, outcome: Outcome) -> None:
    assert outcome.succeeded, outcome.error()
    assert cluster.columns() == {len(META_ADS.columns) if script == "up" else 0}


@contextmanager
def writing(cluster: Cluster) -> Iterator[None]:
    """Writers beside the block, none of whom fails or waits longer than the script promises and the machine takes."""
    with Writers(cluster.database, META_ADS) as writers:
        wait_until(lambda: len(writers.written) > UNDISTURBED or bool(writers.failures), "the first writes")
        by_itself = max(wait for _, wait in list(writers.waits))
        yield
    assert writers.failures == []
    assert max(wait for _, wait in writers.waits) <= META_ADS.max_stall + by_itself


@pytest.mark.parametrize("where", HOLDERS)
def test_who_holds_it_anywhere_is_waited_for_outside_the_queue(where: str, script: str, cluster: Cluster) -> None:
    database, subject = holder(cluster, where)
    with writing(cluster), Blocker(database, subject, KINDS["una sesión olvidada"]) as blocker:
        run = Run(cluster.database, SCRIPTS[script], {"migration.drop_attribution": "yes"})
        wait_until_seen(cluster.database, WAITING)
        blocker.leave()
        outcome = run.outcome()
    done(cluster, script, outcome)


@pytest.mark.parametrize("where", HOLDERS)
def test_who_never_leaves_is_named_with_the_node(where: str, script: str, cluster: Cluster) -> None:
    database, subject = holder(cluster, where)
    before = cluster.columns()
    with writing(cluster), Blocker(database, subject, KINDS["una sesión olvidada"]):
        pid = rows(database, "SELECT pid FROM pg_stat_activity WHERE application_name = 'blocker'")[0][0]
        outcome = run_file(
            cluster.database, SCRIPTS[script], {"migration.deadline": "3s", "migration.drop_attribution": "yes"}
        )
    refused(outcome, "55P03", f"idle in transaction, pid {pid} on node {cluster.node(database)}, application blocker")
    assert "writer" not in outcome.error()
    assert cluster.columns() == before


@pytest.mark.parametrize("where", HOLDERS)
def test_it_gets_through_transactions_that_never_stop_overlapping(where: str, script: str, cluster: Cluster) -> None:
    database, subject = holder(cluster, where)
    with writing(cluster), overlapping(database, subject):
        outcome = run_file(cluster.database, SCRIPTS[script], {"migration.drop_attribution": "yes"})
    done(cluster, script, outcome)


def test_it_gets_past_an_autovacuum_of_a_shard(script: str, cluster: Cluster) -> None:
    build(cluster.database, MANY)
    worker, shard = cluster.shard()
    # Citus lets nobody change a shard by hand who does not say so.
    by_hand = {"options": "-c citus.enable_manual_changes_to_shards=on"}
    with autovacuum(Database(worker.url.update_query_dict(by_hand)), shard):
        outcome = run_file(cluster.database, SCRIPTS[script], {"migration.drop_attribution": "yes"})
    done(cluster, script, outcome)


def test_killed_anywhere_it_leaves_all_or_nothing_on_every_node(cluster: Cluster) -> None:
    chance = random.Random(SEED)
    whole = run_file(cluster.database, META_ADS.script).seconds
    for _ in range(KILLS):
        assert run_file(cluster.database, DOWN, {"migration.drop_attribution": "yes"}).succeeded
        run = Run(cluster.database, META_ADS.script)
        time.sleep(chance.uniform(0, whole))  # the moment is the point
        rows(cluster.database, TERMINATE)
        run.process.communicate(timeout=60)
        wait_until(lambda: not rows(cluster.database, RUNNING), "the end of the killed session")
        rows(cluster.database, "SELECT recover_prepared_transactions()")  # as its daemon does once a minute
        assert cluster.columns() in ({0}, {len(META_ADS.columns)})
    assert run_file(cluster.database, META_ADS.script).succeeded
    assert cluster.columns() == {len(META_ADS.columns)}
