"""What musicians play: families of drum grooves, bass lines, chords and tunes, each for the meters that it suits."""
