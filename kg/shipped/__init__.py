"""The data set that comes with TrialKin: registered facts only, and the script that makes it."""
