"""The whole product on one machine: database, simulated providers, worker, web server, until Ctrl-C."""
