"""Pure rules: matching, noise, severity, language, score, clocks and moves. No input or output here."""
