"""Canvas's SIS CSV format: its tables as data, how Canvas recognises them, and how we write them."""
