"""What a request asks of the roster: which records, filtered, sorted, paged and trimmed how."""
