"""What the product costs: the same requests to it and to a bare Flask floor, on databases of several sizes.

`python -m bench --help` says how; `make bench` runs all of it and writes docs/performance.md.
"""
