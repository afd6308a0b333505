# The one image of Airflow's services. Nothing in it is secret and nothing in it is of one agency.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# Wheels only: building a package here would run its author's code outside the lock.
COPY requirements.txt /opt/muniment/requirements.txt
RUN pip install --no-deps --require-hashes --only-binary :all: --requirement /opt/muniment/requirements.txt \
    && pip check

COPY include /opt/muniment/include
COPY dags /opt/muniment/dags
COPY plugins /opt/muniment/plugins
COPY config /opt/muniment/config
COPY deploy /opt/muniment/deploy
# The file system is read-only at run time: compiled now or at every start.
RUN python -m compileall -q /opt/muniment/include /opt/muniment/dags /opt/muniment/plugins \
    && ln -s /opt/muniment/deploy/muniment /usr/local/bin/muniment \
    && groupadd --gid 50000 muniment \
    && useradd --uid 50000 --gid 50000 --no-create-home --home-dir /var/lib/airflow --shell /usr/sbin/nologin muniment

ENV PYTHONPATH=/opt/muniment/include:/opt/muniment/plugins \
    AIRFLOW_HOME=/var/lib/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/muniment/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/muniment/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false

USER 50000:50000
WORKDIR /opt/muniment
ENTRYPOINT ["/opt/muniment/deploy/entrypoint"]
CMD ["airflow", "version"]
