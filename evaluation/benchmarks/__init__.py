"""Speed and memory, into bench.json: `make bench`."""
