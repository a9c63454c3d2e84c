"""HTTP: routes, schemas, event streams. Thin: a route is a few lines that call core."""
