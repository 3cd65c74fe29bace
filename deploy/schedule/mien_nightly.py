"""The nightly batch as a DAG of Airflow 3, for its dags folder.

The worker that runs it has Mien in MIEN_HOME (/opt/mien) and the settings in MIEN_NIGHTLY
(/etc/mien/nightly.conf). Exit codes are those of deploy/schedule/nightly.
"""

import os
import subprocess
from datetime import datetime, timedelta

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk import dag, task

BAD_SETTINGS = 2
TOO_MANY_FAILED = 3
ANOTHER_RUNS = 75


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["mien"],
)
def mien_nightly():
    @task(
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=23),
    )
    def nightly():
        home = os.environ.get("MIEN_HOME", "/opt/mien")
        settings = os.environ.get("MIEN_NIGHTLY", "/etc/mien/nightly.conf")
        batch = subprocess.Popen([f"{home}/deploy/schedule/nightly", settings])
        try:
            code = batch.wait()
        except BaseException:
            # The time limit is such an exception. By TERM the batch ends its job, too; KILL, which
            # subprocess.run sends, would leave the job running.
            batch.terminate()
            batch.wait()
            raise

        # A second try would find nothing new, be done, and hide what the first one found.
        if code == TOO_MANY_FAILED:
            raise AirflowFailException("More videos failed than maximum_failed_share")
        if code == BAD_SETTINGS:
            raise AirflowFailException(f"Invalid settings, or what they ask for: {settings}")
        if code == ANOTHER_RUNS:
            raise AirflowSkipException("Another run has not ended")
        if code != 0:
            raise RuntimeError(f"The nightly batch ended with {code}")

    nightly()


mien_nightly()
