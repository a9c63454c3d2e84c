"""The host's side of other processes: environments, zygotes, workers, supervision."""
