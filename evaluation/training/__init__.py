"""Training of the models that the project ships: where the sound comes from, what is learnt from it, how it is judged.

    sources/    seeded makers of clips with exact truth; every one names its licence and what it leaves out
    recipe      how many clips of each source
    targets     from a clip's truth to what a network is to say at every frame
    pool        clips as features and marks on disk, made once by all cores
    frames      what the first network learns; frame_network is the network
    pulses      clips as the first network hears them and the pointer counts them
    bars        what the second network learns from that; bar_network is the network
    fit         the training loop of both: seeded, resumable
    shipping    finished networks as ONNX
    confidence  how often answers of a certain share are right; left_out writes the clips for it
    periodicity the weights of `meter.periodicity`
    manifest    what was trained on: source, licence, split, hash

`python -m evaluation.training` does it all. Lessons, networks, `fit` and `shipping` need torch, in the environment
`neural`; what makes clips needs numpy and the scenes alone.
"""
