"""Measuring: accuracy, speed and memory, and the training of the models that ship."""
