"""Training of the models that the project ships: where the sound comes from, what is learnt from it, how it is judged.

    sources/    seeded makers of clips with exact truth; every one names its licence and what it leaves out
    targets     from a clip's truth to what the network is to say at every frame
    pool        clips as features and targets on disk, made once by all cores
    network     the network in torch, and its way to ONNX
    fit         the training loop: seeded, resumable
    manifest    what was trained on: source, licence, split, hash

Everything but `network` and `fit` needs numpy and the scenes alone; those need torch, in the environment `neural`.
"""
