"""The commands: thin, each a few lines that call core and print."""
