"""A second way of writing music, which shares no groove with the scenes: rhythms are drawn by their places in the bar.

places    how strong a place of a bar is; rhythms by name, drawn for any meter and grouping
styles    who plays which rhythm: a table, part of it kept for validation
grooves   a bar of drums in a style, whose bar is the shortest that repeats, and phrases of such bars
tonal     bass, chords and tunes in drawn rhythms over drawn harmonies
songs     passages, ways to begin, breaks, tempo: a score and its tempo map
"""
