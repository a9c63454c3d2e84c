"""The classical route to a meter, without a network: accents, periodicity, hypotheses, scores, tracking."""
