"""The desk's pages of peer review. A file for each idea."""
