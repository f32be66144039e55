"""The commands of the command line, each thin over one thing that this floor does."""
