"""Measuring: how right the answers are (`hemiola evaluate`), and how fast and in how much memory (`make bench`).

The rooms, in the order in which a run goes through them; `command` is that run, from top to bottom:

    command        sets, systems, the engine, scores, figures, the report
    material       the items of all sets asked for, thinned out or worn down
      sets/          folders of recordings with annotations -> items; known/ has the layouts of public sets
      builtin        the set that is made from a seed, of scenarios
      scenes/        what scenarios are made of: scores, players, kits, rooms, exact truth; patterns/ has the grooves
      robustness     worn-down copies
    systems        who answers: the own chain, peers, single providers, as requests to the engine
    running        every item through every system
      estimates      a document of the engine -> an answer in the form of the truth
      scores/        truth and answer -> rows, a module for each question
      constants      the answer that never listened
    fitting        calibrations of confidences: fitted, kept, applied
      calibration    what a calibration is, and the errors of confidences
    report/        results.json, the tables, the page
      figures/       rows of all items -> figures, comparisons, confusions, reliability, cost
      statistics     intervals by resampling songs

Made here, shipped elsewhere:

    training/      the networks behind beats, meter, tempo and hits (`make train`): sources, networks, the loop
    key_weights    the weights by which `key.ensemble` pools two opinions, fitted on made music
    key_material   that music

What they all speak in:

    annotation     truth and answer, in one form: the schema of truth files
    conventions    what an onset, a drum class, a key's name is, for truth and answer alike
    items          a recording with its truth; what one system made of it
    rows           what a score of one item is made of
    measures       every measure by its stable name

Beside them, `benchmarks/` is `make bench`. `annotation`, `conventions`, `measures`, `rows` and `scenes` import nothing
of the engine: trainings make their material with them.
"""
