def measure_all(house):
    yield from ()
