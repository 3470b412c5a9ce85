"""On a cluster no write waits longer than promised, whatever holds the table or a shard; all or nothing is done."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from steps.support.postgres.outcome import Outcome
from steps.support.postgres.psql import Run, run_file
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.writers import Writers
from steps.support.waiting import wait_until
from tests.background import overlapping
from tests.citus.cluster import Cluster
from tests.script.shapes import DOWN, UP, refused, rows, wait_until_seen
from tests.script.test_killed import RUNNING, TERMINATE

HOLDERS = ("coordinator", "worker", "shard")
HELD_SECONDS = 4
SEED = 12
KILLS = 10
UNDISTURBED = 200  # writes, by which is told how long one takes here


def done(cluster: Cluster, outcome: Outcome) -> None:
    assert outcome.succeeded, outcome.error()
    assert cluster.columns() == {len(META_ADS.columns)}


@contextmanager
def writing(cluster: Cluster) -> Iterator[None]:
    """Writers beside the block: none fails, or waits longer than the script promises and the machine takes."""
    with Writers(cluster.database, META_ADS) as writers:
        wait_until(lambda: len(writers.written) > UNDISTURBED or bool(writers.failures), "the first writes")
        by_itself = max(wait for _, wait in list(writers.waits))
        yield
    assert writers.failures == []
    assert max(wait for _, wait in writers.waits) <= META_ADS.max_stall + by_itself


@pytest.mark.parametrize("where", HOLDERS)
def test_no_write_waits_longer_than_promised_and_it_is_done_when_the_holder_leaves(
    where: str, cluster: Cluster
) -> None:
    database, subject = cluster.holder(where)
    with writing(cluster), Blocker(database, subject, KINDS["una sesión olvidada"]) as blocker:
        run = Run(cluster.database, UP)
        wait_until_seen(cluster.database, "application_name = 'migration'")
        threading.Event().wait(HELD_SECONDS)  # as a report does
        blocker.leave()
        outcome = run.outcome()
    done(cluster, outcome)


@pytest.mark.parametrize("where", HOLDERS)
def test_it_gives_up_with_nothing_changed_on_any_node(where: str, cluster: Cluster) -> None:
    database, subject = cluster.holder(where)
    with writing(cluster), Blocker(database, subject, KINDS["una sesión olvidada"]):
        outcome = run_file(cluster.database, UP, {"migration.deadline": "3s"})
    refused(outcome, "55P03", "public.patients was not free within 00:00:03")
    assert cluster.columns() == {0}


@pytest.mark.parametrize("where", HOLDERS)
def test_it_gets_through_transactions_that_never_stop_overlapping(where: str, cluster: Cluster) -> None:
    database, subject = cluster.holder(where)
    with writing(cluster), overlapping(database, subject):
        outcome = run_file(cluster.database, UP)
    done(cluster, outcome)


def test_several_runners_do_it_once_and_the_way_back_goes_back(cluster: Cluster) -> None:
    outcomes = [run.outcome() for run in [Run(cluster.database, UP) for _ in range(4)]]
    assert [outcome.error() for outcome in outcomes if not outcome.succeeded] == []
    assert sum(": ran" in outcome.notices[-1] for outcome in outcomes) == 1
    done(cluster, outcomes[0])
    assert run_file(cluster.database, DOWN).succeeded
    assert cluster.columns() == {0}


def test_killed_anywhere_it_leaves_all_or_nothing_on_every_node(cluster: Cluster) -> None:
    chance = random.Random(SEED)
    whole = run_file(cluster.database, UP).seconds
    for _ in range(KILLS):
        assert run_file(cluster.database, DOWN).succeeded
        run = Run(cluster.database, UP)
        time.sleep(chance.uniform(0, whole))  # the moment is the point
        rows(cluster.database, TERMINATE)
        run.process.communicate(timeout=60)
        wait_until(lambda: not rows(cluster.database, RUNNING), "the end of the killed session")
        rows(cluster.database, "SELECT recover_prepared_transactions()")  # as its daemon does once a minute
        assert cluster.columns() in ({0}, {len(META_ADS.columns)})
    done(cluster, run_file(cluster.database, UP))


def test_02_refuses_a_database_with_citus(cluster: Cluster) -> None:
    outcome = run_file(cluster.database, UP.with_name("02_tenant_isolation.sql"))
    assert not outcome.succeeded
    assert "Citus" in outcome.error()
