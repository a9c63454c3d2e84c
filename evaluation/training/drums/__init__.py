"""Training of `hits.cnn`: python -m evaluation.training.drums, in the environment neural."""
