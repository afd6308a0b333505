from __future__ import annotations

import socket

import pytest

from muniment.embedded.ports import LOOPBACK, Ports, check_free, is_free, pick_free_ports, read_ports
from muniment.errors import ConfigurationError, ServiceError


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80 80", "http", "", "٨٠"])
def test_a_port_that_is_no_port_is_refused_by_the_name_of_its_variable(text):
    with pytest.raises(ConfigurationError, match="MUNIMENT_PORT_POSTGRES: expected a port from 1 to 65535"):
        read_ports({"MUNIMENT_PORT_POSTGRES": text})


def test_two_services_on_one_port_are_refused():
    with pytest.raises(ConfigurationError, match="port 9000: expected one service, found airflow and postgres"):
        read_ports({"MUNIMENT_PORT_AIRFLOW": "9000", "MUNIMENT_PORT_POSTGRES": "9000"})


def test_a_port_without_a_variable_keeps_its_default():
    assert read_ports({"MUNIMENT_PORT_AIRFLOW": "9000"}) == Ports(airflow=9000)


def test_a_taken_port_is_named_with_its_service():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(ServiceError, match=rf"port {port} \(airflow\): expected free on 127.0.0.1"):
            check_free({"airflow": port})


def test_ports_picked_are_free_and_different():
    ports = pick_free_ports(5)

    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)
