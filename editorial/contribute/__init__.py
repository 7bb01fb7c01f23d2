"""The authors' portal: one's own pieces, from the first line to the day after publication."""
