"""Tasks that a worker runs beside plugins; loaded there by file location as a private package."""
