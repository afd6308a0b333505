"""What Muniment adds to Airflow. The only file here that Airflow scans; light, because every task loads it."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from muniment_airflow.same_origin import SameOriginMiddleware


class MunimentPlugin(AirflowPlugin):
    """The guard before every page and call."""

    name = "muniment"
    fastapi_root_middlewares = [  # noqa: RUF012 - the shape that Airflow asks for
        {"middleware": SameOriginMiddleware, "args": [], "kwargs": {}, "name": "same origin"}
    ]
