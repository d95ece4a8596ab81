"""Account reports: what Canvas holds, as CSV."""
