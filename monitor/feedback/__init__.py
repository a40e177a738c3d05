"""What people's answers say about the config: calibration, threshold, exclusions, keywords. No model is trained."""
