"""The worker's side of every other process: zygote, confinement, and the tasks that run confined."""
