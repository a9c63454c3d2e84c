"""The parts of building an environment, for bridges/build.py. Standard library only."""
