name = "x"
print(f"hello {name!r:>10}")
