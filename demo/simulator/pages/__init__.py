"""What people see of the simulator, and where they rehearse an incident."""
